/**
 * Volatility of the simulated options: a level that moves with the day, a term structure and a smile.
 *
 * @module
 */
import { CONFIG, HOUR_NS } from "../base/mod.ts";
import type { DayPath } from "./path.ts";

const { yearSeconds, floorMinutes } = CONFIG.options;
const DAY_SECONDS = 6.5 * 3600;

/** The surface of a session. */
export interface Surface {
  /** ns from the session's start to the regular close. */
  closeT: number;
  /** At-the-money volatility of same-day options at the open, per √year of trading time. */
  level: number;
  /** Phase of its slow wave. */
  phase: number;
  /** SPY from which the smile is measured, dollars. */
  openSpot: number;
}

/**
 * A session's surface. Its level is a little above what the path will realise, as it is in life.
 *
 * @param path The date's givens.
 * @param closeT ns from the session's start to the regular close.
 * @param phase Phase of the slow wave, 0 to 2π.
 */
export function makeSurface(path: DayPath, closeT: number, phase: number): Surface {
  let square = 0;
  for (let m = 930; m < path.volatility.length - 60; m++) square += path.volatility[m] ** 2;
  const realised = Math.sqrt(square / (path.volatility.length - 990) * 252 * 390);
  return { closeT, level: 1.08 * realised, phase, openSpot: path.open };
}

/**
 * Trading time to an expiration, years, with the pipeline's floor.
 *
 * @param surface The session's surface.
 * @param t ns since the session's start.
 * @param sessionsAhead Sessions between the trade date and the expiration, 0 for same-day.
 */
export function yearsTo(surface: Surface, t: number, sessionsAhead: number): number {
  const today = Math.max(0, surface.closeT - t) / 1e9 + sessionsAhead * DAY_SECONDS;
  return Math.max(today, floorMinutes * 60) / yearSeconds;
}

/**
 * Volatility of an option.
 *
 * @param surface The session's surface.
 * @param t ns since the session's start.
 * @param option Strike (dollars) and sessions to expiration.
 */
export function volatilityOf(
  surface: Surface,
  t: number,
  option: { strike: number; sessionsAhead: number },
): number {
  const wave = 1 +
    0.04 * Math.exp(-option.sessionsAhead / 4) * Math.sin(2 * Math.PI * t / (5 * HOUR_NS) + surface.phase);
  const level = surface.level * wave * (1.12 - 0.12 * Math.exp(-option.sessionsAhead / 8));
  // The smile stays with the strikes: it is measured from the session's open, in that morning's deviations.
  const width = surface.level * Math.sqrt((option.sessionsAhead + 1) / 252);
  const x = Math.max(-3, Math.min(3, Math.log(option.strike / surface.openSpot) / width));
  return level * (1 - 0.05 * x + 0.03 * x * x);
}
