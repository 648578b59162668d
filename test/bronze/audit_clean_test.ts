/** The audit over clean lakes: nothing to find. */
import assert from "node:assert/strict";
import { tradingDays } from "../../lib/base/mod.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";
import { audit, told, writeDay } from "../helpers/audit_lake.ts";
import { withLake } from "../helpers/bronze_lake.ts";

const WEEKS = [{ seed: 1, first: "2025-12-10", last: "2025-12-16" }, {
  seed: 2,
  first: "2025-12-12",
  last: "2025-12-15",
}];

for (const { seed, first, last } of WEEKS) {
  Deno.test(`auditLake() raises no false alarm over clean days with a roll, seed ${seed}`, async () => {
    await withLake(async (lake) => {
      const dates = tradingDays(first, last);
      for (const date of dates) await writeDay(lake, simulateDay({ date, scale: 0.15, seed }));
      const report = await audit(lake);
      assert.deepEqual(told(report.verdict.findings), []);
      assert.equal(report.verdict.status, "pass");
      assert.deepEqual(report.dates, dates);
      // The roll is told, as something to know and not as a fault.
      const shares = report.verdict.findings.filter(({ check }) => check === "contracts.share");
      assert.ok(shares.every(({ severity }) => severity === "info"));
      const front = report.days.map(({ roll }) => roll.front);
      assert.deepEqual([...new Set(front)], ["ESZ5", "ESH6"]);
      for (const day of report.days) {
        assert.equal(day.main, day.roll.front);
        assert.ok(day.overlap > 0.99);
        assert.ok(day.rules.rules.find(({ rule }) => rule === "calendar")!.contract === day.roll.front);
      }
    });
  });
}

// On this day a sweep takes what minutes would trade: they must not be taken for lost.
Deno.test("auditLake() raises no false alarm over a clean day of the usual scale", async () => {
  await withLake(async (lake) => {
    await writeDay(lake, simulateDay({ date: "2025-12-11", seed: 3 }));
    assert.deepEqual(told((await audit(lake)).verdict.findings), []);
  });
});
