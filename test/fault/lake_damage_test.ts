/**
 * What commands say to a lake whose files are there and cannot be: one line that names the file and exit code 2, or a
 * finding; never a trace, never a wait without end. All of them with all damages: test/full/fault.
 */
import assert from "node:assert/strict";
import { hourOfPartition } from "../../lib/base/mod.ts";
import { CONSOLIDATED, goldParts } from "../../lib/gold/mod.ts";
import { hourFolder } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES, OPTIONS_TRADES, SILVER_TRADES, type TableSchema } from "../../lib/schema/mod.ts";
import { runTask } from "../helpers/bronze_lake.ts";
import { runDamaged, wholeLake } from "../helpers/damage.ts";

const DATE = "2025-12-16", HOUR = hourOfPartition(DATE, "15");
const inHour = (table: TableSchema, name: string) => `${hourFolder(table, HOUR)}/${name}.parquet`;
const TRADES = inHour(FUTURES_TRADES, "simulated-0000"), OPTIONS = inHour(OPTIONS_TRADES, "simulated-0000");
const SILVER = inHour(SILVER_TRADES, "part-0000"), { signals: SIGNALS, levels: LEVELS } = goldParts(DATE);

const CASES: [command: string, file: string, damage: string, code: number][] = [
  ["filter", TRADES, "nulls in every column", 2],
  ["filter", TRADES, "a pipe", 2],
  ["dedup", OPTIONS, "a device", 2],
  ["silver", OPTIONS, "nulls in every column", 2],
  ["silver", OPTIONS, "times of zero", 2],
  ["silver", TRADES, "times of another hour", 2],
  ["silver", TRADES, "a link to itself", 2],
  ["silver", OPTIONS, "a folder", 2],
  ["audit", TRADES, "the latest time", 1],
  ["audit", OPTIONS, "a pipe", 1],
  [`gold --date ${DATE}`, SILVER, "numbers without end", 2],
  ["validate", CONSOLIDATED, "nothing but nulls", 1],
  ["validate", CONSOLIDATED, "the latest time", 1],
  ["validate", CONSOLIDATED, "a device", 2],
  ["report", SIGNALS, "times of zero", 2],
  ["report", LEVELS, "a folder", 2],
];

Deno.test("commands name the file that cannot be", async (t) => {
  const lake = await wholeLake(DATE);
  try {
    for (const [command, file, damage, code] of CASES) {
      await t.step(`${command}: ${damage} at ${file}`, async () => {
        assert.equal(await runDamaged(lake, { file, damage, command: command.split(" ") }), code);
      });
    }
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});

Deno.test("backfill and options refuse what is no file, by name and at once", async () => {
  const root = await Deno.makeTempDir({ prefix: "tidemark-pipe-" });
  try {
    await new Deno.Command("mkfifo", { args: [`${root}/a.trades.dbn`, `${root}/${DATE}.csv`] }).output();
    await Deno.symlink(`${root}/loop.dbn`, `${root}/loop.dbn`);
    const refused = async (why: RegExp, task: string, ...args: string[]) => {
      const { code, stderr } = await runTask(task, "--lake", `${root}/lake`, ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr.trimEnd().split("\n").at(-1)!, why);
      assert.doesNotMatch(stderr, /^\s+at /m);
    };
    await refused(
      /a\.trades\.dbn": found a pipe, wanted a file; give a file/,
      "backfill",
      "--dbn",
      `${root}/a.trades.dbn`,
    );
    await refused(/2025-12-16\.csv": found a pipe/, "options", "--file", root, "--date", DATE);
    await Deno.remove(`${root}/a.trades.dbn`);
    await refused(/loop\.dbn": .*symbolic link/, "backfill", "--dbn", root);
    await Deno.remove(`${root}/loop.dbn`);
    await Deno.mkdir(`${root}/symbology.json`);
    await Deno.writeTextFile(`${root}/a.dbn`, "DBN");
    await refused(/symbology\.json": found a folder, wanted a file; mend it/, "backfill", "--dbn", root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
