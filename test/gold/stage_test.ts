import assert from "node:assert/strict";
import { CONFIG, type Config, SILENT } from "../../lib/base/mod.ts";
import {
  BRONZE_TIER,
  buildDates,
  buildGold,
  consolidate,
  CONSOLIDATED,
  goldParts,
  type GoldResult,
  SILVER_TIER,
} from "../../lib/gold/mod.ts";
import {
  hashFile,
  type Lake,
  parquetFiles,
  readBatch,
  readManifests,
  sessionFiles,
} from "../../lib/lake/mod.ts";
import { FUTURES_TRADES, GOLD_SIGNALS } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { sessionOf } from "../../lib/base/mod.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";

const SILVER = { tier: SILVER_TIER, config: CONFIG };

async function withLake(
  dates: string[],
  scale: number,
  work: (lake: Lake) => Promise<void>,
  tables?: Parameters<typeof simulatedLake>[2],
): Promise<void> {
  const lake = await simulatedLake(dates, { seed: "stage", scale }, tables);
  try {
    for (const date of dates) await buildSilver(lake, date, {}, SILENT);
    await work(lake);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
}

async function hashes(lake: Lake, date: string): Promise<string[]> {
  return await Promise.all(Object.values(goldParts(date)).map((part) => hashFile(`${lake.root}/${part}`)));
}

async function files(lake: Lake): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) await walk(path);
      else found.set(path, (await Deno.stat(path)).mtime!.getTime());
    }
  };
  await walk(lake.root);
  return found;
}

Deno.test("buildGold() gives the same bytes from Silver, from Bronze and again", async () => {
  const dates = ["2025-12-11", "2025-12-12"];
  await withLake(dates, 0.1, async (lake) => {
    for (const date of dates) await buildGold(lake, date, SILVER);
    const silver = await hashes(lake, dates[1]);
    assert.ok(readBatch(lake, GOLD_SIGNALS, [goldParts(dates[1]).signals]).length > 20);
    await buildGold(lake, dates[1], { tier: BRONZE_TIER, config: CONFIG });
    assert.deepEqual(await hashes(lake, dates[1]), silver);
    await buildGold(lake, dates[1], { ...SILVER, force: true });
    assert.deepEqual(await hashes(lake, dates[1]), silver);
  });
});

Deno.test("buildGold() and consolidate() write nothing when nothing changed", async () => {
  await withLake(["2025-12-11"], 0.05, async (lake) => {
    assert.deepEqual((await buildGold(lake, "2025-12-11", SILVER)).why, ["never built"]);
    assert.equal((await consolidate(lake)).written, true);
    const consolidated = await hashFile(`${lake.root}/${CONSOLIDATED}`);
    await Deno.remove(`${lake.root}/${CONSOLIDATED}`);
    assert.equal((await consolidate(lake)).written, true);
    assert.equal(await hashFile(`${lake.root}/${CONSOLIDATED}`), consolidated);
    const before = await files(lake);
    assert.equal((await buildGold(lake, "2025-12-11", SILVER)).status, "current");
    assert.equal((await consolidate(lake)).written, false);
    assert.deepEqual(await files(lake), before);
    for (const part of Object.keys(CONFIG) as (keyof Config)[]) {
      const config: Config = { ...CONFIG, [part]: { ...CONFIG[part], changed: 1 } };
      const { status } = await buildGold(lake, "2025-12-11", { ...SILVER, config, explainOnly: true });
      const unread = ["filter", "audit", "wire", "stream", "training", "retrieval"].includes(part);
      assert.equal(status, unread ? "current" : "stale", part);
    }
    await Deno.remove(`${lake.root}/${goldParts("2025-12-11").bars}`);
    assert.deepEqual((await buildGold(lake, "2025-12-11", SILVER)).why, [
      `output missing: ${goldParts("2025-12-11").bars}`,
    ]);
    assert.equal((await consolidate(lake)).written, false);
    assert.equal(
      (await readManifests(lake)).filter((m) => m.stage === "gold" && m.status === "completed").length,
      2,
    );
    assert.equal(
      readBatch(lake, GOLD_SIGNALS, [CONSOLIDATED]).length,
      readBatch(lake, GOLD_SIGNALS, [goldParts("2025-12-11").signals]).length,
    );
  }, ["trades"]);
});

Deno.test("buildGold() rebuilds the changed day and the days that warm up from it, nothing else", async () => {
  const dates = ["2025-12-04", "2025-12-05", "2025-12-08", "2025-12-09", "2025-12-10", "2025-12-11"];
  await withLake(dates, 0.02, async (lake) => {
    for (const date of dates) await buildGold(lake, date, SILVER);
    const hour = (await sessionFiles(lake, FUTURES_TRADES, sessionOf(dates[1]))).find(({ hour }) =>
      hour % 24 === 16
    )!;
    const path = `${lake.root}/${hour.files[0]}`;
    // Removing an hour of Bronze trades changes that day's Silver and nobody else's.
    await Deno.remove(path);
    for (const date of dates) await buildSilver(lake, date, {}, SILENT);
    const status: Record<string, string> = {};
    for (const date of dates) {
      status[date] = (await buildGold(lake, date, { ...SILVER, explainOnly: true })).status;
    }
    assert.deepEqual(status, {
      "2025-12-04": "current",
      "2025-12-05": "stale",
      "2025-12-08": "stale",
      "2025-12-09": "stale",
      "2025-12-10": "stale",
      "2025-12-11": "current",
    });
  }, ["trades"]);
});

Deno.test("buildDates() lets a failing date fail alone", async () => {
  await withLake(["2025-12-11"], 0.02, async (lake) => {
    const jobs = ["2025-12-11", "2025-11-03"].map((date) => ({
      lake: lake.root,
      date,
      tier: "silver" as const,
      force: false,
      explain: false,
    }));
    const seen: Record<string, string | GoldResult["status"]> = {};
    for await (const { job, result } of buildDates(jobs)) {
      seen[job.date] = result.ok ? result.value.status : result.message;
    }
    assert.equal(seen["2025-12-11"], "built");
    assert.match(seen["2025-11-03"], /no ES trades of it in silver; run deno task silver --date 2025-11-03/);
    assert.deepEqual(await parquetFiles(lake, "gold/research/date=2025-11-03"), []);
  }, ["trades"]);
});
