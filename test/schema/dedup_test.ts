import assert from "node:assert/strict";
import { type Batch, Random, repeatString, stringsOf, takeRows } from "../../lib/base/mod.ts";
import { dedupKeep, feedColumns, FUTURES_TRADES } from "../../lib/schema/mod.ts";

interface Row {
  ingest: string;
  recv: number;
  price: number;
  text: string | null;
}

function batchOf(rows: Row[]): Batch {
  return {
    length: rows.length,
    columns: {
      ingest: stringsOf(rows.map((r) => r.ingest)),
      ts_recv_ns: BigInt64Array.from(rows, (r) => BigInt(r.recv)),
      price: Float64Array.from(rows, (r) => r.price),
      text: stringsOf(rows.map((r) => r.text)),
    },
  };
}

/** The rule of DOMAIN word by word, a Map of strings. */
function naiveKeep(rows: Row[], keyOf: (row: Row) => string, byRecv: boolean): number[] {
  const groups = new Map<string, Map<string, number[]>>();
  rows.forEach((row, i) => {
    const group = groups.get(keyOf(row)) ?? new Map<string, number[]>();
    groups.set(keyOf(row), group);
    group.set(row.ingest, [...(group.get(row.ingest) ?? []), i]);
  });
  const keep: number[] = [];
  for (const group of groups.values()) {
    const recv = (at: number[]) => (byRecv ? Math.min(...at.map((i) => rows[i].recv)) : 0);
    const best = [...group].sort(([a, x], [b, y]) =>
      y.length - x.length || recv(x) - recv(y) || (a < b ? -1 : 1)
    )[0];
    keep.push(...best[1]);
  }
  return keep.sort((a, b) => a - b);
}

Deno.test("dedupKeep() keeps genuine repeats of one ingest", () => {
  const rows = Array.from({ length: 4 }, () => ({ ingest: "a-1", recv: 1, price: 2, text: "x" }));
  assert.deepEqual([...dedupKeep(batchOf(rows), ["price", "text"])], [0, 1, 2, 3]);
});

Deno.test("dedupKeep() keeps all copies of the ingest with most and none of the others", () => {
  const rows = ["a-1", "b-1", "b-1", "a-1", "b-1"].map((ingest) => ({
    ingest,
    recv: 5,
    price: NaN,
    text: null,
  }));
  assert.deepEqual([...dedupKeep(batchOf(rows), ["price", "text"])], [1, 2, 4]);
});

Deno.test("dedupKeep() breaks ties by receive time, then by ingest id", () => {
  const tie = [{ ingest: "a-1", recv: 9, price: 1, text: "x" }, {
    ingest: "b-1",
    recv: 8,
    price: 1,
    text: "x",
  }];
  assert.deepEqual([...dedupKeep(batchOf(tie), ["price", "text"])], [1]);
  const equal = tie.map((row) => ({ ...row, recv: 8 }));
  assert.deepEqual([...dedupKeep(batchOf(equal), ["price", "text"])], [0]);
  assert.deepEqual([...dedupKeep(batchOf(equal.toReversed()), ["price", "text"])], [1]);
});

Deno.test("dedupKeep() equals the rule written out, on random rows in any order", () => {
  const random = new Random("dedup");
  for (let round = 0; round < 200; round++) {
    const rows: Row[] = Array.from({ length: random.int(60) }, () => ({
      ingest: ["b-1", "a-1", "a-2", "c"][random.int(4)],
      recv: random.int(3),
      price: [NaN, 0, 1, 1 + 2 ** -52][random.int(4)],
      text: ["x", "y", null][random.int(3)],
    }));
    const batch = batchOf(rows);
    const loose = naiveKeep(rows, (r) => `${r.price} ${r.text}`, true);
    assert.deepEqual([...dedupKeep(batch, ["price", "text"])], loose);
    const strict = naiveKeep(rows, (r) => `${r.recv} ${r.price} ${r.text}`, false);
    assert.deepEqual([...dedupKeep(batch, ["ts_recv_ns", "price", "text"])], strict);
    const order = random.shuffle(Uint32Array.from(rows, (_, i) => i));
    const shuffled = dedupKeep(takeRows(batch, order), ["price", "text"]);
    assert.deepEqual([...shuffled].map((i) => order[i]).sort((a, b) => a - b), loose);
  }
});

Deno.test("dedupKeep() tells values apart whatever the dictionary or the bits of a null", () => {
  const batch = batchOf([
    { ingest: "a-1", recv: 1, price: 0, text: "x" },
    { ingest: "b-1", recv: 1, price: 0, text: "x" },
    { ingest: "b-1", recv: 1, price: 0, text: "y" },
  ]);
  batch.columns.text = { codes: Int32Array.of(0, 1, 2), values: ["x", "x", "y"] };
  const price = new Float64Array(3).fill(NaN);
  new Uint32Array(price.buffer)[0] = 7;
  batch.columns.price = price;
  assert.deepEqual([...dedupKeep(batch, ["price", "text"])], [0, 2]);
});

Deno.test("dedupKeep() names a missing column", () => {
  const rows = ["a-1", "b-1"].map((ingest) => ({ ingest, recv: 5, price: 1, text: null }));
  assert.throws(() => dedupKeep(batchOf(rows), ["size"]), /column "size"/);
  assert.equal(dedupKeep({ length: 0, columns: { ingest: repeatString("a", 0) } }, []).length, 0);
});

Deno.test("feedColumns() leaves out what the lake added", () => {
  const names = feedColumns(FUTURES_TRADES);
  assert.ok(names.includes("ts_recv_ns") && names.includes("contract"));
  assert.deepEqual(Object.keys(FUTURES_TRADES.columns).filter((n) => !names.includes(n)), [
    "source",
    "ingest",
    "row",
  ]);
});
