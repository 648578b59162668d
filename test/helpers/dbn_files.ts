/**
 * DBN files made of random-walk columns, for tests and benches.
 *
 * @module
 */
import { type Batch, type Column, Random, repeatString } from "../../lib/base/mod.ts";
import {
  compressZstd,
  type DbnMetadata,
  type DbnTable,
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
  SCHEMA_CODES,
} from "../../lib/ingest/mod.ts";
import { BOOK_LEVELS } from "../../lib/schema/mod.ts";

/** What random rows look like. */
export interface Walk {
  /** Rows in all. */
  rows: number;
  /** Seed; defaults to 1. */
  seed?: number;
  /** Time of the first row, ns UTC; defaults to 2025-12-16T14:30Z. */
  startNs?: bigint;
  /** Mean step between rows, ns; defaults to 1 ms. */
  stepNs?: number;
  /** Instrument ids and their shares of the rows; defaults to one. */
  instruments?: readonly { id: number; share: number; price: number }[];
  /** Rows of a batch; defaults to 65,536. */
  batchRows?: number;
}

const ONE = [{ id: 294973, share: 1, price: 6850 }];
const START = 1_765_895_400_000_000_000n;
const TICK = 0.25;

/** Columns that trades and books share, and the price of each row. */
function commonColumns(walk: Walk, random: Random, clock: { ns: bigint; seq: bigint }, n: number) {
  const { stepNs = 1e6, instruments = ONE } = walk;
  const columns: Record<string, Column> = {
    ts_event_ns: new BigInt64Array(n),
    ts_recv_ns: new BigInt64Array(n),
    ts_in_delta: new Int32Array(n),
    instrument_id: new Uint32Array(n),
    publisher_id: new Uint16Array(n).fill(1),
    price: new Float64Array(n),
    size: new Uint32Array(n),
    depth: new Uint8Array(n),
    flags: new Uint8Array(n),
    seq: new BigInt64Array(n),
    side: { codes: new Int32Array(n), values: ["A", "B", "N"] },
    action: repeatString("T", n),
  };
  const set = (name: string, i: number, value: number | bigint) => {
    (columns[name] as Float64Array)[i] = value as number;
  };
  const side = (columns.side as { codes: Int32Array }).codes;
  const state = instruments.map((instrument) => ({ ...instrument }));
  for (let i = 0; i < n; i++) {
    clock.ns += BigInt(Math.floor(random.exponential(stepNs)));
    clock.seq += BigInt(random.int(3));
    let pick = 0;
    for (let u = random.uniform(); pick < state.length - 1 && u >= state[pick].share; pick++) {
      u -= state[pick].share;
    }
    const instrument = state[pick];
    if (random.uniform() < 0.1) instrument.price += TICK * (random.int(3) - 1);
    set("ts_event_ns", i, clock.ns);
    set("ts_recv_ns", i, clock.ns + BigInt(100_000 + random.int(50_000)));
    set("ts_in_delta", i, 10_000 + random.int(5_000));
    set("instrument_id", i, instrument.id);
    set("price", i, instrument.price);
    set("size", i, 1 + random.geometric(0.6));
    set("depth", i, random.int(BOOK_LEVELS));
    set("flags", i, random.uniform() < 0.7 ? 0x82 : 0);
    set("seq", i, clock.seq);
    side[i] = random.int(3);
  }
  return columns;
}

function* inBatches(
  walk: Walk,
  make: (random: Random, clock: { ns: bigint; seq: bigint }, n: number) => Batch,
) {
  const { rows, seed = 1, startNs = START, batchRows = 65_536 } = walk;
  const random = new Random(seed);
  const clock = { ns: startNs, seq: 1000n };
  for (let done = 0; done < rows; done += batchRows) {
    yield make(random, clock, Math.min(batchRows, rows - done));
  }
}

/** Random trades, batch by batch. */
export function randomTrades(walk: Walk): Generator<Batch> {
  return inBatches(
    walk,
    (random, clock, n) => ({ length: n, columns: commonColumns(walk, random, clock, n) }),
  );
}

/** Random books, batch by batch: each row changes one level of the ladder around its price. */
export function randomBooks(walk: Walk): Generator<Batch> {
  const sizes = ["bid_sz", "ask_sz", "bid_ct", "ask_ct"];
  const ladder = sizes.map(() => new Uint32Array(BOOK_LEVELS).fill(20));
  return inBatches(walk, (random, clock, n) => {
    const columns = commonColumns(walk, random, clock, n);
    columns.action = { codes: new Int32Array(n), values: ["A", "C", "M", "T", "R"] };
    const price = columns.price as Float64Array;
    for (let level = 0; level < BOOK_LEVELS; level++) {
      columns[`bid_px_${level + 1}`] = price.map((p) => p - TICK * level);
      columns[`ask_px_${level + 1}`] = price.map((p) => p + TICK * (level + 1));
    }
    const sized = sizes.map((name) =>
      Array.from({ length: BOOK_LEVELS }, (_, level) => {
        const column = new Uint32Array(n);
        columns[`${name}_${level + 1}`] = column;
        return column;
      })
    );
    for (let i = 0; i < n; i++) {
      columns.action.codes[i] = random.int(4);
      const which = random.int(sizes.length), level = random.int(BOOK_LEVELS);
      ladder[which][level] = random.geometric(0.03);
      for (let s = 0; s < sizes.length; s++) {
        for (let l = 0; l < BOOK_LEVELS; l++) sized[s][l][i] = ladder[s][l];
      }
    }
    return { length: n, columns };
  });
}

/** How to write a DBN file. */
export interface DbnFile {
  /** Metadata that differs from the default, which maps id 294973 to ESZ5. */
  metadata?: Partial<DbnMetadata>;
  /** Whether to compress; defaults to what the name says. */
  zstd?: boolean;
}

/** Mappings of instrument ids to names for all of 2025. */
export function mappingsOf(names: Record<string, number>): DbnMetadata["mappings"] {
  return Object.entries(names).map(([rawSymbol, id]) => ({
    rawSymbol,
    intervals: [{ start: 20250101, end: 20260101, symbol: String(id) }],
  }));
}

/** The bytes of a DBN stream, in chunks. */
export function* dbnBytes(table: DbnTable, batches: Iterable<Batch>, metadata: Partial<DbnMetadata> = {}) {
  const mappings = mappingsOf({ ESZ5: 294973 });
  yield encodeMetadata(makeMetadata({ schema: SCHEMA_CODES[table], mappings, ...metadata }));
  for (const batch of batches) yield table === "trades" ? encodeTrades(batch) : encodeMbp10(batch);
}

/** Writes a DBN file. */
export async function writeDbn(path: string, table: DbnTable, batches: Iterable<Batch>, file: DbnFile = {}) {
  const { metadata, zstd = path.endsWith(".zst") } = file;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using out = await Deno.open(path, { write: true, create: true, truncate: true });
  const bytes = dbnBytes(table, batches, metadata);
  for await (const chunk of zstd ? compressZstd(bytes) : bytes) {
    for (let at = 0; at < chunk.length;) at += await out.write(chunk.subarray(at));
  }
}
