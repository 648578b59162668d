import assert from "node:assert/strict";
import { type Batch, CONFIG, Random, stringsOf } from "../../../lib/base/mod.ts";
import {
  answersTo,
  buildIndex,
  estimate,
  type Estimates,
  metricsOf,
  type Neighbours,
  neighboursBehind,
  type RetrievalIndex,
  scoreRetrieval,
  type ScoreRows,
} from "../../../lib/ml/mod.ts";

const BOOTSTRAP = { ...CONFIG.training.bootstrap, resamples: 199, seed: 1 };
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} ≠ ${b}`);

/** Four touches: a break, a bounce, a chop, another break. */
function fourTouches(): RetrievalIndex {
  const batch: Batch = {
    length: 4,
    columns: {
      event_id: stringsOf(["a", "b", "c", "d"]),
      date: new Int32Array(4),
      ts_ns: new BigInt64Array(4),
      label_end_ts_ns: BigInt64Array.of(1n, 2n, 3n, 4n),
      level_kind: stringsOf(["VWAP", "VWAP", "VWAP", "VWAP"]),
      direction: stringsOf(["UP", "UP", "UP", "UP"]),
      gamma_bucket: stringsOf(["LONG", "SHORT", "LONG", "UNKNOWN"]),
      attempt_cluster: Int32Array.of(1, 2, 3, 4),
      outcome: stringsOf(["BREAK", "BOUNCE", "CHOP", "BREAK"]),
      tradeable_2: Int8Array.of(1, 1, 0, 1),
      strength_signed: Float64Array.of(3, -2, 0.5, 2.5),
      strength_abs: Float64Array.of(3.5, 2.5, 1.5, 2.5),
      time_to_threshold_1: Float64Array.of(50, 20, 300, 5),
      time_to_threshold_2: Float64Array.of(100, 40, NaN, 10),
    },
  };
  const scales = [{ name: "atr", median: 0, mean: 0, deviation: 1 }];
  return buildIndex(batch, { names: ["atr"], columns: [new Float64Array(4)] }, scales);
}

/** Queries that found the first three touches at distances 1, 2, 4, and none. */
const FOUND: Neighbours = {
  k: 3,
  count: Int32Array.of(3, 0),
  row: Int32Array.of(0, 1, 2, -1, -1, -1),
  distance: Float64Array.of(1, 2, 4, NaN, NaN, NaN),
};

Deno.test("estimate() weighs neighbours by nearness as a hand does", () => {
  const found = estimate(fourTouches(), FOUND, 0), total = 1 + 1 / 2 + 1 / 4;
  near(found.p_break[0], 1 / total);
  near(found.p_bounce[0], 0.5 / total);
  near(found.p_tradeable_2[0], 1.5 / total);
  near(found.strength[0], (3 - 2 / 2 + 0.5 / 4) / total);
  near(found.strength_abs[0], (3.5 + 2.5 / 2 + 1.5 / 4) / total);
  near(found.seconds_1[0], (50 + 20 / 2 + 300 / 4) / total);
  near(found.seconds_2[0], (100 + 40 / 2) / 1.5);
  near(found.similarity[0], (1 / 2 + 1 / 3 + 1 / 5) / 3);
  const shares = [1, 0.5, 0.25].map((w) => w / total);
  near(found.entropy[0], -shares.reduce((s, p) => s + p * Math.log(p), 0) / Math.log(3));
  const none = [
    "p_break",
    "p_bounce",
    "p_tradeable_2",
    "strength",
    "strength_abs",
    "seconds_1",
    "seconds_2",
  ] as const;
  for (const name of [...none, "entropy"] as const) {
    assert.ok(Number.isNaN(found[name][1]), `${name} of no neighbour`);
  }
});

Deno.test("estimate() lets a neighbour at no distance speak, not divide by zero", () => {
  const same = { ...FOUND, distance: Float64Array.of(0, 2, 4, NaN, NaN, NaN) };
  const { p_break, similarity } = estimate(fourTouches(), same, CONFIG.retrieval.epsilon);
  assert.ok(p_break[0] > 0.999 && p_break[0] <= 1);
  near(similarity[0], (1 + 1 / 3 + 1 / 5) / 3);
});

Deno.test("answersTo() gives each head what neighbours can say of it", () => {
  const found = estimate(fourTouches(), FOUND, 0);
  assert.equal(answersTo("tradeable", found), found.p_tradeable_2);
  assert.equal(answersTo("strength", found), found.strength);
  near(answersTo("direction", found)[0], 1 / 1.5);
  assert.deepEqual([...neighboursBehind("tradeable", found)], [3, 0]);
  assert.deepEqual([...neighboursBehind("direction", found)], [2, 0], "the chop says nothing of a side");
  const chop = { p_break: Float64Array.of(0), p_bounce: Float64Array.of(0) } as Estimates;
  assert.ok(Number.isNaN(answersTo("direction", chop)[0]), "chops say nothing of a side");
});

function scoreRows(n: number): ScoreRows {
  const random = new Random(3),
    draw = () => Float64Array.from({ length: n }, () => 0.05 + 0.9 * random.uniform());
  const answers = draw();
  answers[0] = NaN;
  return {
    labels: answers.map((p) => random.uniform() < p ? 1 : 0),
    weights: draw(),
    dates: Int32Array.from({ length: n }, (_, i) => i % 25),
    trees: draw(),
    baseRate: new Float64Array(n).fill(0.4),
    answers,
    neighbours: Int32Array.from({ length: n }, (_, i) => i === 0 ? 0 : 9),
  };
}

Deno.test("scoreRetrieval() scores answers drawn to the base rate, alone and as the mean with the trees", () => {
  const rows = scoreRows(500), score = scoreRetrieval("binary", rows, BOOTSTRAP, 10);
  const { labels, weights, trees, baseRate } = rows;
  const alone = rows.answers.map((p, i) => i === 0 ? 0.4 : (9 * p + 0.4) / 10);
  const judge = (predictions: Float64Array) => metricsOf("binary", { labels, weights, predictions }, 10);
  assert.deepEqual(score.metrics, {
    base_rate: judge(baseRate),
    trees: judge(trees),
    retrieval: judge(alone),
    ensemble: judge(alone.map((p, i) => (p + trees[i]) / 2)),
  });
  assert.deepEqual([score.rows, score.unanswered], [500, 1]);
  const { metrics, against } = score;
  near(against.trees_ensemble.difference, metrics.trees.log_loss! - metrics.ensemble.log_loss!);
  near(against.base_rate_retrieval.difference, metrics.base_rate.log_loss! - metrics.retrieval.log_loss!);
  assert.equal(against.trees_retrieval.dates, 25);
  assert.ok(metrics.retrieval.log_loss! < metrics.trees.log_loss!);
});
