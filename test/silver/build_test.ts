import assert from "node:assert/strict";
import {
  absoluteNs,
  type Batch,
  f64,
  i64,
  previousTradingDay,
  Random,
  repeatString,
  type Session,
  sessionOf,
  SILENT,
  sliceBatch,
  STORAGE,
  strings,
  takeRows,
} from "../../lib/base/mod.ts";
import {
  emptyBatch,
  hashFiles,
  hashJson,
  type Lake,
  openLake,
  parquetFiles,
  readBatch,
  readManifests,
  sessionFiles,
  sessionFolder,
} from "../../lib/lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  SILVER_MBP10,
  SILVER_OPTIONS,
  SILVER_SCALE,
  SILVER_TRADES,
  type TableSchema,
} from "../../lib/schema/mod.ts";
import {
  bronzeScale,
  buildSilver,
  type FuturesTape,
  scaleAt,
  SILVER_VERSION,
  silverScale,
} from "../../lib/silver/mod.ts";
import { optionMarket } from "../helpers/option_market.ts";
import { simulatedLake, writeBronze } from "../helpers/simulated_lake.ts";

const DATE = "2025-12-16", BEFORE = previousTradingDay(DATE);
const BRONZE = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES];
const SILVER = [SILVER_TRADES, SILVER_MBP10, SILVER_OPTIONS];
const SIMULATION = { seed: 3, scale: 0.02 };

/** A lake of one session with two hours of Bronze, the open in the first: fewer files, the same paths through the code. */
async function shortLake(): Promise<Lake> {
  const lake = await simulatedLake([DATE], SIMULATION);
  for (const table of BRONZE) {
    for (const { hour, files } of await sessionFiles(lake, table, sessionOf(DATE))) {
      if (hour % 24 === 14 || hour % 24 === 15) continue;
      for (const file of files) await Deno.remove(`${lake.root}/${file}`);
    }
  }
  return lake;
}

const remove = (lake: Lake) => Deno.remove(lake.root, { recursive: true });

async function filesOf(lake: Lake, table: TableSchema, date = DATE): Promise<string[]> {
  return (await sessionFiles(lake, table, sessionOf(date))).flatMap((hour) => hour.files);
}

/** sha256 of every Silver file of a date. */
async function silverHashes(lake: Lake, date = DATE): Promise<Record<string, string>> {
  const files = await Promise.all(SILVER.map((table) => filesOf(lake, table, date)));
  return await hashFiles(lake, [
    ...files.flat(),
    ...await parquetFiles(lake, sessionFolder(SILVER_SCALE, date)),
  ]);
}

const rowsOf = async (lake: Lake, table: TableSchema) => readBatch(lake, table, await filesOf(lake, table));

/** Puts a date's Bronze rows of a table in other files and another order. */
async function reshuffle(lake: Lake, table: TableSchema, seed: number): Promise<void> {
  const files = await filesOf(lake, table), rows = readBatch(lake, table, files), random = new Random(seed);
  for (const file of files) await Deno.remove(`${lake.root}/${file}`);
  const order = random.shuffle(Uint32Array.from({ length: rows.length }, (_, i) => i));
  const third = Math.ceil(rows.length / 3);
  for (let part = 0; part < 3; part++) {
    const mine = takeRows(rows, order.subarray(part * third, (part + 1) * third));
    if (mine.length > 0) await writeBronze(lake, table, mine, `${"zxy"[part]}-${part}`);
  }
}

Deno.test("buildSilver() keeps every row of Bronze, in time order, and says so in its manifest", async () => {
  const lake = await shortLake();
  const report = await buildSilver(lake, DATE, {}, SILENT);
  let total = 0;
  for (const [k, table] of SILVER.entries()) {
    const bronze = await rowsOf(lake, BRONZE[k]!), silver = await rowsOf(lake, table);
    assert.equal(silver.length, bronze.length);
    assert.equal(report.tables[table.name], bronze.length);
    const ts = i64(silver, "ts_event_ns");
    assert.ok(ts.every((t, i) => i === 0 || t >= ts[i - 1]!));
    for (const file of await filesOf(lake, table)) assert.match(file, /\/part-0000\.parquet$/);
    total += bronze.length;
  }
  const [manifest] = (await readManifests(lake)).filter((m) => m.stage === "silver");
  assert.deepEqual(manifest!.rows, { in: total, out: total, filtered: 0, quarantined: 0, duplicates: 0 });
  assert.equal(manifest!.status, "completed");
  assert.deepEqual(report.reasons, ["never built"]);
  await remove(lake);
});

