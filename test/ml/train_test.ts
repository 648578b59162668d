import assert from "node:assert/strict";
import { type Batch, CONFIG, f64, ModelError, SILENT, strings } from "../../lib/base/mod.ts";
import { hashFile, type Lake, readManifests } from "../../lib/lake/mod.ts";
import {
  baseRate,
  calibrateModels,
  DATASET_PATH,
  datasetOf,
  featureMatrix,
  featureNamed,
  featureSet,
  planTraining,
  predict,
  readCalibration,
  readDataset,
  readMetadata,
  readMetrics,
  readModel,
  readPredictions,
  trainHead,
  trainModels,
  type TrainOptions,
  walkForward,
} from "../../lib/ml/mod.ts";
import { FEATURES_VERSION } from "../../lib/schema/mod.ts";
import { goldLake, goldRows, PLANTED } from "../helpers/gold_rows.ts";

const HEADS = [
  "tradeable_2_4m",
  "direction_4m",
  "strength_signed_4m",
  "reach_1_60s_4m",
  "reach_1_120s_4m",
  "fp_outcome",
];
const OPTIONS: TrainOptions = {
  sets: [{ stage: "b", ablation: "full" }],
  commit: "c0ffee",
  heads: HEADS,
  valid: 4,
  test: 20,
  config: CONFIG,
};
const FOLDER = "models/b-full";

