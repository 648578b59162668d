import assert from "node:assert/strict";
import { CONFIG, dayNumber, easternNs, f64, i32, i64, SILENT, strings } from "../../lib/base/mod.ts";
import {
  backfill,
  bronzeDates,
  calendarSpread,
  dedupDate,
  filterDate,
  undoDedup,
  unfilterDate,
} from "../../lib/bronze/mod.ts";
import {
  type Lake,
  parquetFiles,
  readBatch,
  readContract,
  readContracts,
  readManifests,
  sessionFolder,
} from "../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_ROLLS, FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { lakeContent, memorySource, readTable, withLake } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";
import { ingestBooks, ingestPrints, type Print } from "./_rows.ts";

const OPTIONS = { rule: "calendar", config: CONFIG.filter, symbol: "ES" } as const;

function filter(lake: Lake, date: string, options: Partial<Parameters<typeof filterDate>[2]> = {}) {
  return filterDate(lake, date, { ...OPTIONS, ...options }, SILENT);
}

/** A regular session of two contracts, a stray, and a night in which another one leads. */
const DAY: Print[] = [
  { at: "2025-12-15 18:30", contract: "ESH6", price: 6905, size: 500 },
  ...Array.from({ length: 40 }, (_, i): Print[] => [
    { at: `2025-12-16 10:${String(i).padStart(2, "0")}`, contract: "ESZ5", price: 6850 + i, size: 1 },
    {
      at: `2025-12-16 10:${String(i).padStart(2, "0")}`,
      contract: "ESH6",
      price: 6905 + i + (i % 2),
      size: 3,
    },
  ]).flat(),
  { at: "2025-12-16 11:00", contract: "NQZ5", price: 25000, size: 5 },
  { at: "2025-12-16 11:00", contract: "ESH6", price: 6990, size: 1 },
];

async function contractsIn(lake: Lake): Promise<string[]> {
  const found = new Set<string>();
  for (const table of [FUTURES_TRADES, FUTURES_MBP10]) {
    const { codes, values } = strings(await readTable(lake, table), "contract");
    for (const code of codes) found.add(values[code]);
  }
  return [...found].sort();
}

Deno.test("filterDate() keeps one contract of trades and books and restore brings back the very same bytes", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY);
    await ingestBooks(lake, "a-20251216.mbp-10.dbn", { ESH6: 0.7, ESZ5: 0.2, NQZ5: 0.1 });
    const before = await lakeContent(lake);
    const { choice, rows } = await filter(lake, "2025-12-16");
    assert.deepEqual([choice.contract, choice.contract_rule, choice.status], ["ESH6", "calendar", "warn"]);
    assert.equal(choice.instrument_id, 42140878);
    assert.equal(choice.share, 121 / 166, "by volume of the regular session: the night does not count");
    assert.equal(rows.in, DAY.length + 300);
    assert.equal(rows.in, rows.out + rows.filtered);
    assert.deepEqual(await contractsIn(lake), ["ESH6"]);
    assert.deepEqual(await readContract(lake, "2025-12-16"), choice);
    const filtered = await lakeContent(lake);
    const again = await filter(lake, "2025-12-16");
    assert.deepEqual([again.rows.filtered, again.broughtBack, again.choice], [0, 0, choice]);
    assert.deepEqual(await lakeContent(lake), filtered);
    const { rows: back } = await unfilterDate(lake, "2025-12-16");
    assert.equal(back, rows.filtered);
    assert.deepEqual(await lakeContent(lake), before);
    assert.equal((await unfilterDate(lake, "2025-12-16")).rows, 0);
    assert.deepEqual(await lakeContent(lake), before);
    assert.ok((await readManifests(lake)).every((m) => m.status === "completed"));
  });
});

