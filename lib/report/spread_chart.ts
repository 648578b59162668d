/**
 * How wide the book is.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, drawPlot, HALF_WIDTH, percent } from "./plot.ts";

/**
 * Share of the books by spread, between events while the market is open.
 *
 * @param day The session.
 */
export function spreadChart({ date, main, spreads }: Pick<DayProfile, "date" | "main" | "spreads">): Chart {
  const all = spreads.reduce((a, b) => a + b, 0), last = spreads.findLastIndex((n) => n > 0);
  const bars = Array.from(
    spreads.subarray(0, Math.max(last + 1, 6)),
    (count, ticks) => ({ ticks, share: count / all }),
  );
  type Bar = typeof bars[number];
  const drawing = () =>
    drawPlot({
      width: HALF_WIDTH,
      height: 190,
      marginLeft: 44,
      marginRight: 8,
      marginTop: 18,
      marginBottom: 28,
      ariaLabel: `Spread on ${date}`,
      x: {
        type: "band",
        label: null,
        tickSize: 0,
        padding: 0.15,
        tickFormat: (ticks: number) => ticks === spreads.length - 1 ? `${ticks}+` : String(ticks),
      },
      y: { label: null, ticks: 4, tickFormat: "%", grid: true },
      marks: [
        Plot.barY(bars, {
          x: "ticks",
          y: "share",
          fill: COLORS.accent,
          title: (b: Bar) => `${b.ticks} ticks: ${percent(b.share)}`,
        }),
        Plot.text(bars.filter(({ share }) => share >= 0.001), {
          x: "ticks",
          y: "share",
          text: (b: Bar) => percent(b.share),
          dy: -7,
          fontSize: 10.5,
        }),
        Plot.ruleY([0]),
      ],
    });
  return {
    title: all > 0
      ? `Spread: one tick in ${percent(spreads[1] / all)} of ${main}'s books`
      : "Spread: no books",
    unit: "share of books by spread in ticks of 0.25 points",
    source: "bronze futures mbp10",
    size: "half",
    svg: all > 0 ? drawing() : "<p>no two-sided books while the market is open</p>",
  };
}
