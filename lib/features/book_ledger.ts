/**
 * Books turned once into flow by minute, side and price, from which every touch's window is answered.
 *
 * An event is the consecutive records with equal `ts_event_ns`. Its book before, B0, is the last book of the event
 * before; its book after, B1, is the book of its last record. A trade record carries the book before it, so an
 * event that ends with one left the book unchanged, and its fill is an addition too: an iceberg shows its next
 * slice (50 of 37,114 real events; 42 times the event after still finds the size as it was). Where both books show
 * a price, with d = B1 − B0 and v the size traded there against the side: filled += v, added += max(0, d + v),
 * canceled += max(0, −d − v). A trade without an aggressor is nobody's fill.
 *
 * There is no flow across a snapshot, a clear, a book flagged 0x04, a crossed book (best bid above best ask) or
 * one whose levels are out of order; an empty book on both sides is no book. A minute in which no event could be
 * measured has no known flow, and a bar's minute without any event lost its books, as every trade is one. The cost is that of the events, and
 * memory that of the minutes kept.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  f64,
  i64,
  i8,
  MINUTE_NS,
  relativeNs,
  type Strings,
  strings,
  u32,
  u8,
} from "../base/mod.ts";
import { type Mids, newMids } from "../levels/mod.ts";
import { BOOK_LEVELS, type BookSide, copySide, emptySide, rankSide, tickOf } from "./_book_side.ts";
import { addDifference, addFill, bestFlow, isSound } from "./_event_flow.ts";
import { FlowsByTick, type TickFlows } from "./_tick_flows.ts";

export type { BookSide, FlowsByTick, TickFlows };

/** `flags` of records that flow may not cross: from a snapshot, and maybe a wrong book. */
const SNAPSHOT = 0x20, MAYBE_BAD = 0x04;
const DAY_NS = 24 * 60 * MINUTE_NS;
/** `sign × tick` grows from better to worse: bid, ask. */
const SIGN = [-1, 1] as const;

/** A minute's flow and the book at its end; a minute without events has none. Sides: 0 bid, 1 ask. */
export interface BookMinute {
  /** Minute number: floor(ns since session start / 60 s). */
  minute: number;
  /** Events in the minute. */
  events: number;
  /** Those across which flow could be measured. */
  measured: number;
  /** Order-flow imbalance of the best quotes, contracts. */
  ofi: number;
  /** Σ over events of the contracts listed after it, by side. */
  sizes: [number, number];
  /** Σ over events of the levels listed after it, by side. */
  levels: [number, number];
  /** Flow by price, by side. */
  flows: [TickFlows, TickFlows];
  /** The book after the minute's last event, by side. */
  book: [BookSide, BookSide];
}

/** The event in the making: more records may follow in the next batch. */
export interface PendingEvent {
  /** ns since session start; −Infinity before the first. */
  ts: number;
  /** Records so far; 0 when it has been applied. */
  records: number;
  /** Whether it holds a snapshot or a clear. */
  broken: boolean;
  /** Whether a record says the book may be wrong. */
  maybeBad: boolean;
  /** Book sides of its last record. */
  book: [BookSide, BookSide];
  /** Whether each side differs from the book before. */
  changed: [boolean, boolean];
  /** Trades: side hit (0 bid, 1 ask), price in ticks, contracts; one entry a side and price. */
  prints: { side: number; tick: number; size: number }[];
}

/** The books so far; made by {@linkcode newLedger}, grown by {@linkcode appendBooks}. */
export interface Ledger {
  /** ns UTC that times count from. */
  originNs: bigint;
  /** Tick and windows. */
  config: Config;
  /** Everything before this has been closed, ns since session start. */
  closedTs: number;
  /** Book after the last event applied. */
  book: [BookSide, BookSide];
  /** Whether flow may be measured against that book. */
  trusted: boolean;
  /** The event in the making. */
  event: PendingEvent;
  /** The minute in the making; `events` is 0 when none is. */
  open: Omit<BookMinute, "flows" | "book">;
  /** Its flow, by side. */
  flows: [FlowsByTick, FlowsByTick];
  /** Finished minutes, ascending. */
  minutes: BookMinute[];
  /** Mids of the sound books so far. */
  mids: Mids;
}

/**
 * A ledger without books.
 *
 * @param originNs ns UTC of the session's start, a whole minute; times of touches count from it.
 * @param config Tick and barrier windows.
 * @param mids Where to note the mids of sound books; defaults to a day's worth of its own.
 */
