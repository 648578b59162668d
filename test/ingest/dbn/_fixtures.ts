/**
 * What the tests of the DBN codec share: real files, bytes in chunks, plain views of columns, made-up records.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Batch, concatBatches, DecodeError, isStrings, Random } from "../../../lib/base/mod.ts";
import {
  type DbnBatch,
  DbnDecoder,
  type DbnStream,
  type DbnTable,
  type DecodeOptions,
  encodeMetadata,
  makeMetadata,
  openDbn,
} from "../../../lib/ingest/mod.ts";
import { shared } from "../../helpers/requires.ts";

/** Bytes of a file below ../shared/data. */
export function fixture(path: string): Uint8Array {
  return Deno.readFileSync(shared(path));
}

/** Bytes one after another. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The bytes in chunks of the given sizes, taken in turn. */
export async function* chunked(bytes: Uint8Array, ...sizes: number[]): AsyncGenerator<Uint8Array, void> {
  for (let at = 0, k = 0; at < bytes.length; at += sizes[k++ % sizes.length]) {
    yield await Promise.resolve(bytes.subarray(at, at + sizes[k % sizes.length]));
  }
}

/** All bytes of an async stream. */
export async function gather(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return join(...parts);
}

/** A stream read to its end. */
export interface Decoded {
  /** The stream, for its counts. */
  stream: DbnStream;
  /** All batches. */
  batches: DbnBatch[];
  /** Rows of each table that has any. */
  tables: Partial<Record<DbnTable, Batch>>;
}

/** Opens and reads bytes, plain or zstd. */
export async function decode(
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
  sizes: number[] = [65_536],
): Promise<Decoded> {
  const stream = await openDbn(chunked(bytes, ...sizes), { name: "test.dbn", ...options });
  const batches: DbnBatch[] = [];
  for await (const batch of stream.batches()) batches.push(batch);
  const tables: Decoded["tables"] = {};
  for (const table of ["trades", "mbp-10"] as const) {
    const parts = batches.filter((b) => b.table === table).map((b) => b.batch);
    if (parts.length > 0) tables[table] = concatBatches(parts);
  }
  return { stream, batches, tables };
}

/** The same by the state machine alone, without waiting. */
export function push(bytes: Uint8Array, options: Partial<DecodeOptions> = {}): DbnBatch[] {
  const decoder = new DbnDecoder({ name: "test.dbn", ...options });
  return [...decoder.push(bytes), ...decoder.finish()];
}

/** Columns as plain arrays, strings spelled out, to compare batches whatever their dictionaries. */
export function plain(batch: Batch): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(batch.columns).map(([name, column]) => [
      name,
      isStrings(column)
        ? Array.from(column.codes, (code) => column.values[code])
        : Array.from<unknown>(column),
    ]),
  );
}

/** Asserts that decoding fails with a DecodeError that matches, at a byte if one is given. */
export async function assertRefused(bytes: Uint8Array, message: RegExp, byteOffset?: number, options = {}) {
  await assert.rejects(() => decode(bytes, options), (error) => {
    assert(error instanceof DecodeError, String(error));
    assert.match(error.message, message);
    assert(!error.message.includes("\n"), "one line");
    assert(error.message.includes('"test.dbn"'), "names the file");
    if (byteOffset !== undefined) assert.equal(error.byteOffset, byteOffset);
    return true;
  });
}

/** A symbol-mapping record: what was asked for, and what came out. */
export function mappingRecord(version: 1 | 2 | 3, id: number, asked: string, found: string): Uint8Array {
  const wide = version > 1, bytes = wide ? 176 : 80, out = new Uint8Array(bytes), at = wide ? 17 : 16;
  out.set([bytes / 4, 0x16]);
  new DataView(out.buffer).setUint32(4, id, true);
  out.set(new TextEncoder().encode(asked), at);
  out.set(new TextEncoder().encode(found), wide ? 17 + 71 + 1 : 16 + 22);
  return out;
}

/** An error (0x15) or system (0x17) record. */
export function noticeRecord(
  version: 1 | 2 | 3,
  rtype: 0x15 | 0x17,
  text: string,
  { code = 255, tsNs = 0n }: { code?: number; tsNs?: bigint } = {},
): Uint8Array {
  const bytes = version > 1 ? 320 : 80, out = new Uint8Array(bytes);
  out.set([bytes / 4, rtype]);
  new DataView(out.buffer).setBigUint64(8, tsNs, true);
  out.set(new TextEncoder().encode(text), 16);
  if (version > 1) out[rtype === 0x15 ? 318 : 319] = code;
  return out;
}

/** Metadata of an empty query, as bytes. */
export function head(version: 1 | 2 | 3 = 3, tsOut = false): Uint8Array {
  return encodeMetadata(makeMetadata({ version, tsOut }));
}

/** Records with random bytes in every field whose value may be anything; prices stay below 2^51 units. */
export function randomRecords(random: Random, table: DbnTable, count: number): Uint8Array {
  const bytes = table === "trades" ? 48 : 368;
  const out = new Uint8Array(count * bytes);
  const view = new DataView(out.buffer);
  for (let i = 0; i < out.length; i += 4) view.setUint32(i, random.uint32(), true);
  for (let at = 0; at < out.length; at += bytes) {
    out[at] = bytes / 4;
    out[at + 1] = table === "trades" ? 0 : 10;
    const prices = [16];
    for (let level = 0; table === "mbp-10" && level < 10; level++) {
      prices.push(48 + 32 * level, 56 + 32 * level);
    }
    for (const price of prices) view.setBigInt64(at + price, randomPrice(random), true);
  }
  return out;
}

function randomPrice(random: Random): bigint {
  if (random.uniform() < 0.1) return 2n ** 63n - 1n;
  const units = Math.floor((random.uniform() - 0.5) * 2 ** 52);
  return BigInt(random.uniform() < 0.5 ? units : Math.round(units / 25e7) * 25e7);
}

/** A query with something in every field. */
export const QUERY = {
  startNs: 1765843200000000000n,
  endNs: 1765929600000000000n,
  limit: 100n,
  symbols: ["ESZ5", "ESH6"],
  partial: ["ESH6"],
  notFound: ["ESM9"],
  mappings: [
    {
      rawSymbol: "ESZ5",
      intervals: [
        { start: 20251201, end: 20251210, symbol: "294973" },
        { start: 20251210, end: 20251220, symbol: "7" },
      ],
    },
    { rawSymbol: "ESH6", intervals: [{ start: 20251216, end: 20251217, symbol: "42" }] },
  ],
};
