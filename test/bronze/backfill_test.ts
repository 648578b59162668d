import assert from "node:assert/strict";
import {
  type Batch,
  i64,
  nullColumn,
  Random,
  SILENT,
  strings,
  takeRows,
  u8,
  UsageError,
} from "../../lib/base/mod.ts";
import { backfill, type DbnSource, PartWriter } from "../../lib/bronze/mod.ts";
import { encodeMbp10, encodeTrades, openDbn, SCHEMA_CODES } from "../../lib/ingest/mod.ts";
import {
  hourFolder,
  hoursPresent,
  type Lake,
  parquetFiles,
  readBatch,
  readIngests,
  readManifests,
  transact,
} from "../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, quarantineTable, type TableSchema } from "../../lib/schema/mod.ts";
import {
  bronzeToDbn,
  joinBytes,
  lakeContent,
  memorySource,
  plainColumns,
  readTable,
  tableOfName,
  withLake,
} from "../helpers/bronze_lake.ts";
import { dbnBytes, randomBooks, randomTrades, type Walk } from "../helpers/dbn_files.ts";
import { requires, shared } from "../helpers/requires.ts";

const WALK: Walk = { rows: 3000, stepNs: 3e9 };
const NAME = "glbx-mdp3-20251216.trades.dbn";

async function tradesSource(walk = WALK, name = NAME): Promise<DbnSource> {
  return await memorySource(name, joinBytes(dbnBytes("trades", randomTrades(walk))));
}

function run(lake: Lake, sources: DbnSource[], options: Parameters<typeof backfill>[2] = {}) {
  return backfill(lake, sources, options, SILENT);
}

/** Record bytes of a DBN file without its metadata and without ts_out, decompressed. */
async function recordsOf(path: string): Promise<Uint8Array> {
  const stream = await openDbn((await Deno.open(path)).readable, { name: path });
  const parts: Uint8Array[] = [];
  for await (const { table, batch } of stream.batches()) {
    parts.push(table === "trades" ? encodeTrades(batch) : encodeMbp10(batch));
  }
  return joinBytes(parts);
}

for (const file of ["esh4-20231225.trades.dbn.zst", "esh4-20231225.mbp-10.dbn.zst"]) {
  const name = `backfill() keeps every record of the real ${file}, byte for byte`;
  Deno.test(name, async () => {
    if (!requires("shared", name)) return;
    await withLake(async (lake) => {
      const path = shared(`real/${file}`);
      const [report] = await run(lake, [await memorySource(path, await Deno.readFile(path))]);
      assert.equal(report.rows.in, file.includes("trades") ? 2973 : 40037);
      assert.equal(report.rows.out, report.rows.in);
      assert.deepEqual(await bronzeToDbn(lake, tableOfName(file)), await recordsOf(path));
    });
  });
}

Deno.test("backfill() reads versions 1, 2 and 3 of a schema to the same columns", async () => {
  if (!requires("shared", "versions of a schema")) return;
  for (const schema of ["trades", "mbp-10"]) {
    const seen: Record<string, unknown[]>[] = [];
    for (const version of [1, 2, 3]) {
      await withLake(async (lake) => {
        const path = shared(`dbn/test_data.${schema}.v${version}.dbn.zst`);
        await run(lake, [await memorySource(path, await Deno.readFile(path))]);
        const { ingest: _, ...columns } = plainColumns(await readTable(lake, tableOfName(path)));
        seen.push(columns);
      });
    }
    assert.equal(seen[0].row.length, 2);
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
  }
});

