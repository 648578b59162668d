/** The audit compares every byte with what was written: a flipped bit is read as other numbers and nothing else tells. */
import assert from "node:assert/strict";
import { CONFIG, Random, SILENT } from "../../lib/base/mod.ts";
import { auditLake, backfill, filterDate } from "../../lib/bronze/mod.ts";
import { consolidate } from "../../lib/gold/mod.ts";
import { hoursPresent, type Lake, parquetFiles, quarantinePath } from "../../lib/lake/mod.ts";
import { hourFolder } from "../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { NOW_NS } from "../helpers/audit_lake.ts";
import { runTask, withLake } from "../helpers/bronze_lake.ts";
import { tinyGold, writeTinyGold } from "../helpers/gold_lake.ts";
import { chooseSources, findSources } from "../../tasks/_sources.ts";
import { mappingsOf, randomBooks, randomTrades, writeDbn } from "../helpers/dbn_files.ts";

const DATE = "2025-12-16", CHECKS = /^(files\.(lost|changed|unknown)|stages\.changed)$/;
const INSTRUMENTS = [{ id: 294973, share: 0.3, price: 6850 }, { id: 42140878, share: 0.7, price: 6905 }];
const METADATA = { mappings: mappingsOf({ ESZ5: 294973, ESH6: 42140878 }) };

async function ingested(lake: Lake): Promise<void> {
  const dbn = `${lake.root}/source`, walk = { rows: 4000, instruments: INSTRUMENTS, stepNs: 2e9 };
  await writeDbn(`${dbn}/a-20251216.trades.dbn`, "trades", randomTrades(walk), { metadata: METADATA });
  await writeDbn(`${dbn}/a-20251216.mbp-10.dbn`, "mbp-10", randomBooks(walk), { metadata: METADATA });
  await backfill(lake, await chooseSources(await findSources(dbn), undefined, dbn, () => {}), {}, SILENT);
}

/** Findings about bytes, as `severity check table: first example`. */
async function told(lake: Lake, quick = false): Promise<string[]> {
  const { verdict } = await auditLake(lake, { config: CONFIG, nowNs: NOW_NS, quick }, SILENT);
  return verdict.findings.filter(({ check }) => CHECKS.test(check))
    .map(({ severity, check, subject, count, examples }) =>
      `${severity} ${check} ${subject} ${count}: ${examples[0]}`
    );
}

async function filesOf(lake: Lake, aside = false): Promise<string[]> {
  const [hour] = await hoursPresent(lake, FUTURES_TRADES), folder = hourFolder(FUTURES_TRADES, hour);
  return await parquetFiles(lake, aside ? quarantinePath(folder) : folder);
}

async function flipBit(path: string, random: Random): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[random.int(bytes.length)] ^= 1 << random.int(8);
  await Deno.writeFile(path, bytes);
}

