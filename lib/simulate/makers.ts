/**
 * Resting orders: adds, cancels and modifies, and the closing of a spread that a trade opened.
 *
 * @module
 */
import type { Random } from "../base/mod.ts";
import { addSize, depthOf, takeSize } from "./book.ts";
import { type Flow, midOf, priceAt } from "./flow.ts";
import { MARKET } from "./parameters.ts";
import { ACTIONS, LAST, type Recorder, SIDES } from "./recorder.ts";

const LEVELS = 10;
// Cumulative chances that a message is about level 0, 1, … 9.
const LEVEL_CHANCES = [0.46, 0.63, 0.73, 0.8, 0.85, 0.89, 0.92, 0.95, 0.975, 1];

/** Target size at a tick; the best level's is the same in a zone, so that pressure shows behind it, not in the price. */
function targetAt(flow: Flow, side: number, index: number): number {
  const { book, zone } = flow;
  const k = side > 0 ? index - book.ask : book.bid - index;
  if (k <= 0) return flow.best;
  const usual = k === 1 ? (flow.best + flow.deep) / 2 : flow.deep;
  return index >= zone.low && index <= zone.high ? usual * (side > 0 ? zone.asks : zone.bids) : usual;
}

/** A level to work on: mostly near the best, often anywhere in a zone that is not as usual. */
function chooseIndex(flow: Flow, side: number, random: Random): number {
  const { book, zone } = flow;
  const best = side > 0 ? book.ask : book.bid;
  if (zone.low <= zone.high && zone.asks !== zone.bids && random.uniform() < 0.65) {
    const index = best + side * (1 + random.int(LEVELS - 1));
    if (index >= zone.low && index <= zone.high) return index;
  }
  const u = random.uniform();
  let k = 0;
  while (u >= LEVEL_CHANCES[k]) k++;
  return best + side * k;
}

/** Chance, or share, of one message that stands for several: of all of them together. */
function asOne(chance: number, { haste }: Flow): number {
  return haste === 1 ? chance : 1 - (1 - chance) ** haste;
}

/**
 * One message about resting orders: an add, a cancel, or a modify of either kind, recorded as one event.
 *
 * @param flow Changed in place.
 * @param t Wanted time, ns since the origin.
 * @param recorder Takes the record.
 * @param random Draws.
 */
export function bookMessage(flow: Flow, t: number, recorder: Recorder, random: Random): void {
  const { book } = flow;
  const lag = flow.fair - midOf(flow);
  let side = random.uniform() < 0.5 ? 1 : -1;
  let index: number;
  const far = Math.abs(lag);
  if (far > 1 && random.uniform() < asOne(Math.min(0.8, 0.28 * far), flow)) {
    side = lag > 0 ? 1 : -1;
    index = side > 0 ? book.ask : book.bid;
  } else index = chooseIndex(flow, side, random);
  const atBest = index === book.ask || index === book.bid;
  const size = book.size[index];
  const lean = atBest ? side * Math.max(-3, Math.min(6, 1.3 * lag)) : 0;
  const target = targetAt(flow, side, index);
  const odds = 1.5 * Math.log((target + 0.5) / (size + 0.5)) - lean;
  let lot = 1 + random.geometric(1 / flow.order);
  // In a zone makers come and go in larger orders: what they do is done within the bar.
  if (!atBest && index >= flow.zone.low && index <= flow.zone.high) {
    lot = Math.max(lot, Math.round(asOne(MARKET.touch.stride, flow) * Math.abs(target - size)));
  }
  if (random.uniform() < 1 / (1 + Math.exp(-odds))) {
    const grow = size > 0 && random.uniform() < 0.3;
    const code = side > 0 ? SIDES.A : SIDES.B;
    addSize(book, side, index, lot, grow ? 0 : 1);
    recorder.begin(t);
    recorder.book(
      flow.instrument,
      grow ? ACTIONS.M : ACTIONS.A,
      code,
      depthOf(book, side, index),
      priceAt(flow, index),
      grow ? lot + 1 + random.int(2) : lot,
      LAST,
      book,
    );
    return;
  }
  if (size === 0) return;
  if (atBest && far > 2.5 && random.uniform() < asOne(0.5, flow)) lot = size;
  if (!atBest && random.uniform() < 0.12 && moveOrder(flow, side, index, lot, t, recorder, random)) return;
  removeOrder(flow, side, index, lot, t, recorder, random);
}

function removeOrder(
  flow: Flow,
  side: number,
  index: number,
  lot: number,
  t: number,
  recorder: Recorder,
  random: Random,
): void {
  const { book } = flow;
  const size = book.size[index];
  const taken = Math.min(lot, size);
  const shrink = taken < size && random.uniform() < 0.35;
  const depth = depthOf(book, side, index);
  takeSize(book, side, index, taken, shrink ? 0 : 1);
  recorder.begin(t);
  recorder.book(
    flow.instrument,
    shrink ? ACTIONS.M : ACTIONS.C,
    side > 0 ? SIDES.A : SIDES.B,
    depth,
    priceAt(flow, index),
    shrink ? 1 + random.int(2) : taken,
    LAST,
    book,
  );
}

/** An order changes its price: one modify record. */
function moveOrder(
  flow: Flow,
  side: number,
  from: number,
  lot: number,
  t: number,
  recorder: Recorder,
  random: Random,
): boolean {
  const { book } = flow;
  const best = side > 0 ? book.ask : book.bid;
  const to = best + side * (1 + random.int(LEVELS - 1));
  if (to === from || book.size[from] <= lot) return false;
  takeSize(book, side, from, lot, 1);
  addSize(book, side, to, lot, 1);
  recorder.begin(t);
  recorder.book(
    flow.instrument,
    ACTIONS.M,
    side > 0 ? SIDES.A : SIDES.B,
    depthOf(book, side, to),
    priceAt(flow, to),
    lot,
    LAST,
    book,
  );
  return true;
}

/**
 * Orders fill a spread of more than a tick, one event each: bids follow when the fair price is above, asks
 * return when it is below.
 *
 * @param flow Changed in place.
 * @param t Time of the event that opened the spread.
 * @param recorder Takes the records.
 * @param random Draws.
 */
export function closeSpread(flow: Flow, t: number, recorder: Recorder, random: Random): void {
  const { book } = flow;
  let at = t;
  while (book.ask - book.bid > 1) {
    const lag = flow.fair - midOf(flow);
    const side = random.uniform() < 1 / (1 + Math.exp(-1.6 * lag)) ? -1 : 1;
    const index = side > 0 ? book.ask - 1 : book.bid + 1;
    const lot = 1 + random.geometric(1 / (1 + 0.3 * flow.best));
    addSize(book, side, index, lot, 1 + Math.floor((lot - 1) / 2));
    at = recorder.begin(at + 2000 + Math.floor(random.exponential(60_000)));
    const code = side > 0 ? SIDES.A : SIDES.B;
    recorder.book(flow.instrument, ACTIONS.A, code, 0, priceAt(flow, index), lot, LAST, book);
  }
}
