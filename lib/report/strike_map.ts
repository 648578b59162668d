/**
 * Where options trade: strikes by time, with the price they are around.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, compact, drawPlot } from "./plot.ts";
import { gapBands, minuteMs, sessionAxis } from "./session_axis.ts";

/** At most so many strikes are shown, those with most volume. */
const MOST_STRIKES = 48;

/**
 * Contracts of same-day options by strike and quarter of an hour, the stronger the more; the line is SPY by parity.
 *
 * @param day The session.
 */
export function strikeMap(
  day: Pick<DayProfile, "date" | "startNs" | "minutes" | "regular" | "gaps" | "spot" | "options">,
): Chart {
  const chart = {
    unit:
      "contracts by strike in $ and quarter of an hour, Eastern; the stronger the more; line SPY by put–call parity",
    source: "bronze options trades",
  };
  const { options } = day;
  if (!options || options.strikes.length === 0) {
    return { ...chart, title: "Strikes: no same-day options", svg: "<p>no same-day options on the date</p>" };
  }
  const [open, close] = day.regular, width = options.cellMinutes;
  const volume = (cells: Float64Array) => cells.reduce((a, b) => a + b, 0);
  const shown = options.strikes.toSorted((a, b) => volume(b.cells) - volume(a.cells)).slice(0, MOST_STRIKES);
  const most = Math.max(...shown.map(({ cells }) => Math.max(...cells)));
  const step = strikeStep(shown.map(({ strike }) => strike));
  const cells = shown.flatMap(({ strike, cells }) =>
    Array.from(cells, (contracts, k) => ({
      from: minuteMs(day, open + k * width),
      to: minuteMs(day, open + (k + 1) * width),
      low: strike - step / 2,
      high: strike + step / 2,
      share: Math.sqrt(contracts / most),
    })).filter(({ share }) => share > 0)
  );
  const spot = Array.from(day.spot, (price, minute) => ({ ms: minuteMs(day, minute), price, minute }))
    .filter(({ price, minute }) => !Number.isNaN(price) && minute >= open && minute < close);
  const svg = drawPlot({
    height: 340,
    marginLeft: 48,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 28,
    ariaLabel: `Strikes by time on ${day.date}`,
    x: sessionAxis(day, [open, close + width], 1),
    y: { label: null, ticks: 8, grid: true },
    marks: [
      gapBands(day, "options.trades"),
      Plot.rect(cells, {
        x1: "from",
        x2: "to",
        y1: "low",
        y2: "high",
        inset: 0.3,
        fill: COLORS.warm,
        fillOpacity: (cell: typeof cells[number]) => Math.round(100 * (0.08 + 0.92 * cell.share)) / 100,
      }),
      Plot.line(spot, { x: "ms", y: "price", stroke: "currentColor", strokeWidth: 1.5 }),
    ],
  });
  const all = options.strikes.reduce((sum, { cells }) => sum + volume(cells), 0);
  const rest = options.strikes.length - shown.length;
  return {
    ...chart,
    title: `Strikes: ${compact(all)} same-day contracts on ${options.strikes.length} strikes${
      rest > 0 ? `, the busiest ${shown.length} shown` : ""
    }`,
    svg,
  };
}

/** The commonest distance of neighbouring strikes. */
function strikeStep(strikes: readonly number[]): number {
  const sorted = strikes.toSorted((a, b) => a - b), steps = sorted.slice(1).map((k, i) => k - sorted[i]);
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 1;
}