/** Rows at the edges of what a record can hold, in hours that come back. */
function oddRows(table: TableSchema): Batch {
  const random = new Random("odd"), n = 2000;
  const [batch] = table === FUTURES_TRADES ? randomTrades({ rows: n }) : randomBooks({ rows: n });
  const { columns } = batch;
  for (let i = 0; i < n; i++) {
    const set = (
      name: string,
      value: number | bigint,
    ) => ((columns[name] as Float64Array)[i] = value as number);
    set("ts_event_ns", 1_765_895_400_000_000_000n + BigInt(random.int(3)) * 3_600_000_000_000n);
    set("ts_recv_ns", [-1n, 0n, -(2n ** 63n), 2n ** 62n][random.int(4)]);
    set("ts_in_delta", [-(2 ** 31), 2 ** 31 - 1, 0][random.int(3)]);
    set("size", [0, 2 ** 32 - 1, 1][random.int(3)]);
    set("seq", [0n, 2n ** 32n - 1n, 7n][random.int(3)]);
    set("flags", random.int(256));
    set("depth", random.int(256));
    set("publisher_id", random.int(65536));
    set("price", [NaN, 0, -37.63, 6850.25, 1e-9, 2_000_000.123456789][random.int(6)]);
    if ("bid_px_3" in columns) set("bid_px_3", random.uniform() < 0.5 ? NaN : -0.25);
  }
  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
  columns.side = { codes: Int32Array.from({ length: n }, () => random.int(256)), values: bytes };
  columns.action = { codes: Int32Array.from({ length: n }, () => random.int(256)), values: bytes };
  return batch;
}

for (const table of ["trades", "mbp-10"] as const) {
  Deno.test(`backfill() keeps ${table} records of any content, plain or cut into any chunks`, async () => {
    const schema = table === "trades" ? FUTURES_TRADES : FUTURES_MBP10;
    const batch = oddRows(schema);
    const records = table === "trades" ? encodeTrades(batch) : encodeMbp10(batch);
    const bytes = joinBytes(dbnBytes(table, [batch]));
    const contents: Record<string, string>[] = [];
    for (const chunkBytes of [1 << 20, 977]) {
      await withLake(async (lake) => {
        await run(lake, [await memorySource(`x-20251216.${table}.dbn`, bytes, { chunkBytes })]);
        assert.deepEqual(await bronzeToDbn(lake, schema), records);
        assert.equal((await hoursPresent(lake, schema)).length, 3);
        contents.push(await lakeContent(lake));
      });
    }
    assert.deepEqual(contents[0], contents[1]);
  });
}

Deno.test("backfill() puts rows into the UTC hour of their event, in file order, with their origin", async () => {
  await withLake(async (lake) => {
    const [{ ingest }] = await run(lake, [await tradesSource()]);
    assert.match(ingest, /^[0-9a-f]{12}-1$/);
    const hours = await hoursPresent(lake, FUTURES_TRADES);
    assert.equal(hours.length, 3);
    for (const hour of hours) {
      const files = await parquetFiles(lake, hourFolder(FUTURES_TRADES, hour));
      assert.deepEqual(files.map((f) => f.slice(f.lastIndexOf("/") + 1)), [`${ingest}-0000.parquet`]);
      const rows = readBatch(lake, FUTURES_TRADES, files);
      assert.ok(i64(rows, "ts_event_ns").every((ts) => ts / 3_600_000_000_000n === BigInt(hour)));
      assert.ok(i64(rows, "row").every((row, i, all) => i === 0 || row > all[i - 1]));
      assert.deepEqual(strings(rows, "source").values, ["dbn"]);
      assert.deepEqual(strings(rows, "contract").values, ["ESZ5"]);
    }
    assert.deepEqual(
      [...i64(await readTable(lake, FUTURES_TRADES), "row")],
      Array.from({ length: 3000 }, (_, i) => BigInt(i)),
    );
  });
});

Deno.test("backfill() leaves a source alone that is in the lake already", async () => {
  await withLake(async (lake) => {
    await run(lake, [await tradesSource()]);
    const before = await lakeContent(lake);
    const runs = (await readManifests(lake)).length;
    const [report] = await run(lake, [await tradesSource()]);
    assert.equal(report.status, "already");
    assert.deepEqual(await lakeContent(lake), before);
    assert.equal((await readManifests(lake)).length, runs);
  });
});

