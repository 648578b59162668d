/** What the message of a damaged file says to do gives the lake as it was. */
import assert from "node:assert/strict";
import { type Lake, openLake, readIngests } from "../../lib/lake/mod.ts";
import { lakeContent, runTask } from "../helpers/bronze_lake.ts";
import { mappingsOf, randomTrades, writeDbn } from "../helpers/dbn_files.ts";

const DATE = "2025-12-16";

async function makeSource(folder: string): Promise<string> {
  const instruments = [{ id: 294973, share: 0.3, price: 6850 }, { id: 42140878, share: 0.7, price: 6905 }];
  const metadata = { mappings: mappingsOf({ ESZ5: 294973, ESH6: 42140878 }) };
  const walk = { rows: 3000, instruments, stepNs: 3e9 };
  await writeDbn(`${folder}/in/glbx-mdp3-20251216.trades.dbn`, "trades", randomTrades(walk), { metadata });
  return `${folder}/in`;
}

async function run(lake: Lake, task: string, ...args: string[]) {
  return await runTask(task, "--lake", lake.root, ...args);
}

async function done(lake: Lake, task: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(lake, task, ...args);
  assert.ok(code <= 1, stdout + stderr);
}

Deno.test("a damaged contract and a damaged record of an ingest are mended by what their messages say", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-mended-" });
  try {
    const dbn = await makeSource(folder), lake = await openLake(`${folder}/lake`);
    await done(lake, "backfill", "--dbn", dbn, "--all");
    await done(lake, "filter", "--date", DATE);
    const content = await lakeContent(lake), [{ ingest }] = await readIngests(lake);

    const contract = `${lake.root}/_meta/contracts/${DATE}.json`;
    await Deno.truncate(contract, 40);
    const gold = await run(lake, "gold");
    assert.equal(gold.code, 2);
    assert.match(
      gold.stderr,
      /contracts\/2025-12-16\.json": it is cut off: .*; run filter --date/,
    );
    await done(lake, "filter", "--date", DATE);
    assert.deepEqual(await lakeContent(lake), content);

    const record = `${lake.root}/_meta/ingests/${ingest}.json`;
    await Deno.writeTextFile(record, "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n");
    const again = await run(lake, "backfill", "--dbn", dbn, "--all");
    assert.equal(again.code, 2);
    assert.match(again.stderr, /conflict markers in it; remove it, and .*: run backfill with --clean/);
    assert.doesNotMatch(again.stderr, /\bat (async )?file:/, "no stack trace");
    await Deno.remove(record);
    await done(lake, "backfill", "--dbn", dbn, "--all", "--clean");
    await done(lake, "filter", "--date", DATE);
    const mended = await lakeContent(lake);
    for (const [path, hash] of Object.entries(content)) assert.equal(mended[path], hash, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
