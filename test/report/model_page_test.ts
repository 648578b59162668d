import assert from "node:assert/strict";
import { type Batch, CONFIG, NULL_I8 } from "../../lib/base/mod.ts";
import { type HeadMetrics, type Verdict } from "../../lib/ml/mod.ts";
import {
  chosenHeads,
  contributionChart,
  type Explained,
  groupGains,
  harderBaseline,
  importanceChart,
  modelPage,
  type ModelPageData,
  type ModelSet,
  modelVerdict,
  type PageHead,
  rankCharts,
  rankCurve,
  reliabilityChart,
  ruleCatches,
  signedPercent,
  skillChart,
} from "../../lib/report/mod.ts";
import { assertDrawing } from "../helpers/snapshot.ts";

const HEAD: PageHead = {
  title: "Models: stage b, full",
  lake: "lake",
  dates: ["2025-12-15", "2025-12-16"],
  commit: "abc1234",
  inputs: { "trained on": "0123456789ab" },
  made: "2026-01-02T03:04:05Z",
};

function headMetrics(verdict: Verdict, loss = 0.6, family: HeadMetrics["family"] = "primary"): HeadMetrics {
  const metrics = (log_loss: number) => ({
    accuracy: 0.5,
    roc_auc: 0.61,
    brier: 0.2,
    log_loss,
    ece: 0.02,
    mae: null,
    mse: null,
  });
  const against = (base: number) => ({
    difference: base - loss,
    interval: verdict === "insufficient"
      ? null
      : [base - loss - 0.02, base - loss + 0.02] as [number, number],
    p: 0.01,
    p_holm: 0.03,
    dates: 25,
    verdict,
  });
  return {
    rows: 100,
    dates: 25,
    event_dates: 25,
    model: metrics(loss),
    baselines: { base_rate: metrics(0.69), volatility: metrics(0.65) },
    against: { base_rate: against(0.69), volatility: against(0.65) },
    family,
    verdict,
  };
}

/** A family of two sets. */
function family(heads: string[], verdicts: Record<string, Verdict>) {
  const judged = heads.filter((name) => verdicts[name] !== "insufficient").length;
  return { heads, sets: ["a-full", "b-full"], asked: 2 * heads.length, judged: 2 * judged };
}

function modelSet(verdicts: Record<string, Verdict>, testDates: number): ModelSet {
  const test = Array.from({ length: testDates }, (_, k) => `2025-11-${String(k + 1).padStart(2, "0")}`);
  const heads = Object.keys(verdicts).map((name) => ({
    name,
    kind: "tradeable" as const,
    objective: "binary" as const,
    file: `${name}.txt`,
    undecided: 0,
    folds: [],
  }));
  const primary = CONFIG.training.primaryFamily.filter((name) => name in verdicts);
  const others = Object.keys(verdicts).filter((name) => !primary.includes(name));
  return {
    metadata: {
      stage: "b",
      ablation: "full",
      features_version: "1",
      commit: "abc",
      dataset: { path: "x", sha256: "0", rows: 10, dates: test },
      splits: { embargo_sessions: 1, folds: [{ train: ["2025-10-01"], valid: ["2025-10-03"], test }] },
      features: [{ name: "atr", categorical: false }],
      params: {},
      seed: 1,
      heads,
      skipped: [{ head: "reach_2_60s_4m", reason: "only label 0 in 9 training rows" }],
    },
    metrics: {
      weighted_by: "uniqueness",
      families: { primary: family(primary, verdicts), other: family(others, verdicts) },
      heads: Object.fromEntries(
        Object.entries(verdicts).map((
          [name, v],
        ) => [name, headMetrics(v, 0.6, primary.includes(name) ? "primary" : "other")]),
      ),
      monotonicity: [{
        harder: "reach_1_60s_4m",
        easier: "reach_1_120s_4m",
        by: "seconds",
        rows: 9,
        violations: 0.125,
        mean_excess: 0.01,
      }],
    },
  };
}

const SCORED = {
  labels: Float64Array.of(1, 0, 1, 0, 0, 1),
  predictions: Float64Array.of(0.9, 0.8, 0.7, 0.3, 0.3, 0.3),
  weights: Float64Array.of(1, 1, 2, 1, 1, 1),
};

const EXPLAINED: Explained = {
  head: "tradeable_2_4m",
  features: ["atr", "unused", "rv_30m"],
  gain: Float64Array.of(1, 0, 3),
  contributions: [Float64Array.of(0.1, -0.2, 0.1), new Float64Array(3), Float64Array.of(-1, 0.5, 1)],
  values: [Float64Array.of(1, 2, NaN), new Float64Array(3), Float64Array.of(3, 4, 5)],
};

