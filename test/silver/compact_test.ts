import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  i64,
  Random,
  repeatString,
  sessionOf,
  takeRows,
} from "../../lib/base/mod.ts";
import { fromFrame, toFrame } from "../../lib/lake/mod.ts";
import { OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import { compactFrame } from "../../lib/silver/mod.ts";
import { optionMarket } from "../helpers/option_market.ts";

const SESSION = sessionOf("2025-12-16");
const { prints } = optionMarket(SESSION, { seed: 5, prints: 3000, to: 62_000e9 });

function renamed(batch: Batch, ingest: string): Batch {
  return { ...batch, columns: { ...batch.columns, ingest: repeatString(ingest, batch.length) } };
}

function compacted(batch: Batch): { out: Batch; duplicates: number; rowsIn: number } {
  const { frame, ...counts } = compactFrame(OPTIONS_TRADES, toFrame(OPTIONS_TRADES, batch));
  return { out: fromFrame(OPTIONS_TRADES, frame), ...counts };
}

const bytes = (batch: Batch) => toFrame(OPTIONS_TRADES, batch).writeParquet({ compression: "zstd" });

/** Rows in the order of Silver, by plain comparison. */
function sorted(batch: Batch): Batch {
  const ts = i64(batch, "ts_event_ns"), seq = i64(batch, "seq"), row = i64(batch, "row");
  const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
  const order = Uint32Array.from(ts.keys()).sort((a, b) =>
    compare(ts[a]!, ts[b]!) || compare(seq[a]!, seq[b]!) || compare(row[a]!, row[b]!)
  );
  return takeRows(batch, order);
}

Deno.test("compactFrame() leaves rows in order as they are", () => {
  const { out, duplicates, rowsIn } = compacted(prints);
  assert.deepEqual([rowsIn, duplicates], [3000, 0]);
  assert.deepEqual(bytes(out), bytes(prints));
});

Deno.test("compactFrame() orders by event time, sequence and row, whatever the order of the rows", () => {
  const random = new Random(9), n = prints.length;
  // Few distinct times, many equal sequences, some null: every key decides somewhere.
  const ts = BigInt64Array.from({ length: n }, () => SESSION.openNs + BigInt(random.int(40)));
  const seq = BigInt64Array.from(
    { length: n },
    () => (random.uniform() < 0.2 ? -(2n ** 63n) : BigInt(random.int(5))),
  );
  const batch = { ...prints, columns: { ...prints.columns, ts_event_ns: ts, seq } };
  const wanted = bytes(sorted(batch));
  for (let k = 0; k < 5; k++) {
    const order = random.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
    assert.deepEqual(bytes(compacted(takeRows(batch, order)).out), wanted);
  }
});

Deno.test("compactFrame() orders by sequence where only that is out of order", () => {
  const n = prints.length, ts = new BigInt64Array(n).fill(SESSION.openNs);
  const seq = BigInt64Array.from({ length: n }, (_, i) => BigInt(n - i));
  const batch = { ...prints, columns: { ...prints.columns, ts_event_ns: ts, seq } };
  assert.deepEqual([...i64(compacted(batch).out, "row")], [...i64(prints, "row")].reverse());
});

Deno.test("compactFrame() removes what a second ingest added and keeps genuine repeats", () => {
  const twice = concatBatches([prints, takeRows(prints, Uint32Array.of(4, 4, 4))]);
  // Repeats inside one ingest are told apart by their row.
  i64(twice, "row").set([3000n, 3001n, 3002n], 3000);
  const both = concatBatches([renamed(twice, "bbbbbbbbbbbb-2"), renamed(prints, "aaaaaaaaaaaa-1")]);
  const { out, duplicates, rowsIn } = compacted(both);
  assert.deepEqual([rowsIn, duplicates, out.length], [6003, 3000, 3003]);
  assert.equal(i64(out, "row").filter((row) => row >= 3000n).length, 3);
});

Deno.test("compactFrame() does not depend on which of two equal ingests comes first", () => {
  const parts = [renamed(prints, "bbbbbbbbbbbb-1"), renamed(prints, "aaaaaaaaaaaa-1")];
  const forth = compacted(concatBatches(parts)), back = compacted(concatBatches(parts.toReversed()));
  assert.deepEqual(bytes(forth.out), bytes(back.out));
  assert.deepEqual(bytes(forth.out), bytes(renamed(prints, "aaaaaaaaaaaa-1")));
});
