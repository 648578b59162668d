/**
 * Which rows a second ingest of the same data added. Pure; Bronze's repair and Silver's compaction share it.
 *
 * @module
 */
import { type Batch, i64, isStrings, type Numbers, type Strings, strings } from "../base/mod.ts";
import type { TableSchema } from "./table.ts";

/** Columns that say how a row came here, not what the feed sent. */
const ORIGIN = ["source", "ingest", "row"];

/** The feed's own columns of a Bronze table. */
export function feedColumns(table: TableSchema): string[] {
  return Object.keys(table.columns).filter((name) => !ORIGIN.includes(name));
}

/**
 * The key under which two rows of a Bronze table are the same record: the feed's own columns but the name, which a
 * history file and a live capture may give differently to the same instrument.
 */
export function recordKey(table: TableSchema): string[] {
  return feedColumns(table).filter((name) => name !== "contract");
}

/**
 * Rows that stay when several ingests hold the same records.
 *
 * Identical records can be genuine, so nothing within one ingest is ever removed: per key the ingest with most
 * copies keeps all of its own and the others' copies go; ties by lowest `ts_recv_ns`, then by ingest id.
 * The answer does not depend on the order of the rows.
 *
 * @param batch Rows with at least `ingest`, `ts_recv_ns` and the key columns.
 * @param keyColumns Names of the columns that make two rows the same record, see {@linkcode recordKey}.
 * @returns Uint32Array (m): the rows to keep, ascending.
 * @throws {TypeError} If a column is missing.
 */
export function dedupKeep(batch: Batch, keyColumns: readonly string[]): Uint32Array {
  const n = batch.length;
  const ingests = unique(strings(batch, "ingest"));
  const present = new Set(ingests.codes);
  if (present.size < 2) return allRows(n);
  const groups = groupRows(keyColumns.map((name) => keyWords(batch, name)), n);
  const mixed = mixedGroups(groups.of, groups.count, ingests.codes);
  if (mixed.count === 0) return allRows(n);
  const recv = keyColumns.includes("ts_recv_ns") ? undefined : i64(batch, "ts_recv_ns");
  const winner = winners(groups.of, mixed, ingests, recv);
  const keep = new Uint32Array(n);
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const m = mixed.number[groups.of[i]];
    if (m < 0 || winner[m] === ingests.codes[i]) keep[kept++] = i;
  }
  return keep.slice(0, kept);
}

function allRows(n: number): Uint32Array {
  const rows = new Uint32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  return rows;
}

/** A key column as one or two 32-bit words a row, equal words meaning equal values. */
export interface KeyWords {
  /** The words; one array type for every dtype keeps the loops below monomorphic, which is most of their speed. */
  values: Uint32Array;
  /** Whether a row has two of them. */
  wide: boolean;
}

/**
 * A key column in words; strings by value, whatever the dictionary.
 *
 * @throws {TypeError} If the column is missing.
 */
export function keyWords(batch: Batch, name: string): KeyWords {
  const column = batch.columns[name];
  if (!column) throw new TypeError(`Cannot compare rows: column "${name}" is not in the batch`);
  const plain = isStrings(column)
    ? unique(column).codes
    : column instanceof Float64Array
    ? oneNaN(column)
    : column;
  if (plain.BYTES_PER_ELEMENT < 4) {
    return { values: Uint32Array.from(plain as Exclude<Numbers, BigInt64Array>), wide: false };
  }
  const wide = plain.BYTES_PER_ELEMENT === 8;
  return { values: new Uint32Array(plain.buffer, plain.byteOffset, plain.length * (wide ? 2 : 1)), wide };
}

/** Nulls may come with different payloads; every NaN becomes the canonical one and −0 becomes 0. */
function oneNaN(column: Float64Array): Float64Array {
  const out = new Float64Array(column.length);
  for (let i = 0; i < out.length; i++) out[i] = column[i] === column[i] ? column[i] + 0 : NaN;
  return out;
}

/** The same strings over a dictionary without repeats. */
function unique(column: Strings): Strings {
  const values = [...new Set(column.values)];
  if (values.length === column.values.length) return column;
  const map = column.values.map((value) => values.indexOf(value));
  return { codes: column.codes.map((code) => (code < 0 ? -1 : map[code])), values };
}