function pageData(verdicts: Record<string, Verdict>, testDates: number, stale = false): ModelPageData {
  const set = modelSet(verdicts, testDates), [head] = Object.keys(verdicts);
  const gain = [{ head, group: "2025-11-01", rows: 3, gain: 0.1 }];
  return {
    sets: [set, { ...set, metadata: { ...set.metadata, ablation: "ta" } }],
    config: CONFIG,
    stale,
    view: {
      ...set,
      rows: [{ head, scored: SCORED }],
      reliability: [{
        head,
        curves: { raw: { ece: 0.1, curve: [{ predicted: 0.3, observed: 0.2, weight: 2, rows: 2 }] } },
      }],
      byDate: gain,
      byKind: gain.map((g) => ({ ...g, group: "VWAP" })),
      explained: stale ? [] : [EXPLAINED],
      rules: stale
        ? []
        : [{ rule: "fp_outcome: break ≥ 0.6", rows: 10, caught: 4, hits: 3, base: 5, dollars: 0.5 }],
      ruleDates: ["2025-11-01"],
      ...(stale ? {} : {
        learning: {
          head,
          objective: "binary" as const,
          points: [1, 2].map((dates) => ({ dates, rows: 9, model: 0.6, base_rate: 0.7, volatility: 0.65 })),
        },
      }),
    },
  };
}

Deno.test("modelVerdict() claims nothing under the fewest test dates, however good the numbers", () => {
  const { status, text } = modelVerdict(pageData({ fp_outcome: "insufficient", b: "insufficient" }, 2));
  assert.equal(status, "warn");
  assert.match(text, /^Insufficient: .* fewer than 20 test dates, .*; 2 test dates, stage b, full\. /);
  assert.match(text, /Holm over the 0 of 2 that can be judged; .* 1 heads could not be trained/);
});

Deno.test("modelVerdict() goes by the primary family, and counts the other heads beside it", () => {
  const some = modelVerdict(
    pageData({ fp_outcome: "beats", direction_4m: "worse", tradeable_2_4m: "insufficient", x: "beats" }, 25),
  );
  assert.equal(some.status, "pass");
  assert.match(
    some.text,
    /^fp_outcome beats both baselines; worse than a baseline: direction_4m; without .*: tradeable_2_4m; 25 test/,
  );
  assert.match(
    some.text,
    /Primary family fp_outcome, direction_4m, tradeable_2_4m in 2 sets: Holm over the 4 of 6 that can be judged/,
  );
  assert.match(
    some.text,
    /1 other head in 2 sets: Holm over the 2 of 2 .*, of which 1 beat both in this set\./,
  );
  const none = modelVerdict(pageData({ fp_outcome: "no different", x: "beats" }, 25));
  assert.deepEqual([none.status, none.text.slice(0, 13)], ["info", "Nothing found"]);
  assert.match(modelVerdict(pageData({ x: "beats" }, 25)).text, /^No head of the primary family was trained/);
  assert.equal(modelVerdict(pageData({ fp_outcome: "beats" }, 25, true)).status, "warn");
});

