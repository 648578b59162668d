/**
 * What the tests of the flat-file reader share: files, their rows in one batch, and the comparison with the naive twin.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  dayNumber,
  f64,
  i16,
  i32,
  i64,
  NULL_I16,
  NULL_I64,
  Random,
  repeatString,
  type Strings,
  strings,
  u32,
} from "../../../lib/base/mod.ts";
import { type FlatFileCounts, type FlatFileOptions, gunzip, readFlatFile } from "../../../lib/ingest/mod.ts";
import { emptyBatch } from "../../../lib/lake/mod.ts";
import { conform, OPTIONS_TRADES } from "../../../lib/schema/mod.ts";
import { naiveFlatFile } from "../../reference/flat_file.ts";

/** The columns of the feed. */
export const HEADER = "ticker,conditions,correction,exchange,price,sip_timestamp,size";
/** A row of them. */
export const ROW = "O:SPY251112C00675000,232,0,312,9.87,1762957800867000000,1";

/** Bytes in chunks of some sizes. */
export async function* chunks(bytes: Uint8Array, size: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + size());
    yield bytes.slice(at, at = end);
  }
}

/** Reads a flat file, gzip or plain, into one batch of the table. */
export async function read(
  text: string | Uint8Array,
  options: Partial<FlatFileOptions> & { chunk?: () => number } = {},
): Promise<{ batch: Batch; counts: FlatFileCounts }> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const { chunk = () => 1 << 16, ...rest } = options;
  const file = readFlatFile(gunzip(chunks(bytes, chunk), "x.csv.gz"), {
    path: "x.csv.gz",
    ...rest,
  });
  const batches: Batch[] = [];
  for await (const { batch, row } of file.batches) {
    const origin = {
      source: repeatString("x", batch.length),
      ingest: repeatString("y-1", batch.length),
      row,
    };
    batches.push(conform(OPTIONS_TRADES, { length: batch.length, columns: { ...batch.columns, ...origin } }));
  }
  return {
    batch: batches.length ? concatBatches(batches) : emptyBatch(OPTIONS_TRADES),
    counts: file.counts,
  };
}

/** Text of a row; null where there is none. */
export const at = (
  column: Strings,
  i: number,
) => (column.codes[i]! < 0 ? null : column.values[column.codes[i]!]!);

/** Asserts that a batch is what the naive reader reads. */
export function assertSame(batch: Batch, text: string | Uint8Array): void {
  const wanted = naiveFlatFile(text, "SPY");
  assert.equal(batch.length, wanted.length);
  wanted.forEach((print, i) => {
    const seq = i64(batch, "seq")[i]!, correction = i16(batch, "correction")[i]!;
    assert.deepEqual({
      ticker: at(strings(batch, "option_symbol"), i),
      expDay: i32(batch, "exp_date")[i],
      right: at(strings(batch, "right"), i),
      strike: f64(batch, "strike")[i],
      price: f64(batch, "price")[i],
      size: u32(batch, "size")[i],
      exchange: i16(batch, "exchange")[i],
      conditions: at(strings(batch, "conditions"), i),
      correction: correction === NULL_I16 ? null : correction,
      ts: i64(batch, "ts_event_ns")[i],
      recv: i64(batch, "ts_recv_ns")[i],
      seq: seq === NULL_I64 ? null : seq,
      row: i64(batch, "row")[i],
    }, {
      ticker: print.ticker,
      expDay: dayNumber(print.expiration),
      right: print.right,
      strike: print.strike,
      price: print.price,
      size: print.size,
      exchange: print.exchange,
      conditions: print.conditions,
      correction: print.correction,
      ts: print.ts,
      recv: print.ts,
      seq: print.seq,
      row: BigInt(i),
    });
  });
}

/** A market of several roots, conditions in and out of quotes, corrections present and empty. */
export function market(rows: number, order: readonly string[], seed: number, lineEnd = "\n"): string {
  const random = new Random(seed);
  const roots = ["SPY", "SPY", "QQQ", "SPYG", "SPY1", "SPXW", "A", "BRK.B"];
  const conditions = ["209", '"209,227"', "", "232", '"232,201"', '"219"', "0209"];
  const pick = <T>(items: readonly T[]) => items[random.int(items.length)]!;
  let ts = 1762957800000000000n;
  const lines = [order.join(",")];
  for (let i = 0; i < rows; i++) {
    ts += BigInt(random.int(3) * 1_000_000);
    const fields: Record<string, string> = {
      ticker: `O:${pick(roots)}${pick(["251112", "251114", "260116"])}${pick(["C", "P"])}${
        String(random.int(40) * 500).padStart(8, "0")
      }`,
      conditions: pick(conditions),
      correction: pick(["0", "", "1"]),
      exchange: String(300 + random.int(20)),
      price: (random.int(100_000) / 100).toString(),
      sip_timestamp: String(ts),
      participant_timestamp: String(ts - 5n),
      sequence_number: pick([String(random.int(1e9)), ""]),
      size: String(1 + random.int(99)),
    };
    lines.push(order.map((name) => fields[name]!).join(","));
  }
  return lines.join(lineEnd) + lineEnd;
}
