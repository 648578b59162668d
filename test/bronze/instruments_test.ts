/** A contract is an instrument: continuous names, two names of one instrument, names that change it inside a session. */
import assert from "node:assert/strict";
import { CONFIG, f64, SILENT, strings } from "../../lib/base/mod.ts";
import { backfill, dedupDate, filterDate, unfilterDate } from "../../lib/bronze/mod.ts";
import type { DbnMetadata } from "../../lib/ingest/mod.ts";
import { type Lake, readContract } from "../../lib/lake/mod.ts";
import { type Finding, FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { audit } from "../helpers/audit_lake.ts";
import { joinBytes, lakeContent, memorySource, readTable, withLake } from "../helpers/bronze_lake.ts";
import { dbnBytes, mappingsOf } from "../helpers/dbn_files.ts";
import { IDS, type Print, printsOf } from "./_rows.ts";

const { ESZ5, ESH6 } = IDS;

/** What the vendor says of `ES.c.0`: it changes its instrument at midnight UTC, an hour into the session. */
const CONTINUOUS: DbnMetadata["mappings"] = [{
  rawSymbol: "ES.c.0",
  intervals: [
    { start: 20251201, end: 20251216, symbol: String(ESZ5) },
    { start: 20251216, end: 20251231, symbol: String(ESH6) },
  ],
}];

async function ingest(lake: Lake, name: string, prints: Print[], mappings: DbnMetadata["mappings"]) {
  const bytes = joinBytes(dbnBytes("trades", [printsOf(prints)], { mappings }));
  await backfill(lake, [await memorySource(name, bytes)], {}, SILENT);
}

async function filter(lake: Lake, date: string, rule: "calendar" | "prior" | "session" = "calendar") {
  return await filterDate(lake, date, { rule, config: CONFIG.filter, symbol: "ES" }, SILENT);
}

async function findings(lake: Lake, dates?: string[]): Promise<Finding[]> {
  return (await audit(lake, dates)).verdict.findings;
}

const names = (found: Finding[]) => found.filter(({ check }) => check === "contracts.names");

function minutes(date: string, contract: string, price: number, from = 0): Print[] {
  return Array.from({ length: 20 }, (_, i) => ({
    at: `${date} 10:${String(from + i).padStart(2, "0")}`,
    contract,
    price: price + i,
    seq: 100 * from + i,
  }));
}

const MONDAY = minutes("2025-12-15", "ESZ5", 6850);
const TUESDAY: Print[] = [
  { at: "2025-12-15 18:10", contract: "ESZ5", price: 6870, size: 30 },
  { at: "2025-12-15 19:10", contract: "ESH6", price: 6925, size: 5 },
  ...minutes("2025-12-16", "ESH6", 6930),
];

Deno.test("filterDate() keeps one instrument of a continuous name that changes it inside a session", async () => {
  await withLake(async (lake) => {
    await ingest(lake, "c-20251215.trades.dbn", MONDAY, CONTINUOUS);
    await ingest(lake, "c-20251216.trades.dbn", TUESDAY, CONTINUOUS);
    const before = await lakeContent(lake);
    assert.deepEqual(strings(await readTable(lake, FUTURES_TRADES), "contract").values, ["ES.c.0"]);
    const { choice, rows } = await filter(lake, "2025-12-16", "session");
    assert.deepEqual([choice.contract, choice.instrument_id, choice.share], [`ES_${ESH6}`, ESH6, 1]);
    assert.deepEqual(choice.shares, { [`ES_${ESH6}`]: 1, [`ES_${ESZ5}`]: 0 });
    assert.deepEqual([rows.in, rows.filtered], [22, 1]);
    const price = f64(await readTable(lake, FUTURES_TRADES), "price");
    assert.ok(!price.includes(6870) && price.includes(6925));
    assert.deepEqual(
      strings(await readTable(lake, FUTURES_TRADES), "contract").values,
      ["ES.c.0"],
      "as it came",
    );
    const filtered = await lakeContent(lake);
    assert.equal((await filter(lake, "2025-12-16", "session")).rows.filtered, 0);
    assert.deepEqual(await lakeContent(lake), filtered);
    await unfilterDate(lake, "2025-12-16");
    assert.deepEqual(await lakeContent(lake), before);
    const { choice: prior } = await filter(lake, "2025-12-16");
    assert.deepEqual([prior.contract, prior.contract_rule], [`ES_${ESZ5}`, "prior"]);
    assert.deepEqual(
      [prior.share, prior.status],
      [0, "warn"],
      "no regular trade of it: known the evening before",
    );
  });
});

Deno.test("auditLake() warns of a continuous file, by the filter's instruments, before and after the filter", async () => {
  await withLake(async (lake) => {
    await ingest(lake, "c-20251215.trades.dbn", MONDAY, CONTINUOUS);
    await ingest(lake, "c-20251216.trades.dbn", TUESDAY, CONTINUOUS);
    const check = async () => {
      const found = names(await findings(lake));
      assert.deepEqual(found.map(({ date, severity, subject, count }) => [date, severity, subject, count]), [
        ["2025-12-15", "warn", "ES.c.0", 1],
        ["2025-12-16", "warn", "ES.c.0", 2],
      ]);
      assert.match(found[0].message, /^ES.c.0 is no contract's name; its rows were taken for ES_294973$/);
      assert.match(found[1].message, /^ES.c.0 stands for 2 instruments; .* ES_294973, ES_42140878$/);
      assert.match(found[1].remedy, /raw symbols/);
    };
    await check();
    const [, tuesday] = (await audit(lake)).days;
    // The evening before is the earlier instrument's by the prior session; it has no regular volume.
    assert.deepEqual([tuesday.main, tuesday.rules.shares], [`ES_${ESZ5}`, {
      [`ES_${ESH6}`]: 1,
      [`ES_${ESZ5}`]: 0,
    }]);
    await filter(lake, "2025-12-16", "session");
    await check();
  });
});

Deno.test("auditLake() warns of an instrument that came as two contracts", async () => {
  await withLake(async (lake) => {
    await ingest(lake, "a-20251216.trades.dbn", MONDAY, mappingsOf({ ESZ5, ESH6 }));
    await ingest(lake, "b-20251216.trades.dbn", MONDAY, mappingsOf({ ESM6: ESZ5 }));
    const [found, ...more] = names(await findings(lake));
    assert.match(found.message, /^instrument 294973 came as ESM6 and ESZ5; its rows were taken for ESM6$/);
    assert.deepEqual(more, []);
  });
});

Deno.test("an instrument under two names is one contract to filter, dedup, Silver and audit", async () => {
  await withLake(async (lake) => {
    const [first, second] = [minutes("2025-12-16", "ESH6", 6930), minutes("2025-12-16", "ESH6", 6950, 20)];
    const other: Print = { at: "2025-12-16 10:00", contract: "ESZ5", price: 6870 };
    await ingest(lake, "history-20251216.trades.dbn", [...first, other], mappingsOf({ ESZ5, ESH6 }));
    // The capture begins while the history still runs, and nothing in it names its instrument.
    await ingest(lake, "live-20251216.trades.dbn", [...first.slice(-4), ...second], []);
    const stored = new Set(strings(await readTable(lake, FUTURES_TRADES), "contract").values);
    assert.deepEqual(stored, new Set(["ESH6", "ESZ5", `ES_${ESH6}`]));
    const { choice, rows, rolls } = await filter(lake, "2025-12-16");
    assert.deepEqual([choice.contract, choice.instrument_id, choice.status], ["ESH6", ESH6, "pass"]);
    assert.deepEqual([choice.shares, rolls], [{ ESH6: 44 / 45, ESZ5: 1 / 45 }, 1]);
    assert.deepEqual([rows.filtered, rows.out], [1, 44]);
    const found = await findings(lake);
    assert.deepEqual(found.filter(({ check }) => check.startsWith("contracts.")), []);
    assert.equal((await buildSilver(lake, "2025-12-16", {}, SILENT)).scale!.contract, "ESH6");
    assert.equal((await dedupDate(lake, "2025-12-16")).rows.duplicates, 4);
    assert.equal((await readContract(lake, "2025-12-16"))!.contract, "ESH6");
    assert.equal((await filter(lake, "2025-12-16")).choice.share, 44 / 45, "the same before and after dedup");
  });
});

Deno.test("filterDate() by prior knows the earlier session's instrument under another name", async () => {
  await withLake(async (lake) => {
    const both = (
      date: string,
    ) => [...minutes(date, "ESZ5", 6850), ...minutes(date, "ESH6", 6905).slice(0, 5)];
    await ingest(lake, "history-20251209.trades.dbn", both("2025-12-09"), mappingsOf({ ESZ5, ESH6 }));
    const today = both("2025-12-10").map((p) => ({ ...p, size: p.contract === "ESH6" ? 50 : 1 }));
    await ingest(lake, "live-20251210.trades.dbn", today, []);
    const { choice } = await filter(lake, "2025-12-10");
    assert.deepEqual([choice.contract, choice.contract_rule], [`ES_${ESZ5}`, "prior"]);
    const day = (await audit(lake, ["2025-12-10"])).days[0];
    assert.equal(day.main, `ES_${ESZ5}`);
  });
});