/** Numbers the distinct keys in order of first occurrence. */
export function groupRows(keys: readonly KeyWords[], n: number): { of: Int32Array; count: number } {
  const [first, second] = hashes(keys, n);
  let bits = 4;
  while (1 << bits < 2 * n) bits++;
  const mask = (1 << bits) - 1;
  const table = new Int32Array(1 << bits).fill(-1);
  const of = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    let slot = first[i] & mask;
    for (;;) {
      const other = table[slot];
      if (other < 0) {
        table[slot] = i;
        of[i] = count++;
        break;
      }
      if (first[other] === first[i] && second[other] === second[i] && equalRows(keys, other, i)) {
        of[i] = of[other];
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return { of, count };
}

/** Two 32-bit multiply-rotate hashes a row (after MurmurHash3), column by column so that reads are sequential. */
function hashes(keys: readonly KeyWords[], n: number): [Int32Array, Int32Array] {
  const first = new Int32Array(n), second = new Int32Array(n);
  for (const { values, wide } of keys) {
    // A column of one word is its own second word: one loop, one rotation a value.
    const stride = wide ? 2 : 1;
    for (let i = 0, low = 0, high = stride - 1; i < n; i++, low += stride, high += stride) {
      const a = Math.imul(first[i] ^ values[low], 0xcc9e2d51);
      first[i] = (a << 15 | a >>> 17) + values[high] | 0;
      const b = Math.imul(second[i] ^ values[high], 0x1b873593);
      second[i] = (b << 13 | b >>> 19) + values[low] | 0;
    }
  }
  for (let i = 0; i < n; i++) {
    const mixed = Math.imul(first[i] ^ first[i] >>> 16, 0x85ebca6b);
    first[i] = mixed ^ mixed >>> 13;
  }
  return [first, second];
}

function equalRows(keys: readonly KeyWords[], a: number, b: number): boolean {
  for (let k = 0; k < keys.length; k++) {
    const { values, wide } = keys[k];
    if (!wide) {
      if (values[a] !== values[b]) return false;
    } else if (values[2 * a] !== values[2 * b] || values[2 * a + 1] !== values[2 * b + 1]) return false;
  }
  return true;
}

/** Groups that rows of more than one ingest share: a dense number each, −1 for the others. */
export interface Mixed {
  /** Number of each group; Int32Array (groups). */
  number: Int32Array;
  /** How many there are. */
  count: number;
}

/** Numbers the groups that rows of more than one ingest, or of another origin, share. */
export function mixedGroups(of: Int32Array, groups: number, ingest: Int32Array): Mixed {
  const firstIngest = new Int32Array(groups).fill(-2), number = new Int32Array(groups).fill(-1);
  let count = 0;
  for (let i = 0; i < of.length; i++) {
    const g = of[i];
    if (firstIngest[g] === -2) firstIngest[g] = ingest[i];
    else if (firstIngest[g] !== ingest[i] && number[g] < 0) number[g] = count++;
  }
  return { number, count };
}

/** The ingest (code) that keeps its copies, for each mixed group. */
function winners(of: Int32Array, mixed: Mixed, ingests: Strings, recv?: BigInt64Array): Int32Array {
  const width = ingests.values.length;
  const copies = new Int32Array(mixed.count * width);
  const lowest = recv && new BigInt64Array(copies.length).fill(2n ** 63n - 1n);
  for (let i = 0; i < of.length; i++) {
    const m = mixed.number[of[i]];
    if (m < 0) continue;
    const cell = m * width + ingests.codes[i];
    copies[cell]++;
    if (recv && lowest && recv[i] < lowest[cell]) lowest[cell] = recv[i];
  }
  const order = ingests.values.map((_, code) => code)
    .sort((a, b) => (ingests.values[a] < ingests.values[b] ? -1 : 1));
  const winner = new Int32Array(mixed.count);
  for (let m = 0; m < mixed.count; m++) {
    let best = order[0];
    for (const code of order) {
      const more = copies[m * width + code] - copies[m * width + best];
      const earlier = lowest !== undefined && lowest[m * width + code] < lowest[m * width + best];
      if (more > 0 || (more === 0 && earlier)) best = code;
    }
    winner[m] = best;
  }
  return winner;
}
