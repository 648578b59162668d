import assert from "node:assert/strict";
import {
  type Batch,
  type Column,
  CONFIG,
  dayNumber,
  f64,
  i32,
  i64,
  i8,
  isNullAt,
  isStrings,
  strings,
  takeRows,
  tradingDays,
} from "../../lib/base/mod.ts";
import { validateGold } from "../../lib/gold/mod.ts";
import { expectationOf, type Feature, FEATURES, type Finding } from "../../lib/schema/mod.ts";
import { oracleMarket } from "../helpers/oracle_market.ts";

/** Two quiet sessions of the simulator: honest rows, with all the rarities that such a market has. */
const { dataset: { batch: GOLD } } = await oracleMarket(["2025-12-15", "2025-12-16"], {
  seed: "columns",
  scale: 0.1,
  effects: { beta: 1.2, gamma: 0.5, delta: 0.5 },
});

const found = (rows: Batch): Finding[] => validateGold(rows, CONFIG).verdict.findings;
const about = (findings: readonly Finding[], subject: string) =>
  findings.filter((f) => f.subject === subject && f.check.startsWith("columns."));
const BEFORE = found(GOLD);

/** Rows with another column of a name; nulls stay where they are. */
function withColumn(feature: Feature, valueAt: (row: number) => number): Batch {
  const column = GOLD.columns[feature.name], isNull = isNullAt(column, feature.dtype);
  assert.ok(!isStrings(column));
  const changed = column.slice() as Exclude<Column, { codes: unknown }>;
  for (let i = 0; i < GOLD.length; i++) {
    if (isNull(i)) continue;
    if (changed instanceof BigInt64Array) changed[i] = BigInt(valueAt(i));
    else changed[i] = valueAt(i);
  }
  return { ...GOLD, columns: { ...GOLD.columns, [feature.name]: changed } };
}

/** Rows in which a column is known. */
function knownRows({ name, dtype }: Feature): number[] {
  const isNull = isNullAt(GOLD.columns[name], dtype);
  return [...i32(GOLD, "date").keys()].filter((i) => !isNull(i));
}

/** A date may be one alone; the rest is what two quiet sessions know too rarely to be judged. */
const NUMERIC = FEATURES.filter((f) => f.dtype !== "utf8" && f.dtype !== "date" && knownRows(f).length >= 30);

Deno.test("validateGold() has nothing to say of honest columns, but that a quiet market has one spread, a wall everywhere and no average yet", () => {
  const said = BEFORE.filter((f) => f.check.startsWith("columns."));
  assert.deepEqual(said.map(({ severity, subject }) => `${severity} ${subject}`), [
    "warn spread_ticks",
    "warn confluence_alignment",
    // The best price is visible wherever the zone is, and has a size.
    "warn wall_ratio_nonzero",
  ]);
  assert.deepEqual(BEFORE.filter(({ severity }) => severity === "fail"), []);
  assert.ok(NUMERIC.length > 120, String(NUMERIC.length));
});

Deno.test("validateGold() sees every numeric column that is a constant, or zero", () => {
  for (const feature of NUMERIC) {
    const { name } = feature, rare = expectationOf(feature).commonest >= 0.98;
    const first = Number((GOLD.columns[name] as Float64Array)[knownRows(feature)[0]]);
    for (const constant of [first || 1, 0]) {
      const [fault] = about(found(withColumn(feature, () => constant)), name);
      assert.ok(fault, `${name} = ${constant}`);
      const mayBe = rare && (constant !== 0 || expectationOf(feature).zeros >= 0.98);
      assert.equal(fault.severity, mayBe ? "warn" : "fail", `${name} = ${constant}: ${fault.message}`);
    }
  }
});

