/**
 * Touches, trades and label rows for the tests of labels.
 *
 * @module
 */
import { type Batch, CONFIG, isStrings, NULL_I64, NULL_I8, sessionOf } from "../../lib/base/mod.ts";
import { labelTouches, type Trades } from "../../lib/labels/mod.ts";
import { type Mids, newMids, type Touch } from "../../lib/levels/mod.ts";
import type { Mid, Trade } from "../reference/labels_naive.ts";

export const SESSION = sessionOf("2025-12-16");
export const MINUTE = 60e9;
/** The bar's open in the tests by hand. */
export const BAR = Number(SESSION.openNs - SESSION.startNs) + 30 * MINUTE;

export function touch(ts: number, direction: 1 | -1, scale = 0.1): Touch {
  return { bar: 0, ts, kind: 8, level: 600, levelEs: 6000, scale, spot: 600, direction, crossed: false };
}

export function columnsOf(trades: readonly Trade[]): Trades {
  return {
    length: trades.length,
    ts: Float64Array.from(trades, (t) => t.ts),
    price: Float64Array.from(trades, (t) => t.price),
  };
}

/** Mids as the books leave them: the last at or before each whole minute. */
export function midsOf(books: readonly Mid[]): Mids {
  const mids = newMids(Number(SESSION.endNs - SESSION.startNs));
  for (const { ts, mid } of books) {
    const moment = Math.ceil(ts / MINUTE);
    mids.price[moment] = mid;
    mids.ts[moment] = ts;
  }
  return mids;
}

/** Mids by seconds after the bar's open. */
export function midsAt(rows: [second: number, mid: number][]): Mid[] {
  return rows.map(([second, mid]) => ({ ts: BAR + second * 1e9, mid }));
}

/** Trades by seconds after the bar's open. */
export function tradesAt(rows: [second: number, price: number][]): Trade[] {
  return rows.map(([second, price]) => ({ ts: BAR + second * 1e9, price }));
}

export function label(
  touches: readonly Touch[],
  trades: readonly Trade[],
  options: { sigma?: number | Float64Array; knownUntil?: number; mids?: readonly Mid[] } = {},
): Batch {
  const { sigma = NaN, knownUntil, mids = [] } = options;
  return labelTouches(touches, columnsOf(trades), midsOf(mids), {
    sigma: sigma instanceof Float64Array ? sigma : new Float64Array(touches.length).fill(sigma),
    startNs: SESSION.startNs,
    config: CONFIG,
    ...(knownUntil === undefined ? {} : { knownUntil }),
  });
}

/** A cell as a plain value: null where null, times as ns since session start. */
export function cell(batch: Batch, name: string, row: number): string | number | boolean | null {
  const column = batch.columns[name];
  if (!column) throw new RangeError(`no column ${name}`);
  if (isStrings(column)) return column.codes[row] < 0 ? null : column.values[column.codes[row]];
  const value = column[row];
  if (typeof value === "bigint") return value === NULL_I64 ? null : Number(value - SESSION.startNs);
  if (column instanceof Int8Array) {
    if (value === NULL_I8) return null;
    return name.startsWith("tradeable") ? value === 1 : value;
  }
  return Number.isNaN(value) ? null : value;
}

/** All columns of one row. */
export function row(batch: Batch, i: number): Record<string, string | number | boolean | null> {
  return Object.fromEntries(Object.keys(batch.columns).map((name) => [name, cell(batch, name, i)]));
}
