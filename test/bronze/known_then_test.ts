/** The audit knows what was known then, and what is no session to compare with. */
import assert from "node:assert/strict";
import {
  type Batch,
  CONFIG,
  easternNs,
  haltsOf,
  i64,
  sessionOf,
  SILENT,
  takeRows,
} from "../../lib/base/mod.ts";
import { Coverage, gapsOf } from "../../lib/bronze/audit/coverage.ts";
import { ingestOptions } from "../../lib/bronze/mod.ts";
import { FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { simulateDay, type SimulatedDay } from "../../lib/simulate/mod.ts";
import { fileAt } from "../../tasks/_sources.ts";
import { audit, told, writeDay } from "../helpers/audit_lake.ts";
import { runTask, withLake } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";
import { writeBronze } from "../helpers/simulated_lake.ts";

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

Deno.test("auditLake() excuses the halt alone: what is missing beside it is a fault, a thin night around it is none", async () => {
  const date = "2020-03-12", [{ startNs, endNs }] = haltsOf(date);
  const NS = 1_000_000_000n, minutes = (n: number) => BigInt(n) * 60n * NS;
  const day = simulateDay({ date, scale: 0.3, seed: 5 });
  const lines = async (from: bigint, to: bigint) => {
    let found: string[] = [];
    await withLake(async (lake) => {
      await writeDay(lake, cut(day, (ns) => ns < from || ns >= to));
      found = told((await audit(lake)).verdict.findings).filter((line) =>
        /session\.(halt|silence) futures/.test(line)
      );
    });
    return found;
  };
  // Eight minutes more than the halt are a hole of eight minutes.
  assert.deepEqual(await lines(startNs, endNs + minutes(8)), [
    "fail session.silence futures.mbp10 23",
    "fail session.silence futures.trades 23",
  ]);
  // One trade every four minutes: as quiet before the halt as at any other time.
  const coverage = new Coverage(24 * 60), hour = 3600e9;
  for (let t = 0; t < 24 * hour; t += 240e9) if (t < 10 * hour || t >= 14 * hour) coverage.add(t);
  const parts = [{ name: "overnight", from: 0, to: 24 * hour }];
  const halt = { from: 10 * hour + 100e9, to: 14 * hour - 100e9, what: "an outage" };
  const [gap, ...more] = gapsOf(coverage, parts, CONFIG.audit, [halt]);
  assert.deepEqual([gap.halt?.what, more.length], ["an outage", 0]);
  assert.equal(gapsOf(coverage, parts, CONFIG.audit)[0].halt, undefined);
});

Deno.test("auditLake() says of an expiration why it cannot be: expired, or known to be closed", async () => {
  const header = "ticker,conditions,correction,exchange,price,sip_timestamp,size\n", date = "2024-12-31";
  const at = easternNs(date, "10:00"), print = (ticker: string) => `${ticker},209,0,316,1.5,${at},1\n`;
  // 2025-01-09 is known to be closed by then; Christmas always was; the day before has expired.
  const csv = header +
    ["O:SPY250109C00590000", "O:SPY251225C00590000", "O:SPY241230C00590000"].map(print).join("");
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/prints.csv`, csv);
    await ingestOptions(lake, await fileAt(`${lake.root}/prints.csv`), { session: sessionOf(date) }, SILENT);
    const found = (await audit(lake)).verdict.findings.filter(({ check }) => check === "options.expiration");
    assert.deepEqual(found.map(({ count, message }) => `${count}: ${message}`), [
      "1: 1 prints are of options that had expired",
      "2: 2 prints expire on a day that was known to be closed",
    ]);
    assert.match(found[0].remedy, /expired options cannot be/);
    assert.match(found[1].remedy, /its closing was announced later/);
  });
});

Deno.test("dates outside the calendar's years are named, and no session is made up for them", async () => {
  await withLake(async (lake) => {
    await writeDay(lake, simulateDay({ date: "2025-12-10", scale: 0.15, seed: 3 }));
    const old = simulateDay({ date: "2025-12-11", scale: 0.05, seed: 3 }).trades;
    const years = BigInt(Date.UTC(2025, 11, 11) - Date.UTC(2012, 11, 11)) * 1_000_000n;
    for (const name of ["ts_event_ns", "ts_recv_ns"]) {
      const column = i64(old, name);
      for (let i = 0; i < column.length; i++) column[i] -= years;
    }
    await writeBronze(lake, FUTURES_TRADES, old, "dddddddddddd-1-0000");
    const report = await audit(lake);
    assert.deepEqual(report.dates, ["2025-12-10"]);
    const [found] = report.verdict.findings.filter(({ check }) => check === "sessions.calendar");
    assert.match(found.message, /outside the years of the exchange calendar, 2015 to 2030: 2012-12-11/);
    for (const task of ["filter", "dedup", "silver"]) {
      const { code, stderr } = await runTask(task, "--lake", lake.root);
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /Cannot use all of ".*": the exchange calendar covers 2015 to 2030, not 2012-12-1/,
      );
    }
  });
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
