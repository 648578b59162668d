import assert from "node:assert/strict";
import { type Batch, i32, i64, ModelError, Random, strings, takeRows } from "../../../lib/base/mod.ts";
import {
  buildIndex,
  distanceFeatures,
  type FeatureColumns,
  featureMatrix,
  featureSet,
  FILTER_COLUMNS,
  fitScales,
  type Neighbours,
  type Queries,
  type RetrievalIndex,
  searchIndex,
  type SearchOptions,
  searchParallel,
} from "../../../lib/ml/mod.ts";
import { goldRows } from "../../helpers/gold_rows.ts";
import { naiveNeighbours, naiveScale } from "../../reference/retrieval_naive.ts";

const FEATURES = distanceFeatures(featureSet("b", "full"));

interface Market {
  batch: Batch;
  features: FeatureColumns;
  fitted: Uint32Array;
  index: RetrievalIndex;
}

/** An index of all rows whose scales know the first half. */
function market(dates: number, perDate: number, seed: number, wanted = FEATURES): Market {
  const batch = goldRows({ dates, perDate, seed, signal: 1 }), features = featureMatrix(batch, wanted);
  const fitted = Uint32Array.from({ length: batch.length >> 1 }, (_, i) => i);
  return { batch, features, fitted, index: buildIndex(batch, features, fitScales(features, fitted)) };
}

/** Rows of the market as queries at the moment their features are known. */
function queriesOf({ batch, features }: Market, rows: Uint32Array): Queries {
  const taken = takeRows(batch, rows);
  return {
    features: {
      names: features.names,
      columns: features.columns.map((c) => Float64Array.from(rows, (row) => c[row])),
    },
    atNs: i64(taken, "available_ts_ns"),
    is: Object.fromEntries(FILTER_COLUMNS.map((name) => [name, strings(taken, name)])),
  };
}

function named({ index }: Market, found: Neighbours, q: number): [string, number][] {
  const { codes, values } = strings(index.entries, "event_id");
  return Array.from(
    { length: found.count[q] },
    (_, j) => [values[codes[found.row[q * found.k + j]]], found.distance[q * found.k + j]],
  );
}

const WANTED: SearchOptions[] = [
  { neighbours: 1 },
  { neighbours: 12, same: ["direction"] },
  { neighbours: 7, same: ["level_kind", "direction"] },
  { neighbours: 9, same: ["gamma_bucket", "direction"] },
  {
    neighbours: 40,
    where: { level_kind: ["VWAP", "ROUND"], direction: ["UP"], gamma_bucket: ["SHORT", "LONG"] },
  },
  { neighbours: 5000 },
];

Deno.test("searchIndex() finds what looking at every row finds, under any filter", () => {
  const made = market(6, 60, 3), { batch, features, fitted } = made, n = batch.length;
  const toPoint = naiveScale(features.columns, [...fitted]);
  const points = Array.from({ length: n }, (_, row) => toPoint(features.columns.map((c) => c[row])));
  const rows = Uint32Array.from({ length: 45 }, (_, k) => k * 8), queries = queriesOf(made, rows);
  const text = (name: string, row: number) => {
    const { codes, values } = strings(batch, name);
    return values[codes[row]];
  };
  let compared = 0;
  for (const options of WANTED) {
    const found = searchIndex(made.index, queries, options);
    rows.forEach((asked, q) => {
      const wanted = naiveNeighbours(batch, points, {
        point: points[asked],
        atNs: queries.atNs[q],
        k: options.neighbours,
        allows: (row) =>
          (options.same ?? []).every((c) => text(c, row) === text(c, asked)) &&
          Object.entries(options.where ?? {}).every(([c, values]) => values.includes(text(c, row))),
      });
      const mine = named(made, found, q);
      assert.deepEqual(mine.map(([id]) => id), wanted.map(([id]) => id));
      mine.forEach(([, distance], j) => assert.ok(Math.abs(distance - wanted[j][1]) < 1e-9));
      compared += mine.length;
    });
  }
  assert.ok(compared > 5000, String(compared));
});

