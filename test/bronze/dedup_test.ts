import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  i64,
  Random,
  SILENT,
  sliceBatch,
  strings,
  takeRows,
} from "../../lib/base/mod.ts";
import { backfill, dedupDate, PartWriter, undoDedup } from "../../lib/bronze/mod.ts";
import {
  type Lake,
  parquetFiles,
  quarantinePath,
  readBatch,
  readManifests,
  transact,
} from "../../lib/lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  quarantineTable,
  type TableSchema,
} from "../../lib/schema/mod.ts";
import {
  joinBytes,
  lakeContent,
  memorySource,
  plainColumns,
  readTable,
  withLake,
} from "../helpers/bronze_lake.ts";
import { dbnBytes, randomBooks, randomTrades } from "../helpers/dbn_files.ts";
import { requires, shared } from "../helpers/requires.ts";

const DATE = "2025-12-16";

async function ingest(lake: Lake, table: "trades" | "mbp-10", batch: Batch, force = false): Promise<string> {
  const source = await memorySource(`x-20251216.${table}.dbn`, joinBytes(dbnBytes(table, [batch])));
  return (await backfill(lake, [source], { force }, SILENT))[0].ingest;
}

/** Trades in which a tenth repeat the one before in every field. */
function tradesWithRepeats(rows: number): Batch {
  const random = new Random("repeats");
  const [batch] = randomTrades({ rows, stepNs: 5e9 });
  const picked = Uint32Array.from({ length: rows }, (_, i) => (i > 0 && random.uniform() < 0.1 ? i - 1 : i));
  return takeRows(batch, picked);
}

Deno.test("dedupDate() leaves a single ingest alone, repeats and all", async () => {
  await withLake(async (lake) => {
    await ingest(lake, "trades", tradesWithRepeats(500));
    const before = await lakeContent(lake);
    const { rows } = await dedupDate(lake, DATE);
    assert.deepEqual([rows.in, rows.duplicates], [500, 0]);
    assert.deepEqual(await lakeContent(lake), before);
  });
});

Deno.test("dedupDate() takes out a second ingest, restore brings it back byte for byte, both twice over", async () => {
  await withLake(async (lake) => {
    const trades = tradesWithRepeats(500), [books] = randomBooks({ rows: 400, stepNs: 9e9 });
    const first = [await ingest(lake, "trades", trades), await ingest(lake, "mbp-10", books)];
    await ingest(lake, "trades", trades, true);
    await ingest(lake, "mbp-10", books, true);
    const before = await lakeContent(lake);
    const report = await dedupDate(lake, DATE);
    assert.deepEqual(report.tables, { "futures.trades": 500, "futures.mbp10": 400, "options.trades": 0 });
    assert.equal(report.rows.in, report.rows.out + report.rows.duplicates);
    for (const [i, table] of [FUTURES_TRADES, FUTURES_MBP10].entries()) {
      const left = strings(await readTable(lake, table), "ingest");
      assert.deepEqual([...new Set(left.codes)].map((c) => left.values[c]), [first[i]]);
    }
    const deduped = await lakeContent(lake);
    assert.equal((await dedupDate(lake, DATE)).rows.duplicates, 0);
    assert.deepEqual(await lakeContent(lake), deduped);
    assert.equal((await undoDedup(lake, DATE)).rows, 900);
    assert.deepEqual(await lakeContent(lake), before);
    assert.equal((await undoDedup(lake, DATE)).rows, 0);
    assert.deepEqual((await readManifests(lake)).map((m) => m.status).filter((s) => s !== "completed"), []);
  });
});

Deno.test("dedupDate() takes the copies out of overlapping files and only those, whatever the slices", async () => {
  const trades = tradesWithRepeats(600);
  const contents: Record<string, string>[] = [];
  for (const sliceRows of [500_000, 97, 8]) {
    await withLake(async (lake) => {
      await ingest(lake, "trades", sliceBatch(trades, 0, 400));
      await ingest(lake, "trades", sliceBatch(trades, 250, 600));
      const { rows } = await dedupDate(lake, DATE, { sliceRows });
      assert.equal(rows.duplicates, 150);
      const left = plainColumns(await readTable(lake, FUTURES_TRADES));
      const keys = (columns: Record<string, unknown[]>) =>
        columns.seq.map((seq, i) => `${columns.ts_event_ns[i]} ${seq} ${columns.price[i]} ${columns.size[i]}`)
          .sort();
      assert.deepEqual(keys(left), keys(plainColumns(trades)));
      contents.push(await lakeContent(lake));
    });
  }
  assert.deepEqual(contents[1], contents[0]);
  assert.deepEqual(contents[2], contents[0]);
});

