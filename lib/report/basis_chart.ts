/**
 * How far SPY is from a tenth of ES through the day.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, drawPlot, HALF_WIDTH } from "./plot.ts";
import { minuteMs, sessionAxis } from "./session_axis.ts";

/**
 * ES/10 − SPY by put–call parity, minute by minute.
 *
 * @param day The session.
 */
export function basisChart(
  day: Pick<DayProfile, "date" | "startNs" | "minutes" | "regular" | "basis">,
): Chart {
  const points = Array.from(day.basis, (basis, minute) => ({ ms: minuteMs(day, minute), basis }))
    .filter(({ basis }) => !Number.isNaN(basis));
  const middle = points.map(({ basis }) => basis).sort((a, b) => a - b)[points.length >> 1];
  const drawing = () =>
    drawPlot({
      width: HALF_WIDTH,
      height: 190,
      marginLeft: 48,
      marginRight: 20,
      marginTop: 8,
      marginBottom: 28,
      ariaLabel: `Basis on ${day.date}`,
      x: sessionAxis(day, day.regular, 2),
      y: { label: null, ticks: 5, grid: true, nice: true },
      marks: [
        Plot.ruleY(points.length ? [middle] : [], {
          stroke: "currentColor",
          strokeDasharray: "3 3",
          strokeOpacity: 0.6,
        }),
        Plot.dot(points, { x: "ms", y: "basis", r: 1.6, fill: COLORS.accent }),
      ],
    });
  return {
    title: points.length
      ? `Basis: ES/10 is $${middle.toFixed(2)} above SPY in the middle`
      : "Basis: not known",
    unit: "ES/10 − SPY in $, median of each minute's pairs of same-day calls and puts; dashes the median",
    source: "bronze futures and options trades",
    size: "half",
    svg: points.length ? drawing() : "<p>no pairs of same-day calls and puts</p>",
  };
}
