import assert from "node:assert/strict";
import { CONFIG, ModelError, SILENT } from "../../lib/base/mod.ts";
import { openLake } from "../../lib/lake/mod.ts";
import {
  buildRetrieval,
  type ModelMetadata,
  readCalibration,
  readDataset,
  readIndex,
  readMetadata,
  readMetrics,
  readModel,
  readModelSet,
  readPredictionsOf,
  readRetrievalMetrics,
  trainModels,
} from "../../lib/ml/mod.ts";
import { FEATURES_VERSION } from "../../lib/schema/mod.ts";
import { goldLake, goldRows } from "../helpers/gold_rows.ts";

const lake = await goldLake(goldRows({ dates: 12, perDate: 20, seed: 2, signal: 2 }));
const [{ metadata }] = await trainModels(lake, await readDataset(lake), {
  sets: [{ stage: "a", ablation: "ta" }],
  commit: "c",
  heads: ["tradeable_2_4m"],
  config: CONFIG,
}, SILENT);
addEventListener("unload", () => Deno.removeSync(lake.root, { recursive: true }));

const FOLDER = `${lake.root}/models/a-ta`;

/** Runs `work` while a file of the set holds other text. */
async function withText(file: string, text: string, work: () => Promise<void>): Promise<void> {
  const path = `${FOLDER}/${file}`, before = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text);
  try {
    await work();
  } finally {
    await Deno.writeTextFile(path, before);
  }
}

const named = (...parts: RegExp[]) => (error: unknown) =>
  error instanceof ModelError && parts.every((part) => part.test(error.message)) ||
  assert.fail(String(error));

Deno.test("readMetadata() refuses models of another version of the features, and says both", async () => {
  const other = JSON.stringify({ ...metadata, features_version: "1.9.0" });
  await withText("metadata.json", other, async () => {
    await assert.rejects(
      readMetadata(lake, "a", "ta"),
      named(
        /models\/a-ta\/metadata.json/,
        /features.json 1\.9\.0/,
        new RegExp(`wanted ${FEATURES_VERSION}`),
        /deno task train --stage a --ablation ta/,
      ),
    );
  });
  assert.deepEqual(await readMetadata(lake, "a", "ta"), metadata);
});

Deno.test("readMetadata() and readMetrics() name what is missing, cut short or of another shape", async () => {
  await assert.rejects(
    readMetadata(lake, "b", "full"),
    named(/models\/b-full\/metadata.json/, /not there/, /--stage b/),
  );
  await withText("metrics.json", '{"weighted_by": "label_weight", "he', async () => {
    await assert.rejects(readMetrics(lake, "a", "ta"), named(/metrics.json": it is cut off/));
  });
  await withText("metrics.json", '{"weighted_by": "rows", "heads": {}, "monotonicity": []}', async () => {
    await assert.rejects(readMetrics(lake, "a", "ta"), named(/at weighted_by/));
  });
});

Deno.test("readModel() names a head that was not trained, a file that is gone, cut short or of other features", async () => {
  const model = await readModel(lake, metadata, "tradeable_2_4m");
  assert.deepEqual(model.featureNames, metadata.features.map((feature) => feature.name));
  await assert.rejects(
    readModel(lake, metadata, "direction_4m"),
    named(/direction_4m.txt": it is not there/),
  );
  const text = await Deno.readTextFile(`${FOLDER}/tradeable_2_4m.txt`);
  await withText("tradeable_2_4m.txt", text.slice(0, text.length / 2), async () => {
    await assert.rejects(readModel(lake, metadata, "tradeable_2_4m"), named(/tradeable_2_4m.txt" near line/));
  });
  const other: ModelMetadata = {
    ...metadata,
    features: [{ name: "churn", categorical: false }, ...metadata.features.slice(1)],
  };
  await assert.rejects(readModel(lake, other, "tradeable_2_4m"), named(/feature 0 is ".*", wanted "churn"/));
});

Deno.test("files of a set that are not of each other are named: heads, folds, rows, places", async () => {
  const changed = (change: (copy: Record<string, unknown>) => void, of: unknown = metadata) => {
    const copy = structuredClone(of) as Record<string, unknown>;
    change(copy);
    return JSON.stringify(copy);
  };
  const metrics = await readMetrics(lake, "a", "ta");
  await withText("metrics.json", changed((m) => m.heads = {}, metrics), async () => {
    await assert.rejects(
      readModelSet(lake, "a", "ta"),
      named(/metrics.json": it is of heads , .*tradeable_2_4m/),
    );
  });
  await withText("metadata.json", changed((m) => m.stage = "b"), async () => {
    await assert.rejects(readMetadata(lake, "a", "ta"), named(/expected "a" at stage/));
  });
  const outside = changed((m) => (m.heads as Record<string, unknown>[])[0].file = "../../x.txt");
  await withText("metadata.json", outside, async () => {
    await assert.rejects(readMetadata(lake, "a", "ta"), named(/no model's file at heads.0.file/));
  });
  const unfolded = changed((m) => m.splits = { embargo_sessions: 0, folds: [] });
  await withText("metadata.json", unfolded, async () => {
    await assert.rejects(readMetadata(lake, "a", "ta"), named(/at splits.folds/));
  });
  const head = { ...metadata.heads[0], name: "fp_x" };
  readPredictionsOf(lake, metadata);
  assert.throws(
    () => readPredictionsOf(lake, { ...metadata, heads: [head] }),
    named(/predictions.parquet": no test row of head fp_x, .*; run deno task train --stage a --ablation ta/),
  );
  assert.throws(
    () => readPredictionsOf(lake, { ...metadata, splits: { ...metadata.splits, folds: [] } }),
    named(/predictions.parquet": fold 0 of 0, which metadata.json has otherwise/),
  );
});

Deno.test("what was never made is named with the command that makes it", async () => {
  await assert.rejects(
    readCalibration(lake, "a", "ta"),
    named(/calibration.json/, /deno task calibrate --stage a/),
  );
  await assert.rejects(
    readIndex(lake, "a", "ta"),
    named(/retrieval\/index.json/, /deno task retrieval --stage a/),
  );
  await assert.rejects(
    readRetrievalMetrics(lake, "a", "ta"),
    named(/retrieval\/metrics.json/, /deno task retrieval/),
  );
  const empty = await openLake(await Deno.makeTempDir({ prefix: "tidemark-empty-" }));
  try {
    await assert.rejects(async () => await readDataset(empty), /signals.parquet/);
  } finally {
    await Deno.remove(empty.root, { recursive: true });
  }
});

Deno.test("an index whose scales and rows are not of each other is named", async () => {
  const dataset = await readDataset(lake), set = { stage: "a", ablation: "ta" } as const;
  await buildRetrieval(lake, dataset, { ...set, neighbours: 5, same: [], config: CONFIG });
  const { metadata: index } = await readIndex(lake, "a", "ta"), [scale] = index.scales;
  const refused = async (change: Partial<typeof index>, why: RegExp) =>
    await withText("retrieval/index.json", JSON.stringify({ ...index, ...change }), async () => {
      await assert.rejects(
        readIndex(lake, "a", "ta"),
        named(/retrieval\/index.json"/, why, /deno task retrieval/),
      );
    });
  await refused({ rows: index.rows + 1 }, new RegExp(`of ${index.rows + 1} rows, there are ${index.rows}`));
  await refused({ scales: [...index.scales, scale] }, new RegExp(`no feature "${scale.name}", or one more`));
  await refused({ scales: [{ ...scale, name: "toString" }] }, /no feature "toString"/);
  await refused({ scales: [{ ...scale, deviation: 0 }] }, /at scales.0.deviation/);
});
