import assert from "node:assert/strict";
import { CONFIG, f64, i64, SILENT, strings, takeRows } from "../../../lib/base/mod.ts";
import {
  buildIndex,
  buildRetrieval,
  featureMatrix,
  featureNamed,
  readDataset,
  readIndex,
  readMetrics,
  readPredictions,
  readRetrievalMetrics,
  searchIndex,
  trainModels,
} from "../../../lib/ml/mod.ts";
import { goldLake, goldRows } from "../../helpers/gold_rows.ts";

const SET = { stage: "b", ablation: "full" } as const;

Deno.test("buildRetrieval() scores neighbours beside the trees and saves an index that answers the same", async () => {
  const lake = await goldLake(goldRows({ dates: 24, perDate: 40, seed: 6, signal: 3 }));
  try {
    const dataset = await readDataset(lake);
    await trainModels(lake, dataset, {
      sets: [SET],
      commit: "c",
      heads: ["tradeable_2_4m", "direction_4m", "strength_signed_4m", "tradeable_2_8m"],
      valid: 3,
      test: 12,
      config: CONFIG,
    }, SILENT);
    const metrics = await buildRetrieval(lake, dataset, {
      ...SET,
      neighbours: 20,
      same: ["direction"],
      config: CONFIG,
    });
    assert.deepEqual(await readRetrievalMetrics(lake, "b", "full"), metrics);
    // Neighbours' labels are of the primary horizon only.
    assert.deepEqual(Object.keys(metrics.heads), ["tradeable_2_4m", "direction_4m", "strength_signed_4m"]);
    const trees = await readMetrics(lake, "b", "full"), { rowsOf } = readPredictions(lake, "b", "full");
    for (const [name, head] of Object.entries(metrics.heads)) {
      assert.deepEqual(head.metrics.trees, trees.heads[name].model);
      assert.deepEqual(head.metrics.base_rate, trees.heads[name].baselines.base_rate);
      assert.equal(head.rows, rowsOf(name, "test").length);
      assert.equal(head.against.trees_ensemble.verdict, "insufficient");
    }

    const { index, metadata } = await readIndex(lake, "b", "full");
    assert.equal(metadata.dataset, dataset.hash);
    // The last of two folds of six test dates each.
    assert.ok(metadata.fitted_on.length > 0);
    assert.ok(metadata.fitted_on.every((date) => date < dataset.dates.at(-6 - 1 - 3)!));
    const names = index.scales.map((scale) => scale.name);
    const features = featureMatrix(dataset.batch, names.map(featureNamed));
    const fresh = buildIndex(dataset.batch, features, index.scales);
    const rows = Uint32Array.from({ length: 60 }, (_, k) => 300 + 11 * k),
      asked = takeRows(dataset.batch, rows);
    const queries = {
      features: {
        names,
        columns: names.map((_, k) => Float64Array.from(rows, (row) => features.columns[k][row])),
      },
      atNs: i64(asked, "available_ts_ns"),
      is: { direction: strings(asked, "direction") },
    };
    const options = { neighbours: 20, same: ["direction"] as const };
    assert.deepEqual(searchIndex(index, queries, options), searchIndex(fresh, queries, options));
    assert.deepEqual([...f64(index.entries, "strength_signed")], [...f64(fresh.entries, "strength_signed")]);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
