import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  Random,
  repeatString,
  sliceBatch,
  type Strings,
  stringsOf,
  takeRows,
} from "../../lib/base/mod.ts";

function sample(n: number): Batch {
  const random = new Random(n);
  return {
    length: n,
    columns: {
      a: BigInt64Array.from({ length: n }, () => BigInt(random.uint32()) * 4_000_000_007n),
      b: Float64Array.from({ length: n }, () => random.normal()),
      s: stringsOf(Array.from({ length: n }, () => [null, "x", "yy"][random.int(3)])),
    },
  };
}
const text = (s: Strings) => [...s.codes].map((c) => (c < 0 ? null : s.values[c]));

Deno.test("concatBatches() of any slices is the batch itself", () => {
  const batch = sample(101);
  for (const cut of [0, 1, 50, 101]) {
    const joined = concatBatches([sliceBatch(batch, 0, cut), sliceBatch(batch, cut, 101)]);
    assert.deepEqual(joined.columns.a, batch.columns.a);
    assert.deepEqual(joined.columns.b, batch.columns.b);
    assert.deepEqual(text(joined.columns.s as Strings), text(batch.columns.s as Strings));
  }
});

Deno.test("takeRows() of a permutation and its inverse restores the batch", () => {
  const batch = sample(64), random = new Random(3);
  const order = random.shuffle(Uint32Array.from({ length: 64 }, (_, i) => i));
  const inverse = new Uint32Array(64);
  order.forEach((row, i) => inverse[row] = i);
  assert.deepEqual(takeRows(takeRows(batch, order), inverse), batch);
});

Deno.test("concatBatches() merges dictionaries", () => {
  const one = (v: string): Batch => ({ length: 2, columns: { s: repeatString(v, 2) } });
  assert.deepEqual(text(concatBatches([one("p"), one("q"), one("p")]).columns.s as Strings), [
    "p",
    "p",
    "q",
    "q",
    "p",
    "p",
  ]);
});
