/**
 * Is nothing found where nothing is, and would it have been found if it were? Both markets go from the simulator's
 * books and prints through Silver's and Gold's own functions to the verdict of the primary family; some three minutes on
 * two cores. Measured with these dates: half the effect has an AUC of 0.56 to 0.57 where the simulator's own chances have
 * 0.60, and p = 0.0002 with either of two seeds; with 104 dates, 60 of them tested, p was 0.02 to 0.5.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CONFIG, runJobs, tradingDays } from "../../../lib/base/mod.ts";
import {
  type HeadJob,
  headJobs,
  type HeadResult,
  judgeSets,
  type ModelMetrics,
  planTraining,
  sayVerdict,
  scoredSet,
} from "../../../lib/ml/mod.ts";
import { DEFAULT_EFFECTS, NULL_EFFECTS, type SimulatedEffects } from "../../../lib/simulate/mod.ts";
import { oracleMarket } from "../../helpers/oracle_market.ts";

/** So many dates find half the effect; a null test of fewer says little. */
const TEST = 120, DATES = tradingDays("2025-01-02", "2025-12-31").slice(0, 200);

/** Trains and judges the primary family in a market of many quiet sessions. */
async function judge(effects: SimulatedEffects) {
  const { dataset, chance } = await oracleMarket(DATES, { seed: "null", scale: 0.1, effects });
  const plan = planTraining(dataset, {
    config: CONFIG,
    heads: CONFIG.training.primaryFamily,
    test: TEST,
  });
  const jobs = headJobs(dataset, plan, { stage: "b", ablation: "full", config: CONFIG }, true);
  const worker = new URL("../../../lib/ml/worker.ts", import.meta.url), done = new Map<string, HeadResult>();
  for await (const { job, result } of runJobs<HeadJob, HeadResult>(worker, jobs)) {
    if (!result.ok) throw new Error(`${job.head.name}: ${result.message}`);
    done.set(job.head.name, result.value);
  }
  const results = plan.heads.map(({ head }) => done.get(head.name)!);
  const [metrics] = judgeSets([scoredSet("b-full", plan, results)], CONFIG);
  return { chance, metrics, said: sayVerdict([{ set: "b-full", metrics }], CONFIG) };
}

/** AUC and p-values, for the message of a failure. */
function evidence({ heads }: ModelMetrics): string {
  return Object.entries(heads).map(([name, { dates, model, against: { base_rate, volatility } }]) =>
    `${name}: AUC ${model.roc_auc?.toFixed(3)}, p ${base_rate.p}, ${volatility.p} on ${dates} dates`
  ).join("; ");
}

Deno.test("in the null market no head of the primary family beats its baselines on 120 test dates", async () => {
  const { chance, metrics, said } = await judge(NULL_EFFECTS), shown = evidence(metrics);
  assert.ok(chance.every((p) => Number.isNaN(p) || p === 0.5));
  assert.deepEqual(Object.keys(metrics.heads).sort(), CONFIG.training.primaryFamily.toSorted());
  assert.equal(metrics.families.primary.judged, CONFIG.training.primaryFamily.length, shown);
  assert.ok(metrics.heads.fp_outcome.dates >= TEST, shown);
  assert.equal(said.status, "info", shown);
  // Nor does a head that can be foretold hide behind a correction: 0.555 when anchors were last trades.
  assert.ok(Math.abs(metrics.heads.fp_outcome.model.roc_auc! - 0.5) < 0.035, shown);
});

Deno.test("the same test would have found half of the default effect", async () => {
  const half = Object.fromEntries(Object.entries(DEFAULT_EFFECTS).map(([name, x]) => [name, x / 2]));
  const { metrics, said } = await judge(half as unknown as SimulatedEffects), shown = evidence(metrics);
  assert.equal(said.status, "pass", shown);
  assert.equal(metrics.heads.fp_outcome.verdict, "beats", shown);
  // Well inside the level: with another seed it would have been found as well.
  assert.ok(metrics.heads.fp_outcome.against.base_rate.p_holm! < 0.01, shown);
});