Deno.test("buildSilver() does nothing when nothing changed, and the same bytes when forced", async () => {
  const lake = await shortLake();
  await buildSilver(lake, DATE, {}, SILENT);
  const hashes = await silverHashes(lake), runs = (await readManifests(lake)).length;
  assert.equal(Object.keys(hashes).length, 7);
  const again = await buildSilver(lake, DATE, {}, SILENT);
  assert.deepEqual([again.status, again.reasons], ["unchanged", []]);
  assert.equal((await readManifests(lake)).length, runs);
  const forced = await buildSilver(lake, DATE, { force: true }, SILENT);
  assert.deepEqual([forced.status, forced.reasons], ["built", ["--force"]]);
  assert.deepEqual(await silverHashes(lake), hashes);
  await remove(lake);
});

Deno.test("buildSilver() gives the same bytes for any order of Bronze rows and files, and for a second ingest", async () => {
  const lake = await shortLake();
  await buildSilver(lake, DATE, {}, SILENT);
  const hashes = await silverHashes(lake);
  for (const table of BRONZE) await reshuffle(lake, table, 1);
  assert.equal((await buildSilver(lake, DATE, {}, SILENT)).status, "built");
  assert.deepEqual(await silverHashes(lake), hashes);
  let rows = 0;
  for (const table of BRONZE) {
    const batch = await rowsOf(lake, table);
    const ingest = repeatString("~second-ingest", batch.length);
    await writeBronze(lake, table, { ...batch, columns: { ...batch.columns, ingest } }, "again-0000");
    rows += batch.length;
  }
  const report = await buildSilver(lake, DATE, {}, SILENT);
  assert.deepEqual(report.rows, { in: 2 * rows, out: rows, filtered: 0, quarantined: 0, duplicates: rows });
  assert.deepEqual(await silverHashes(lake), hashes);
  await remove(lake);
});

Deno.test("buildSilver() rebuilds what changed, says why, and removes what has no Bronze any more", async () => {
  const lake = await shortLake();
  await buildSilver(lake, DATE, {}, SILENT);
  const [out] = await filesOf(lake, SILVER_TRADES), hashes = await silverHashes(lake);
  await Deno.writeTextFile(`${lake.root}/${out}`, "torn");
  const torn = await buildSilver(lake, DATE, { explain: true }, SILENT);
  assert.deepEqual([torn.status, torn.reasons], ["stale", [`output changed: ${out}`]]);
  assert.equal(await Deno.readTextFile(`${lake.root}/${out}`), "torn");
  await buildSilver(lake, DATE, {}, SILENT);
  assert.deepEqual(await silverHashes(lake), hashes);
  const bronze = await filesOf(lake, FUTURES_TRADES), last = bronze[bronze.length - 1]!;
  await Deno.remove(`${lake.root}/${last}`);
  const less = await buildSilver(lake, DATE, {}, SILENT);
  assert.deepEqual(less.reasons, [`input removed: ${last}`]);
  assert.equal((await filesOf(lake, SILVER_TRADES)).length, bronze.length - 1);
  await remove(lake);
});

Deno.test("buildSilver() builds anew where its key is damaged, and leaves nothing of what that key knew", async () => {
  const lake = await shortLake();
  await buildSilver(lake, DATE, {}, SILENT);
  const bronze = await filesOf(lake, FUTURES_TRADES), last = bronze[bronze.length - 1]!;
  await Deno.remove(`${lake.root}/${last}`);
  for (const text of ["", '{"version": 2, "inputs": {', '{"version": 2}', "<<<<<<< HEAD\n"]) {
    await Deno.writeTextFile(`${lake.root}/_meta/keys/silver/${DATE}.json`, text);
    const stale = await buildSilver(lake, DATE, { explain: true }, SILENT);
    assert.equal(stale.status, "stale");
    assert.match(stale.reasons.join("\n"), /^never built: key damaged \(Cannot read .*\)$/);
  }
  assert.equal((await buildSilver(lake, DATE, {}, SILENT)).status, "built");
  assert.equal((await filesOf(lake, SILVER_TRADES)).length, bronze.length - 1);
  assert.equal((await buildSilver(lake, DATE, {}, SILENT)).status, "unchanged");
  await remove(lake);
});

