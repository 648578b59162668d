/**
 * The price of every contract through a session.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type ColorScale, contractColors } from "./contract_colors.ts";
import { type Chart, drawPlot, legendOf } from "./plot.ts";
import { gapBands, minuteMs, regularBand, sessionAxis } from "./session_axis.ts";

/** A line is drawn over minutes without a trade, but not over more of them. */
const BRIDGE_MINUTES = 20;

interface Point {
  ms: number;
  price: number;
  run: string;
  contract: string;
}

/** Known prices of a contract, in runs without a long hole. */
function pointsOf(
  day: Pick<DayProfile, "startNs">,
  { contract, prices }: DayProfile["paths"][number],
): Point[] {
  const points: Point[] = [];
  let run = 0, last = -1;
  prices.forEach((price, minute) => {
    if (Number.isNaN(price)) return;
    if (last >= 0 && minute - last > BRIDGE_MINUTES) run++;
    last = minute;
    points.push({ ms: minuteMs(day, minute), price, run: `${contract} ${run}`, contract });
  });
  return points;
}

/**
 * Last prices by minute, coloured by contract; the regular session is shaded, reported gaps are red.
 *
 * @param day The session.
 * @param colors Colours of the contracts; defaults to those of this session.
 */
export function contractPathChart(
  day: Pick<DayProfile, "date" | "startNs" | "minutes" | "regular" | "gaps" | "paths">,
  colors: ColorScale = contractColors(day.paths.map(({ contract }) => contract)),
): Chart {
  const points = day.paths.flatMap((path) => pointsOf(day, path));
  const shown = day.paths.filter((path) => points.some(({ contract }) => contract === path.contract));
  const color = (name: string) => colors.range[colors.domain.indexOf(name)];
  const names = colors.domain.filter((name) => shown.some(({ contract }) => contract === name));
  const drawing = () =>
    drawPlot({
      height: 260,
      marginLeft: 56,
      marginRight: 12,
      marginTop: 8,
      marginBottom: 28,
      ariaLabel: `Price of ${day.date} by contract`,
      x: sessionAxis(day),
      y: { label: null, grid: true, ticks: 6, nice: true, tickFormat: (v: number) => String(v) },
      marks: [
        regularBand(day),
        gapBands(day, "futures.trades"),
        Plot.line(points, {
          x: "ms",
          y: "price",
          z: "run",
          stroke: (p: Point) => color(p.contract),
          strokeWidth: 1.4,
        }),
      ],
    });
  const lows = points.reduce((low, p) => Math.min(low, p.price), Infinity);
  const highs = points.reduce((high, p) => Math.max(high, p.price), -Infinity);
  return {
    title: points.length === 0
      ? "Price: no trades"
      : `Price: ${names.join(" and ")} between ${lows} and ${highs}`,
    unit:
      "ES points, last trade of each minute by Eastern time; shaded the regular session, red what is silent",
    source: "bronze futures trades",
    legend: legendOf({ domain: names, range: names.map(color) }),
    svg: points.length === 0 ? "<p>no trades on the date</p>" : drawing(),
  };
}
