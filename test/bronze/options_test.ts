import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { i64, sessionOf, SILENT, strings } from "../../lib/base/mod.ts";
import { ingestOptions, type OptionSource } from "../../lib/bronze/mod.ts";
import {
  hashFiles,
  hoursPresent,
  type Lake,
  openLake,
  parquetFiles,
  quarantinePath,
  readBatch,
  readIngests,
  readManifests,
  sessionFiles,
} from "../../lib/lake/mod.ts";
import { OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import { flatFile, simulateDay, simulateSession } from "../../lib/simulate/mod.ts";
import { requires, shared } from "../helpers/requires.ts";

const DATE = "2025-12-16";

function sourceOf(name: string, bytes: Uint8Array): OptionSource {
  return {
    name: `/somewhere/${name}`,
    bytes: bytes.length,
    open: async function* () {
      for (let at = 0; at < bytes.length; at += 5000) {
        yield await Promise.resolve(bytes.subarray(at, at + 5000));
      }
    },
    sha256: () => Promise.resolve(createHash("sha256").update(bytes).digest("hex")),
  };
}

/** The flat file of a small simulated day, gzipped, with its rows of other roots. */
function simulatedFile(sort: "ticker" | "time"): Uint8Array {
  const session = simulateSession({ date: DATE, seed: 2, scale: 0.02, sort });
  let next = session.next();
  while (!next.done) next = session.next();
  const text = [...flatFile(next.value.prints, sessionOf(DATE).overnightNs)];
  return new Uint8Array(gzipSync(new Uint8Array(text.flatMap((part) => [...part]))));
}

const newLake = async () => await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" }));
const remove = (lake: Lake) => Deno.remove(lake.root, { recursive: true });

async function bronzeFiles(lake: Lake): Promise<string[]> {
  return (await sessionFiles(lake, OPTIONS_TRADES, sessionOf(DATE))).flatMap((hour) => hour.files);
}

Deno.test("ingestOptions() stores every SPY print of a flat file by the hour, whatever its order", async () => {
  const truth = simulateDay({ date: DATE, seed: 2, scale: 0.02, sort: "ticker" }).options;
  for (const sort of ["ticker", "time"] as const) {
    const lake = await newLake(), source = sourceOf(`${DATE}.csv.gz`, simulatedFile(sort));
    const report = await ingestOptions(lake, source, { session: sessionOf(DATE) }, SILENT);
    assert.equal(report.status, "ingested");
    assert.equal(report.rows.out, truth.length);
    assert.ok(report.rows.filtered > 100);
    assert.equal(report.rows.in, report.rows.out + report.rows.filtered);
    const [manifest] = await readManifests(lake);
    assert.deepEqual(manifest!.rows, report.rows);
    assert.deepEqual((await readIngests(lake)).map((r) => [r.ingest, r.rows]), [[
      report.ingest,
      truth.length,
    ]]);
    const rows = readBatch(lake, OPTIONS_TRADES, await bronzeFiles(lake));
    const times = (ts: BigInt64Array) => [...ts].sort();
    assert.deepEqual(times(i64(rows, "ts_event_ns")), times(i64(truth, "ts_event_ns")));
    assert.deepEqual([...i64(rows, "row")].sort((a, b) => Number(a - b)).at(-1), BigInt(truth.length - 1));
    assert.deepEqual(strings(rows, "ingest").values, [report.ingest]);
    assert.deepEqual(strings(rows, "source").values, ["flatfile"]);
    for (const file of await bronzeFiles(lake)) {
      assert.match(file, new RegExp(`/${report.ingest}-\\d{4}\\.parquet$`));
    }
    await remove(lake);
  }
});

Deno.test("ingestOptions() reads the same bytes once, and again when forced", async () => {
  const lake = await newLake(), source = sourceOf("x.csv.gz", simulatedFile("time"));
  const first = await ingestOptions(lake, source, { kind: "simulated" }, SILENT);
  const files = await bronzeFiles(lake), hashes = await hashFiles(lake, files);
  const second = await ingestOptions(lake, sourceOf("renamed.csv.gz", simulatedFile("time")), {}, SILENT);
  assert.deepEqual([second.status, second.ingest], ["already", first.ingest]);
  assert.deepEqual(await hashFiles(lake, await bronzeFiles(lake)), hashes);
  assert.equal((await readManifests(lake)).length, 1);
  const forced = await ingestOptions(lake, source, { force: true }, SILENT);
  assert.deepEqual([forced.status, forced.ingest], ["ingested", first.ingest.replace(/1$/, "2")]);
  assert.equal((await bronzeFiles(lake)).length, 2 * files.length);
  await remove(lake);
});

Deno.test("ingestOptions() finishes what a lost file left undone, under the same id", async () => {
  const lake = await newLake(), source = sourceOf("x.csv.gz", simulatedFile("time"));
  const first = await ingestOptions(lake, source, {}, SILENT), files = await bronzeFiles(lake);
  const hashes = await hashFiles(lake, files);
  await Deno.remove(`${lake.root}/${files[0]}`);
  // A file that a repair had moved comes back to its place; its rows are not in the lake twice.
  const moved = `${lake.root}/${quarantinePath(files[1]!)}`;
  await Deno.mkdir(moved.slice(0, moved.lastIndexOf("/")), { recursive: true });
  await Deno.rename(`${lake.root}/${files[1]}`, moved);
  const again = await ingestOptions(lake, source, {}, SILENT);
  assert.deepEqual([again.status, again.ingest], ["ingested", first.ingest]);
  assert.deepEqual(await hashFiles(lake, await bronzeFiles(lake)), hashes);
  await assert.rejects(Deno.stat(moved), Deno.errors.NotFound);
  await remove(lake);
});

const HEADER = "ticker,conditions,correction,exchange,price,sip_timestamp,size\n";
const ROW = "O:SPY251216C00680000,209,0,312,1.5,1765897200000000000,1\n";

Deno.test("ingestOptions() leaves nothing of a file that cannot be read to its end", async () => {
  const text = HEADER + ROW.repeat(70_000), whole = new Uint8Array(gzipSync(text));
  const faults: [string, Uint8Array, RegExp][] = [
    [
      "a bad row after many good ones",
      new TextEncoder().encode(text + ROW.replace(",1\n", ",-1\n")),
      /line 70002: found size/,
    ],
    ["a stream cut short", whole.slice(0, whole.length - 20), /at byte \d+: .*gzip stream/],
    [
      "no print of the root",
      new TextEncoder().encode(HEADER + ROW.replace("O:SPY", "O:QQQ")),
      /none of its 1 rows is a SPY option/,
    ],
    [
      "another trade date",
      new TextEncoder().encode(HEADER + ROW.replaceAll("17658972", "17659836")),
      /wanted trade date 2025-12-16/,
    ],
  ];
  for (const [name, bytes, message] of faults) {
    const lake = await newLake(), source = sourceOf("x.csv.gz", bytes);
    await assert.rejects(ingestOptions(lake, source, { session: sessionOf(DATE) }, SILENT), message, name);
    assert.deepEqual(await hoursPresent(lake, OPTIONS_TRADES), [], name);
    assert.deepEqual(await readIngests(lake), [], name);
    assert.deepEqual((await readManifests(lake)).map((m) => m.status), ["failed"], name);
    assert.deepEqual(await parquetFiles(lake, "_meta/staging"), [], name);
    await remove(lake);
  }
});

Deno.test("ingestOptions() stores the real SPY prints", async () => {
  if (!requires("shared", "ingestOptions() stores the real SPY prints")) return;
  const bytes = await Deno.readFile(shared("real/spy-options-2025-11-12.csv.gz")), lake = await newLake();
  const report = await ingestOptions(
    lake,
    sourceOf("a.csv.gz", bytes),
    { session: sessionOf("2025-11-12") },
    SILENT,
  );
  assert.deepEqual(report.rows, { in: 1334, out: 1334, filtered: 0, quarantined: 0, duplicates: 0 });
  await remove(lake);
});