Deno.test("buildSilver() refuses a session of several contracts and leaves nothing", async () => {
  const lake = await simulatedLake([DATE], SIMULATION, ["trades"]);
  const trades = await rowsOf(lake, FUTURES_TRADES);
  const other = {
    ...trades.columns,
    contract: repeatString("ESZ9", trades.length),
    instrument_id: new Uint32Array(trades.length).fill(9),
  };
  await writeBronze(lake, FUTURES_TRADES, { ...trades, columns: other }, "other-0000");
  await assert.rejects(
    buildSilver(lake, DATE, {}, SILENT),
    /found contracts ESH6, ESZ9, wanted one; run filter --date 2025-12-16$/,
  );
  assert.deepEqual(await filesOf(lake, SILVER_TRADES), []);
  assert.deepEqual((await readManifests(lake)).map((m) => m.status), ["failed"]);
  await remove(lake);
});

Deno.test("buildSilver() refuses a date without Bronze and a Bronze file that is not whole", async () => {
  const lake = await simulatedLake([DATE], SIMULATION, ["trades"]);
  await assert.rejects(
    buildSilver(lake, "2025-12-17", {}, SILENT),
    /no Bronze rows of it .* run backfill or options/,
  );
  const [file] = await filesOf(lake, FUTURES_TRADES), path = `${lake.root}/${file}`;
  await Deno.writeFile(path, (await Deno.readFile(path)).slice(0, -9));
  await assert.rejects(buildSilver(lake, DATE, {}, SILENT), (error: Error) => error.message.includes(path));
  await remove(lake);
});

/** A lake of sessions with trades of one contract and some of their prints. */
async function marketLake(prints: Record<string, (batch: Batch) => Batch>): Promise<Lake> {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" }));
  for (const [date, choose] of Object.entries(prints)) {
    const session = sessionOf(date), hourEnd = Number(session.openNs - session.startNs) + 3600e9;
    const market = optionMarket(session, { prints: 4000, multiLeg: 0.1, tradeSeconds: 5, to: hourEnd });
    await writeBronze(lake, FUTURES_TRADES, tradesOf(session, market.tape));
    const chosen = choose(market.prints);
    if (chosen.length > 0) await writeBronze(lake, OPTIONS_TRADES, chosen);
  }
  return lake;
}

function tradesOf(session: Session, { length, ts, price }: FuturesTape): Batch {
  const rows = emptyBatch(FUTURES_TRADES).columns, moments = absoluteNs(ts, session.startNs);
  const filled = Object.entries(FUTURES_TRADES.columns).map(([name, { dtype }]) => [
    name,
    dtype === "utf8" ? repeatString(name === "contract" ? "ESH6" : name, length) : new STORAGE[dtype](length),
  ]);
  const row = BigInt64Array.from({ length }, (_, i) => BigInt(i));
  const columns = {
    ...rows,
    ...Object.fromEntries(filled),
    ts_event_ns: moments,
    ts_recv_ns: moments,
    row,
    price,
  };
  return { length, columns };
}

const all = (prints: Batch) => prints, none = (prints: Batch) => sliceBatch(prints, 0, 0);