async function withGold(batch: Batch, work: (lake: Lake) => Promise<void>): Promise<void> {
  const lake = await goldLake(batch);
  try {
    await work(lake);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
}

const gold = (signal: number, dates = 46, perDate = 40) => goldRows({ dates, perDate, seed: 11, signal });

async function train(lake: Lake, change: Partial<TrainOptions> = {}) {
  const [set] = await trainModels(lake, await readDataset(lake), { ...OPTIONS, ...change }, SILENT);
  return set;
}

/** Hash of each file of the set. */
async function hashes(lake: Lake): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${lake.root}/${folder}`)) {
      if (isDirectory) await walk(`${folder}/${name}`);
      else found[`${folder}/${name}`] = await hashFile(`${lake.root}/${folder}/${name}`);
    }
  };
  await walk("models");
  return found;
}

Deno.test("trainModels() finds what was planted and nothing else, and writes down how", async () => {
  await withGold(gold(3), async (lake) => {
    const { folder, metrics, metadata } = await train(lake), dataset = await readDataset(lake);
    assert.equal(folder, FOLDER);
    assert.deepEqual(await readMetadata(lake, "b", "full"), metadata);
    assert.deepEqual(await readMetrics(lake, "b", "full"), metrics);
    assert.deepEqual(
      Object.keys(await hashes(lake)).sort(),
      [...HEADS.map((h) => `${h}.txt`), "metadata.json", "metrics.json", "predictions.parquet"]
        .map((file) => `${FOLDER}/${file}`).sort(),
    );
    assert.equal(metadata.dataset.sha256, await hashFile(`${lake.root}/${DATASET_PATH}`));
    assert.deepEqual([metadata.features_version, metadata.commit], [FEATURES_VERSION, "c0ffee"]);
    assert.deepEqual(metadata.features.map((f) => f.name), featureSet("b", "full").map((f) => f.name));
    const wanted = walkForward(dataset.dates, { valid: 4, test: 20, foldDates: 10, embargo: 1 });
    assert.deepEqual(metadata.splits, { embargo_sessions: 1, folds: wanted });
    assert.deepEqual(metadata.params, { ...CONFIG.training.boosting });
    // The planted feature says which side, volatility how far: the second baseline knows the latter as well.
    const verdicts = Object.fromEntries(
      Object.entries(metrics.heads).map(([name, head]) => [name, head.verdict]),
    );
    assert.equal(verdicts.direction_4m, "beats");
    assert.equal(verdicts.fp_outcome, "beats");
    assert.notEqual(verdicts.tradeable_2_4m, "beats");
    assert.equal(metrics.heads.tradeable_2_4m.against.base_rate.verdict, "beats");
    assert.equal(metrics.monotonicity.length, 1);
    const [manifest] = (await readManifests(lake)).filter((m) => m.stage === "train");
    assert.equal(manifest.status, "completed");
    const { in: all, out, filtered } = manifest.rows!;
    assert.deepEqual([all, out + filtered], [dataset.batch.length, dataset.batch.length]);
  });
});

Deno.test("trainModels() claims nothing where nothing is planted", async () => {
  await withGold(gold(0), async (lake) => {
    const { metrics } = await train(lake);
    for (const [name, { verdict }] of Object.entries(metrics.heads)) assert.notEqual(verdict, "beats", name);
    for (const name of ["direction_4m", "fp_outcome"]) {
      assert.notEqual(metrics.heads[name].against.base_rate.verdict, "beats", name);
    }
  });
});

Deno.test("trainModels() writes the same bytes for any number of workers, and again", async () => {
  await withGold(gold(2, 30, 25), async (lake) => {
    await train(lake, { workers: 1, test: 6 });
    const first = await hashes(lake);
    for (const workers of [2, 3]) {
      await train(lake, { workers, test: 6 });
      assert.deepEqual(await hashes(lake), first);
    }
  });
});

Deno.test("trainModels() leaves predictions that the saved models give, of rows they never learned from", async () => {
  await withGold(gold(2, 34, 25), async (lake) => {
    const { metadata } = await train(lake, { test: 12 }), dataset = await readDataset(lake);
    const predictions = readPredictions(lake, "b", "full"), { batch } = predictions;
    const rowOf = new Map<string, number>(), ids = strings(dataset.batch, "event_id");
    ids.codes.forEach((code, row) => rowOf.set(ids.values[code], row));
    const event = strings(batch, "event_id"), features = featureSet("b", "full");
    const matrix = featureMatrix(dataset.batch, features);
    assert.equal(metadata.splits.folds.length, 2);
    for (const { name } of metadata.heads) {
      const model = await readModel(lake, metadata, name);
      metadata.splits.folds.forEach((fold, k) => {
        for (const part of ["valid", "test"] as const) {
          const rows = predictions.rowsOf(name, part, k);
          const mine = Uint32Array.from(rows, (row) => rowOf.get(event.values[event.codes[row]])!);
          const dates = new Set(mine.values().map((row) => dataset.dates[dataset.dateIndex[row]]));
          assert.deepEqual([...dates].sort(), fold[part].filter((date) => dates.has(date)));
          const last = k === 1;
          if (!last) continue;
          const again = predict(model, matrix.columns.map((c) => Float64Array.from(mine, (row) => c[row])));
          rows.forEach((row, i) =>
            assert.ok(Math.abs(f64(batch, "prediction")[row] - again[i]) < 1e-9, `${name} ${i}`)
          );
        }
      });
    }
    const { heads: [planned], folds } = planTraining(dataset, { ...OPTIONS, test: 12 });
    const [fold] = planned.folds, [row] = predictions.rowsOf(planned.head.name, "test", 0);
    assert.equal(f64(batch, "base_rate")[row], baseRate(planned.labels, planned.weights, fold.train));
    assert.equal(folds.length, 2);
  });
});

Deno.test("trainHead() learns nothing from test dates, nor from the embargoed sessions", () => {
  const dataset = datasetOf(gold(2, 20, 30), "hash");
  const plan = planTraining(dataset, { config: CONFIG, heads: ["direction_4m"], valid: 3, test: 4 });
  const [{ head, labels, folds }] = plan.heads, names = featureSet("b", "full");
  const columns = featureMatrix(dataset.batch, names);
  const simple = CONFIG.training.baselineFeatures.map((name) => names.indexOf(featureNamed(name)));
  const run = (touched: (row: number) => boolean) =>
    trainHead({
      head,
      labels: labels.map((label, row) => touched(row) && !Number.isNaN(label) ? 1 - label : label),
      weights: dataset.weights.map((w, row) => touched(row) ? 50 * w : w),
      dateIndex: dataset.dateIndex,
      matrix: {
        ...columns,
        columns: columns.columns.map((c, k) =>
          columns.categorical[k] ? c : c.map((x, row) => touched(row) ? 3 - 2 * x : x)
        ),
      },
      features: names.map((_, k) => k),
      baseline: simple,
      folds,
      boosting: CONFIG.training.boosting,
      seed: 1,
      bootstrap: { ...CONFIG.training.bootstrap, resamples: 99, seed: 1 },
      bins: 10,
    });
  const learned = new Set([...folds[0].train, ...folds[0].valid]);
  const before = run(() => false), after = run((row) => !learned.has(row));
  assert.equal(after.model, before.model);
  assert.notDeepEqual(after.predictions.prediction, before.predictions.prediction);
  const { test, prediction, volatility, base_rate } = before.predictions;
  test.forEach((isTest, i) => {
    if (isTest) return;
    assert.equal(after.predictions.prediction[i], prediction[i]);
    assert.equal(after.predictions.volatility[i], volatility[i]);
    assert.equal(after.predictions.base_rate[i], base_rate[i]);
  });
  // And the other way about: what was learned from does matter.
  assert.notEqual(run((row) => row === folds[0].train[0]).model, before.model);
});

/** Gold in which nothing ever moves $2 within the first minute after 4 minutes. */
function withoutReach(): Batch {
  const batch = gold(2, 20, 25), seconds = (batch.columns.time_to_threshold_2_4m as Float64Array).slice();
  seconds.forEach((x, i) => seconds[i] = x <= 60 ? 61 : x);
  return { ...batch, columns: { ...batch.columns, time_to_threshold_2_4m: seconds } };
}

Deno.test("trainModels() refuses a head of one class and writes nothing; with skip it leaves that head out", async () => {
  await withGold(withoutReach(), async (lake) => {
    const heads = ["tradeable_2_4m", "reach_2_60s_4m"];
    await assert.rejects(
      train(lake, { heads, test: 4 }),
      (error) =>
        error instanceof ModelError && error.subject === "reach_2_60s_4m" &&
        /only label 0 in \d+ training rows of .*--skip/.test(error.message),
    );
    await assert.rejects(Deno.stat(`${lake.root}/${FOLDER}`), Deno.errors.NotFound);
    const { metadata, metrics } = await train(lake, { heads, test: 4, skip: true });
    assert.deepEqual(metadata.heads.map((h) => h.name), ["tradeable_2_4m"]);
    assert.deepEqual(metadata.skipped.map((s) => s.head), ["reach_2_60s_4m"]);
    assert.deepEqual(Object.keys(metrics.heads), ["tradeable_2_4m"]);
    assert.equal(metrics.heads.tradeable_2_4m.verdict, "insufficient");
    await assert.rejects(
      train(lake, { heads: ["reach_2_60s_4m"], test: 4, skip: true }),
      /Cannot train head/,
    );
  });
});

Deno.test("trainModels() that fails leaves the earlier set as it was; one that does not leaves nothing of it", async () => {
  await withGold(gold(2, 20, 25), async (lake) => {
    await train(lake, { test: 4 });
    await calibrateModels(lake, { stage: "b", ablation: "full" }, CONFIG);
    const before = await hashes(lake);
    assert.ok(`${FOLDER}/calibration.json` in before);
    const dataset = await readDataset(lake), strength = f64(dataset.batch, "strength_signed_4m").slice();
    const row = strength.findIndex((x) => !Number.isNaN(x));
    strength[row] = NaN;
    const bad = {
      ...dataset,
      batch: { ...dataset.batch, columns: { ...dataset.batch.columns, strength_signed_4m: strength } },
    };
    await assert.rejects(
      trainModels(lake, bad, { ...OPTIONS, test: 4 }, SILENT),
      new RegExp(`label "strength_signed_4m" of row ${row} .* is NaN although its outcome is known`),
    );
    assert.deepEqual(await hashes(lake), before);
    await train(lake, { test: 4, heads: ["direction_4m"] });
    assert.deepEqual(
      Object.keys(await hashes(lake)).sort(),
      ["direction_4m.txt", "metadata.json", "metrics.json", "predictions.parquet"].map((f) =>
        `${FOLDER}/${f}`
      ),
    );
  });
});

Deno.test("calibrateModels() judges every probability head on its test rows", async () => {
  await withGold(gold(2, 30, 25), async (lake) => {
    const { metrics } = await train(lake, { test: 6 });
    const written = await calibrateModels(lake, { stage: "b", ablation: "full" }, CONFIG);
    assert.deepEqual(await readCalibration(lake, "b", "full"), written);
    assert.deepEqual(Object.keys(written.heads), HEADS.filter((name) => name !== "strength_signed_4m"));
    for (const [name, head] of Object.entries(written.heads)) {
      assert.ok(Math.abs(head.raw.brier - metrics.heads[name].model.brier!) < 1e-12);
      assert.ok(Math.abs(head.raw.ece - metrics.heads[name].model.ece!) < 1e-12);
      assert.equal(head.rows.test, metrics.heads[name].rows);
      assert.equal(head.calibrators.length, 1);
    }
  });
});

Deno.test("the planted feature is among stage b's only: stage a finds no side", async () => {
  await withGold(gold(3), async (lake) => {
    assert.ok(!featureSet("a", "full").some(({ name }) => name === PLANTED));
    const { metrics } = await train(lake, {
      sets: [{ stage: "a", ablation: "full" }],
      heads: ["direction_4m", "fp_outcome"],
    });
    for (const [name, { verdict }] of Object.entries(metrics.heads)) assert.notEqual(verdict, "beats", name);
  });
});