Deno.test("dedupDate() says why each row was set aside and keeps it whole", async () => {
  await withLake(async (lake) => {
    const trades = tradesWithRepeats(300);
    await ingest(lake, "trades", trades);
    const second = await ingest(lake, "trades", trades, true);
    const rows = await readTable(lake, FUTURES_TRADES, second);
    await dedupDate(lake, DATE);
    const files: string[] = [];
    for await (
      const entry of Deno.readDir(`${lake.root}/quarantine/bronze/futures/trades/symbol=ES/date=${DATE}`)
    ) {
      const folder = quarantinePath(`bronze/futures/trades/symbol=ES/date=${DATE}/${entry.name}`);
      files.push(...await parquetFiles(lake, folder));
    }
    const aside = readBatch(lake, quarantineTable(FUTURES_TRADES), files.sort());
    const { reason, ...columns } = plainColumns(aside);
    assert.deepEqual([...new Set(reason)], ["duplicate"]);
    assert.deepEqual(columns, plainColumns(rows));
  });
});

Deno.test("dedupDate() in a dry run counts and writes nothing", async () => {
  await withLake(async (lake) => {
    const trades = tradesWithRepeats(100);
    await ingest(lake, "trades", trades);
    await ingest(lake, "trades", trades, true);
    const before = await lakeContent(lake);
    assert.equal((await dedupDate(lake, DATE, { dryRun: true })).rows.duplicates, 100);
    assert.deepEqual(await lakeContent(lake), before);
  });
});

/** Writes rows of an option table as the options task would. */
async function writeOptions(lake: Lake, table: TableSchema, batch: Batch, name: string): Promise<void> {
  await transact(lake, name, async (tx) => {
    const writer = new PartWriter(tx, table, name);
    await writer.add(batch);
    await writer.finish();
    await writer.close();
  });
}

Deno.test("dedupDate() covers option prints, of which nulls equal nulls", async () => {
  await withLake(async (lake) => {
    const n = 50,
      ts = BigInt64Array.from({ length: n }, (_, i) => 1_765_900_000_000_000_000n + BigInt(i >> 1));
    const text = (value: string | null) => ({
      codes: new Int32Array(n).fill(value === null ? -1 : 0),
      values: value === null ? [] : [value],
    });
    const rows = (ingest: string): Batch => ({
      length: n,
      columns: {
        ts_event_ns: ts.slice(),
        ts_recv_ns: ts.slice(),
        source: text("flatfile"),
        ingest: text(ingest),
        row: BigInt64Array.from({ length: n }, (_, i) => BigInt(i)),
        underlying: text("SPY"),
        option_symbol: text("O:SPY251216C00676000"),
        exp_date: new Int32Array(n).fill(20438),
        strike: new Float64Array(n).fill(676),
        right: text("C"),
        price: new Float64Array(n).fill(1.25),
        size: new Uint32Array(n).fill(1),
        aggressor: new Int8Array(n),
        exchange: new Int16Array(n).fill(300),
        conditions: text(null),
        correction: new Int16Array(n).fill(-(2 ** 15)),
        seq: new BigInt64Array(n).fill(-(2n ** 63n)),
      },
    });
    await writeOptions(lake, OPTIONS_TRADES, rows("0123456789ab-1"), "0123456789ab-1");
    await writeOptions(lake, OPTIONS_TRADES, rows("0123456789ab-2"), "0123456789ab-2");
    assert.equal((await dedupDate(lake, DATE)).tables["options.trades"], n);
    const left = await readTable(lake, OPTIONS_TRADES);
    assert.deepEqual([left.length, strings(left, "ingest").values], [n, ["0123456789ab-1"]]);
  });
});

Deno.test("dedupDate() keeps the 15 genuine repeats of the real trades and drops a second ingest of them", async () => {
  if (!requires("shared", "dedup of the real trades")) return;
  await withLake(async (lake) => {
    const path = shared("real/esh4-20231225.trades.dbn.zst");
    const source = await memorySource(path, await Deno.readFile(path));
    await backfill(lake, [source], {}, SILENT);
    const rows = plainColumns(await readTable(lake, FUTURES_TRADES));
    const names = Object.keys(rows).filter((name) => !["row", "ingest", "source"].includes(name));
    const keys = rows.row.map((_, i) => names.map((name) => String(rows[name][i])).join());
    assert.equal(keys.length - new Set(keys).size, 15);
    await backfill(lake, [source], { force: true }, SILENT);
    assert.equal((await dedupDate(lake, "2023-12-26")).rows.duplicates, 2973);
    assert.deepEqual(plainColumns(await readTable(lake, FUTURES_TRADES)), rows);
  });
});

Deno.test("dedupDate() finds a file's copies although its rows are out of order", async () => {
  await withLake(async (lake) => {
    const trades = tradesWithRepeats(200);
    const shuffled = takeRows(trades, new Random(3).shuffle(Uint32Array.from({ length: 200 }, (_, i) => i)));
    await ingest(lake, "trades", trades);
    await ingest(lake, "trades", shuffled);
    assert.equal((await dedupDate(lake, DATE, { sliceRows: 25 })).rows.duplicates, 200);
    const both = concatBatches([await readTable(lake, FUTURES_TRADES)]);
    assert.equal(new Set(i64(both, "row")).size, 200);
  });
});
