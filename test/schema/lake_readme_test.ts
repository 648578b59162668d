import assert from "node:assert/strict";
import { FEATURES, GOLD_SIGNALS, lakeReadme, TABLES } from "../../lib/schema/mod.ts";

Deno.test("lakeReadme() is what lake/README.md says", async () => {
  const found = await Deno.readTextFile(new URL("../../lake/README.md", import.meta.url));
  assert.equal(found, lakeReadme(), "lake/README.md is stale: run deno task readme");
});

Deno.test("every column of every table has a unit and a meaning", () => {
  for (const table of TABLES) {
    for (const [name, spec] of Object.entries(table.columns)) {
      assert.ok(spec.unit.length > 0 && spec.description.length > 2, `${table.name}.${name}`);
      if (name.endsWith("_ns")) assert.equal(spec.dtype, "i64", `${table.name}.${name}`);
    }
  }
});

Deno.test("features.json names each column once and derives only from tables and columns that exist", () => {
  const names = new Set(FEATURES.map((f) => f.name));
  assert.equal(names.size, FEATURES.length);
  const tables = new Set([...TABLES.map((t) => t.name), "levels", "bars"]);
  for (const feature of FEATURES) {
    for (const source of feature.computed_from) {
      assert.ok(
        names.has(source) || tables.has(source),
        `${feature.name} is computed from unknown ${source}`,
      );
    }
    if (feature.available === "label") assert.equal(feature.stage, null, feature.name);
  }
  assert.deepEqual(Object.keys(GOLD_SIGNALS.columns), FEATURES.map((f) => f.name));
});
