/**
 * Option prints and ES trades by hand, for tests of the enrichment.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Batch,
  dayNumber,
  MINUTE_NS,
  NULL_I16,
  NULL_I64,
  repeatString,
  type Session,
  sessionOf,
  type Strings,
  stringsOf,
} from "../../lib/base/mod.ts";
import { formatOccTicker } from "../../lib/ingest/mod.ts";
import { conform, SILVER_OPTIONS } from "../../lib/schema/mod.ts";
import { enrich, type FuturesTape, newEnricher, type Scale } from "../../lib/silver/mod.ts";

/** The session of prints by hand. */
export const SESSION = sessionOf("2025-12-16");
/** Its open and close, ns since its start. */
export const OPEN = Number(SESSION.openNs - SESSION.startNs),
  CLOSE = Number(SESSION.closeNs - SESSION.startNs);
/** The scale of the session before. */
export const PREVIOUS: Scale = { contract: "ESZ5", spyPerEs: 0.1, source: "parity" };

/** A print by hand: at the open plus minutes. */
export interface Hand {
  at: number;
  price: number;
  strike?: number;
  right?: "C" | "P";
  codes?: string;
  correction?: number;
  size?: number;
  days?: number;
}

/** Rows of `options.trades`; a call of 680 that expires today unless said otherwise. */
export function printsOf(hands: readonly Hand[], session: Session = SESSION): Batch {
  const n = hands.length, today = dayNumber(session.date);
  const ts = BigInt64Array.from(hands, (h) => session.openNs + BigInt(Math.round(h.at * MINUTE_NS)));
  const expDay = Int32Array.from(hands, (h) => today + (h.days ?? 0));
  return {
    length: n,
    columns: {
      ts_event_ns: ts,
      ts_recv_ns: ts,
      source: repeatString("flatfile", n),
      ingest: repeatString("0123456789ab-1", n),
      row: BigInt64Array.from(hands, (_, i) => BigInt(i)),
      underlying: repeatString("SPY", n),
      option_symbol: stringsOf(
        hands.map((h, i) =>
          formatOccTicker({ root: "SPY", expDay: expDay[i]!, right: h.right ?? "C", strike: h.strike ?? 680 })
        ),
      ),
      exp_date: expDay,
      strike: Float64Array.from(hands, (h) => h.strike ?? 680),
      right: stringsOf(hands.map((h) => h.right ?? "C")),
      price: Float64Array.from(hands, (h) => h.price),
      size: Uint32Array.from(hands, (h) => h.size ?? 1),
      aggressor: new Int8Array(n),
      exchange: new Int16Array(n).fill(312),
      conditions: stringsOf(hands.map((h) => h.codes ?? null)),
      correction: Int16Array.from(hands, (h) => h.correction ?? NULL_I16),
      seq: new BigInt64Array(n).fill(NULL_I64),
    },
  };
}

/** ES trades by hand: minutes from the open and price. */
export function tapeOf(trades: readonly [number, number][]): FuturesTape {
  return {
    length: trades.length,
    ts: Float64Array.from(trades, ([at]) => OPEN + at * MINUTE_NS),
    price: Float64Array.from(trades, ([, price]) => price),
  };
}

/** The prints enriched. */
export function run(hands: readonly Hand[], trades: readonly [number, number][] = [[-1, 6800]]): Batch {
  return conform(
    SILVER_OPTIONS,
    enrich(newEnricher(SESSION, "ESZ5", PREVIOUS), printsOf(hands), tapeOf(trades)),
  );
}

/** A column of text, null where it is. */
export const text = (column: Strings) =>
  Array.from(column.codes, (code) => (code < 0 ? null : column.values[code]!));
/** Asserts that a number is another but for rounding. */
export const near = (found: number, wanted: number, slack = 1e-9) =>
  assert.ok(Math.abs(found - wanted) <= slack, `found ${found}, wanted ${wanted}`);
