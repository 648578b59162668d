/**
 * What a date is given before its book starts: opening prices that join up over dates, volatility by minute,
 * carry and basis. Everything follows from (seed, date), so dates can be made alone and in any order.
 *
 * @module
 */
import { dayNumber, HOUR_NS, nextTradingDay, previousTradingDay, Random, sessionOf } from "../base/mod.ts";
import { MARKET } from "./parameters.ts";
import { volumeCurve } from "./volume_curve.ts";

const REGULAR_START = 930, REGULAR_END = 1320;

/** A date's givens. */
export interface DayPath {
  /** SPY at the Globex open, dollars. */
  open: number;
  /** SPY at the next session's Globex open, where this session's path leads. */
  next: number;
  /** Float64Array (minutes): expected standard deviation of each minute's return, 18:00 first. */
  volatility: Float64Array;
  /** Float64Array (minutes): share of a full day's mean volume in each minute. */
  volume: Float64Array;
  /** Amplitude (dollars), period (ns) and phase of the basis waves. */
  waves: { dollars: number; period: number; phase: number }[];
}

let shapes: { volume: Float64Array; volatility: Float64Array } | undefined;

function dayShapes(): { volume: Float64Array; volatility: Float64Array } {
  if (shapes) return shapes;
  const volume = volumeCurve();
  const total = volume.reduce((a, b) => a + b);
  const volatility = volume.map((_, m) => {
    let sum = 0;
    for (let k = -2; k <= 2; k++) sum += volume[Math.min(volume.length - 1, Math.max(0, m + k))];
    return (sum / 5) ** MARKET.volatilityPower;
  });
  let square = 0;
  for (let m = REGULAR_START; m < REGULAR_END; m++) square += volatility[m] ** 2;
  const unit = MARKET.minuteVolatility / Math.sqrt(square / (REGULAR_END - REGULAR_START));
  return shapes = { volume: volume.map((v) => v / total), volatility: volatility.map((v) => v * unit) };
}

function dayVolatility(seed: string, date: string): Float64Array {
  const factor = Math.exp(MARKET.dayVolatility * calmNormal(`${seed}/${date}/volatility`, 1.6));
  const { overnightNs, globexCloseNs } = sessionOf(date);
  const minutes = Number((globexCloseNs - overnightNs) / 60_000_000_000n);
  return dayShapes().volatility.slice(0, minutes).map((v) => v * factor);
}

/** A standard normal that stays within bounds, so that no day of a small lake is a crash. */
function calmNormal(seed: string, bound: number): number {
  const random = new Random(seed);
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= bound) return value;
  }
}

/** Log return from a session's open to the next one's, drawn with the variance its minutes will have. */
function dayReturn(seed: string, date: string): number {
  const variance = dayVolatility(seed, date).reduce((sum, v) => sum + v * v, 0);
  return Math.sqrt(variance) * calmNormal(`${seed}/${date}/return`, 2.3);
}

const opens = new Map<string, Map<string, number>>();

/** SPY at a date's Globex open: a walk from the anchor date, forwards or backwards. */
function openOf(seed: string, date: string): number {
  let known = opens.get(seed);
  if (!known) opens.set(seed, known = new Map());
  const found = known.get(date);
  if (found !== undefined) return found;
  let log = Math.log(MARKET.anchorPrice);
  let day = MARKET.anchorDate as string;
  known.set(day, Math.exp(log));
  while (day < date) {
    log += dayReturn(seed, day);
    day = nextTradingDay(day);
    known.set(day, Math.exp(log));
  }
  while (day > date) {
    day = previousTradingDay(day);
    log -= dayReturn(seed, day);
    known.set(day, Math.exp(log));
  }
  return Math.exp(log);
}

/**
 * The givens of a date.
 *
 * @param seed The market's seed.
 * @param date A trading day.
 */
export function dayPath(seed: string, date: string): DayPath {
  const random = new Random(`${seed}/${date}/basis`);
  const volatility = dayVolatility(seed, date);
  return {
    open: openOf(seed, date),
    next: openOf(seed, nextTradingDay(date)),
    volatility,
    volume: dayShapes().volume.slice(0, volatility.length),
    waves: MARKET.basisWaves.map(({ dollars, hours }) => ({
      dollars: dollars * (0.7 + 0.6 * random.uniform()),
      period: hours * HOUR_NS,
      phase: 2 * Math.PI * random.uniform(),
    })),
  };
}

/**
 * SPY dollars per point of a contract, the truth that the pipeline's scale has to find.
 *
 * @param path The date's givens.
 * @param date Trade date.
 * @param expiry The contract's expiry.
 * @param t ns since the session's start.
 */
export function spyPerPoint(path: DayPath, date: string, expiry: string, t: number): number {
  const years = (dayNumber(expiry) - dayNumber(date)) / 365;
  let wave = 0;
  for (const { dollars, period, phase } of path.waves) {
    wave += dollars * Math.sin(2 * Math.PI * t / period + phase);
  }
  return 0.1 * MARKET.carry.spyShare / (1 + MARKET.carry.perYear * years) * (1 + wave / path.open);
}
