/** The audit knows what was known then, and what is no session to compare with. */
import assert from "node:assert/strict";
import { type Batch, easternNs, haltsOf, i64, sessionOf, SILENT, takeRows } from "../../lib/base/mod.ts";
import { ingestOptions } from "../../lib/bronze/mod.ts";
import { simulateDay, type SimulatedDay } from "../../lib/simulate/mod.ts";
import { fileAt } from "../../tasks/_sources.ts";
import { audit, told, writeDay } from "../helpers/audit_lake.ts";
import { withLake } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";

function where(batch: Batch, keep: (ns: bigint) => boolean): Batch {
  const ts = i64(batch, "ts_event_ns");
  return takeRows(batch, Uint32Array.from(ts.keys()).filter((i) => keep(ts[i])));
}

/** A day of which only the rows at some times are there. */
function cut(day: SimulatedDay, keep: (ns: bigint) => boolean): SimulatedDay {
  return {
    ...day,
    trades: where(day.trades, keep),
    books: where(day.books, keep),
    options: where(day.options, keep),
  };
}

Deno.test("auditLake() calls a market-wide halt by its name, and the same silence elsewhere a fault", async () => {
  const date = "2020-03-12", day = simulateDay({ date, scale: 0.3, seed: 5 });
  const [{ startNs, endNs }] = haltsOf(date);
  const findings = async (from: bigint, to: bigint) => {
    let lines: string[] = [];
    await withLake(async (lake) => {
      await writeDay(lake, cut(day, (ns) => ns < from || ns >= to));
      lines = told((await audit(lake)).verdict.findings).filter((line) =>
        /session\.(halt|silence)/.test(line)
      );
    });
    return lines.map((line) => line.replace(/ \d+$/, "")).sort();
  };
  const tables = ["futures.mbp10", "futures.trades", "options.trades"];
  assert.deepEqual(await findings(startNs, endNs), tables.map((table) => `info session.halt ${table}`));
  const later = 7_200_000_000_000n;
  assert.deepEqual(
    await findings(startNs + later, endNs + later),
    tables.map((table) => `fail session.silence ${table}`),
  );
});

Deno.test("auditLake() neither audits nor compares with the evening that a neighbour's file reaches into", async () => {
  const date = "2025-12-10", next = "2025-12-11", evening = easternNs(date, "19:00");
  await withLake(async (lake) => {
    await writeDay(lake, simulateDay({ date, scale: 0.15, seed: 3 }));
    await writeDay(lake, cut(simulateDay({ date: next, scale: 0.15, seed: 3 }), (ns) => ns < evening));
    const report = await audit(lake);
    assert.deepEqual(report.dates, [date]);
    assert.deepEqual(told(report.verdict.findings), ["info sessions.fragment – 1"]);
    assert.equal(report.verdict.status, "pass");
    // Asked for, it is judged.
    const asked = await audit(lake, [next]);
    assert.deepEqual([asked.dates, asked.verdict.status], [[next], "fail"]);
  });
  // Alone in the lake it is judged by what it can be judged by.
  await withLake(async (lake) => {
    await writeDay(lake, cut(simulateDay({ date: next, scale: 0.15, seed: 3 }), (ns) => ns < evening));
    const report = await audit(lake);
    assert.equal(report.verdict.status, "fail");
    assert.ok(!told(report.verdict.findings).some((line) => line.includes("rows.count")));
    assert.ok(sessionOf(next).openNs > evening);
  });
});

Deno.test("the small input that went wrong: an expiration whose market was closed later, by announcement", async () => {
  if (!requires("shared", "an expiration on a day closed later")) return;
  await withLake(async (lake) => {
    const file = await fileAt(shared("../cases/05-closed-day-expiration/2024-12-27.csv"));
    await ingestOptions(lake, file, { session: sessionOf("2024-12-27") }, SILENT);
    const { findings } = (await audit(lake)).verdict;
    assert.ok(!findings.some(({ check }) => check === "options.expiration"));
  });
});
