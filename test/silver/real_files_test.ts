import assert from "node:assert/strict";
import { f64, i64, i8, sessionOf, SILENT, strings } from "../../lib/base/mod.ts";
import { backfill, type DbnSource, describeSource, ingestOptions } from "../../lib/bronze/mod.ts";
import { hashFile, type Lake, openLake, readBatch, readManifests, sessionFiles } from "../../lib/lake/mod.ts";
import { SILVER_MBP10, SILVER_OPTIONS, SILVER_TRADES, type TableSchema } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { requires, shared } from "../helpers/requires.ts";

/** A shared file as a source. */
async function source(path: string) {
  const name = shared(path), bytes = await Deno.readFile(name);
  return {
    name,
    bytes: bytes.length,
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
    sha256: () => hashFile(name),
    symbology: [],
  };
}

async function silverOf(lake: Lake, table: TableSchema, date: string) {
  return readBatch(
    lake,
    table,
    (await sessionFiles(lake, table, sessionOf(date))).flatMap((hour) => hour.files),
  );
}

Deno.test("buildSilver() takes the real ES trades and books in and gives the same out", async () => {
  if (!requires("shared", "buildSilver() takes the real ES trades and books in and gives the same out")) {
    return;
  }
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" })),
    sources: DbnSource[] = [];
  for (const kind of ["trades", "mbp-10"]) {
    sources.push(await describeSource(await source(`real/esh4-20231225.${kind}.dbn.zst`)) as DbnSource);
  }
  await backfill(lake, sources, {}, SILENT);
  const date = "2023-12-26", report = await buildSilver(lake, date, {}, SILENT);
  assert.deepEqual(report.rows, { in: 43_010, out: 43_010, filtered: 0, quarantined: 0, duplicates: 0 });
  assert.deepEqual(report.tables, {
    [SILVER_TRADES.name]: 2973,
    [SILVER_MBP10.name]: 40_037,
    "silver.scale": 1,
  });
  assert.deepEqual(report.scale, { contract: "ESH4", spyPerEs: 0.1, source: "fixed" });
  for (const table of [SILVER_TRADES, SILVER_MBP10]) {
    const rows = await silverOf(lake, table, date), ts = i64(rows, "ts_event_ns");
    assert.deepEqual(strings(rows, "contract").values, ["ESH4"]);
    assert.ok(ts.every((t, i) => i === 0 || t >= ts[i - 1]!));
  }
  // Crossed books before the open at 23:00:00 are kept.
  const books = await silverOf(lake, SILVER_MBP10, date),
    bid = f64(books, "bid_px_1"),
    ask = f64(books, "ask_px_1");
  assert.ok(bid.filter((px, i) => px > ask[i]!).length > 100);
  assert.equal((await buildSilver(lake, date, {}, SILENT)).status, "unchanged");
  await Deno.remove(lake.root, { recursive: true });
});

Deno.test("buildSilver() takes the real SPY prints: calls only, so the scale is fixed and says so", async () => {
  if (
    !requires(
      "shared",
      "buildSilver() takes the real SPY prints: calls only, so the scale is fixed and says so",
    )
  ) {
    return;
  }
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" })), date = "2025-11-12";
  await ingestOptions(lake, await source("real/spy-options-2025-11-12.csv.gz"), {}, SILENT);
  const report = await buildSilver(lake, date, {}, SILENT);
  assert.deepEqual(report.scale, { contract: "ESZ5", spyPerEs: 0.1, source: "fixed" });
  const [, manifest] = await readManifests(lake);
  assert.deepEqual(manifest!.facts.scale, report.scale);
  const rows = await silverOf(lake, SILVER_OPTIONS, date);
  assert.equal(rows.length, 1334);
  const single = i8(rows, "single_leg"), sign = i8(rows, "aggressor");
  // By the condition codes of the file: 465 of 209, 219 of 227, 64 of 219; the others are multi-leg.
  assert.equal(single.filter((s) => s === 1).length, 748);
  assert.ok(sign.every((s, i) => single[i] === 1 || s === 0));
  assert.ok(sign.filter((s) => s !== 0).length > 500);
  // No ES trades of that date: no spot, no volatility.
  assert.ok(f64(rows, "spot").every(Number.isNaN) && f64(rows, "iv").every(Number.isNaN));
  await Deno.remove(lake.root, { recursive: true });
});
