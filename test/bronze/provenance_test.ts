/** What a source is comes from its content and from what was said of it, never from its name. */
import assert from "node:assert/strict";
import { CONFIG, DecodeError, SILENT, UsageError } from "../../lib/base/mod.ts";
import { auditLake, backfill } from "../../lib/bronze/mod.ts";
import type { Lake } from "../../lib/lake/mod.ts";
import { strings } from "../../lib/base/mod.ts";
import { FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { chooseSources, findSources } from "../../tasks/_sources.ts";
import { NOW_NS } from "../helpers/audit_lake.ts";
import { readTable, runTask, withLake } from "../helpers/bronze_lake.ts";
import { mappingsOf, randomTrades, writeDbn } from "../helpers/dbn_files.ts";
import { requires, shared } from "../helpers/requires.ts";

const DAY = 86_400_000_000_000n, NOON = BigInt(Date.UTC(2025, 11, 9, 15)) * 1_000_000n;
const midnight = (date: string) => BigInt(Date.parse(date)) * 1_000_000n;
const walk = (startNs: bigint) => ({
  rows: 60,
  startNs,
  stepNs: 1e9,
  instruments: [{ id: 294973, share: 1, price: 6850 }],
});
const cases = (name: string) => shared(`../cases/${name}`);

/** A folder with DBN files: each of some rows from a moment on, its metadata saying a span or nothing. */
async function folderOf(
  files: Record<string, { startNs: bigint; span?: [string, string]; dataset?: string }>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-source-" });
  try {
    for (const [name, { startNs, span, dataset }] of Object.entries(files)) {
      await writeDbn(`${folder}/${name}`, "trades", randomTrades(walk(startNs)), {
        metadata: {
          mappings: mappingsOf({ ESZ5: 294973 }),
          ...(span ? { startNs: midnight(span[0]), endNs: midnight(span[1]) } : {}),
          ...(dataset ? { dataset } : {}),
        },
      });
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function chosen(folder: string, dates?: string[], warn = (_: string) => {}): Promise<string[]> {
  const sources = await chooseSources(await findSources(folder), dates, folder, warn);
  return sources.map(({ name }) => name.slice(folder.length + 1));
}

/** Findings about sources, in words. */
async function said(lake: Lake): Promise<string[]> {
  const { verdict } = await auditLake(lake, { config: CONFIG, nowNs: NOW_NS, quick: true }, SILENT);
  return verdict.findings.filter(({ check }) => check.startsWith("source."))
    .map(({ severity, check, date, message }) => `${severity} ${check} ${date}: ${message}`);
}

async function backfilled(lake: Lake, folder: string): Promise<void> {
  await backfill(
    lake,
    await chooseSources(await findSources(folder), undefined, folder, () => {}),
    {},
    SILENT,
  );
}

Deno.test("chooseSources() goes by what metadata or records say, whatever the file's name", async () => {
  await folderOf({
    // Weekly files: the last number of the name is not the date.
    "glbx-mdp3-20251207-20251213.trades.dbn.zst": { startNs: NOON, span: ["2025-12-07", "2025-12-14"] },
    "glbx-mdp3-20251214-20251220.trades.dbn.zst": {
      startNs: NOON + 7n * DAY,
      span: ["2025-12-14", "2025-12-21"],
    },
    // No span in the metadata, and a name that lies.
    "es-20240101.trades.dbn": { startNs: NOON + 14n * DAY },
  }, async (folder) => {
    const [first, second] = ["glbx-mdp3-20251207-20251213", "glbx-mdp3-20251214-20251220"]
      .map((name) => `${name}.trades.dbn.zst`);
    assert.deepEqual(await chosen(folder, ["2025-12-09"]), [first]);
    assert.deepEqual(await chosen(folder, ["2025-12-18"]), [second]);
    assert.deepEqual(await chosen(folder, ["2025-12-12", "2025-12-15"]), [first, second]);
    assert.deepEqual(await chosen(folder, ["2025-12-23"]), ["es-20240101.trades.dbn"]);
    await assert.rejects(
      chosen(folder, ["2025-12-19", "2025-12-22", "2025-12-23"]),
      (error) => error instanceof UsageError && /Cannot backfill 2025-12-22: no file/.test(error.message),
    );
    await assert.rejects(chosen(folder, ["2024-01-02"]), /none of its 3 files/);
    const { code, stderr } = await runTask(
      "backfill",
      "--lake",
      `${folder}/lake`,
      "--dbn",
      folder,
      "--dates",
      "2025-12-19..2025-12-23",
    );
    assert.deepEqual([code, stderr.includes("2025-12-22")], [2, true]);
  });
});

Deno.test("backfill --clean finds what it replaces by content", async () => {
  await folderOf({ "es-20240101.trades.dbn": { startNs: NOON } }, async (folder) => {
    await withLake(async (lake) => {
      await backfilled(lake, folder);
      await folderOf({ "other.dbn": { startNs: NOON + 1_000n } }, async (other) => {
        const sources = await chooseSources(await findSources(other), undefined, other, () => {});
        await backfill(lake, sources, { clean: true }, SILENT);
      });
      const rows = await readTable(lake, FUTURES_TRADES);
      assert.deepEqual([rows.length, strings(rows, "ingest").values.length], [60, 1]);
    });
  });
});

Deno.test("another dataset is refused by name, in a folder it is left out", async () => {
  const files = {
    "a.trades.dbn": { startNs: NOON, dataset: "XNAS.ITCH" },
    "b.trades.dbn": { startNs: NOON },
  };
  await folderOf(files, async (folder) => {
    const warned: string[] = [];
    assert.deepEqual(await chosen(folder, undefined, (line) => warned.push(line)), ["b.trades.dbn"]);
    assert.match(warned.join(), /a\.trades\.dbn: left out, its dataset is XNAS\.ITCH, wanted GLBX\.MDP3/);
    await assert.rejects(chosen(`${folder}/a.trades.dbn`), (error) => error instanceof DecodeError);
  });
});

Deno.test("files of the operating system and unfinished downloads are not data, in sources and in the lake", async () => {
  await folderOf({ "es.trades.dbn": { startNs: NOON } }, async (folder) => {
    for (const name of ["._es.trades.dbn", ".DS_Store", "Thumbs.db", "x.dbn.part", "y.dbn.crdownload"]) {
      await Deno.writeFile(`${folder}/${name}`, new Uint8Array([0, 5, 22, 7]));
    }
    assert.deepEqual(await chosen(folder), ["es.trades.dbn"]);
    await withLake(async (lake) => {
      await backfilled(lake, folder);
      const before = await readTable(lake, FUTURES_TRADES);
      const at = `${lake.root}/bronze/futures/trades/symbol=ES/date=2025-12-09/hour=15`;
      await Deno.writeFile(`${at}/._x.parquet`, new Uint8Array([0, 5, 22, 7]));
      assert.equal((await readTable(lake, FUTURES_TRADES)).length, before.length);
    });
  });
});

Deno.test("a degraded date of condition.json is a finding of the audit, an available one is not", async () => {
  await folderOf({ "es.trades.dbn": { startNs: NOON } }, async (folder) => {
    const conditions = [
      { date: "2025-12-09", condition: "degraded", last_modified_date: "2025-12-11" },
      { date: "2025-12-10", condition: "degraded" },
    ];
    await Deno.writeTextFile(`${folder}/condition.json`, JSON.stringify(conditions));
    await withLake(async (lake) => {
      await backfilled(lake, folder);
      assert.deepEqual(await said(lake), [
        "warn source.condition 2025-12-09: the vendor says that 2025-12-09 (UTC) is degraded",
      ]);
    });
  });
  await folderOf({ "es.trades.dbn": { startNs: NOON } }, async (folder) => {
    await Deno.writeTextFile(
      `${folder}/condition.json`,
      `[{"date": "2025-12-09", "condition": "available"}]`,
    );
    await withLake(async (lake) => {
      await backfilled(lake, folder);
      assert.deepEqual(await said(lake), []);
    });
  });
  await folderOf({ "es.trades.dbn": { startNs: NOON } }, async (folder) => {
    await Deno.writeTextFile(`${folder}/condition.json`, `{"date":`);
    await assert.rejects(findSources(folder), /condition\.json.*download it again/);
  });
});

Deno.test("the small inputs that went wrong: weekly, live, AppleDouble, degraded, another dataset", async () => {
  if (!requires("shared", "the small inputs that went wrong")) return;
  assert.equal((await chosen(cases("01-weekly-file"), ["2025-12-09"])).length, 1);
  assert.equal((await chosen(cases("01-weekly-file"), ["2025-12-16"])).length, 1);
  assert.equal((await chosen(cases("01-weekly-file"), ["2025-12-10", "2025-12-17"])).length, 2);
  await assert.rejects(chosen(cases("01-weekly-file"), ["2025-12-22"]), UsageError);
  assert.deepEqual(await chosen(cases("08-appledouble")), ["glbx-mdp3-20251209.trades.dbn.zst"]);
  await assert.rejects(chosen(cases("13-other-dataset")), /its dataset is XNAS\.ITCH/);
  await withLake(async (lake) => {
    await backfilled(lake, cases("09-degraded-condition"));
    assert.match((await said(lake)).join(), /warn source.condition 2025-12-09/);
  });
  await withLake(async (lake) => {
    await backfilled(lake, cases("03-live-capture"));
    const rows = await readTable(lake, FUTURES_TRADES);
    assert.deepEqual([...strings(rows, "contract").values].sort(), ["ESH6", "ESZ5"]);
    assert.match(
      (await said(lake)).join(),
      /warn source.notice 2025-12-09: the gateway reported an? (error|gap) at 2025/,
    );
  });
});