Deno.test("modelPage() says the verdict first, and shows every head, set, rule and curve", () => {
  const html = modelPage(HEAD, pageData({ tradeable_2_4m: "beats", fp_outcome: "worse" }, 25));
  assert.ok(html.indexOf('class="verdict"') < html.indexOf("<section>"));
  assert.doesNotMatch(html, /<script|\bNaN\b|>undefined<|\[object/);
  for (
    const part of [
      ">b-ta</td>",
      "reach_2_60s_4m",
      "Learning curve",
      "Economic sanity",
      ">75 %<",
      ">50 %<",
      ">12.5<",
    ]
  ) {
    assert.ok(html.includes(part), part);
  }
  for (const tag of ["section", "figure", "table", "svg"]) {
    const opened = html.match(new RegExp(`<${tag}[\\s>]`, "g"))!.length;
    assert.equal(html.match(new RegExp(`</${tag}>`, "g"))!.length, opened, tag);
  }
});

Deno.test("modelPage() leaves features and rules out when Gold has changed since training, and says so", () => {
  const html = modelPage(HEAD, pageData({ tradeable_2_4m: "beats" }, 25, true));
  assert.match(html, /Left out: Gold is not what these models were trained on/);
  assert.doesNotMatch(html, /Economic sanity|features by gain/);
});

Deno.test("chosenHeads() goes by name, not by score", () => {
  const { metadata } = modelSet({
    z: "beats",
    fp_outcome: "worse",
    tradeable_2_4m: "worse",
    y: "beats",
    x: "beats",
  }, 1);
  assert.deepEqual(chosenHeads(metadata, 4), ["tradeable_2_4m", "fp_outcome", "z", "y"]);
});

Deno.test("harderBaseline() is the one of less loss", () => {
  const metrics = headMetrics("beats");
  assert.equal(harderBaseline(metrics), "volatility");
  const { base_rate, volatility } = metrics.baselines;
  assert.equal(harderBaseline({ baselines: { base_rate: volatility, volatility: base_rate } }), "base_rate");
});

Deno.test("rankCurve() steps through thresholds by weight, ties at once", () => {
  const points = rankCurve(SCORED);
  assert.deepEqual(points.map((p) => p.truePositives), [0, 0.25, 0.25, 0.75, 1]);
  assert.deepEqual(points.map((p) => p.falsePositives), [0, 0, 1 / 3, 1 / 3, 1]);
  assert.deepEqual(points.map((p) => p.precision), [1, 1, 0.5, 0.75, 4 / 7]);
});

Deno.test("rankCharts() leaves out heads of one label", () => {
  const one = { ...SCORED, labels: new Float64Array(6) };
  assert.deepEqual(rankCharts([{ head: "a", scored: one }]), []);
  const [roc, pr] = rankCharts([{ head: "a", scored: one }, { head: "b", scored: SCORED }]);
  // Of 4 × 3 weighted pairs: 0.9 above all three, 0.7 (weight 2) above two, 0.3 ties with two.
  assert.deepEqual(roc.legend?.map((l) => l.label), ["b AUC 0.667"]);
  assert.deepEqual(pr.legend?.map((l) => l.label), ["b base 57 %"]);
});

Deno.test("charts of models are drawn", async () => {
  const heads = { tradeable_2_4m: headMetrics("beats"), fp_outcome: headMetrics("insufficient", 0.7) };
  await assertDrawing("skill_chart.svg", skillChart(heads).svg);
  await assertDrawing("contribution_chart.svg", contributionChart(EXPLAINED).svg);
  const curve = [{ predicted: 0.6, observed: 0.7, weight: 3, rows: 3 }, {
    predicted: 0.1,
    observed: 0.2,
    weight: 1,
    rows: 2,
  }];
  await assertDrawing(
    "reliability_chart.svg",
    reliabilityChart({ head: "a", curves: { raw: { ece: 0.1, curve } } }).svg,
  );
});

Deno.test("importanceChart() shows shares of gain, the largest first, and no unused feature", () => {
  const { svg } = importanceChart(EXPLAINED);
  assert.ok(svg.indexOf(">rv_30m<") < svg.indexOf(">atr<"));
  assert.match(svg, />75 %<\/text>/);
  assert.doesNotMatch(svg, /unused/);
  assert.match(importanceChart({ ...EXPLAINED, gain: new Float64Array(3) }).svg, /no split/);
});

Deno.test("groupGains() weighs losses within each group", () => {
  const gains = groupGains("a", ["y", "x", "y"], Float64Array.of(1, 1, 3), {
    model: Float64Array.of(1, 2, 1),
    baseline: Float64Array.of(2, 1, 2),
  });
  assert.deepEqual(gains, [
    { head: "a", group: "x", rows: 1, gain: -1 },
    { head: "a", group: "y", rows: 2, gain: 0.5 },
  ]);
});

Deno.test("ruleCatches() counts a touch after which nothing happens as a miss, and skips unknown outcomes", () => {
  const batch: Batch = {
    length: 5,
    columns: {
      outcome_4m: { codes: Int32Array.of(0, 1, 2, 3, 0), values: ["BREAK", "BOUNCE", "CHOP", "UNDEFINED"] },
      strength_signed_4m: Float64Array.of(3, -2, 0.5, NaN, 2),
      fp_outcome: Int8Array.of(1, -1, 0, NULL_I8, 1),
    },
  };
  const found = ruleCatches({
    batch,
    rows: Uint32Array.of(0, 1, 2, 3, 4),
    horizon: 4,
    threshold: 0.6,
    direction: Float64Array.of(0.9, 0.1, 0.6, 0.9, 0.5),
    tradeable: Float64Array.of(0.9, 0.5, 0.5, 0.9, 0.9),
  });
  const rows = 4;
  assert.deepEqual(found, [
    { rule: "direction_4m: break ≥ 0.6", rows, caught: 2, hits: 1, base: 2, dollars: 1.75 },
    { rule: "direction_4m: bounce ≥ 0.6", rows, caught: 1, hits: 1, base: 1, dollars: 2 },
    { rule: "tradeable_2_4m × direction_4m: break ≥ 0.6", rows, caught: 1, hits: 1, base: 2, dollars: 3 },
    { rule: "tradeable_2_4m × direction_4m: bounce ≥ 0.6", rows, caught: 0, hits: 0, base: 1, dollars: NaN },
  ]);
});

Deno.test("signedPercent() keeps the sign and drops false precision", () => {
  assert.deepEqual([0, 0.004, -0.031, 0.25, -0.0001].map(signedPercent), [
    "0 %",
    "+0.4 %",
    "−3.1 %",
    "+25 %",
    "0.0 %",
  ]);
});
