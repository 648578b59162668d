/**
 * Aggressive orders: their signs and sizes, what they take out of the book, and the icebergs they meet.
 *
 * @module
 */
import type { Random } from "../base/mod.ts";
import { addSize, takeSize } from "./book.ts";
import { type Flow, META_ORDERS, midOf, priceAt } from "./flow.ts";
import { MARKET } from "./parameters.ts";
import { ACTIONS, LAST, type Recorder, SIDES } from "./recorder.ts";

/** Most price levels an order can take. */
const LEVELS = 10;

/** What a trade did, for whoever watches. */
export interface FlowEvents {
  /** A price traded. */
  onTrade(t: number, price: number, size: number, sign: number): void;
  /** Contracts came out of an iceberg's reserve. */
  onRefill(t: number, price: number, side: number, size: number): void;
}

/** Size an aggressive order wants: three fifths are one lot, the tail is heavy. */
export function drawTradeSize(random: Random): number {
  const u = random.uniform();
  if (u < 0.56) return 1;
  if (u < 0.7) return 2;
  if (u < 0.84) return 3 + random.int(3);
  if (u < 0.94) return 6 + random.int(5);
  return 11 + random.geometric(0.09);
}

/**
 * Sign of the next aggressive order: toward the fair price when that is away, else of a metaorder at work.
 *
 * @param flow Its metaorders are changed in place.
 * @param random Draws.
 * @returns +1 buys, −1 sells.
 */
export function drawSign(flow: Flow, random: Random): number {
  const lag = flow.fair - midOf(flow);
  if (Math.abs(lag) > 0.75 && random.uniform() < Math.min(0.85, 0.25 * Math.abs(lag))) return Math.sign(lag);
  if (random.uniform() > 0.5) flow.working = random.int(META_ORDERS);
  const k = flow.working;
  if (flow.left[k] <= 0) {
    flow.signs[k] = random.uniform() < 0.5 + 0.4 * Math.tanh(lag) ? 1 : -1;
    // Pareto lengths of exponent 1.5 give signs their long memory.
    flow.left[k] = Math.min(400, Math.ceil((1 - random.uniform()) ** (-1 / 1.5)));
  }
  flow.left[k]--;
  return flow.signs[k];
}

const planIndex = new Int32Array(LEVELS), planSize = new Int32Array(LEVELS);

/**
 * An aggressive order: a trade record a price level, all with the book before, then the record of the last
 * resting order, with the book after, and one of an iceberg that showed new size.
 *
 * @param flow Changed in place.
 * @param t Wanted time.
 * @param options Sign (+1 buys), contracts wanted, most levels it may take.
 * @param recorder Takes the records.
 * @param random Draws.
 * @param events Told of trades and refills.
 * @returns Contracts traded.
 */
export function trade(
  flow: Flow,
  t: number,
  options: { sign: number; size: number; levels: number },
  recorder: Recorder,
  random: Random,
  events: FlowEvents,
): number {
  const { book } = flow;
  const side = options.sign;
  const iceberg = flow.icebergs[side > 0 ? 1 : 0];
  let want = options.size, plans = 0;
  for (let at = side > 0 ? book.ask : book.bid; want > 0 && plans < options.levels; at += side) {
    if (book.size[at] === 0) continue;
    const there = book.size[at] + (iceberg.index === at ? iceberg.reserve : 0);
    planIndex[plans] = at;
    planSize[plans] = Math.min(want, there);
    want -= planSize[plans++];
  }
  const time = recorder.begin(t);
  for (let p = 0; p < plans; p++) {
    const price = priceAt(flow, planIndex[p]);
    recorder.trade(flow.instrument, side > 0 ? SIDES.B : SIDES.A, price, planSize[p], book);
    events.onTrade(time, price, planSize[p], side);
  }
  let refill = 0;
  for (let p = 0; p < plans; p++) {
    const index = planIndex[p], hidden = Math.max(0, planSize[p] - book.size[index]);
    refill = fill(flow, side, index, planSize[p], random);
    if (hidden + refill > 0) events.onRefill(time, priceAt(flow, index), side, hidden + refill);
  }
  const last = planIndex[plans - 1];
  const left = book.size[last] - refill;
  const partial = left > 0 && random.uniform() < 0.5;
  const code = side > 0 ? SIDES.A : SIDES.B;
  const lot = partial ? 1 + random.int(Math.min(left, 4)) : 1 + random.int(Math.min(planSize[plans - 1], 3));
  const price = priceAt(flow, last);
  const flags = refill > 0 ? 0 : LAST;
  recorder.book(flow.instrument, partial ? ACTIONS.M : ACTIONS.C, code, 0, price, lot, flags, book);
  if (refill > 0) {
    recorder.book(flow.instrument, ACTIONS.M, code, 0, price, refill, LAST, book);
  }
  return options.size - want;
}

/** Takes a fill out of the book; returns what an iceberg showed anew. */
function fill(flow: Flow, side: number, index: number, size: number, random: Random): number {
  const { book } = flow;
  const iceberg = flow.icebergs[side > 0 ? 1 : 0];
  const visible = book.size[index];
  if (iceberg.index !== index) {
    takeSize(book, side, index, size, Math.max(1, Math.round(size * (0.3 + 0.5 * random.uniform()))));
    return 0;
  }
  const hidden = Math.max(0, size - visible);
  iceberg.reserve -= hidden;
  const shown = Math.min(hidden > 0 ? iceberg.shown : Math.min(size, iceberg.shown), iceberg.reserve);
  iceberg.reserve -= shown;
  if (iceberg.reserve === 0) iceberg.index = -1;
  // Added before it is taken, so that a refilled best level never counts as used up.
  if (shown > 0) addSize(book, side, index, shown, 0);
  takeSize(book, side, index, Math.min(size, visible), 1);
  return shown;
}

/** Places an iceberg at the best of a side; one that the price has left is withdrawn. */
export function placeIceberg(flow: Flow, side: number, random: Random): void {
  const iceberg = flow.icebergs[side > 0 ? 1 : 0];
  const best = side > 0 ? flow.book.ask : flow.book.bid;
  if (iceberg.index === best) return;
  iceberg.index = best;
  iceberg.shown = Math.max(1, Math.round(MARKET.iceberg.shown * flow.best));
  iceberg.reserve = 1 + Math.round(random.exponential(MARKET.iceberg.reserve * flow.best));
}