Deno.test("backfill() with force adds a further ingest, with clean leaves one", async () => {
  await withLake(async (lake) => {
    const other = await tradesSource({ ...WALK, seed: 9 }, "glbx-mdp3-20251215.trades.dbn");
    const [{ ingest: first }] = await run(lake, [await tradesSource()]);
    const once = await lakeContent(lake);
    const [{ ingest: second }] = await run(lake, [await tradesSource()], { force: true });
    assert.equal(second, first.replace(/1$/, "2"));
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, 2 * WALK.rows);
    assert.deepEqual(
      await bronzeToDbn(lake, FUTURES_TRADES, first),
      await bronzeToDbn(lake, FUTURES_TRADES, second),
    );
    await run(lake, [await tradesSource()], { clean: true });
    assert.deepEqual(await lakeContent(lake), once);
    await run(lake, [other]);
    await run(lake, [await tradesSource()], { clean: true });
    const records = (await readIngests(lake)).map((r) => r.ingest);
    assert.deepEqual(
      records,
      [first],
      "the other file's rows lie on the cleaned date too, whatever its name says",
    );
  });
});

Deno.test("backfill() cleans only what DBN files left, of its tables and dates", async () => {
  await withLake(async (lake) => {
    const january = { rows: 200, startNs: 1_767_711_600_000_000_000n };
    await run(lake, [await tradesSource(january, "glbx-mdp3-20260106.trades.dbn")]);
    await run(lake, [
      await memorySource(
        "glbx-mdp3-20251216.mbp-10.dbn",
        joinBytes(dbnBytes("mbp-10", randomBooks({ rows: 50 }))),
      ),
    ]);
    await run(lake, [await tradesSource()]);
    const [hour] = await hoursPresent(lake, FUTURES_TRADES);
    const folder = hourFolder(FUTURES_TRADES, hour);
    const [file] = await parquetFiles(lake, folder);
    await Deno.copyFile(`${lake.root}/${file}`, `${lake.root}/${folder}/live-2025-12-16-0000.parquet`);
    const before = await lakeContent(lake);
    const [{ ingest }] = await run(lake, [await tradesSource({ ...WALK, seed: 2 })], { clean: true });
    const after = await lakeContent(lake);
    const gone = Object.keys(before).filter((path) => !(path in after));
    assert.ok(
      gone.length > 0 && gone.every((path) => /trades.*date=2025-12-16|ingests/.test(path)),
      gone.join(),
    );
    const added = Object.keys(after).filter((path) => !(path in before));
    assert.ok(added.every((path) => path.includes(ingest)));
  });
});

Deno.test("backfill() does an ingest again under its own id when a file of it is missing", async () => {
  await withLake(async (lake) => {
    const [{ ingest }] = await run(lake, [await tradesSource()]);
    const whole = await lakeContent(lake);
    const [hour] = await hoursPresent(lake, FUTURES_TRADES);
    await Deno.remove(`${lake.root}/${hourFolder(FUTURES_TRADES, hour)}/${ingest}-0000.parquet`);
    const [again] = await run(lake, [await tradesSource()]);
    assert.deepEqual([again.status, again.ingest], ["ingested", ingest]);
    assert.deepEqual(await lakeContent(lake), whole);
  });
});

