/**
 * How deep the book is, level by level.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, compact, drawPlot, HALF_WIDTH, legendOf } from "./plot.ts";

const SIDES = { domain: ["bids", "asks"], range: [COLORS.good, COLORS.bad] } as const;

/**
 * Mean size of each of the ten levels of both sides.
 *
 * @param day The session.
 */
export function depthChart({ date, depth }: Pick<DayProfile, "date" | "depth">): Chart {
  const levels = depth.length / 2;
  // Bids from the tenth to the best, then asks from the best on, as the book stands around the price.
  const bars = Array.from(depth, (size, k) => {
    const ask = k >= levels, level = k % levels + 1;
    return { place: ask ? level : -level, level, size, side: ask ? 1 : 0 };
  });
  type Bar = typeof bars[number];
  const known = depth.length > 0 && depth.every((size) => !Number.isNaN(size));
  const mean = (side: number) => bars.filter((b) => b.side === side).reduce((sum, b) => sum + b.size, 0);
  const drawing = () =>
    drawPlot({
      width: HALF_WIDTH,
      height: 190,
      marginLeft: 44,
      marginRight: 8,
      marginTop: 8,
      marginBottom: 28,
      ariaLabel: `Depth on ${date}`,
      x: {
        type: "band",
        domain: bars.map(({ place }) => place).sort((a, b) => a - b),
        label: null,
        tickSize: 0,
        padding: 0.12,
        ticks: [-levels, -5, -1, 1, 5, levels],
        tickFormat: (place: number) => String(Math.abs(place)),
      },
      y: { label: null, ticks: 4, grid: true, zero: true },
      marks: [
        Plot.barY(bars, {
          x: "place",
          y: "size",
          fill: (b: Bar) => SIDES.range[b.side],
          fillOpacity: 0.8,
          title: (b: Bar) => `${SIDES.domain[b.side]}, level ${b.level}: ${compact(b.size)} contracts`,
        }),
        Plot.ruleY([0]),
      ],
    });
  return {
    title: known
      ? `Depth: ${compact(mean(0))} contracts bid, ${compact(mean(1))} asked on ten levels`
      : "Depth: no books",
    unit: "mean size in contracts by level, 1 the best",
    source: "bronze futures mbp10",
    legend: legendOf(SIDES),
    size: "half",
    svg: known ? drawing() : "<p>no two-sided books while the market is open</p>",
  };
}