Deno.test("filterDate() brings rows back when another rule wants them, and counts those set aside", async () => {
  await withLake(async (lake) => {
    const leadsToday = DAY.map((p) => (p.contract === "ESZ5" ? { ...p, size: 9 } : p));
    await ingestPrints(lake, "a-20251216.trades.dbn", leadsToday);
    const first = await filter(lake, "2025-12-16");
    assert.equal(first.choice.contract, "ESH6");
    const second = await filter(lake, "2025-12-16", { rule: "session" });
    assert.deepEqual([second.choice.contract, second.broughtBack], ["ESZ5", 40]);
    assert.equal(second.choice.share, 360 / (360 + 121 + 5));
    assert.deepEqual(await contractsIn(lake), ["ESZ5"]);
    await unfilterDate(lake, "2025-12-16");
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, DAY.length);
  });
});

Deno.test("filterDate() by the prior session counts what the filter took out of it", async () => {
  await withLake(async (lake) => {
    const yesterday: Print[] = [
      { at: "2025-12-15 10:00", contract: "ESZ5", price: 6850, size: 8 },
      { at: "2025-12-15 10:00", contract: "ESH6", price: 6905, size: 5 },
    ];
    await ingestPrints(lake, "a-20251215.trades.dbn", yesterday);
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY);
    assert.equal((await filter(lake, "2025-12-15")).choice.contract, "ESH6");
    const { choice } = await filter(lake, "2025-12-16", { rule: "prior" });
    assert.deepEqual([choice.contract, choice.rule, choice.contract_rule], ["ESZ5", "prior", "prior"]);
    assert.deepEqual((await readContracts(lake)).map((c) => c.contract), ["ESH6", "ESZ5"]);
  });
});

Deno.test("filterDate() turns to the prior session where no contract has a name", async () => {
  await withLake(async (lake) => {
    const unnamed = (at: string, five: number, six: number): Print[] => [
      { at, contract: "ES_5", price: 6850, size: five },
      { at, contract: "ES_6", price: 6905, size: six },
    ];
    await ingestPrints(lake, "a-20251209.trades.dbn", unnamed("2025-12-09 10:00", 9, 1));
    await ingestPrints(lake, "a-20251210.trades.dbn", unnamed("2025-12-10 10:00", 1, 9));
    const { choice, rolls } = await filter(lake, "2025-12-10");
    assert.deepEqual([choice.contract, choice.rule, choice.contract_rule], ["ES_5", "calendar", "prior"]);
    assert.deepEqual([choice.status, rolls], ["fail", 1]);
  });
});

Deno.test("filterDate() records the spread before it takes the other contract out", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY);
    await filter(lake, "2025-12-16");
    await filter(lake, "2025-12-16");
    const files = await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, "2025-12-16"));
    const rolls = readBatch(lake, FUTURES_ROLLS, files);
    assert.equal(rolls.length, 1);
    const [from, to] = ["from_contract", "to_contract"].map((name) => strings(rolls, name).values[0]);
    assert.deepEqual([from, to], ["ESH6", "ESZ5"]);
    // Minutes 10 to 39: −55 in even ones, −56 in odd ones.
    assert.equal(f64(rolls, "spread_es")[0], -55.5);
    assert.equal(i32(rolls, "minutes")[0], 30);
    assert.equal(i64(rolls, "as_of_ns")[0], easternNs("2025-12-16", "10:40"));
    assert.equal(i32(rolls, "date")[0], dayNumber("2025-12-16"));
  });
});

Deno.test("calendarSpread() is the median of the last common minutes", () => {
  const from = Float64Array.of(1, 2, NaN, 4, 5, 6), to = Float64Array.of(2, 9, 3, 6, NaN, 9);
  assert.deepEqual(calendarSpread(from, to, 3), { points: 3, minutes: 3, lastMinute: 5 });
  assert.deepEqual(calendarSpread(from, to, 2), { points: 2.5, minutes: 2, lastMinute: 5 });
  assert.deepEqual(calendarSpread(from, to, 99), { points: 2.5, minutes: 4, lastMinute: 5 });
  assert.equal(calendarSpread(from, from.map(() => NaN), 3), undefined);
});