Deno.test("validateGold() sees a column that is a constant but for its rounding, or zero on most rows", () => {
  for (const feature of NUMERIC.filter((f) => f.dtype === "f64" && expectationOf(f).commonest < 0.9)) {
    const noisy = withColumn(feature, (row) => 3 + (row % 7) * 1e-13);
    assert.equal(about(found(noisy), feature.name)[0]?.severity, "fail", feature.name);
  }
  for (const name of ["gamma_exposure", "gamma_flow_velocity", "tape_velocity", "dealer_pressure"]) {
    const feature = FEATURES.find((f) => f.name === name)!, values = f64(GOLD, name);
    const mostly = withColumn(feature, (row) => row % 10 < 8 ? 0 : values[row]);
    const [fault] = about(found(mostly), name);
    assert.equal(fault?.check, "columns.uniform", name);
    assert.match(fault.message, /is 0 on (79|8\d)(\.\d)? % of \d+ rows, features\.json expects at most 65 %/);
  }
});

Deno.test("validateGold() sees rows in reverse, and a date that stops at noon", () => {
  const reversed = takeRows(GOLD, Uint32Array.from(i64(GOLD, "ts_ns").keys()).reverse());
  const { verdict } = validateGold(reversed, CONFIG);
  assert.equal(verdict.status, "fail");
  assert.ok(verdict.findings.find((f) => f.check === "order.time")!.count > GOLD.length / 2);
  const since = i32(GOLD, "bars_since_open"), last = i32(GOLD, "date").at(-1);
  const morning = Uint32Array.from(since.keys()).filter((row) =>
    i32(GOLD, "date")[row] !== last || since[row] < 150
  );
  const stops = found(takeRows(GOLD, morning)).filter((f) => f.check === "dates.hours");
  assert.deepEqual(stops.map((f) => f.message), ["2025-12-16 has touches in 5 of its 13 half-hours"]);
});

Deno.test("validateGold() sees labels of one class", () => {
  const outcome = (rows: Batch, name: string) => strings(rows, name).values;
  for (const name of ["outcome", "outcome_2m", "outcome_8m"]) {
    for (const only of ["BREAK", "BOUNCE"]) {
      const codes = new Int32Array(GOLD.length).fill(outcome(GOLD, name).indexOf(only));
      const rows = { ...GOLD, columns: { ...GOLD.columns, [name]: { codes, values: outcome(GOLD, name) } } };
      const fault = found(rows).find((f) => f.check === "labels.one_sided" && f.subject === name);
      assert.equal(fault?.severity, "fail", `${name} ${only}`);
    }
    const codes = new Int32Array(GOLD.length).fill(outcome(GOLD, name).indexOf("CHOP"));
    const rows = { ...GOLD, columns: { ...GOLD.columns, [name]: { codes, values: outcome(GOLD, name) } } };
    assert.equal(about(found(rows), name)[0]?.check, "columns.uniform", name);
  }
  const passage = i8(GOLD, "fp_outcome").map((side) => side === -1 ? 1 : side);
  const rows = { ...GOLD, columns: { ...GOLD.columns, fp_outcome: passage } };
  assert.equal(found(rows).find((f) => f.check === "labels.one_sided")?.subject, "fp_outcome");
});

Deno.test("validateGold() speaks of drift from ten dates a side only", () => {
  const days = (count: number): Batch => {
    const many = Array.from({ length: count }, (_, k) => k);
    const rows = Uint32Array.from(many.flatMap(() => [...Array(60).keys()]));
    const dates = tradingDays("2025-01-02", "2025-12-31").map(dayNumber);
    const wide = takeRows(GOLD, rows), date = i32(wide, "date").map((_, i) => dates[Math.floor(i / 60)]);
    const atr = f64(wide, "atr").map((_, i) => (i / 60 < count / 2 ? 1 : 9) + (i % 60) / 60);
    return { ...wide, columns: { ...wide.columns, date, atr } };
  };
  const drifts = (count: number) =>
    found(days(count)).filter((f) => f.check === "dates.drift").map((f) => f.subject);
  assert.deepEqual(drifts(19), []);
  assert.ok(drifts(20).includes("atr"));
});