Deno.test("buildSilver() starts from the scale of the session before, of the same contract", async () => {
  const lake = await marketLake({ [BEFORE]: all, [DATE]: all });
  const first = await buildSilver(lake, BEFORE, {}, SILENT),
    second = await buildSilver(lake, DATE, {}, SILENT);
  assert.deepEqual([first.scale!.source, second.scale!.source], ["parity", "parity"]);
  const rows = readBatch(lake, SILVER_SCALE, await parquetFiles(lake, sessionFolder(SILVER_SCALE, DATE)));
  assert.deepEqual(scaleAt(rows, sessionOf(DATE).startNs), { ...first.scale, source: "previous" });
  assert.deepEqual(await silverScale(lake, BEFORE), first.scale);
  // The first prints of the day, before it has a scale of its own, are converted with it.
  assert.equal(f64(await rowsOf(lake, SILVER_OPTIONS), "spy_per_es")[0], first.scale!.spyPerEs);
  // From Bronze alone it is the same to the bit.
  assert.deepEqual(await bronzeScale(lake, BEFORE), first.scale);
  assert.deepEqual(await bronzeScale(lake, DATE), second.scale);
  // A new scale of the session before makes this one stale.
  for (const file of await filesOf(lake, OPTIONS_TRADES, BEFORE)) await Deno.remove(`${lake.root}/${file}`);
  assert.equal((await buildSilver(lake, BEFORE, {}, SILENT)).scale!.source, "fixed");
  const stale = await buildSilver(lake, DATE, {}, SILENT);
  assert.match(stale.reasons.join(), /^input changed: silver\/scale\//);
  assert.equal(f64(await rowsOf(lake, SILVER_OPTIONS), "spy_per_es")[0], 0.1);
  await remove(lake);
});

Deno.test("buildSilver() passes a scale on through sessions without pairs, and not over one without Bronze", async () => {
  const days = ["2025-12-10", "2025-12-11", "2025-12-12", BEFORE] as const,
    [first, second, third, fourth] = days;
  const calls = (prints: Batch) => {
    const { codes, values } = strings(prints, "right");
    return takeRows(prints, Uint32Array.from(codes.keys()).filter((i) => values[codes[i]!] === "C"));
  };
  const lake = await marketLake({ [first]: all, [second]: calls, [third]: none, [fourth]: none });
  const scales = [];
  for (const date of days) scales.push((await buildSilver(lake, date, {}, SILENT)).scale!);
  assert.equal(scales[0]!.source, "parity");
  for (const scale of scales.slice(1)) assert.deepEqual(scale, { ...scales[0], source: "previous" });
  for (const [i, date] of days.entries()) assert.deepEqual(await bronzeScale(lake, date), scales[i]);
  await remove(lake);
  const gap = await marketLake({ [first]: all, [third]: none });
  for (const date of [first, third]) await buildSilver(gap, date, {}, SILENT);
  assert.equal((await silverScale(gap, third))!.source, "fixed");
  assert.deepEqual(await bronzeScale(gap, third), await silverScale(gap, third));
  assert.equal(await bronzeScale(gap, second), undefined);
  await remove(gap);
});

/** Runs the command; its last line of output is the machine-readable summary. */
async function silverTask(lake: Lake, args: string[], env: Record<string, string> = {}) {
  const task = new URL("../../tasks/silver.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", task, "--lake", lake.root, "--json", ...args],
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, summary: JSON.parse(text(stdout).split("\n").at(-1)!), stderr: text(stderr) };
}

Deno.test("buildSilver() gives the same bytes with 1, 2 and 8 polars threads", async () => {
  const lake = await shortLake();
  for (const table of BRONZE) await reshuffle(lake, table, 2);
  const hashes: Record<string, string>[] = [];
  for (const threads of ["1", "2", "8"]) {
    const { code, stderr } = await silverTask(lake, ["--date", DATE, "--force"], {
      POLARS_MAX_THREADS: threads,
    });
    assert.equal(code, 0, stderr);
    hashes.push(await silverHashes(lake));
  }
  assert.equal(Object.keys(hashes[0]!).length, 7);
  assert.deepEqual(hashes[1], hashes[0]);
  assert.deepEqual(hashes[2], hashes[0]);
  await remove(lake);
});

Deno.test("silver builds the other dates when one fails, names it and exits with 2", async () => {
  const lake = await marketLake({ [BEFORE]: all, [DATE]: all });
  const [file] = await filesOf(lake, OPTIONS_TRADES, BEFORE);
  await Deno.writeTextFile(`${lake.root}/${file}`, "not Parquet");
  const { code, summary, stderr } = await silverTask(lake, []);
  assert.equal(code, 2);
  assert.deepEqual(summary.sessions.map((s: { date: string }) => s.date), [DATE]);
  assert.deepEqual(summary.failed.map((f: { date: string }) => f.date), [BEFORE]);
  assert.ok(stderr.includes(file!));
  assert.deepEqual(await filesOf(lake, SILVER_TRADES, BEFORE), []);
  assert.ok((await filesOf(lake, SILVER_TRADES)).length > 0);
  await remove(lake);
});

Deno.test("SILVER_VERSION goes up when the same Bronze gives other bytes", async () => {
  const lake = await marketLake({ [DATE]: all });
  await buildSilver(lake, DATE, {}, SILENT);
  const found = { version: SILVER_VERSION, output: hashJson(await silverHashes(lake)) };
  // If this fails the output has changed: raise SILVER_VERSION, then put the new hash here.
  assert.deepEqual(found, {
    version: 3,
    output: "a8744715fea103d68b7da5afd104410c9f4245188335af7e44ec83275e04d20c",
  });
  await remove(lake);
});