Deno.test("filterDate() takes a minute's last price by time and sequence, whatever the file's order", async () => {
  await withLake(async (lake) => {
    const minute: Print[] = [
      { at: "2025-12-16 10:00", contract: "ESZ5", price: 100, seq: 7 },
      { at: "2025-12-16 10:00", contract: "ESZ5", price: 101, seq: 9 },
      { at: "2025-12-16 10:00", contract: "ESZ5", price: 102, seq: 8 },
      { at: "2025-12-16 10:00", contract: "ESH6", price: 150, seq: 3 },
      { at: "2025-12-16 09:59", contract: "ESH6", price: 999, seq: 2 },
    ];
    await ingestPrints(lake, "a-20251216.trades.dbn", minute);
    await filter(lake, "2025-12-16");
    const files = await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, "2025-12-16"));
    assert.equal(f64(readBatch(lake, FUTURES_ROLLS, files), "spread_es")[0], 101 - 150);
  });
});

Deno.test("filterDate() moves nothing where the calendar's contract is missing", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY.filter((p) => p.contract === "ESZ5"));
    const before = await lakeContent(lake);
    const { choice, rows } = await filter(lake, "2025-12-16");
    assert.deepEqual([choice.contract, choice.status, rows.filtered], ["ESH6", "fail", 0]);
    assert.deepEqual(await lakeContent(lake), before);
  });
});

Deno.test("filterDate() and unfilterDate() in a dry run count and write nothing", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY);
    const before = await lakeContent(lake);
    assert.equal((await filter(lake, "2025-12-16", { dryRun: true })).rows.filtered, 41);
    assert.deepEqual(await lakeContent(lake), before);
    await filter(lake, "2025-12-16");
    const filtered = await lakeContent(lake);
    assert.equal((await unfilterDate(lake, "2025-12-16", { dryRun: true })).rows, 41);
    assert.deepEqual(await lakeContent(lake), filtered);
  });
});

Deno.test("filterDate() and dedupDate() share quarantine and restore each its own", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY);
    await ingestPrints(lake, "a-20251216.trades.dbn", DAY, true);
    const before = await lakeContent(lake);
    await filter(lake, "2025-12-16");
    const filtered = await lakeContent(lake);
    const { rows } = await dedupDate(lake, "2025-12-16");
    assert.equal(rows.duplicates, 42);
    assert.equal(
      (await filter(lake, "2025-12-16")).choice.share,
      121 / 166,
      "the same before and after dedup",
    );
    await unfilterDate(lake, "2025-12-16");
    await filter(lake, "2025-12-16");
    assert.notDeepEqual(await lakeContent(lake), filtered);
    assert.equal((await undoDedup(lake, "2025-12-16")).rows, 42);
    await filter(lake, "2025-12-16");
    assert.deepEqual(await lakeContent(lake), filtered);
    await unfilterDate(lake, "2025-12-16");
    assert.deepEqual(await lakeContent(lake), before);
  });
});

Deno.test("filterDate() says what to do on a date without data", async () => {
  await withLake(async (lake) => {
    await assert.rejects(
      () => filter(lake, "2025-12-16"),
      /no ES rows in Bronze; run backfill --date 2025-12-16/,
    );
    assert.deepEqual(await bronzeDates(lake), []);
  });
});

Deno.test("filterDate() keeps all of the real night: one contract, crossed books included", async () => {
  if (!requires("shared", "filter of the real night")) return;
  await withLake(async (lake) => {
    for (const kind of ["trades", "mbp-10"]) {
      const path = shared(`real/esh4-20231225.${kind}.dbn.zst`);
      await backfill(lake, [await memorySource(path, await Deno.readFile(path))], {}, SILENT);
    }
    assert.deepEqual(await bronzeDates(lake), ["2023-12-26"]);
    const { choice, rows } = await filter(lake, "2023-12-26");
    assert.deepEqual([choice.contract, choice.counted, choice.share], ["ESH4", "session_volume", 1]);
    assert.deepEqual([rows.in, rows.out], [43010, 43010]);
    const books = await readTable(lake, FUTURES_MBP10);
    const bid = f64(books, "bid_px_1"), ask = f64(books, "ask_px_1");
    assert.ok(bid.filter((price, i) => price > ask[i]).length > 0, "the pre-open cross is kept");
  });
});