export function newLedger(originNs: bigint, config: Config, mids: Mids = newMids(DAY_NS)): Ledger {
  return {
    originNs,
    config,
    closedTs: -Infinity,
    book: [emptySide(), emptySide()],
    trusted: false,
    event: {
      ts: -Infinity,
      records: 0,
      broken: false,
      maybeBad: false,
      book: [emptySide(), emptySide()],
      changed: [false, false],
      prints: [],
    },
    open: { minute: 0, events: 0, measured: 0, ofi: 0, sizes: [0, 0], levels: [0, 0] },
    flows: [new FlowsByTick(), new FlowsByTick()],
    minutes: [],
    mids,
  };
}

/**
 * Appends records of one contract in time order. Where batches are cut does not matter, not even inside an event.
 *
 * @param ledger IN/OUT.
 * @param batch Rows with the columns of `futures.mbp10`; order counts and stamps other than `ts_event_ns` may lack.
 * @throws {RangeError} If a row is earlier than the one before or than what has been closed, or has a price that
 * is none.
 */
export function appendBooks(ledger: Ledger, batch: Batch): void {
  const ts = relativeNs(i64(batch, "ts_event_ns"), ledger.originNs);
  const prices = [ladder(batch, "bid_px", f64), ladder(batch, "ask_px", f64)];
  const sizes = [ladder(batch, "bid_sz", u32), ladder(batch, "ask_sz", u32)];
  const flags = u8(batch, "flags"), snapshot = i8(batch, "is_snapshot");
  const action = strings(batch, "action"), side = strings(batch, "side");
  const trade = codeOf(action, "T"), clear = codeOf(action, "R");
  const buyer = codeOf(side, "B"), seller = codeOf(side, "A");
  const price = f64(batch, "price"), size = u32(batch, "size");
  const event = ledger.event;
  for (let i = 0; i < ts.length; i++) {
    if (ts[i] !== event.ts || event.records === 0) {
      if (ts[i] < event.ts || ts[i] < ledger.closedTs) throw orderError(ledger, i, ts[i]);
      if (i > 0) loadBook(ledger, prices, sizes, i - 1);
      if (event.records > 0) applyEvent(ledger);
      startEvent(event, ts[i]);
    }
    event.records++;
    if ((flags[i] & MAYBE_BAD) !== 0) event.maybeBad = true;
    if ((flags[i] & SNAPSHOT) !== 0 || snapshot[i] === 1) event.broken = true;
    const code = action.codes[i];
    if (code === clear) event.broken = true;
    else if (code === trade) {
      const hit = side.codes[i] === buyer ? 1 : side.codes[i] === seller ? 0 : -1;
      if (hit >= 0) addPrint(event, hit, tickOf(price[i], ledger.config.market.tickEs), size[i]);
    }
  }
  if (ts.length > 0) loadBook(ledger, prices, sizes, ts.length - 1);
}

/**
 * Says that every event before the end of a minute has been appended: its last event is complete, its features
 * can be asked for, and nothing earlier will be accepted.
 *
 * @param ledger IN/OUT.
 * @param ts The minute's start, ns since session start.
 */
export function closeMinute(ledger: Ledger, ts: number): void {
  const end = ts + MINUTE_NS;
  if (ledger.event.records > 0 && ledger.event.ts < end) applyEvent(ledger);
  if (ledger.open.events > 0 && ledger.open.minute * MINUTE_NS < end) finishMinute(ledger);
  ledger.closedTs = Math.max(ledger.closedTs, end);
}

/**
 * Forgets what touches of bars at `ts` and later do not need: minutes before their trailing window, but for the
 * last book known.
 *
 * @param ledger IN/OUT.
 * @param ts Bar open, ns since session start.
 */
export function dropBefore(ledger: Ledger, ts: number): void {
  const first = Math.floor(ts / MINUTE_NS) - ledger.config.barrier.trailingMinutes + 1;
  let drop = 0;
  while (drop + 1 < ledger.minutes.length && ledger.minutes[drop + 1].minute <= first) drop++;
  ledger.minutes.splice(0, drop);
}

/**
 * Index in `ledger.minutes` of the last minute with events at or before the one that starts at `ts`; −1 if none.
 *
 * @param ledger The books.
 * @param ts The minute's start, ns since session start.
 * @throws {RangeError} If the minute has not been closed.
 */
export function minuteIndex(ledger: Ledger, ts: number): number {
  if (ts + MINUTE_NS > ledger.closedTs) {
    throw new RangeError(
      `Cannot read the books of the minute at ${ts} ns: closed up to ${ledger.closedTs} ns, call closeMinute first`,
    );
  }
  const minute = Math.floor(ts / MINUTE_NS);
  let low = 0, high = ledger.minutes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ledger.minutes[middle].minute <= minute) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function ladder<T>(batch: Batch, prefix: string, column: (batch: Batch, name: string) => T): T[] {
  return Array.from({ length: BOOK_LEVELS }, (_, level) => column(batch, `${prefix}_${level + 1}`));
}

