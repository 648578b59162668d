/**
 * Every pair of commands at once on one lake, the second started at a random moment of the first: nothing is lost,
 * nothing is wrong for good. Whatever happened, filter, dedup, silver and gold afterwards bring the lake to the state,
 * to the byte, that they bring it to when the two have run one after the other, in one order or the other: dedup before
 * filter sets another contract's copies aside as copies, after it they have gone as another contract's.
 */
import assert from "node:assert/strict";
import { CONFIG, Random, SILENT } from "../../../lib/base/mod.ts";
import { dedupDate, filterDate } from "../../../lib/bronze/mod.ts";
import { buildGold, consolidate, SILVER_TIER } from "../../../lib/gold/mod.ts";
import { examine, type Lake, openLake } from "../../../lib/lake/mod.ts";
import { buildSilver } from "../../../lib/silver/mod.ts";
import { type CommandResult, lakeContent, startTask } from "../../helpers/bronze_lake.ts";
import { tinyGold, writeTinyGold } from "../../helpers/gold_lake.ts";

const DATE = "2025-12-15";
/** Dates of Gold alone, so that there is something to train on. */
const EARLIER = ["2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04", "2025-12-05", "2025-12-08"];
/** Runs of each pair: 2 × 55 pairs, so 220 in all. */
const RUNS = 2;
const SEED = Deno.env.get("TIDEMARK_PAIRS_SEED") ?? "pairs";

type Command = (source: string) => [task: string, ...args: string[]];

const on = ["--date", DATE];
const trained = ["--stage", "a", "--ablation", "ta", "--heads", "tradeable_2_4m", "--skip", "--val", "1"];

/** Commands that add rows. */
const ADDERS: Record<string, Command> = {
  backfill: (source) => ["backfill", "--dbn", source, "--all", "--force"],
  clean: (source) => ["backfill", "--dbn", source, "--all", "--clean"],
  options: (source) => ["options", "--file", source, ...on, "--force"],
};

const READERS: Record<string, Command> = {
  audit: () => ["audit"],
  report: () => ["report"],
  train: () => ["train", ...trained, "--test", "2"],
};

/** On a lake with two ingests of the same files, neither filtered nor deduplicated. */
const RAW: Record<string, Command> = {
  ...ADDERS,
  filter: () => ["filter", ...on],
  dedup: () => ["dedup", ...on],
  silver: () => ["silver", ...on],
  gold: () => ["gold", ...on],
  ...READERS,
};

/** On a lake that has been brought to its end. */
const BUILT: Record<string, Command> = {
  ...ADDERS,
  unfilter: () => ["filter", ...on, "--restore"],
  undedup: () => ["dedup", ...on, "--restore"],
  silver: () => ["silver", ...on, "--force"],
  gold: () => ["gold", ...on, "--force"],
  ...READERS,
};

async function run(root: string, [task, ...args]: string[]): Promise<CommandResult> {
  const { code, stdout, stderr } = await startTask(task, ...args, "--lake", root).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What a user does after the two: the state that everything comes to. */
async function close(lake: Lake): Promise<Record<string, string>> {
  await filterDate(lake, DATE, { rule: "calendar", config: CONFIG.filter, symbol: "ES" }, SILENT);
  await dedupDate(lake, DATE);
  await buildSilver(lake, DATE, {}, SILENT);
  await buildGold(lake, DATE, { tier: SILVER_TIER, config: CONFIG });
  await consolidate(lake);
  assert.deepEqual(await examine(lake), { stuck: [], leftovers: [] });
  const content = Object.entries(await lakeContent(lake));
  return Object.fromEntries(content.filter(([path]) => !path.startsWith("models/")));
}

/** A copy by hard links: files of a lake are never changed in place. */
async function copyOf(from: string, to: string): Promise<Lake> {
  const { success } = await new Deno.Command("cp", { args: ["-al", from, to] }).output();
  assert.ok(success);
  return { root: to };
}

async function makeLakes(folder: string): Promise<{ source: string; raw: string; built: string }> {
  const source = `${folder}/source`, raw = `${folder}/raw`;
  const simulated = await run(raw, ["simulate", "--out", source, "--dates", DATE, "--scale", "0.02"]);
  assert.equal(simulated.code, 0, simulated.stderr);
  for (const more of [[], ["--force"]]) {
    const commands = [["backfill", "--dbn", source, "--all", ...more], [
      "options",
      "--file",
      source,
      ...on,
      ...more,
    ]];
    for (const command of commands) {
      const { code, stderr } = await run(raw, command);
      assert.equal(code, 0, stderr);
    }
  }
  const gold = await Promise.all(EARLIER.map(async (date, k) => [date, await tinyGold(date, k)] as const));
  await writeTinyGold(await openLake(raw), Object.fromEntries(gold));
  const built = await copyOf(raw, `${folder}/built`);
  await close(built);
  return { source, raw, built: built.root };
}

/** Ended as commands end: with an answer, or one line that says what to do. */
function assertEnded(name: string, { code, stderr }: CommandResult): void {
  assert.ok(code >= 0 && code <= 2, `${name} ended with ${code}: ${stderr}`);
  assert.ok(!/\n\s+at /.test(stderr), `${name}: ${stderr}`);
}

const folder = await Deno.makeTempDir({ prefix: "tidemark-pairs-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const lakes = makeLakes(folder);

for (const [base, commands] of [["raw", RAW], ["built", BUILT]] as const) {
  const names = Object.keys(commands);
  for (const [i, a] of names.entries()) {
    Deno.test(`${a} on a ${base} lake beside each other command: as if one had come after the other`, async () => {
      const { source, [base]: root } = await lakes;
      const random = new Random(`${SEED} ${base} ${a}`);
      for (const b of names.slice(i)) {
        const ends = new Map<string, Record<string, string>>();
        const endOf = async (order: string[]) => {
          const known = ends.get(order.join());
          if (known) return known;
          const lake = await copyOf(root, `${folder}/${base}-${a}-${b}-serial`);
          for (const name of order) assertEnded(name, await run(lake.root, commands[name](source)));
          const end = await close(lake);
          await Deno.remove(lake.root, { recursive: true });
          ends.set(order.join(), end);
          return end;
        };
        for (let n = 0; n < RUNS; n++) {
          const lake = await copyOf(root, `${folder}/${base}-${a}-${b}-${n}`);
          const wait = 700 * (random.uniform() - 0.5), [first, second] = wait < 0 ? [b, a] : [a, b];
          const one = run(lake.root, commands[first](source));
          await new Promise((resolve) => setTimeout(resolve, Math.abs(wait)));
          const ended = await Promise.all([one, run(lake.root, commands[second](source))]);
          [first, second].forEach((name, k) => assertEnded(name, ended[k]));
          const found = await close(lake);
          const same = (end: Record<string, string>) => JSON.stringify(end) === JSON.stringify(found);
          const likely = await endOf([first, second]);
          if (!same(likely) && !same(await endOf([second, first]))) {
            assert.deepEqual(found, likely, `${first} and, ${Math.abs(wait)} ms later, ${second}`);
          }
          await Deno.remove(lake.root, { recursive: true });
        }
      }
    });
  }
}
