/** Two simulated sessions around a roll, from their DBN files to filtered Bronze. */
import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  CONFIG,
  f64,
  i64,
  parseDates,
  sessionOf,
  SILENT,
  u32,
} from "../../lib/base/mod.ts";
import { backfill, filterDate, unfilterDate } from "../../lib/bronze/mod.ts";
import { encodeMbp10, encodeTrades, openDbn, parseSymbology } from "../../lib/ingest/mod.ts";
import { parquetFiles, readBatch, sessionFolder } from "../../lib/lake/mod.ts";
import { FUTURES_ROLLS } from "../../lib/schema/mod.ts";
import { instrumentsOf, simulateFiles } from "../../lib/simulate/mod.ts";
import {
  bronzeToDbn,
  joinBytes,
  lakeContent,
  memorySource,
  plainColumns,
  tableOfName,
  withLake,
} from "../helpers/bronze_lake.ts";

const DATES = parseDates("2025-12-12..2025-12-15");
const SCALE = 0.02;

async function* rowsOf(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): AsyncGenerator<{ table: string; batch: Batch }> {
  yield* (await openDbn(new Blob([bytes]).stream(), { name })).batches();
}

Deno.test("backfill() and filterDate() on a simulated roll: lossless, the calendar's contracts, their spread", async () => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name, bytes } of simulateFiles({ dates: DATES, seed: 3, scale: SCALE })) {
    const chunks = await Array.fromAsync(bytes);
    if (/\.dbn|symbology/.test(name)) files.set(name, joinBytes(chunks) as Uint8Array<ArrayBuffer>);
  }
  const symbology = parseSymbology(new TextDecoder().decode(files.get("symbology.json")), "symbology.json");
  files.delete("symbology.json");
  await withLake(async (lake) => {
    for (const [name, bytes] of files) {
      const [{ ingest }] = await backfill(lake, [await memorySource(name, bytes, { symbology })], {}, SILENT);
      const records: Uint8Array[] = [];
      for await (const { table, batch } of rowsOf(bytes, name)) {
        records.push(table === "trades" ? encodeTrades(batch) : encodeMbp10(batch));
      }
      assert.deepEqual(await bronzeToDbn(lake, tableOfName(name), ingest), joinBytes(records), name);
    }
    const before = await lakeContent(lake);
    const options = { rule: "calendar", config: CONFIG.filter, symbol: "ES" } as const;
    const reports = [];
    for (const date of DATES) reports.push(await filterDate(lake, date, options, SILENT));
    assert.deepEqual(reports.map(({ choice }) => choice.contract), ["ESZ5", "ESH6"]);
    assert.deepEqual(reports.map(({ choice }) => Object.keys(choice.shares).sort()), [
      ["ESH6", "ESZ5", "ESZ5-ESH6"],
      ["ESH6", "ESZ5", "ESZ5-ESH6"],
    ]);
    assert.deepEqual(reports.map(({ choice }) => choice.roll_week), [false, true]);
    const stored = await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, DATES[0]));
    const rolls = plainColumns(readBatch(lake, FUTURES_ROLLS, stored));
    assert.deepEqual([rolls.from_contract, rolls.to_contract], [["ESZ5"], ["ESH6"]]);
    assert.equal(rolls.spread_es[0], naiveSpread(await tradesOfDay(files), DATES[0]));
    for (const date of DATES) await unfilterDate(lake, date);
    assert.deepEqual(await lakeContent(lake), before);
  });
});

async function tradesOfDay(files: Map<string, Uint8Array<ArrayBuffer>>): Promise<Batch> {
  const batches: Batch[] = [];
  for (const [name, bytes] of files) {
    if (!name.includes("trades")) continue;
    for await (const { batch } of rowsOf(bytes, name)) batches.push(batch);
  }
  return concatBatches(batches);
}

/** Median of the last 30 common minutes of last prices, ESH6 − ESZ5, by a Map of minutes. */
function naiveSpread(trades: Batch, date: string): number {
  const { openNs, closeNs } = sessionOf(date);
  const [near, far] = instrumentsOf(date).all.map((instrument) => instrument.id);
  const last = new Map<string, number>();
  const ts = i64(trades, "ts_event_ns"), id = u32(trades, "instrument_id"), price = f64(trades, "price");
  for (let i = 0; i < trades.length; i++) {
    if (ts[i] >= openNs && ts[i] < closeNs) {
      last.set(`${id[i]} ${(ts[i] - openNs) / 60_000_000_000n}`, price[i]);
    }
  }
  const found: number[] = [];
  for (let minute = 389; minute >= 0 && found.length < 30; minute--) {
    const a = last.get(`${near} ${minute}`), b = last.get(`${far} ${minute}`);
    if (a !== undefined && b !== undefined) found.push(b - a);
  }
  found.sort((a, b) => a - b);
  return (found[Math.floor((found.length - 1) / 2)] + found[Math.floor(found.length / 2)]) / 2;
}
