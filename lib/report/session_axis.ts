/**
 * The time axis of a session, and what is marked on it: the regular session and the gaps.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { COLORS, easternTick } from "./plot.ts";

const MINUTE_MS = 60_000, HOUR_MS = 60 * MINUTE_MS;

/** Times of minutes of a session's own span, ms since the epoch. */
export function minuteMs({ startNs }: Pick<DayProfile, "startNs">, minute: number): number {
  return Number(startNs / 1_000_000n) + minute * MINUTE_MS;
}

/**
 * Options of a linear time axis that reads Eastern.
 *
 * @param day The session.
 * @param span First and last minute shown; defaults to all.
 * @param hours Hours between ticks.
 */
export function sessionAxis(
  day: Pick<DayProfile, "startNs" | "minutes">,
  [from, to]: readonly [number, number] = [0, day.minutes],
  hours = 2,
): Plot.ScaleOptions {
  const domain = [minuteMs(day, from), minuteMs(day, to)], ticks: number[] = [];
  for (let at = Math.ceil(domain[0] / HOUR_MS) * HOUR_MS; at <= domain[1]; at += HOUR_MS) {
    if (Number(easternTick(at).slice(0, 2)) % hours === 0) ticks.push(at);
  }
  return { type: "linear", domain, ticks, tickFormat: easternTick, label: null };
}

/** A pale band over the regular session. */
export function regularBand(day: Pick<DayProfile, "startNs" | "regular">): Plot.Markish {
  const [open, close] = day.regular;
  return Plot.rectX([{ x1: minuteMs(day, open), x2: minuteMs(day, close) }], {
    x1: "x1",
    x2: "x2",
    fill: "currentColor",
    fillOpacity: 0.05,
  });
}

/** Red bands where the audit reports that a table is silent. */
export function gapBands(day: Pick<DayProfile, "startNs" | "gaps">, table: string): Plot.Markish {
  const gaps = day.gaps.filter((gap) => gap.table === table);
  return Plot.rectX(gaps, {
    x1: (gap: { from: number }) => minuteMs(day, gap.from),
    x2: (gap: { to: number }) => minuteMs(day, gap.to),
    fill: COLORS.bad,
    fillOpacity: 0.28,
    title: (gap: { from: number; to: number }) =>
      `${table}: nothing from ${easternTick(minuteMs(day, gap.from))} to ${
        easternTick(minuteMs(day, gap.to))
      }`,
  });
}