Deno.test("backfill() keeps the range asked for and counts the rest; another range is refused", async () => {
  await withLake(async (lake) => {
    const [all] = randomTrades(WALK);
    const ts = i64(all, "ts_event_ns");
    const range = { startNs: ts[500], endNs: ts[1500] };
    const inside = ts.filter((t) => t >= range.startNs && t < range.endNs).length;
    const [report] = await run(lake, [await tradesSource()], { range });
    assert.deepEqual(report.rows, {
      in: 3000,
      out: inside,
      filtered: 3000 - inside,
      quarantined: 0,
      duplicates: 0,
    });
    const rows = i64(await readTable(lake, FUTURES_TRADES), "row");
    assert.equal(rows[0], BigInt(ts.findIndex((t) => t >= range.startNs)), "rows keep the file's ordinals");
    assert.equal((await run(lake, [await tradesSource()], { range }))[0].status, "already");
    await assert.rejects(
      async () => run(lake, [await tradesSource()]),
      (error: Error) =>
        error instanceof UsageError && /is in the lake from \d+ to \d+; give that range/.test(error.message),
    );
  });
});

Deno.test("backfill() sets rows without a usable time aside and loses none", async () => {
  await withLake(async (lake) => {
    const [batch] = randomTrades({ rows: 100 });
    const ts = i64(batch, "ts_event_ns");
    [-1n, 0n, -(2n ** 63n), 2n ** 63n - 1n, 946_684_799_999_999_999n, 4_102_444_800_000_000_000n]
      .forEach((bad, i) => ts[10 * i] = bad);
    const [report] = await run(lake, [await memorySource(NAME, joinBytes(dbnBytes("trades", [batch])))]);
    assert.deepEqual(report.rows, { in: 100, out: 94, filtered: 0, quarantined: 6, duplicates: 0 });
    const twin = quarantineTable(FUTURES_TRADES);
    const files = await parquetFiles(lake, "quarantine/bronze/futures/trades/symbol=ES/undated");
    const aside = readBatch(lake, twin, files);
    assert.deepEqual([...i64(aside, "row")], [0n, 10n, 20n, 30n, 40n, 50n]);
    assert.deepEqual(strings(aside, "reason").values, ["undated"]);
    assert.equal(
      (await run(lake, [await memorySource(NAME, joinBytes(dbnBytes("trades", [batch])))]))[0].status,
      "already",
    );
  });
});

Deno.test("backfill() skips foreign records and ts_out, and counts both", async () => {
  await withLake(async (lake) => {
    const [batch] = randomTrades({ rows: 10 });
    const records = encodeTrades(batch);
    const chunks = [...dbnBytes("trades", [], { tsOut: true })];
    for (let i = 0; i < 10; i++) {
      const record = new Uint8Array(56);
      record.set(records.subarray(48 * i, 48 * i + 48));
      record[0] = 14;
      chunks.push(record);
      const system = new Uint8Array(328);
      system.set([82, 0x17]);
      if (i % 3 === 0) chunks.push(system);
    }
    const [report] = await run(lake, [await memorySource(NAME, joinBytes(chunks))]);
    assert.deepEqual(report.skipped, { system: 4 });
    assert.equal(report.rows.out, 10);
    assert.deepEqual(await bronzeToDbn(lake, FUTURES_TRADES), records);
    const [{ facts }] = await readManifests(lake);
    assert.equal((facts[report.ingest] as { ts_out_dropped: number }).ts_out_dropped, 10);
  });
});

Deno.test("backfill() takes both tables of a mixed stream", async () => {
  await withLake(async (lake) => {
    const [trades] = randomTrades({ rows: 20 }), [books] = randomBooks({ rows: 30 });
    const mixed = [
      ...dbnBytes("trades", [], { schema: SCHEMA_CODES.mixed }),
      encodeMbp10(books),
      encodeTrades(trades),
    ];
    const [report] = await run(lake, [await memorySource("live-20251216.dbn", joinBytes(mixed))]);
    assert.deepEqual(report.tables, { "futures.mbp10": 30, "futures.trades": 20 });
    assert.deepEqual(await bronzeToDbn(lake, FUTURES_MBP10), encodeMbp10(books));
    assert.equal(i64(await readTable(lake, FUTURES_TRADES), "row")[0], 30n, "rows count over both tables");
  });
});

