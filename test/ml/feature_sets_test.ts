import assert from "node:assert/strict";
import {
  ABLATIONS,
  distanceFeatures,
  featureMatrix,
  featureNamed,
  featureSet,
  STAGES,
} from "../../lib/ml/mod.ts";
import { FEATURES } from "../../lib/schema/mod.ts";
import { stringsOf } from "../../lib/base/mod.ts";

const names = (stage: "a" | "b", ablation: "full" | "ta" | "mechanics") =>
  featureSet(stage, ablation).map((feature) => feature.name);

Deno.test("featureSet() splits each stage into ta and mechanics, sharing none", () => {
  for (const stage of STAGES) {
    const ta = new Set(names(stage, "ta")), mechanics = names(stage, "mechanics");
    assert.ok(ta.size > 10 && mechanics.length > 5);
    assert.deepEqual(mechanics.filter((name) => ta.has(name)), []);
    const both = new Set([...ta, ...mechanics]);
    assert.deepEqual(names(stage, "full").filter((name) => !both.has(name)), []);
    assert.equal(both.size, names(stage, "full").length);
  }
});

Deno.test("featureSet() never holds identity, a label, or for stage a the bar's order flow", () => {
  for (const stage of STAGES) {
    for (const ablation of ABLATIONS) {
      for (const feature of featureSet(stage, ablation)) {
        assert.ok(!["identity", "label"].includes(feature.group), feature.name);
        assert.notEqual(feature.available, "label");
        if (stage === "a") assert.equal(feature.stage, "a", feature.name);
      }
    }
  }
  const everything = FEATURES.filter((feature) => feature.stage !== null).length;
  assert.equal(featureSet("b", "full").length, everything);
});

Deno.test("featureSet() of stage a and of ta holds nothing that derives from book or tape", () => {
  const parents = new Map(FEATURES.map((feature) => [feature.name, feature.computed_from]));
  const roots = (name: string, seen = new Set<string>()): Set<string> => {
    for (const parent of parents.get(name) ?? [name]) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      if (parents.has(parent)) roots(parent, seen);
    }
    return seen;
  };
  const flow = new Set(
    FEATURES.filter((f) => ["barrier", "quotes", "tape"].includes(f.group)).map((f) => f.name),
  );
  for (const name of [...names("a", "full"), ...names("b", "ta")]) {
    const found = [...roots(name)].filter((parent) => flow.has(parent) || parent === "futures.mbp10");
    assert.deepEqual(found, [], name);
  }
});

Deno.test("featureSet() puts trends of attempts with the mechanics they follow", () => {
  assert.ok(names("b", "mechanics").includes("replenishment_trend"));
  assert.ok(names("b", "ta").includes("attempt_index"));
  assert.ok(names("b", "ta").includes("level_kind"));
  assert.ok(names("a", "mechanics").includes("gamma_pressure"));
});

Deno.test("featureMatrix() gives NaN for null and codes by the contract's values", () => {
  const batch = {
    length: 3,
    columns: {
      fuel_effect: stringsOf(["NEUTRAL", null, "AMPLIFY"]),
      crossed: Int8Array.of(1, -128, 0),
      prior_touches: Int32Array.of(4, -(2 ** 31), 0),
      atr: Float64Array.of(0.5, NaN, 2),
    },
  };
  const wanted = Object.keys(batch.columns).map(featureNamed);
  const { columns, categorical } = featureMatrix(batch, wanted);
  assert.deepEqual(categorical, [true, false, false, false]);
  assert.deepEqual(columns.map((column) => [...column]), [[2, NaN, 0], [1, NaN, 0], [4, NaN, 0], [
    0.5,
    NaN,
    2,
  ]]);
});

Deno.test("featureMatrix() refuses a string the contract does not know", () => {
  const batch = { length: 1, columns: { fuel_effect: stringsOf(["BOOST"]) } };
  assert.throws(() => featureMatrix(batch, [featureNamed("fuel_effect")]), /fuel_effect.*"BOOST" in row 0/);
});

Deno.test("distanceFeatures() leaves kinds and codes out", () => {
  const kept = distanceFeatures(featureSet("b", "full"));
  assert.ok(kept.length > 60);
  assert.deepEqual(kept.filter((f) => f.dtype === "utf8" || f.name === "level_code"), []);
});
