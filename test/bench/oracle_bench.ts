/**
 * How much of what the simulator knows the trees find, and what they claim where there is nothing to find: many quiet
 * sessions with the default effects or another beta, and as many of the null market.
 *
 *     deno run -A test/bench/oracle_bench.ts [dates] [test dates] [scale] [beta]      # 120 40 0.1 1.2
 *
 * Prints AUC − 0.5 of the first passage for the trees, for the simulator's own chances and their ratio, and the
 * verdicts of all heads in both markets. About a second of a core a session at scale 0.1. Found there: at beta 3 a
 * ratio of 0.84 to 0.91 with 56 to 64 dates; at the default 1.2 only 0.53 (0.10 of 0.19) with 110 dates of which 40 were
 * tested, 0.61 without folds: so weak an effect wants more dates, or the busier book of scale 1.
 *
 * @module
 */
import { CONFIG, i8, tradingDays } from "../../lib/base/mod.ts";
import {
  countVerdicts,
  headJobs,
  judgeSets,
  planTraining,
  rocAuc,
  scoredSet,
  trainHead,
} from "../../lib/ml/mod.ts";
import { DEFAULT_EFFECTS, NULL_EFFECTS } from "../../lib/simulate/mod.ts";
import { oracleMarket } from "../helpers/oracle_market.ts";

const [count, test, scale, beta] = [120, 40, 0.1, DEFAULT_EFFECTS.beta].map((usual, k) =>
  Number(Deno.args[k] ?? usual)
);
const dates = tradingDays("2025-01-02", "2026-12-31").slice(0, count);
// deno-lint-ignore no-console
const say = (text: string) => console.log(text);

for (const [market, effects] of [["signal", { ...DEFAULT_EFFECTS, beta }], ["null", NULL_EFFECTS]] as const) {
  const { dataset, chance } = await oracleMarket(dates, { seed: "bench", scale, effects });
  const plan = planTraining(dataset, { config: CONFIG, test, skip: true });
  const results = headJobs(dataset, plan, { stage: "b", ablation: "full", config: CONFIG }).map(trainHead);
  const [metrics] = judgeSets([scoredSet("b-full", plan, results)], CONFIG);
  const passage = results.find(({ head }) => head === "fp_outcome")!,
    { row, test: is, prediction } = passage.predictions;
  const at = Uint32Array.from(row.keys()).filter((i) => is[i] === 1 && !Number.isNaN(chance[row[i]]));
  const lift = (said: (i: number) => number) =>
    rocAuc({
      labels: Float64Array.from(at, (i) => i8(dataset.batch, "fp_outcome")[row[i]] > 0 ? 1 : 0),
      weights: Float64Array.from(at, (i) => dataset.weights[row[i]]),
      predictions: Float64Array.from(at, said),
    }) - 0.5;
  const trees = lift((i) => prediction[i]), oracle = lift((i) => chance[row[i]]);
  say(
    `${market}: ${dataset.batch.length} touches of ${count} dates, ${at.length} test rows of the first passage`,
  );
  say(
    `  AUC − 0.5: trees ${trees.toFixed(3)}, oracle ${oracle.toFixed(3)}, ratio ${
      (trees / oracle).toFixed(2)
    }`,
  );
  const beating = Object.entries(metrics.heads).filter(([, head]) => head.verdict === "beats").map(([name]) =>
    name
  );
  say(`  verdicts ${JSON.stringify(countVerdicts(metrics))}; beat both: ${beating.join(", ") || "none"}`);
}
