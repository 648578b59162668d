/**
 * The live services beside every other command on one lake, the live date included: the services store each row once,
 * and what the commands built is what they build when nothing else runs.
 */
import assert from "node:assert/strict";
import { CONFIG, previousTradingDay, Random, sessionOf, SILENT } from "../../../lib/base/mod.ts";
import { buildGold, SILVER_TIER } from "../../../lib/gold/mod.ts";
import { examine, type Lake } from "../../../lib/lake/mod.ts";
import { buildSilver } from "../../../lib/silver/mod.ts";
import { closeBus, ensureStream, MARKET, publish, replayMessages } from "../../../lib/stream/mod.ts";
import { lakeContent, runTask } from "../../helpers/bronze_lake.ts";
import { startNats } from "../../helpers/nats_server.ts";
import { requires } from "../../helpers/requires.ts";
import {
  assertLiveEqualsBatch,
  DATE,
  disordered,
  FAST,
  liveDay,
  startService,
  testBus,
  untilComplete,
} from "../../stream/_live.ts";

const BEFORE = previousTradingDay(DATE);
const COMMANDS = [
  ["audit"],
  ["silver", "--date", BEFORE, "--force"],
  ["silver", "--date", DATE, "--force"],
  ["gold", "--date", BEFORE, "--force"],
  ["gold", "--date", DATE, "--tier", "bronze", "--force"],
  ["filter", "--date", BEFORE],
  ["filter", "--date", DATE, "--rule", "session"],
  ["filter", "--date", DATE, "--restore"],
  ["dedup", "--date", BEFORE],
  ["dedup", "--date", DATE],
  ["report"],
];

/** Silver's and Gold's files of both dates, rebuilt if they say that they must be, or in any case. */
async function built(lake: Lake, force = false): Promise<Record<string, string>> {
  for (const date of [BEFORE, DATE]) {
    await buildSilver(lake, date, { force }, SILENT);
    await buildGold(lake, date, { tier: SILVER_TIER, config: CONFIG, force });
  }
  const content = Object.entries(await lakeContent(lake));
  return Object.fromEntries(content.filter(([path]) => /^(silver|gold\/research\/date)/.test(path)));
}

const NAME =
  "live services beside audit, filter, dedup, silver, gold and report: each row once, each file right";

Deno.test(NAME, async () => {
  if (!requires("nats", NAME)) return;
  const day = await liveDay(0.04), random = new Random(Deno.env.get("TIDEMARK_PAIRS_SEED") ?? "beside");
  await using server = await startNats();
  const services = await Promise.all(
    (["bronze", "signal", "gold"] as const).map((name) => startService(name, server.url, day.live)),
  );
  const bus = await testBus(server.url);
  await ensureStream(bus, MARKET);
  let playing = true;
  const play = async () => {
    for await (const message of disordered(replayMessages(day.batch, sessionOf(DATE), FAST))) {
      await publish(bus, message);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await untilComplete(day);
    playing = false;
  };
  let beside = 0;
  const work = async () => {
    while (playing) {
      const command = COMMANDS[random.int(COMMANDS.length)];
      const { code, stderr } = await runTask(command[0], ...command.slice(1), "--lake", day.live.root);
      assert.ok(code <= 2 && !/\n\s+at /.test(stderr), `${command.join(" ")}: ${stderr}`);
      beside++;
    }
  };
  await Promise.all([play(), work(), work()]);
  for (const service of services) await service.stop();
  await closeBus(bus);
  assert.ok(beside >= 10, `${beside} commands ran beside the services`);
  // What the last filter or dedup set aside comes back first.
  for (const task of ["dedup", "filter"]) {
    for (const date of [BEFORE, DATE]) {
      const { code, stderr } = await runTask(task, "--date", date, "--restore", "--lake", day.live.root);
      assert.equal(code, 0, stderr);
    }
  }
  assert.deepEqual(await examine(day.live), { stuck: [], leftovers: [] });
  await assertLiveEqualsBatch(day);
  const found = await built(day.live), batch = Object.entries(await built(day.batch));
  assert.deepEqual(found, await built(day.live, true));
  // Silver says where its rows came from; Gold does not.
  for (const [path, hash] of batch.filter(([path]) => path.startsWith("gold"))) {
    assert.equal(found[path], hash, path);
  }
  await day.remove();
});