/** Code of a value in a string column; −2, which no row has, where the dictionary lacks it. */
function codeOf(column: Strings, value: string): number {
  const code = column.values.indexOf(value);
  return code < 0 ? -2 : code;
}

function orderError(ledger: Ledger, row: number, ts: number): RangeError {
  const at = ledger.originNs + BigInt(ts);
  return new RangeError(
    ts < ledger.closedTs
      ? `Cannot append book at row ${row}, ts_event_ns ${at}: books before ` +
        `${
          ledger.originNs + BigInt(ledger.closedTs)
        } are closed; append every event of a minute before closing it`
      : `Cannot append book at row ${row}, ts_event_ns ${at}: the row before is at ` +
        `${ledger.originNs + BigInt(ledger.event.ts)}, wanted time order`,
  );
}

function startEvent(event: PendingEvent, ts: number): void {
  event.ts = ts;
  event.records = 0;
  event.broken = event.maybeBad = false;
  event.prints.length = 0;
}

function addPrint(event: PendingEvent, side: number, tick: number, size: number): void {
  for (const print of event.prints) {
    if (print.side === side && print.tick === tick) {
      print.size += size;
      return;
    }
  }
  event.prints.push({ side, tick, size });
}

/** Reads the event's book after from a row, and notes which sides differ from the book before. */
function loadBook(
  { book, event }: Ledger,
  prices: readonly Float64Array[][],
  sizes: readonly Uint32Array[][],
  row: number,
): void {
  for (let s = 0; s < 2; s++) {
    const before = book[s], after = event.book[s], px = prices[s], sz = sizes[s];
    let changed = false;
    for (let k = 0; k < BOOK_LEVELS; k++) {
      const fed = px[k][row], price = Number.isNaN(fed) ? -1 : fed, size = sz[k][row];
      if (price !== before.price[k] || size !== before.size[k]) changed = true;
      after.price[k] = price;
      after.size[k] = size;
    }
    event.changed[s] = changed;
  }
}

/** Turns the pending event into flow, and its book into the book. */
function applyEvent(ledger: Ledger): void {
  const { event, config } = ledger;
  const minute = Math.floor(event.ts / MINUTE_NS);
  if (ledger.open.events > 0 && ledger.open.minute !== minute) finishMinute(ledger);
  const open = ledger.open;
  open.minute = minute;
  open.events++;
  event.records = 0;
  for (let s = 0; s < 2; s++) {
    if (event.changed[s]) rankSide(event.book[s], SIGN[s], config.market.tickEs);
    const side = event.changed[s] ? event.book[s] : ledger.book[s];
    open.sizes[s] += side.total;
    open.levels[s] += side.levels;
  }
  const bid = event.changed[0] ? event.book[0] : ledger.book[0];
  const ask = event.changed[1] ? event.book[1] : ledger.book[1];
  const trusted = !event.maybeBad && isSound(bid, ask);
  if (trusted && bid.levels > 0 && ask.levels > 0) {
    const moment = Math.ceil(event.ts / MINUTE_NS);
    ledger.mids.price[moment] = (bid.tick[0] + ask.tick[0]) * config.market.tickEs / 2;
    ledger.mids.ts[moment] = event.ts;
  }
  if (trusted && ledger.trusted && !event.broken) {
    open.measured++;
    open.ofi += bestFlow(ledger.book[0], bid, -1) - bestFlow(ledger.book[1], ask, 1);
    if (event.changed[0]) addDifference(ledger.flows[0], ledger.book[0], bid, -1);
    if (event.changed[1]) addDifference(ledger.flows[1], ledger.book[1], ask, 1);
    for (const { side, tick, size } of event.prints) {
      addFill(ledger.flows[side], ledger.book[side], side === 0 ? bid : ask, SIGN[side], tick, size);
    }
  }
  ledger.trusted = trusted;
  for (let s = 0; s < 2; s++) {
    if (!event.changed[s]) continue;
    const before = ledger.book[s];
    ledger.book[s] = event.book[s];
    event.book[s] = before;
  }
}

function finishMinute(ledger: Ledger): void {
  const { open, flows, book } = ledger;
  ledger.minutes.push({
    ...open,
    flows: [flows[0].take(), flows[1].take()],
    book: [copySide(book[0]), copySide(book[1])],
  });
  ledger.open = { minute: open.minute, events: 0, measured: 0, ofi: 0, sizes: [0, 0], levels: [0, 0] };
}
