/**
 * OCC option tickers as the feed writes them: `O:SPY251216C00676000`.
 *
 * @module
 */
import { addDays, dayNumber } from "../../base/mod.ts";

/** An option contract. */
export interface OccTicker {
  /** Root, exactly: `SPY` is not `SPYG`, nor the adjusted `SPY1`. */
  root: string;
  /** Expiration, days since 1970-01-01. */
  expDay: number;
  /** C call, P put. */
  right: "C" | "P";
  /** Strike, dollars, a multiple of 0.001. */
  strike: number;
}

const PATTERN = /^O:([A-Z0-9.]+)(\d\d)(\d\d)(\d\d)([CP])(\d{8})$/;

/**
 * Parses a ticker: root, YYMMDD, C or P, strike × 1000 in eight digits.
 *
 * @param ticker Text such as `O:SPY251216C00676000`.
 * @returns The contract, or undefined if it is not such a ticker or its date is not in the calendar.
 */
export function parseOccTicker(ticker: string): OccTicker | undefined {
  const match = PATTERN.exec(ticker);
  if (!match) return undefined;
  const [, root, year, month, day, right, strike] = match;
  const date = `20${year}-${month}-${day}`, expDay = dayNumber(date);
  if (Number.isNaN(expDay) || addDays(date, 0) !== date) return undefined;
  return { root, expDay, right: right as "C" | "P", strike: Number(strike) / 1000 };
}

/**
 * Writes a ticker; the inverse of {@linkcode parseOccTicker}.
 *
 * @param contract The contract; its expiration lies in 2000–2099.
 * @throws {RangeError} If the strike is not a multiple of 0.001 below 100,000.
 */
export function formatOccTicker(contract: OccTicker): string {
  const mills = Math.round(contract.strike * 1000);
  if (!(Math.abs(mills - contract.strike * 1000) < 1e-6 && mills >= 0 && mills < 1e8)) {
    throw new RangeError(`Cannot write strike ${contract.strike}: wanted a multiple of 0.001 below 100000`);
  }
  const date = addDays("1970-01-01", contract.expDay).slice(2).replaceAll("-", "");
  return `O:${contract.root}${date}${contract.right}${String(mills).padStart(8, "0")}`;
}
