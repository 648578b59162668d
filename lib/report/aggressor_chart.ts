/**
 * Who trades: buyers' and sellers' share of the volume by hour.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { hourName } from "./hour_rows_chart.ts";
import { type Chart, COLORS, drawPlot, HALF_WIDTH, legendOf, percent } from "./plot.ts";

const SIDES = {
  domain: ["buyers", "sellers", "no aggressor"],
  range: [COLORS.good, COLORS.bad, COLORS.chop],
} as const;

/**
 * Stacked shares of the volume of each hour by aggressor; lines at the limits of the day's balance.
 *
 * @param day The session.
 * @param limits Buyers' shares between which a day is balanced.
 */
export function aggressorChart(
  { date, main, sides }: Pick<DayProfile, "date" | "main" | "sides">,
  limits: readonly [number, number],
): Chart {
  const hours = Array.from({ length: Math.floor(sides.length / 3) }, (_, hour) => hour);
  const total = (side: number) => hours.reduce((sum, hour) => sum + sides[3 * hour + side], 0);
  const bars = hours.flatMap((hour) => {
    const counts = [0, 1, 2].map((side) => sides[3 * hour + side]), all = counts.reduce((a, b) => a + b, 0);
    let at = 0;
    // Buyers from below, sellers from above, so that both stand on an edge.
    return [0, 2, 1].map((side) => {
      const from = at, to = at += counts[side] / all;
      return { hour, side, from, to, count: counts[side] };
    }).filter(({ count }) => count > 0);
  });
  const buys = total(0) / (total(0) + total(1));
  const drawing = () =>
    drawPlot({
      width: HALF_WIDTH,
      height: 190,
      marginLeft: 50,
      marginRight: 8,
      marginTop: 8,
      marginBottom: 28,
      ariaLabel: `Aggressors by hour on ${date}`,
      x: {
        type: "band",
        domain: hours,
        label: null,
        tickSize: 0,
        ticks: hours.filter((h) => h % 4 === 0),
        tickFormat: hourName,
        padding: 0.1,
      },
      y: { domain: [0, 1], label: null, ticks: [0, 0.5, 1], tickFormat: percent },
      marks: [
        Plot.barY(bars, {
          x: "hour",
          y1: "from",
          y2: "to",
          fill: (bar: typeof bars[number]) => SIDES.range[bar.side],
          fillOpacity: 0.8,
          title: (bar: typeof bars[number]) =>
            `${hourName(bar.hour)}:00 ${SIDES.domain[bar.side]}: ${
              bar.count.toLocaleString("en-US")
            } contracts`,
        }),
        Plot.ruleY(limits, { stroke: "currentColor", strokeDasharray: "3 3", strokeOpacity: 0.7 }),
      ],
    });
  return {
    title: Number.isNaN(buys)
      ? "Aggressors: none known"
      : `Aggressors: buyers take ${percent(buys)} of ${main}'s volume`,
    unit: "share of the volume by Eastern hour; dashes the limits for the whole session",
    source: "bronze futures trades",
    legend: legendOf(SIDES),
    size: "half",
    svg: bars.length === 0 ? "<p>no trades</p>" : drawing(),
  };
}
