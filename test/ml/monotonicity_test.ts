import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { allHeads, monotonicity } from "../../lib/ml/mod.ts";

const HEADS = allHeads(CONFIG);

Deno.test("monotonicity() compares each reach head with the next in time and in dollars", () => {
  const predictions = new Map(HEADS.map(({ name }) => [name, new Map([[0, 0.5]])]));
  const pairs = monotonicity(HEADS, predictions);
  // A horizon has 2 distances × 3 steps of time, and 4 times × 1 step of distance.
  assert.equal(pairs.length, 3 * (2 * 3 + 4));
  const find = (name: string) => HEADS.find((head) => head.name === name)!;
  for (const { harder, easier, by } of pairs) {
    const a = find(harder), b = find(easier);
    assert.equal(a.horizon, b.horizon);
    if (by === "seconds") assert.ok(a.seconds! < b.seconds! && a.dollars === b.dollars);
    else assert.ok(a.dollars! > b.dollars! && a.seconds === b.seconds);
  }
  assert.ok(pairs.every((pair) => pair.rows === 1 && pair.violations === 0 && pair.mean_excess === 0));
});

Deno.test("monotonicity() counts rows on which less time is called likelier, and by how much", () => {
  const heads = HEADS.filter(({ name }) => ["reach_1_60s_4m", "reach_1_300s_4m"].includes(name));
  const [pair] = monotonicity(
    heads,
    new Map([
      ["reach_1_60s_4m", new Map([[0, 0.5], [1, 0.4], [2, 0.9], [3, 0.2], [9, 1]])],
      ["reach_1_300s_4m", new Map([[0, 0.3], [1, 0.4], [2, 0.8], [3, 0.7], [8, 0]])],
    ]),
  );
  assert.deepEqual([pair.harder, pair.easier, pair.rows, pair.violations], [
    "reach_1_60s_4m",
    "reach_1_300s_4m",
    4,
    0.5,
  ]);
  assert.ok(Math.abs(pair.mean_excess - 0.15) < 1e-12);
});

Deno.test("monotonicity() skips a head that was not trained", () => {
  const heads = HEADS.filter(({ name }) => /^reach_1_(60|180)s_2m$/.test(name));
  const pairs = monotonicity(heads, new Map(heads.map(({ name }) => [name, new Map([[0, 0.5]])])));
  assert.deepEqual(pairs.map(({ harder, easier }) => [harder, easier]), [[
    "reach_1_60s_2m",
    "reach_1_180s_2m",
  ]]);
});
