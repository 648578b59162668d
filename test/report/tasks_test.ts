import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { CONSOLIDATED, goldParts } from "../../lib/gold/mod.ts";
import { type Lake, readFrame, writeFrame } from "../../lib/lake/mod.ts";
import { runTask, withLake } from "../helpers/bronze_lake.ts";
import { tinyGold, writeTinyGold } from "../helpers/gold_lake.ts";

const DATE = "2025-12-16";

async function withGold(work: (lake: Lake) => Promise<void>): Promise<void> {
  await withLake(async (lake) => {
    await writeTinyGold(lake, {
      "2025-12-15": await tinyGold("2025-12-15", 1),
      [DATE]: await tinyGold(DATE, 5),
    });
    await work(lake);
  });
}

function lastJson(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

Deno.test("validate writes its page, its card and the index, and says the verdict last", async () => {
  await withGold(async (lake) => {
    const { code, stdout, stderr } = await runTask("validate", "--lake", lake.root, "--date", DATE, "--json");
    const json = lastJson(stdout), status = json.status as string;
    assert.equal(code, status === "fail" ? 1 : 0, stderr);
    assert.match(stdout.trim().split("\n").at(-2)!, /^validate: (PASS|WARN|FAIL): [\d,]+ rows of 1 date/);
    assert.deepEqual(json.dates, [DATE]);
    const card = JSON.parse(await Deno.readTextFile(`${lake.root}/reports/validate.json`));
    assert.equal(card.status, status);
    assert.equal(card.verdict.checks, json.checks);
    assert.match(await Deno.readTextFile(`${lake.root}/reports/index.html`), /href="validate.html"/);
  });
});

Deno.test("validate exits 1 on a planted fault and prints it before warnings", async () => {
  await withGold(async (lake) => {
    const path = `${lake.root}/${goldParts(DATE).signals}`;
    writeFrame(path, readFrame(path).withColumns(pl.col("distance").add(pl.lit(0.001)).alias("distance")));
    const { code, stdout } = await runTask("validate", "--lake", lake.root, "--date", DATE);
    assert.equal(code, 1);
    const severities = [...stdout.matchAll(/^(FAIL|WARN|INFO)/gm)].map((m) => m[1]);
    assert.deepEqual(
      severities,
      severities.toSorted((a, b) => "FAIL WARN INFO".indexOf(a) - "FAIL WARN INFO".indexOf(b)),
    );
    assert.match(stdout, /^FAIL invariant.distance: \d+ rows/m);
    assert.match(stdout, /such as event_id [0-9a-f]{16}/);
  });
});

Deno.test("validate calls a file without a column a failed check", async () => {
  await withGold(async (lake) => {
    const path = `${lake.root}/${CONSOLIDATED}`;
    writeFrame(path, readFrame(path).drop("atr"));
    const { code, stdout } = await runTask("validate", "--lake", lake.root);
    assert.equal(code, 1);
    assert.match(stdout, /FAIL schema.columns: .*atr/);
    assert.match(await Deno.readTextFile(`${lake.root}/reports/validate.html`), /schema.columns/);
  });
});

Deno.test("validate says what is missing and what to run, exit code 2", async () => {
  await withLake(async (lake) => {
    const none = await runTask("validate", "--lake", lake.root);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^validate: Cannot validate .*: no date has been built; run deno task gold\n$/);
    const away = await runTask("validate", "--lake", `${lake.root}/nowhere`);
    assert.equal(away.code, 2);
  });
  await withGold(async (lake) => {
    const { code, stderr } = await runTask("validate", "--lake", lake.root, "--dates", `${DATE}..2025-12-18`);
    assert.equal(code, 2);
    assert.match(stderr, /no Gold for 2025-12-17, 2025-12-18/);
  });
});

Deno.test("report makes the pages and an index over all, with and without a card", async () => {
  await withGold(async (lake) => {
    await Deno.mkdir(`${lake.root}/reports/notebooks`, { recursive: true });
    await Deno.writeTextFile(`${lake.root}/reports/notebooks/01.html`, "<title>Notebook &amp; one</title>");
    await Deno.writeTextFile(`${lake.root}/reports/odd.html`, "<title>Odd</title>");
    await Deno.writeTextFile(`${lake.root}/reports/odd.json`, "{");
    await Deno.writeTextFile(`${lake.root}/reports/._odd.html`, "of the operating system");
    await Deno.mkdir(`${lake.root}/_meta/runs`, { recursive: true });
    await Deno.writeTextFile(`${lake.root}/_meta/runs/cut.json`, '{"id": "cut", "sta');
    await Deno.writeTextFile(`${lake.root}/_meta/keys/gold_consolidated/all.json`, "");
    const { code, stdout, stderr } = await runTask("report", "--lake", lake.root, "--json");
    assert.equal(code, 0, stderr);
    assert.equal((lastJson(stdout).pages as string[]).length, 2);
    for (const damaged of ["reports/odd.json", "_meta/runs/cut.json"]) {
      assert.match(stderr, new RegExp(`Cannot read ".*/${damaged}": it is cut off: .*; (make|remove)`));
    }
    const index = await Deno.readTextFile(`${lake.root}/reports/index.html`);
    for (const file of ["gold.html", "validate.html", "notebooks/01.html", "odd.html"]) {
      assert.ok(index.includes(`href="${file}"`), file);
    }
    assert.match(index, /<h3>Notebook &amp; one<\/h3>/);
    assert.match(index, /Cannot read &quot;[^<]*reports\/odd.json&quot;: it is cut off/);
    assert.ok(!index.includes("._odd"));
    const gold = await Deno.readTextFile(`${lake.root}/reports/gold.html`);
    assert.ok(gold.indexOf(`${DATE}:`) < gold.indexOf("2025-12-15:"), "newest first");
    assert.match(gold, /commit <b>([0-9a-f]{7}|unknown)<\/b>/);
    assert.match(gold, /consolidated Gold <b>its key is damaged, run gold<\/b>/);
    await Deno.remove(`${lake.root}/_meta/keys/gold_consolidated/all.json`);
  });
  await withGold(async (lake) => {
    await runTask("report", "--lake", lake.root);
    const gold = await Deno.readTextFile(`${lake.root}/reports/gold.html`);
    assert.match(gold, /signals.parquet <b>[0-9a-f]{12}<\/b>/);
  });
});

Deno.test("report on an empty lake leaves an index that opens", async () => {
  await withLake(async (lake) => {
    const { code, stderr } = await runTask("report", "--lake", lake.root);
    assert.equal(code, 0);
    assert.match(stderr, /no date has been built/);
    assert.match(await Deno.readTextFile(`${lake.root}/reports/index.html`), /0 pages/);
  });
});