Deno.test("audit: a bit anywhere in a Bronze or quarantine file, a lost file and a strange one are found", async () => {
  await withLake(async (lake) => {
    await ingested(lake);
    await filterDate(lake, DATE, { rule: "session", config: CONFIG.filter, symbol: "ES" }, SILENT);
    assert.deepEqual(await told(lake), []);
    const random = new Random("bits");
    for (const aside of [false, true]) {
      const [file] = await filesOf(lake, aside), path = `${lake.root}/${file}`;
      const good = await Deno.readFile(path);
      for (let n = 0; n < 5; n++) {
        await flipBit(path, random);
        assert.deepEqual(await told(lake), [`fail files.changed futures.trades 1: ${file}`]);
        assert.deepEqual(await told(lake, true), []);
        await Deno.writeFile(path, good);
      }
      await Deno.writeFile(path, good.subarray(0, -1));
      assert.deepEqual(await told(lake), [`fail files.changed futures.trades 1: ${file}`]);
      await Deno.remove(path);
      assert.deepEqual(await told(lake), [`fail files.lost futures.trades 1: ${file}`]);
      const strange = file.replace(/[^/]*$/, "ffffffffffff-1-0000.parquet");
      await Deno.writeFile(`${lake.root}/${strange}`, good);
      await Deno.writeFile(path, good);
      assert.deepEqual(await told(lake), [`info files.unknown futures.trades 1: ${strange}`]);
      await Deno.remove(`${lake.root}/${strange}`);
    }
    // An hour whose folder went as a whole.
    const [file] = await filesOf(lake);
    await Deno.remove(`${lake.root}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
    assert.deepEqual(await told(lake), [`fail files.lost futures.trades 1: ${file}`]);
    // A damaged record of sums makes its files unknown, and hides nothing else.
    await Deno.writeTextFile(`${lake.root}/_meta/sums/bronze/futures/mbp10/symbol=ES/date=${DATE}.json`, "{");
    assert.match((await told(lake)).join(), /info files.unknown futures.mbp10/);
  });
});

Deno.test("audit: what silver wrote is compared with its key, and silver mends it", async () => {
  await withLake(async (lake) => {
    await ingested(lake);
    await filterDate(lake, DATE, { rule: "session", config: CONFIG.filter, symbol: "ES" }, SILENT);
    await buildSilver(lake, DATE, {}, SILENT);
    assert.deepEqual(await told(lake), []);
    const [hour] = await hoursPresent(lake, FUTURES_MBP10);
    const file = `${hourFolder(FUTURES_MBP10, hour).replace("bronze", "silver")}/part-0000.parquet`;
    await flipBit(`${lake.root}/${file}`, new Random(1));
    assert.deepEqual(await told(lake), [`fail stages.changed silver 1: ${file}`]);
    const { code, stdout } = await runTask("audit", "--lake", lake.root, "--date", DATE, "--quick");
    assert.ok(code <= 1 && !stdout.includes("stages.changed"));
    const { reasons } = await buildSilver(lake, DATE, {}, SILENT);
    assert.deepEqual(reasons, [`output changed: ${file}`]);
    assert.deepEqual(await told(lake), []);
    // A damaged key is one finding that hides no other.
    const key = `_meta/keys/silver/${DATE}.json`, [bronze] = await filesOf(lake);
    await Deno.writeTextFile(`${lake.root}/${key}`, "");
    await Deno.remove(`${lake.root}/${bronze}`);
    assert.deepEqual((await told(lake)).sort(), [
      `fail files.lost futures.trades 1: ${bronze}`,
      `fail stages.changed silver 1: ${key}`,
    ]);
  });
});

Deno.test("audit: the consolidated Gold, which has one key for all dates, is compared too", async () => {
  await withLake(async (lake) => {
    await ingested(lake);
    await filterDate(lake, DATE, { rule: "session", config: CONFIG.filter, symbol: "ES" }, SILENT);
    await writeTinyGold(lake, { [DATE]: await tinyGold(DATE, 1) });
    await consolidate(lake);
    const path = "gold/research/signals.parquet";
    assert.deepEqual(await told(lake), []);
    await flipBit(`${lake.root}/${path}`, new Random(2));
    assert.deepEqual(await told(lake), [`fail stages.changed gold_consolidated 1: ${path}`]);
    assert.deepEqual(await told(lake, true), []);
  });
});

Deno.test("audit: a notice without a time names its record, and the dates are audited all the same", async () => {
  await withLake(async (lake) => {
    await ingested(lake);
    const [name] = Array.from(Deno.readDirSync(`${lake.root}/_meta/ingests`), ({ name }) => name);
    const path = `${lake.root}/_meta/ingests/${name}`, record = JSON.parse(await Deno.readTextFile(path));
    const notices = [{ ts_ns: "2025-12-16T14:00", kind: "gap", text: "x" }];
    await Deno.writeTextFile(path, JSON.stringify({ ...record, notices }));
    const { verdict, dates } = await auditLake(lake, { config: CONFIG, nowNs: NOW_NS }, SILENT);
    assert.ok(dates.includes(DATE));
    const said = verdict.findings.find(({ message }) => message.includes(name));
    assert.match(said?.message ?? "", /wanted ns UTC/);
  });
});
