/**
 * A backfill killed at random moments, run again, gives the lake of an uninterrupted one.
 */
import assert from "node:assert/strict";
import { CONFIG, Random, SILENT } from "../../lib/base/mod.ts";
import { backfill, dedupDate, filterDate } from "../../lib/bronze/mod.ts";
import { type Lake, openLake } from "../../lib/lake/mod.ts";
import { chooseSources, findSources } from "../../tasks/_sources.ts";
import { lakeContent, runTask, startTask } from "../helpers/bronze_lake.ts";
import { mappingsOf, randomBooks, randomTrades, writeDbn } from "../helpers/dbn_files.ts";

const KILLS = 12;
const INSTRUMENTS = [{ id: 294973, share: 0.3, price: 6850 }, { id: 42140878, share: 0.7, price: 6905 }];
const METADATA = { mappings: mappingsOf({ ESZ5: 294973, ESH6: 42140878 }) };

/** A folder of sources: trades and books of one date, over three hours. */
async function makeSources(folder: string): Promise<string> {
  const walk = (rows: number) => ({ rows, instruments: INSTRUMENTS, stepNs: 9_000e9 / rows });
  await writeDbn(`${folder}/in/glbx-mdp3-20251216.trades.dbn`, "trades", randomTrades(walk(10_000)), {
    metadata: METADATA,
  });
  await writeDbn(`${folder}/in/glbx-mdp3-20251216.mbp-10.dbn.zst`, "mbp-10", randomBooks(walk(15_000)), {
    metadata: METADATA,
  });
  return `${folder}/in`;
}

/** Starts a task and kills it after a while; whether it was still running. */
async function killAfter(ms: number, task: string, ...args: string[]): Promise<boolean> {
  const child = startTask(task, ...args);
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  const { signal } = await child.output();
  clearTimeout(timer);
  return signal === "SIGKILL";
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-kill-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the command does, in this process, which starts faster. */
async function backfillAll(lake: Lake, dbn: string, force = false): Promise<void> {
  const sources = await chooseSources(await findSources(dbn), undefined, dbn, () => {});
  await backfill(lake, sources, { force }, SILENT);
}

/** Every file of one lake is in another, with the same bytes. */
function assertPartOf(part: Record<string, string>, whole: Record<string, string>): void {
  for (const [path, hash] of Object.entries(part)) assert.equal(hash, whole[path], path);
}

Deno.test("backfill killed at random moments and run again gives the lake of an uninterrupted run", async () => {
  await inFolder(async (folder) => {
    const dbn = await makeSources(folder);
    const start = performance.now();
    const { code, stderr } = await runTask("backfill", "--lake", `${folder}/whole`, "--dbn", dbn, "--all");
    const duration = performance.now() - start;
    assert.equal(code, 0, stderr);
    const whole = await lakeContent({ root: `${folder}/whole` });
    const ingests = Object.keys(whole).filter((path) => path.startsWith("_meta/ingests/"));
    assert.equal(ingests.length, 2);
    const random = new Random("kill");
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      const root = `${folder}/lake-${i}`;
      if (
        await killAfter(
          duration * (0.15 + 0.75 * random.uniform()),
          "backfill",
          "--lake",
          root,
          "--dbn",
          dbn,
          "--all",
        )
      ) killed++;
      const lake = await openLake(root);
      const left = await lakeContent(lake);
      assertPartOf(left, whole);
      // A source is there with all its files or not at all.
      for (const record of ingests) {
        const id = record.slice(record.lastIndexOf("/") + 1, -".json".length);
        const files = Object.keys(whole).filter((path) => path.includes(id));
        const there = files.filter((path) => path in left).length;
        assert.ok(there === 0 || there === files.length, `${there} of ${files.length} files of ${id}`);
      }
      await backfillAll(lake, dbn);
      assert.deepEqual(await lakeContent(lake), whole);
      await Deno.remove(root, { recursive: true });
    }
    assert.ok(killed > 0, "no run was still going when it was to be killed");
  });
});

/** Copies a lake. */
async function copyLake(from: string, to: string): Promise<Lake> {
  for (const path of Object.keys(await lakeContent({ root: from }))) {
    await Deno.mkdir(`${to}/${path}`.slice(0, `${to}/${path}`.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(`${from}/${path}`, `${to}/${path}`);
  }
  return await openLake(to);
}

Deno.test("filter and dedup killed at random moments leave the old lake or the new one", async () => {
  await inFolder(async (folder) => {
    const dbn = await makeSources(folder);
    const root = `${folder}/before`, date = "2025-12-16";
    for (const more of [[], ["--force"]]) {
      await runTask("backfill", "--lake", root, "--dbn", dbn, "--all", ...more);
    }
    const before = await lakeContent({ root });
    const random = new Random("kill repairs");
    const filter = (lake: Lake) =>
      filterDate(lake, date, { rule: "calendar", config: CONFIG.filter, symbol: "ES" }, SILENT);
    const repairs = { filter, dedup: (lake: Lake) => dedupDate(lake, date) };
    for (const [task, repair] of Object.entries(repairs)) {
      const done = await copyLake(root, `${folder}/${task}`);
      await repair(done);
      const after = await lakeContent(done);
      await repair(done);
      assert.deepEqual(await lakeContent(done), after);
      const timed = await copyLake(root, `${folder}/${task}-timed`);
      const start = performance.now();
      await runTask(task, "--lake", timed.root, "--date", date);
      const duration = performance.now() - start;
      assert.deepEqual(await lakeContent(timed), after);
      for (let i = 0; i < KILLS / 4; i++) {
        const copy = await copyLake(root, `${folder}/${task}-${i}`);
        await killAfter(duration * (0.3 + 0.7 * random.uniform()), task, "--lake", copy.root, "--date", date);
        await openLake(copy.root);
        const left = await lakeContent(copy);
        assert.ok(
          [before, after].some((state) => JSON.stringify(state) === JSON.stringify(left)),
          "neither the old lake nor the new one",
        );
        await repair(copy);
        assert.deepEqual(await lakeContent(copy), after);
      }
    }
  });
});
