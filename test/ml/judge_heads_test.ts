import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import {
  type HeadMetrics,
  type HeadScore,
  judgeSets,
  type Metrics,
  sayVerdict,
  type ScoredSet,
} from "../../lib/ml/mod.ts";

const NONE: Metrics = {
  accuracy: null,
  roc_auc: null,
  brier: null,
  log_loss: 0.6,
  ece: null,
  mae: null,
  mse: null,
};

/** A score whose p-value against both baselines is `p`. */
function score(p: number | null, change: Partial<HeadScore> = {}, difference = 0.1): HeadScore {
  const dates = change.dates ?? 20, one = { difference, interval: null, p, dates };
  return {
    rows: 400,
    dates,
    event_dates: 15,
    model: NONE,
    baselines: { base_rate: NONE, volatility: NONE },
    against: { base_rate: one, volatility: one },
    ...change,
  };
}

const scored = (set: string, heads: Record<string, HeadScore>): ScoredSet => ({
  set,
  scores: Object.entries(heads),
  monotonicity: [],
});

/** Adjusted p-values of every head of every set, rounded. */
function adjusted(sets: readonly ScoredSet[]): Record<string, number | null> {
  return Object.fromEntries(
    judgeSets(sets, CONFIG).flatMap(({ heads }, k) =>
      Object.entries(heads).map(([name, { against }]) => {
        const p = against.base_rate.p_holm;
        return [`${sets[k].set} ${name}`, p === null ? null : Number(p.toFixed(12))];
      })
    ),
  );
}

Deno.test("judgeSets() corrects the primary family over every set, by hand", () => {
  const sets = [
    scored("a-full", { fp_outcome: score(0.01), direction_4m: score(0.04), reach_1_60s_4m: score(0.02) }),
    scored("b-full", { fp_outcome: score(0.004), direction_4m: score(0.03), reach_1_60s_4m: score(0.01) }),
  ];
  // Of four: 4 × 0.004, 3 × 0.01, 2 × 0.03, then 0.04, which may not be less. Of the other two: 2 × 0.01, 0.02.
  assert.deepEqual(adjusted(sets), {
    "a-full fp_outcome": 0.03,
    "a-full direction_4m": 0.06,
    "a-full reach_1_60s_4m": 0.02,
    "b-full fp_outcome": 0.016,
    "b-full direction_4m": 0.06,
    "b-full reach_1_60s_4m": 0.02,
  });
  const [a, b] = judgeSets(sets, CONFIG);
  assert.deepEqual(a.families, b.families);
  assert.deepEqual(a.families.primary, {
    heads: ["fp_outcome", "direction_4m"],
    sets: ["a-full", "b-full"],
    asked: 4,
    judged: 4,
  });
  assert.deepEqual(Object.values(a.heads).map((head) => [head.family, head.verdict]), [
    ["primary", "beats"],
    ["primary", "no different"],
    ["other", "beats"],
  ]);
});

Deno.test("judgeSets() lets a head that cannot be judged cost nobody anything", () => {
  const random = new Random(9), primary = CONFIG.training.primaryFamily;
  for (let trial = 0; trial < 100; trial++) {
    const heads: Record<string, HeadScore> = {};
    for (const name of [...primary.slice(0, 1 + random.int(3)), "reach_1_60s_4m", "reach_2_60s_4m"]) {
      heads[name] = score(random.uniform() * 0.06);
    }
    const before = adjusted([scored("b-full", heads)]);
    const few = [score(0.0001, { dates: 19 }), score(0.0001, { event_dates: 9 }), score(null)];
    const unjudged = few[random.int(few.length)];
    const after = adjusted([
      scored("b-full", { ...heads, direction_8m: unjudged }),
      scored("a-full", Object.fromEntries(primary.map((name) => [name, unjudged]))),
    ]);
    for (const [name, p] of Object.entries(before)) assert.equal(after[name], p, name);
    for (const name of primary) assert.equal(after[`a-full ${name}`], null);
  }
});

Deno.test("judgeSets() does not let the number of other heads touch the primary family", () => {
  const primary = { fp_outcome: score(0.02), direction_4m: score(0.024) };
  const others = Object.fromEntries(Array.from({ length: 31 }, (_, k) => [`other_${k}`, score(0.02)]));
  const [alone] = judgeSets([scored("b-full", primary)], CONFIG);
  const [among] = judgeSets([scored("b-full", { ...primary, ...others })], CONFIG);
  for (const name of Object.keys(primary)) assert.deepEqual(among.heads[name], alone.heads[name]);
  assert.equal(among.heads.fp_outcome.verdict, "beats");
  assert.equal(among.heads.other_0.verdict, "no different");
});

Deno.test("judgeSets() asks a head to beat both baselines", () => {
  const mixed = score(0.001), against = mixed.against;
  const verdictOf = (volatility: HeadScore["against"]["volatility"]): HeadMetrics["verdict"] =>
    judgeSets(
      [scored("b-full", { fp_outcome: { ...mixed, against: { ...against, volatility } } })],
      CONFIG,
    )[0]
      .heads.fp_outcome.verdict;
  assert.equal(verdictOf(against.volatility), "beats");
  assert.equal(verdictOf({ ...against.volatility, p: 0.3 }), "no different");
  assert.equal(verdictOf({ ...against.volatility, difference: -1 }), "worse");
});

Deno.test("sayVerdict() names sets and heads that decide, and which tests were corrected together", () => {
  const said = (...sets: ScoredSet[]) =>
    sayVerdict(judgeSets(sets, CONFIG).map((metrics, k) => ({ set: sets[k].set, metrics })), CONFIG);
  const found = said(
    scored("a-full", { fp_outcome: score(0.5), direction_4m: score(0.5, { dates: 3 }) }),
    scored("b-full", { fp_outcome: score(0.001), direction_4m: score(0.5, { dates: 3 }), x: score(0.5) }),
  );
  assert.deepEqual(found, {
    status: "pass",
    text:
      "fp_outcome (b-full) beats both baselines; without a verdict (fewer than 20 test dates, or than 10 with " +
      "the rarer label): direction_4m (a-full), direction_4m (b-full)",
    family:
      "Primary family fp_outcome, direction_4m in 2 sets: Holm over the 2 of 4 that can be judged; 1 other head " +
      "in 1 set: Holm over the 1 of 1 that can be judged, of which 0 beat both",
  });
  assert.deepEqual(
    [said(scored("b-full", { fp_outcome: score(0.5) })), said(scored("b-full", { fp_outcome: score(null) }))]
      .map(({ status, text }) => [status, text.slice(0, 40)]),
    [["info", "Nothing found: no head of the primary fa"], [
      "warn",
      "Insufficient: no head of the primary fam",
    ]],
  );
});
