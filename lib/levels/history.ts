/**
 * What earlier sessions leave to this one: two-minute closes, high, low and close, in this contract's prices.
 *
 * @module
 */
import { type Config, MINUTE_NS, previousTradingDay, type Session } from "../base/mod.ts";
import type { History, Tape } from "./state.ts";

/** Trades of an earlier session, of the contract kept for it. */
export interface EarlierSession {
  /** The calendar's session. */
  session: Session;
  /** Its contract. */
  contract: string;
  /** Its trades; `ts` in ns since that session's `startNs`, ascending. */
  trades: Pick<Tape, "length" | "ts" | "price">;
}

/** A recorded calendar spread. */
export interface Roll {
  /** Contract left. */
  from: string;
  /** Contract entered. */
  to: string;
  /** Price of `to` − price of `from`, ES points. */
  spread: number;
}

/**
 * History of a session. Closes come from the last `historySessions` trading days that are given; the previous high,
 * low and close only from the trading day before. A session of another contract is shifted by the recorded spreads
 * that lead from it to the current one, and left out when none do.
 *
 * @param earlier Earlier sessions, oldest first.
 * @param current The session to come and its contract.
 * @param rolls Recorded spreads; of several between the same two contracts the last counts.
 * @param config How many sessions.
 */
export function historyFrom(
  earlier: readonly EarlierSession[],
  current: { session: Session; contract: string },
  rolls: readonly Roll[],
  config: Pick<Config["levels"], "historySessions">,
): History {
  const wanted = new Set<string>();
  const yesterday = previousTradingDay(current.session.date);
  for (let date = yesterday; wanted.size < config.historySessions; date = previousTradingDay(date)) {
    wanted.add(date);
  }
  const closes: number[] = [];
  let previous = { high: NaN, low: NaN, close: NaN };
  for (const { session, contract, trades } of earlier) {
    if (!wanted.has(session.date)) continue;
    const shift = shiftBetween(contract, current.contract, rolls);
    if (Number.isNaN(shift)) continue;
    const regular = regularSession(session, trades);
    for (const close of regular.closes) closes.push(close + shift);
    if (session.date !== yesterday) continue;
    previous = { high: regular.high + shift, low: regular.low + shift, close: regular.close + shift };
  }
  return { closes: Float64Array.from(closes), previous };
}

/** Two-minute closes and extremes of a regular session, ES points; NaN extremes without trades. */
function regularSession(
  session: Session,
  trades: EarlierSession["trades"],
): { closes: number[]; high: number; low: number; close: number } {
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const closes: number[] = [];
  let high = NaN, low = NaN, last = NaN, pair = -1;
  for (let i = 0; i < trades.length; i++) {
    const ts = trades.ts[i], price = trades.price[i];
    if (ts < open || ts >= close) continue;
    if (!(price <= high)) high = price;
    if (!(price >= low)) low = price;
    last = price;
    const minutes = Math.floor((ts - open) / (2 * MINUTE_NS));
    if (minutes === pair) closes[closes.length - 1] = price;
    else closes.push(price);
    pair = minutes;
  }
  return { closes, high, low, close: last };
}

/** What turns prices of `from` into prices of `to`: a walk over recorded spreads, fewest first; NaN without one. */
function shiftBetween(from: string, to: string, rolls: readonly Roll[]): number {
  const shifts = new Map([[from, 0]]);
  for (const [contract, shift] of shifts) {
    if (contract === to) return shift;
    for (const roll of rolls.toReversed()) {
      if (roll.from === contract && !shifts.has(roll.to)) shifts.set(roll.to, shift + roll.spread);
      if (roll.to === contract && !shifts.has(roll.from)) shifts.set(roll.from, shift - roll.spread);
    }
  }
  return NaN;
}
