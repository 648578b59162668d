import assert from "node:assert/strict";
import { type Batch, CONFIG, f64, i64, sessionOf, strings } from "../../lib/base/mod.ts";
import { GOLD_CHECKS, type HourEvents, playSession, validateGold } from "../../lib/gold/mod.ts";
import { FEATURES } from "../../lib/schema/mod.ts";
import { tinyMarket } from "../helpers/tiny_market.ts";

const SESSION = sessionOf("2025-12-16");

async function signals(): Promise<Batch> {
  async function* feed(): AsyncGenerator<HourEvents> {
    yield* tinyMarket(SESSION, 5, 120);
  }
  const history = {
    closes: new Float64Array(430).fill(6795),
    previous: { high: 6812, low: 6788, close: 6801 },
  };
  const { builder } = await playSession(
    { session: SESSION, contract: "ESH6", history, config: CONFIG },
    feed(),
  );
  return builder.tables().signals;
}

Deno.test("playSession() fills exactly the columns of features.json, in order", async () => {
  const rows = await signals();
  assert.deepEqual(Object.keys(rows.columns), FEATURES.map((f) => f.name));
  assert.ok(rows.length > 50);
});

Deno.test("validateGold() passes every row-wise check on rows the build made", async () => {
  const { verdict, profile } = validateGold(await signals(), CONFIG);
  const rowwise = verdict.findings.filter((f) => /^(schema|invariant|ids)\./.test(f.check));
  assert.deepEqual(rowwise, []);
  assert.equal(verdict.checks, GOLD_CHECKS.length);
  assert.equal(profile.columns.length, FEATURES.length);
});

const FAULTS: Record<string, (rows: Batch) => void> = {
  "schema.range": (rows) => f64(rows, "book_imbalance")[3] = 1.5,
  "schema.nulls": (rows) => f64(rows, "tape_velocity")[3] = NaN,
  "schema.values": (rows) => strings(rows, "fuel_effect").values[0] = "EXPLODE",
  "ids.unique": (rows) => strings(rows, "event_id").codes[4] = strings(rows, "event_id").codes[3],
  "invariant.event_id": (rows) => f64(rows, "level")[0] += 0.01,
  "invariant.available": (rows) => i64(rows, "available_ts_ns")[7] += 1n,
  "invariant.session": (rows) => i64(rows, "ts_ns").fill(SESSION.closeNs),
  "invariant.distance": (rows) => f64(rows, "distance")[2] += 1e-9,
  "invariant.scale": (rows) => f64(rows, "level_es")[2] += 1,
  "invariant.direction": (rows) => f64(rows, "spot").reverse(),
  "invariant.barrier": (rows) => f64(rows, "churn")[5] += 1,
  "invariant.confirm_2m": (rows) => i64(rows, "confirm_ts_ns_2m")[1] += 60_000_000_000n,
  "invariant.strength_8m": (rows) => f64(rows, "strength_signed_8m")[1] += 1,
  "invariant.tradeable_1_2m": (rows) => f64(rows, "time_to_threshold_1_2m").fill(3),
  "invariant.outcome_8m": (rows) => strings(rows, "outcome_8m").codes.fill(0),
  "invariant.passage": (rows) => f64(rows, "fp_time_s").fill(NaN),
  "prices.halt": (rows) => f64(rows, "atr")[6] = 50,
  "pressure.alive": (rows) => f64(rows, "tape_pressure").fill(0.99),
};

for (const [check, plant] of Object.entries(FAULTS)) {
  Deno.test(`validateGold() finds a planted ${check} and says what to do`, async () => {
    const rows = await signals();
    plant(rows);
    const { verdict } = validateGold(rows, CONFIG);
    const found = verdict.findings.find((f) => f.check === check);
    assert.ok(found, `${check} not among ${verdict.findings.map((f) => f.check)}`);
    assert.equal(verdict.status, "fail");
    assert.ok(found.count > 0 && found.remedy.length > 10);
  });
}