Deno.test("backfill() names contracts by mappings, then symbology.json, then the id", async () => {
  const instruments = [{ id: 1, share: 0.4, price: 6850 }, { id: 2, share: 0.3, price: 6900 }, {
    id: 3,
    share: 0.3,
    price: 50,
  }];
  const mappings = [{ rawSymbol: "ESZ5", intervals: [{ start: 20251201, end: 20260101, symbol: "1" }] }];
  const bytes = joinBytes(dbnBytes("trades", randomTrades({ rows: 500, instruments }), { mappings }));
  const symbology = [1, 2].map((id) => ({ instrumentId: id, symbol: `ESH${id}`, fromDay: 0, toDay: 99999 }));
  await withLake(async (lake) => {
    const warnings: string[] = [];
    const source = await memorySource(NAME, bytes, { symbology });
    await backfill(lake, [source], {}, { ...SILENT, warn: (line) => warnings.push(line) });
    const { contract, instrument_id } = plainColumns(await readTable(lake, FUTURES_TRADES));
    const names = new Map(instrument_id.map((id, i) => [id, contract[i]]));
    assert.deepEqual([...names].sort(), [[1, "ESZ5"], [2, "ESH2"], [3, "ES_3"]]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /no name for instrument 3;/);
  });
});

Deno.test("backfill() in a dry run says what it would do and touches nothing", async () => {
  const root = `${await Deno.makeTempDir()}/none`;
  const reports = await run({ root }, [await tradesSource()], { dryRun: true, clean: true });
  assert.deepEqual(reports.map((r) => r.status), ["planned"]);
  await assert.rejects(Deno.stat(root), Deno.errors.NotFound);
});

Deno.test("backfill() leaves nothing of a source that fails, and keeps those before it", async () => {
  await withLake(async (lake) => {
    const whole = joinBytes(
      dbnBytes("mbp-10", randomBooks({ rows: 300_000, stepNs: 4e7, batchRows: 300_000 })),
    );
    const broken = await memorySource("b-20251216.mbp-10.dbn", whole.subarray(0, whole.length - 8));
    await assert.rejects(
      async () => run(lake, [await tradesSource(), broken]),
      /b-20251216.* at byte \d+: .*truncated/,
    );
    assert.equal((await readTable(lake, FUTURES_TRADES)).length, WALK.rows);
    assert.deepEqual(await hoursPresent(lake, FUTURES_MBP10), []);
    assert.deepEqual((await readManifests(lake)).map((m) => m.status), ["completed", "failed"]);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${lake.root}/_meta/staging`)), []);
  });
});

Deno.test("PartWriter cuts an hour into parts and bounds what it holds back", async () => {
  await withLake(async (lake) => {
    const [all] = randomTrades({ rows: 1000, stepNs: 2e10 });
    const named = () => ({ codes: new Int32Array(1000), values: ["x"] });
    const row = BigInt64Array.from({ length: 1000 }, (_, i) => BigInt(i));
    const columns = { ...all.columns, row, source: named(), ingest: named(), contract: named() };
    const rowsOf = (from: number) => Uint32Array.from({ length: 25 }, (_, i) => from + i);
    const whole = { length: 1000, columns: { ...columns, aggressor: nullColumn("i8", 1000) } };
    let parts: { path: string; rows: number }[] = [];
    await transact(lake, "parts", async (tx) => {
      const writer = new PartWriter(tx, FUTURES_TRADES, "abc-1", 64);
      for (let i = 0; i < 1000; i += 25) {
        await writer.add(takeRows(whole, rowsOf(i)));
      }
      await writer.finish();
      parts = writer.parts;
      await writer.close();
    });
    assert.ok(parts.length > 12 && parts.every(({ rows }) => rows > 0 && rows < 96));
    const rows = await readTable(lake, FUTURES_TRADES);
    assert.equal(rows.length, 1000);
    assert.deepEqual([...u8(rows, "flags")], [...u8(all, "flags")]);
  });
});
