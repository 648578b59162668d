/**
 * How many option prints are legs of something larger.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, drawPlot, HALF_WIDTH, percent } from "./plot.ts";
import { minuteMs, sessionAxis } from "./session_axis.ts";

const HALF_HOUR = 30;

/**
 * Share of multi-leg and stock-tied prints by half-hour; they get no aggressor and set no price.
 *
 * @param day The session.
 */
export function multiLegChart(
  day: Pick<DayProfile, "date" | "startNs" | "minutes" | "regular" | "options">,
): Chart {
  const [open, close] = day.regular, { options } = day;
  const bars = Array.from(options?.multiLeg ?? [], (share, k) => ({
    from: minuteMs(day, open + k * HALF_HOUR),
    to: minuteMs(day, open + (k + 1) * HALF_HOUR),
    share,
  })).filter(({ share }) => !Number.isNaN(share));
  const drawing = () =>
    drawPlot({
      width: HALF_WIDTH,
      height: 190,
      marginLeft: 50,
      marginRight: 20,
      marginTop: 8,
      marginBottom: 28,
      ariaLabel: `Multi-leg prints on ${day.date}`,
      x: sessionAxis(day, [open, close], 2),
      y: { domain: [0, 1], label: null, ticks: [0, 0.5, 1], tickFormat: percent, grid: true },
      marks: [
        Plot.rectY(bars, {
          x1: "from",
          x2: "to",
          y1: 0,
          y2: "share",
          inset: 0.6,
          fill: COLORS.warm,
          title: (b: typeof bars[number]) => percent(b.share),
        }),
        Plot.ruleY([0]),
      ],
    });
  return {
    title: options
      ? `Multi-leg: ${percent(options.counts.multiLeg / options.counts.rows)} of ${
        options.counts.rows.toLocaleString("en-US")
      } prints`
      : "Multi-leg: no options",
    unit: "share of prints with a multi-leg or stock-tied condition, by half-hour, Eastern",
    source: "bronze options trades",
    size: "half",
    svg: bars.length ? drawing() : "<p>no options on the date</p>",
  };
}
