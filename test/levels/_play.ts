/**
 * Plays a day's events into a session state minute by minute, as the batch and the live service do.
 *
 * @module
 */
import { zstdDecompressSync } from "node:zlib";
import { CONFIG, Random, type Session, sessionOf } from "../../lib/base/mod.ts";
import {
  closeBar,
  type History,
  type Level,
  levelsAt,
  newBoard,
  newSession,
  type OptionBoard,
  reserve,
  type SessionState,
  type Touch,
  touchesOf,
} from "../../lib/levels/mod.ts";
import { shared } from "../helpers/requires.ts";
import type { Print, Trade } from "../reference/levels_naive.ts";

export const MINUTE = 60e9;
export const NO_HISTORY: History = {
  closes: new Float64Array(0),
  previous: { high: NaN, low: NaN, close: NaN },
};

/** Offset of an Eastern wall-clock time of the trade date, ns since session start; `17.5` is 17:30. */
export function clock(session: Session, hours: number): number {
  return Number(session.premarketNs - session.startNs) + Math.round((hours - 4) * 3600) * 1e9;
}

export function appendTrades(state: SessionState, trades: readonly Trade[]): void {
  const { tape } = state;
  reserve(tape, trades.length);
  for (const trade of trades) {
    tape.ts[tape.length] = trade.ts;
    tape.price[tape.length] = trade.price;
    tape.size[tape.length++] = trade.size;
  }
}

export function appendPrints(state: SessionState, prints: readonly Print[]): void {
  const { options } = state;
  reserve(options, prints.length);
  for (const print of prints) {
    const i = options.length++;
    options.ts[i] = print.ts;
    options.strike[i] = print.strike;
    options.isCall[i] = print.isCall ? 1 : 0;
    options.size[i] = print.size;
    options.aggressor[i] = print.aggressor;
    options.iv[i] = print.iv;
  }
}

export interface Played {
  state: SessionState;
  board: OptionBoard;
  /** Levels offered to each regular minute, by its start. */
  offered: Map<number, Level[]>;
  touches: Touch[];
}

/** Plays the events before `until`, a whole minute; levels are offered up to and including the bar that opens then. */
export function play(
  day: { session: Session; history?: History; trades: readonly Trade[]; prints?: readonly Print[] },
  scale: number,
  until = Infinity,
): Played {
  const state = newSession(day.session, day.history ?? NO_HISTORY), board = newBoard();
  const played: Played = { state, board, offered: new Map(), touches: [] };
  const last = Math.min(until, state.at.end);
  let t = 0, p = 0;
  const prints = day.prints ?? [];
  for (let minute = 0; minute < last; minute += MINUTE) {
    const trades: Trade[] = [], options: Print[] = [];
    for (; t < day.trades.length && day.trades[t].ts < minute + MINUTE; t++) trades.push(day.trades[t]);
    for (; p < prints.length && prints[p].ts < minute + MINUTE; p++) options.push(prints[p]);
    offer(played, minute, scale);
    appendTrades(state, trades);
    appendPrints(state, options);
    const bar = closeBar(state, minute);
    const levels = played.offered.get(minute);
    if (bar >= 0 && levels) played.touches.push(...touchesOf(state, bar, levels, scale, CONFIG));
  }
  offer(played, last, scale);
  return played;
}

function offer({ state, board, offered }: Played, minute: number, scale: number): void {
  if (minute < state.at.open || minute >= state.at.close) return;
  offered.set(minute, levelsAt(state, board, minute, scale, CONFIG));
}

/** A random walk in ticks from 03:00 to 16:00 with gaps, ties in time and option prints around the price. */
export function randomDay(seed: number, trades: number, prints: number, date = "2025-12-16") {
  const random = new Random(seed), session = sessionOf(date);
  const times = (from: number, n: number) => {
    const start = clock(session, from), span = clock(session, 16) - start;
    return Array.from({ length: n }, () => start + Math.floor(random.uniform() ** 1.3 * span / 2e8) * 2e8)
      .filter((ts) => Math.floor(ts / MINUTE) % 17 !== 3).sort((a, b) => a - b);
  };
  let price = 6000;
  const tape: Trade[] = times(3, trades).map((ts) => {
    price += 0.25 * (random.int(5) - 2);
    return { ts, price, size: 1 + random.int(9) };
  });
  const options: Print[] = times(9.5, prints).map((ts) => ({
    ts,
    strike: 596 + random.int(3) * random.int(5),
    isCall: random.int(2) === 1,
    size: 1 + random.int(20),
    aggressor: random.int(3) - 1,
    iv: random.int(4) === 0 ? NaN : 0.1 + 0.3 * random.uniform(),
  }));
  return { session, trades: tape, prints: options };
}

/**
 * The real ES trades of 25 December 2023, 17:00–19:00 Eastern, moved in time so that the session's open falls into
 * their middle; the most traded contract only.
 */
export function realDay(date = "2025-12-16"): { session: Session; trades: Trade[] } {
  const bytes = zstdDecompressSync(Deno.readFileSync(shared("real/esh4-20231225.trades.dbn.zst")));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const session = sessionOf(date), first = 8 + view.getUint32(4, true);
  const moved = session.openNs - 3_600_000_000_000n - 1_703_541_600_000_000_000n - session.startNs;
  const all: (Trade & { id: number })[] = [];
  for (let o = first; o < view.byteLength; o += view.getUint8(o) * 4) {
    all.push({
      id: view.getUint32(o + 4, true),
      ts: Number(view.getBigUint64(o + 8, true) + moved),
      price: Number(view.getBigInt64(o + 16, true)) * 1e-9,
      size: view.getUint32(o + 24, true),
    });
  }
  const byContract = [...Map.groupBy(all, (t) => t.id).values()].sort((a, b) => b.length - a.length);
  return { session, trades: byContract[0].sort((a, b) => a.ts - b.ts) };
}