Deno.test("searchIndex() gives no neighbour whose label had not ended, and one a date and attempt cluster", () => {
  const made = market(5, 80, 4), rows = Uint32Array.from(made.batch.columns.date as Int32Array, (_, i) => i);
  const queries = queriesOf(made, rows), found = searchIndex(made.index, queries, { neighbours: 30 });
  const { entries } = made.index, ends = i64(entries, "label_end_ts_ns"), date = i32(entries, "date");
  const kind = strings(entries, "level_kind").codes, direction = strings(entries, "direction").codes;
  const attempt = i32(entries, "attempt_cluster");
  let sameDate = 0;
  rows.forEach((asked, q) => {
    const clusters = new Set<string>();
    for (let j = q * 30; j < q * 30 + found.count[q]; j++) {
      const row = found.row[j];
      assert.ok(ends[row] < queries.atNs[q]);
      if (date[row] === i32(made.batch, "date")[asked]) sameDate++;
      clusters.add(`${date[row]} ${kind[row]} ${direction[row]} ${attempt[row]}`);
    }
    assert.equal(clusters.size, found.count[q]);
  });
  assert.equal(found.count[0], 0);
  assert.ok(sameDate > 0, "touches of the same date count once their labels have ended");
});

Deno.test("searchIndex() does not know a label that ends at the query's moment", () => {
  const made = market(2, 30, 5), last = made.index.endNs.length - 1, { features } = made;
  const at = (ns: bigint): Queries => ({
    features: { names: features.names, columns: features.columns.map((c) => c.slice(0, 1)) },
    atNs: BigInt64Array.of(ns),
  });
  const all = searchIndex(made.index, at(made.index.endNs[last] + 1n), { neighbours: 1000 });
  const before = searchIndex(made.index, at(made.index.endNs[0]), { neighbours: 1000 });
  assert.equal(before.count[0], 0);
  assert.ok(all.count[0] > 0);
});

Deno.test("scales know the rows they were fitted on and no others", () => {
  const { batch, features, fitted } = market(4, 50, 6), known = new Set(fitted);
  const changed = {
    ...features,
    columns: features.columns.map((c) => c.map((x, row) => known.has(row) ? x : 1e6 * row)),
  };
  assert.deepEqual(fitScales(changed, fitted), fitScales(features, fitted));
  const constant = {
    names: ["a", "b"],
    columns: [new Float64Array(4).fill(7), new Float64Array(4).fill(NaN)],
  };
  assert.deepEqual(
    fitScales(constant, Uint32Array.of(0, 1, 2)).map((
      { median, mean, deviation },
    ) => [median, mean, deviation]),
    [[7, 7, 1], [0, 0, 1]],
  );
  assert.ok(batch.length > 0);
});

Deno.test("searchParallel() finds the same in any number of threads", async () => {
  // Few features on many rows, so that the work is worth threads and the test is not slow.
  const made = market(40, 600, 7, FEATURES.slice(0, 40)), random = new Random(8);
  const rows = Uint32Array.from({ length: 2400 }, () => random.int(made.batch.length));
  const queries = queriesOf(made, rows), options: SearchOptions = { neighbours: 9, same: ["direction"] };
  const one = await searchParallel(made.index, queries, options, 1);
  for (const threads of [2, 3]) {
    assert.deepEqual(await searchParallel(made.index, queries, options, threads), one);
  }
  assert.deepEqual(searchIndex(made.index, queries, options), one);
});

Deno.test("searchIndex() names the feature or column that a query lacks", () => {
  const made = market(2, 30, 9), queries = queriesOf(made, Uint32Array.of(40));
  const { names, columns } = queries.features;
  const without = { ...queries, features: { names: names.slice(1), columns: columns.slice(1) } };
  assert.throws(
    () => searchIndex(made.index, without, { neighbours: 3 }),
    (error) => error instanceof ModelError && error.subject === names[0],
  );
  const { is: _is, ...blind } = queries;
  assert.throws(
    () => searchIndex(made.index, blind, { neighbours: 3, same: ["direction"] }),
    /direction is wanted/,
  );
});

Deno.test("buildIndex() refuses rows without any outcome", () => {
  const { batch, features, fitted } = market(2, 20, 10);
  const outcome = { codes: new Int32Array(batch.length).fill(-1), values: ["BREAK"] };
  assert.throws(
    () =>
      buildIndex({ ...batch, columns: { ...batch.columns, outcome } }, features, fitScales(features, fitted)),
    /no row has an outcome/,
  );
});
