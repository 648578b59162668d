/**
 * Which dates each fold learns from, looks at, leaves out and is judged on.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { Fold } from "../ml/mod.ts";
import { type Chart, COLORS, drawPlot, FULL_WIDTH, legendOf } from "./plot.ts";

const PARTS = {
  domain: ["training", "embargo", "validation", "test"],
  range: [COLORS.accent, COLORS.chop, COLORS.warm, COLORS.break],
} as const;

type Part = typeof PARTS.domain[number];

function partOf({ train, valid, test }: Fold, date: string): Part | undefined {
  if (train.includes(date)) return "training";
  if (valid.includes(date)) return "validation";
  if (test.includes(date)) return "test";
  // Between the first and the last date of a fold, what is in no part was left out on purpose.
  return date > train[0] && date < test[test.length - 1] ? "embargo" : undefined;
}

/**
 * Folds below each other, a cell a date.
 *
 * @param dates All trade dates, ascending.
 * @param folds Folds in time order.
 */
export function splitsChart(dates: readonly string[], folds: readonly Fold[]): Chart {
  const cells = folds.flatMap((fold, k) =>
    dates.flatMap((date) => {
      const part = partOf(fold, date);
      return part ? [{ date, fold: k + 1, part }] : [];
    })
  );
  const every = Math.ceil(dates.length / 8), shown = dates.filter((_, i) => i % every === 0);
  const svg = drawPlot({
    width: FULL_WIDTH,
    height: 46 + 26 * folds.length,
    marginLeft: 44,
    marginBottom: 26,
    marginTop: 8,
    ariaLabel: "Dates of each fold",
    x: { domain: dates, label: null, ticks: shown, tickSize: 0, padding: dates.length > 60 ? 0 : 0.06 },
    y: { label: null, tickFormat: (k: number) => `fold ${k}`, tickSize: 0 },
    color: PARTS,
    marks: [
      Plot.cell(cells, {
        x: "date",
        y: "fold",
        fill: "part",
        title: (c: { date: string; part: Part }) => `${c.date}: ${c.part}`,
      }),
    ],
  });
  return {
    title: "Learn from the past, be judged on what came after",
    unit: "part of each trade date by fold",
    source: "gold signals",
    legend: legendOf(PARTS),
    svg,
  };
}
