/**
 * Tape physics: the prints of the bar that touched a level.
 *
 * @module
 */
import { type Config, MINUTE_NS, SECOND_NS } from "../base/mod.ts";
import { lowerBound, type SessionState, type Tape, type Touch } from "../levels/mod.ts";
import { barSweeps, type Sweeps } from "./sweeps.ts";

/** The Gold columns of the group `tape`; NaN where unknown. */
export interface TapeFeatures {
  /** Buyer-initiated contracts in the band. */
  tape_buy_vol: number;
  /** Seller-initiated contracts in the band. */
  tape_sell_vol: number;
  /** (buy − sell)/(buy + sell); NaN when neither traded. */
  tape_imbalance: number;
  /** Prints in the band a second of the bar. */
  tape_velocity: number;
  /** Least-squares slope of price on time over all the bar's prints, SPY $/s; NaN below two distinct times. */
  tape_price_velocity: number;
  /** 1 if a sweep happened, else 0. */
  sweep_detected: 0 | 1;
  /** +1 bought up, −1 sold down, 0 no sweep. */
  sweep_direction: 1 | -1 | 0;
  /** Contracts of the largest sweep, 0 without one. */
  sweep_size: number;
  /** Σ price × size × $50 of it, dollars, 0 without one. */
  sweep_notional: number;
}

/**
 * Tape features of a touch (DOMAIN, *Tape*): prints of the touch's bar, in band where |price × scale − level| is at
 * most $0.50; a sweep counts with at least one of its prints in band, the largest wins, of equal ones the first.
 *
 * @param state The session so far; prints after the bar's end are not looked at.
 * @param touch The touch.
 * @param sweeps Runs of the same tape, built from every print before the bar's end.
 * @param config Band, sweeps and the futures multiplier.
 * @throws {RangeError} If the runs lack prints of the bar.
 */
export function tapeFeatures(
  state: Pick<SessionState, "tape">,
  touch: Touch,
  sweeps: Sweeps,
  config: Config,
): TapeFeatures {
  const { tape } = state;
  const end = lowerBound(tape.ts, touch.ts + MINUTE_NS, tape.length);
  const start = lowerBound(tape.ts, touch.ts, end);
  if (sweeps.rows < end) {
    throw new RangeError(
      `Cannot look for sweeps: runs cover ${sweeps.rows} prints, the bar ends at ${end}; call appendSweeps first`,
    );
  }
  let buy = 0, sell = 0, prints = 0;
  for (let row = start; row < end; row++) {
    if (!inBand(tape, row, touch, config)) continue;
    prints++;
    if (tape.aggressor[row] > 0) buy += tape.size[row];
    else if (tape.aggressor[row] < 0) sell += tape.size[row];
  }
  return {
    tape_buy_vol: buy,
    tape_sell_vol: sell,
    tape_imbalance: (buy - sell) / (buy + sell),
    tape_velocity: prints / (MINUTE_NS / SECOND_NS),
    tape_price_velocity: priceSlope(tape, start, end, touch.ts) * touch.scale,
    ...largestSweep(tape, touch, sweeps, config),
  };
}

function inBand(tape: Tape, row: number, touch: Touch, config: Config): boolean {
  return Math.abs(tape.price[row] * touch.scale - touch.level) <= config.tape.band + config.market.slack;
}

/**
 * Least-squares slope of price on time, ES points a second, in two passes in row order: around means, since sums of
 * raw squares would cancel. NaN below two distinct times.
 */
function priceSlope(tape: Tape, start: number, end: number, origin: number): number {
  const n = end - start, first = tape.price[start];
  let times = 0, prices = 0;
  for (let row = start; row < end; row++) {
    times += (tape.ts[row] - origin) / SECOND_NS;
    prices += tape.price[row] - first;
  }
  const meanTime = times / n, meanPrice = prices / n;
  let covariance = 0, variance = 0;
  for (let row = start; row < end; row++) {
    const t = (tape.ts[row] - origin) / SECOND_NS - meanTime;
    covariance += t * (tape.price[row] - first - meanPrice);
    variance += t * t;
  }
  return n > 0 && tape.ts[end - 1] > tape.ts[start] ? covariance / variance : NaN;
}

function largestSweep(tape: Tape, touch: Touch, sweeps: Sweeps, config: Config) {
  let best = -1;
  for (const run of barSweeps(sweeps, touch.ts, config)) {
    if (best >= 0 && sweeps.size[run] <= sweeps.size[best]) continue;
    for (let row = sweeps.firstRow[run]; row <= sweeps.lastRow[run]; row++) {
      if (tape.aggressor[row] === sweeps.direction[run] && inBand(tape, row, touch, config)) {
        best = run;
        break;
      }
    }
  }
  if (best < 0) {
    return { sweep_detected: 0, sweep_direction: 0, sweep_size: 0, sweep_notional: 0 } as const;
  }
  return {
    sweep_detected: 1 as const,
    sweep_direction: sweeps.direction[best] as 1 | -1,
    sweep_size: sweeps.size[best],
    sweep_notional: sweeps.value[best] * config.market.dollarsPerPoint,
  };
}
