/**
 * The pages of filter and dedup: what came, what stands; the same when run again; all of it back after --restore.
 */
import assert from "node:assert/strict";
import type { Lake } from "../../lib/lake/mod.ts";
import { runTask, withLake } from "../helpers/bronze_lake.ts";
import { ingestPrints, type Print } from "./_rows.ts";

const DATE = "2025-12-12";

/** A print a minute of the front contract, a tenth of them of the next too. */
function prints(): Print[] {
  return Array.from({ length: 60 }, (_, m) => {
    const at = `${DATE} 10:${String(m).padStart(2, "0")}`;
    const front = { at, contract: "ESZ5", price: 6800 + m / 4 };
    return m % 10 ? [front] : [front, { at, contract: "ESH6", price: 6860 + m / 4 }];
  }).flat();
}

/** A page's verdict line and its tables' cells. */
async function page(lake: Lake, name: string): Promise<{ verdict: string; body: string }> {
  const html = await Deno.readTextFile(`${lake.root}/reports/${name}.html`);
  const body = html.slice(html.indexOf("<section>"));
  return { verdict: /class="verdict"[^>]*><b>\w+<\/b>([^<]*)</.exec(html)![1], body };
}

Deno.test("filter leaves a page of what came and what stands, the same when run again, and --restore brings all back", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "x", prints());
    const run = (...args: string[]) => runTask("filter", "--lake", lake.root, "--date", DATE, ...args);
    const dry = await run("--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    await assert.rejects(() => page(lake, "filter"), Deno.errors.NotFound);
    assert.equal((await run()).code, 0);
    const first = await page(lake, "filter");
    assert.match(first.verdict, /^66 rows of 1 dates came, 60 stand, 6 are set aside/);
    assert.equal((await run()).code, 0);
    assert.deepEqual(await page(lake, "filter"), first);
    assert.equal((await run("--restore")).code, 0);
    assert.match((await page(lake, "filter")).verdict, /^all 66 rows of 1 dates stand as they came/);
  });
});

Deno.test("dedup leaves a page of what came and what stands, the same when run again, and --restore brings all back", async () => {
  await withLake(async (lake) => {
    await ingestPrints(lake, "x", prints());
    await ingestPrints(lake, "x", prints(), true);
    const run = (...args: string[]) => runTask("dedup", "--lake", lake.root, "--date", DATE, ...args);
    const done = await run();
    assert.equal(done.code, 0, done.stderr);
    const first = await page(lake, "dedup");
    assert.match(first.verdict, /^132 rows of 1 dates came, 66 stand, 66 are set aside/);
    assert.match(first.body, /duplicate/);
    assert.equal((await run()).code, 0);
    assert.deepEqual(await page(lake, "dedup"), first);
    assert.equal((await run("--restore")).code, 0);
    assert.match((await page(lake, "dedup")).verdict, /^all 132 rows of 1 dates stand as they came/);
  });
});
