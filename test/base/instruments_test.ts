import assert from "node:assert/strict";
import {
  type Batch,
  canonicalNames,
  isInstrumentName,
  namedByInstrument,
  type NamePair,
  namePairs,
  Random,
  strings,
  stringsOf,
} from "../../lib/base/mod.ts";

function rowsOf(pairs: readonly NamePair[]): Batch {
  return {
    length: pairs.length,
    columns: {
      instrument_id: Uint32Array.from(pairs, ([id]) => id),
      contract: stringsOf(pairs.map(([, name]) => name)),
    },
  };
}

const POOL = [
  "ESZ5",
  "ESZ25",
  "ESH6",
  "ESZ5-ESH6",
  "NQZ5",
  "ES.c.0",
  "ES.v.1",
  "ES.FUT",
  "ES",
  "ES_1",
  "ES_2",
];

function randomPairs(random: Random, n: number): NamePair[] {
  return Array.from({ length: n }, () => [1 + random.int(5), POOL[random.int(POOL.length)]] as const);
}

Deno.test("isInstrumentName() tells an exchange's names from those that stand for what is the front, or for all", () => {
  const one = ["ESZ5", "ESZ25", "ESZ5-ESH6", "ES:BF H6-M6-U6", "NQH6", "ESZ5 C6800", "UD:1V: VT 1234"];
  const not = ["ES.c.0", "ES.v.0", "ES.n.12", "ES.FUT", "ES.OPT", "ES.SPOT", "ES", "ES1!", "ES_294973"];
  assert.deepEqual(one.filter((name) => !isInstrumentName(name)), []);
  assert.deepEqual(not.filter(isInstrumentName), []);
});

Deno.test("canonicalNames() prefers an outright's name, then any that is one instrument's, then the id", () => {
  const names = (pairs: NamePair[]) => Object.fromEntries(canonicalNames("ES", pairs));
  assert.deepEqual(names([[1, "ES.c.0"], [1, "ES_1"], [1, "ESZ5"]]), { 1: "ESZ5" });
  assert.deepEqual(names([[1, "NQZ5"], [1, "ESZ25"], [1, "ESZ5"]]), { 1: "ESZ5" });
  assert.deepEqual(names([[9, "NQZ5"], [8, "ESZ5-ESH6"]]), { 9: "NQZ5", 8: "ESZ5-ESH6" });
  assert.deepEqual(names([[1, "ES.c.0"], [2, "ES.FUT"], [3, "ES"]]), { 1: "ES_1", 2: "ES_2", 3: "ES_3" });
  assert.deepEqual(names([[1, "ES.c.0"], [2, "ES.c.0"], [2, "ESH6"]]), { 1: "ES_1", 2: "ESH6" });
  assert.deepEqual(names([[1, "ESZ5"], [2, "ESZ5"]]), { 1: "ES_1", 2: "ES_2" }, "a name of two is of none");
  assert.deepEqual(names([[1, "ES_2"], [2, "ES_1"]]), { 1: "ES_1", 2: "ES_2" }, "the fallback is of the id");
});

Deno.test("canonicalNames() gives every instrument a name of its own, whatever the order and number of pairs", () => {
  const random = new Random("names");
  for (let round = 0; round < 500; round++) {
    const pairs = randomPairs(random, 1 + random.int(12)), names = canonicalNames("ES", pairs);
    assert.deepEqual([...names.keys()].sort(), [...new Set(pairs.map(([id]) => id))].sort());
    assert.equal(new Set(names.values()).size, names.size);
    const sorted = [...pairs, ...pairs.slice(1)].sort(([a, x], [b, y]) => b - a || (x < y ? 1 : -1));
    assert.deepEqual(new Map([...canonicalNames("ES", sorted)].sort()), new Map([...names].sort()));
    const renamed = namedByInstrument(rowsOf(pairs), names);
    assert.deepEqual(canonicalNames("ES", namePairs(renamed)), names, "names stay what they are");
  }
});

Deno.test("namePairs() finds each pair once; namedByInstrument() renames rows and nothing else", () => {
  const random = new Random("pairs");
  const pairs = randomPairs(random, 300), batch = rowsOf(pairs), names = canonicalNames("ES", pairs);
  const wanted = new Set(pairs.map(([id, name]) => `${id} ${name}`)), found = namePairs(batch);
  assert.equal(found.length, wanted.size);
  assert.deepEqual(new Set(found.map(([id, name]) => `${id} ${name}`)), wanted);
  const renamed = namedByInstrument(batch, names), { codes, values } = strings(renamed, "contract");
  assert.deepEqual([...codes].map((code) => values[code]), pairs.map(([id]) => names.get(id)));
  assert.equal(renamed.columns.instrument_id, batch.columns.instrument_id);
  assert.deepEqual(strings(batch, "contract"), strings(rowsOf(pairs), "contract"));
  const one = namedByInstrument(rowsOf([[1, "ES.c.0"]]), new Map([[2, "ESH6"], [1, "ESZ5"]]));
  assert.deepEqual(strings(one, "contract").values, ["ESZ5"], "the dictionary holds what occurs");
  assert.throws(() => namedByInstrument(batch, new Map()), /Cannot name instrument \d: not among/);
});
