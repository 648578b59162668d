/**
 * Calendar spreads: what the other contracts cost over the chosen one, recorded before they are taken out.
 *
 * @module
 */
import {
  type Batch,
  dayNumber,
  isOutright,
  MINUTE_NS,
  repeatString,
  type Session,
  stringsOf,
} from "../base/mod.ts";
import type { ContractCount } from "./census.ts";

/** A spread of two contracts. */
export interface Spread {
  /** Median of to − from over the minutes, ES points. */
  points: number;
  /** Common regular minutes in the median. */
  minutes: number;
  /** Number of the last minute used, from the open. */
  lastMinute: number;
}

/**
 * Spread of two contracts over the last regular minutes in which both traded.
 *
 * @param from Last price of each minute of the one, NaN where none; Float64Array (n).
 * @param to The same of the other.
 * @param window Most minutes in the median.
 * @returns Undefined without a common minute.
 */
export function calendarSpread(from: Float64Array, to: Float64Array, window: number): Spread | undefined {
  const differences: number[] = [];
  let lastMinute = -1;
  for (let minute = from.length - 1; minute >= 0 && differences.length < window; minute--) {
    const difference = to[minute] - from[minute];
    if (Number.isNaN(difference)) continue;
    if (lastMinute < 0) lastMinute = minute;
    differences.push(difference);
  }
  const n = differences.length;
  if (n === 0) return undefined;
  differences.sort((a, b) => a - b);
  const points = (differences[(n - 1) >> 1] + differences[n >> 1]) / 2;
  return { points, minutes: n, lastMinute };
}

/**
 * Rows of `futures.rolls`: the chosen contract against every other of the product that shares a regular minute with
 * it, so that whichever comes next is among them.
 *
 * @param session The session.
 * @param contracts All its contracts.
 * @param chosen Name of the chosen one.
 * @param options Product, and the most minutes in the median.
 */
export function rollRows(
  session: Session,
  contracts: readonly ContractCount[],
  chosen: string,
  options: { symbol: string; window: number },
): Batch {
  const { symbol, window } = options;
  const from = contracts.find((count) => count.contract === chosen)!;
  const found: { to: string; spread: Spread }[] = [];
  for (const { contract, minutes } of contracts) {
    // Spreads and strays of other products are no contract to roll to.
    const candidate = isOutright(symbol, contract) || contract.startsWith(`${symbol}_`);
    if (contract === chosen || !candidate) continue;
    const spread = calendarSpread(from.minutes.price, minutes.price, window);
    if (spread) found.push({ to: contract, spread });
  }
  const n = found.length;
  return {
    length: n,
    columns: {
      date: new Int32Array(n).fill(dayNumber(session.date)),
      from_contract: repeatString(chosen, n),
      to_contract: stringsOf(found.map((f) => f.to)),
      spread_es: Float64Array.from(found, (f) => f.spread.points),
      minutes: Int32Array.from(found, (f) => f.spread.minutes),
      as_of_ns: BigInt64Array.from(
        found,
        (f) => session.openNs + BigInt(f.spread.lastMinute + 1) * BigInt(MINUTE_NS),
      ),
    },
  };
}
