/** What `--clean` replaces is what the sources cover: all of it, and nothing else. */
import assert from "node:assert/strict";
import { SILENT } from "../../lib/base/mod.ts";
import { backfill, type BackfillOptions, type DbnSource } from "../../lib/bronze/mod.ts";
import type { DbnMetadata } from "../../lib/ingest/mod.ts";
import { type Lake, readIngests } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { joinBytes, memorySource, readTable, withLake } from "../helpers/bronze_lake.ts";
import { dbnBytes, randomTrades } from "../helpers/dbn_files.ts";

const ns = (date: string, time = "00:00") => BigInt(Date.parse(`${date}T${time}:00Z`)) * 1_000_000n;

/** A file of ten trades from each of some moments on; its metadata covers from the first date up to the last. */
async function fileOf(
  span: [string, string],
  moments: readonly [string, string][],
  metadata: Partial<DbnMetadata> = {},
): Promise<DbnSource> {
  const trades = moments.flatMap(([date, time], i) => [
    ...randomTrades({ rows: 10, seed: i + 1, startNs: ns(date, time), stepNs: 1e6 }),
  ]);
  const head = { startNs: ns(span[0]), endNs: ns(span[1]), ...metadata };
  return await memorySource("any name.dbn", joinBytes(dbnBytes("trades", trades, head)));
}

async function run(lake: Lake, source: DbnSource, options: BackfillOptions = {}): Promise<string[]> {
  const warned: string[] = [];
  await backfill(lake, [source], options, { ...SILENT, warn: (line) => warned.push(line) });
  return warned;
}

const WEEK: [string, string] = ["2025-12-07", "2025-12-14"];
const TRADED: [string, string][] = [["2025-12-08", "17:00"], ["2025-12-09", "17:00"], [
  "2025-12-12",
  "17:00",
]];

Deno.test("--clean replaces a week, and what of it lies beyond midnight", async () => {
  await withLake(async (lake) => {
    // Received on the first date, of the evening before.
    const moments: [string, string][] = [["2025-12-06", "23:59"], ...TRADED];
    await run(lake, await fileOf(WEEK, moments));
    await run(lake, await fileOf(["2025-12-14", "2025-12-21"], [["2025-12-15", "17:00"]]));
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, 50);
    // The same download once more, in other bytes.
    await run(lake, await fileOf(WEEK, moments, { limit: 1_000_000n }), { clean: true });
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, 50);
    const spans = (await readIngests(lake)).map(({ dates }) => dates);
    assert.deepEqual(spans.map((dates) => dates?.first).sort(), ["2025-12-07", "2025-12-14"]);
  });
});

Deno.test("--clean with a day's file leaves the evening before, which that file does not cover", async () => {
  await withLake(async (lake) => {
    await run(lake, await fileOf(WEEK, [["2025-12-08", "23:30"], ...TRADED]));
    const day = await fileOf(["2025-12-09", "2025-12-10"], [["2025-12-09", "17:00"]], { limit: 7n });
    await run(lake, day, { clean: true, dates: ["2025-12-09"] });
    const hours = new Set((await readIngests(lake)).flatMap(({ files }) => files));
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, 40);
    assert.ok([...hours].some((file) => file.includes("date=2025-12-08/hour=23")));
  });
});

Deno.test("backfill() warns of a wanted date of which the files that cover it hold no record", async () => {
  await withLake(async (lake) => {
    const warned = await run(lake, await fileOf(WEEK, TRADED), {
      dates: ["2025-12-08", "2025-12-09", "2025-12-10"],
    });
    assert.deepEqual(warned, [
      "2025-12-10: the files cover it by their metadata and hold no record of it; get its data",
    ]);
  });
  // An evening is the next session's, whatever UTC date it has.
  await withLake(async (lake) => {
    const evening = await fileOf(WEEK, [["2025-12-08", "23:30"]]);
    assert.deepEqual(await run(lake, evening, { dates: ["2025-12-08", "2025-12-09"] }), [
      "2025-12-08: the files cover it by their metadata and hold no record of it; get its data",
    ]);
  });
});

Deno.test("a capture without an end covers the dates of receipt, a snapshot's older event none", async () => {
  const [trades] = randomTrades({ rows: 20, startNs: ns("2025-12-09", "17:00") });
  (trades.columns.ts_event_ns as BigInt64Array)[0] = ns("2025-12-05", "21:00");
  const open = async (metadata: Partial<DbnMetadata>) =>
    await (await memorySource("a.dbn", joinBytes(dbnBytes("trades", [trades], metadata)))).dates();
  const day = { first: "2025-12-09", last: "2025-12-09" };
  assert.deepEqual(await open({ startNs: ns("2025-12-09") }), day);
  // Spans of no usable year say nothing.
  assert.deepEqual(await open({ startNs: 1n, endNs: 2n ** 63n }), day);
});
