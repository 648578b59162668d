import assert from "node:assert/strict";
import { CONFIG, Random, takeRows } from "../../lib/base/mod.ts";
import {
  allHeads,
  datasetOf,
  headJobs,
  headLabels,
  headWeights,
  planTraining,
  predictionRows,
  trainHead,
} from "../../lib/ml/mod.ts";
import { goldRows } from "../helpers/gold_rows.ts";
import { naiveWeights } from "../reference/labels_naive.ts";

const MINUTE = 60_000_000_000;
const THRESHOLD = { dollars: CONFIG.labels.threshold, slack: CONFIG.market.slack };
const dataset = datasetOf(goldRows({ dates: 4, perDate: 90, seed: 3, signal: 1 }), "hash");
const HEADS = allHeads(CONFIG);

Deno.test("headWeights() equals its naive twin for every head, and knows no row the head does not ask about", () => {
  for (const head of HEADS) {
    const { labels } = headLabels(head, dataset.batch, THRESHOLD);
    const weights = headWeights(head, dataset, labels, CONFIG), seconds = head.seconds ?? 480;
    for (let date = 0; date < dataset.dates.length; date++) {
      const rows = [...labels.keys()].filter((row) =>
        dataset.dateIndex[row] === date && !Number.isNaN(labels[row])
      );
      const start = rows.map((row) =>
        Number(dataset.startNs[row] - dataset.startNs[0]) + (head.horizon ?? 1) * MINUTE
      );
      const wanted = naiveWeights(start, start.map((t) => t + seconds * 1e9), MINUTE);
      rows.forEach((row, k) => assert.ok(Math.abs(weights[row] - wanted[k]) < 1e-12, `${head.name} ${row}`));
    }
    labels.forEach((label, row) => assert.equal(Number.isNaN(weights[row]), Number.isNaN(label)));
  }
});

Deno.test("headWeights() are worth more on fewer rows and over shorter spans", () => {
  const worth = (name: string, keep = 1) => {
    const head = HEADS.find((h) => h.name === name)!, random = new Random(4);
    const labels = headLabels(head, dataset.batch, THRESHOLD).labels
      .map((label) => random.uniform() < keep ? label : NaN);
    const weights = headWeights(head, dataset, labels, CONFIG).filter((w) => !Number.isNaN(w));
    return weights.reduce((sum, w) => sum + w, 0) / weights.length;
  };
  assert.ok(worth("reach_1_60s_4m") > worth("reach_1_300s_4m"));
  assert.ok(worth("reach_1_300s_4m") > worth("tradeable_2_4m"));
  assert.ok(worth("tradeable_2_4m", 0.3) > 1.5 * worth("tradeable_2_4m"));
});

Deno.test("headWeights() do not care for the order of rows", () => {
  const order = new Random(5).shuffle(Uint32Array.from(dataset.startNs.keys()));
  const mixed = datasetOf(takeRows(dataset.batch, order), "hash");
  for (const head of HEADS.filter((h) => /direction_4m|fp_outcome|reach_2_60s_8m/.test(h.name))) {
    const of = (set: typeof dataset) =>
      headWeights(head, set, headLabels(head, set.batch, THRESHOLD).labels, CONFIG);
    const weights = of(dataset), again = of(mixed);
    order.forEach((row, i) => assert.equal(again[i], weights[row]));
  }
});

Deno.test("a head is trained, judged and written with its own weights", () => {
  const gold = datasetOf(goldRows({ dates: 12, perDate: 60, seed: 3, signal: 2 }), "hash");
  const options = { config: CONFIG, heads: ["direction_4m", "reach_1_60s_4m"], valid: 2, test: 3 };
  const plan = planTraining(gold, options);
  const jobs = headJobs(gold, plan, { stage: "b", ablation: "ta", config: CONFIG });
  jobs.forEach((job, k) => assert.deepEqual(job.weights, plan.heads[k].weights));
  const { columns } = predictionRows(gold, plan, jobs.map(trainHead));
  const weight = columns.weight as Float64Array;
  assert.ok(weight.every((w) => w > 0 && w <= 1));
  const [first] = plan.heads[0].folds[0].valid;
  assert.equal(weight[0], plan.heads[0].weights[first]);
  assert.notDeepEqual(plan.heads[0].weights, plan.heads[1].weights);
});
