/**
 * More than a hundred kills over two sessions, of the services, the server and the publisher: in one process and in
 * three, the lake ends as the batch builds it, to the bit. `TIDEMARK_KILLS` and `TIDEMARK_KILL_SEED` make it longer
 * and repeat it.
 */
import assert from "node:assert/strict";
import { nextTradingDay, Random } from "../../../lib/base/mod.ts";
import { closeBus, ensureStream, MARKET } from "../../../lib/stream/mod.ts";
import { startLive, startScript } from "../../helpers/live_process.ts";
import { startNats } from "../../helpers/nats_server.ts";
import { requires } from "../../helpers/requires.ts";
import { type Kills, NEVER, pause, torment, tormentServer } from "../../stream/_kills.ts";
import { assertLiveEqualsBatch, DATE, FAST, liveDay, testBus, untilComplete } from "../../stream/_live.ts";

const KILLS = Number(Deno.env.get("TIDEMARK_KILLS") ?? 105);
const SEED = Deno.env.get("TIDEMARK_KILL_SEED") ?? String(Date.now());
const DATES = [DATE, nextTradingDay(DATE)];
const PUBLISHER = new URL("../../helpers/paced_publisher.ts", import.meta.url).pathname;

/** Kills whatever runs, some at a time together, and asserts that nothing came of it. */
async function endure(processes: readonly (readonly string[])[]): Promise<void> {
  const seed = `${SEED} ${processes.length}`, day = await liveDay(0.02, DATES);
  // deno-lint-ignore no-console
  console.log(`kills of seed ${SEED}`);
  const folder = await Deno.makeTempDir({ prefix: "tidemark-kills-" });
  const share = (part: number) => Deno.writeTextFile(`${folder}/share`, String(part));
  await share(0);
  await using server = await startNats();
  const bus = await testBus(server.url);
  await ensureStream(bus, MARKET);
  const victims = [
    ...processes.map((options) => {
      const times = ["--flush", "0.2", "--ack", "2", "--tolerance", String(FAST.toleranceMs)];
      const all = [...options, "--lake", day.live.root, "--nats", server.url, ...times];
      return { start: () => startLive(all), ready: /^live: / };
    }),
    {
      start: () => startScript(PUBLISHER, [day.batch.root, server.url, folder, ...DATES]),
      ready: /^publisher: /,
    },
  ];
  const kills: Kills = { count: 0, said: [] }, times = Math.ceil(KILLS / (victims.length + 1));
  let over = false;
  const pacing = (async () => {
    // Far enough ahead that the publisher is killed in mid-flight, and never so far that it ends by itself.
    for (; !over; await pause(50)) await share(Math.min(0.98, 1.1 * kills.count / KILLS + 0.02));
  })();
  try {
    await Promise.all([
      ...victims.map(({ start, ready }, i) =>
        torment(start, ready, times, new Random(`${seed} ${i}`), kills)
      ),
      tormentServer(server, times, new Random(`${seed} server`), kills),
    ]);
  } finally {
    over = true;
    await pacing;
  }
  assert.ok(kills.count >= KILLS, `${kills.count} kills`);
  await share(1);
  const survivors = victims.map(({ start }) => start()), publisher = survivors.at(-1)!;
  try {
    assert.equal((await publisher.ended).code, 0, publisher.lines.join("\n"));
    await untilComplete(day, 180);
    for (const service of survivors.slice(0, -1)) {
      service.kill("SIGTERM");
      assert.equal((await service.ended).code, 0, service.lines.join("\n"));
    }
  } finally {
    for (const survivor of survivors) await survivor[Symbol.asyncDispose]();
  }
  await closeBus(bus);
  await assertLiveEqualsBatch(day);
  // Nothing was late, nothing unreadable, nothing acknowledged that was not there, no process broke.
  await assert.rejects(Deno.stat(`${day.live.root}/quarantine`), Deno.errors.NotFound);
  assert.deepEqual(kills.said.filter((line) => NEVER.test(line)), []);
  await Deno.remove(folder, { recursive: true });
  await day.remove();
}

const THREE = `services in three processes, the server and the publisher, killed ${KILLS} times`;
Deno.test(THREE, async () => {
  if (requires("nats", THREE)) await endure([["--only", "bronze"], ["--only", "signal"], ["--only", "gold"]]);
});

const ONE = `services in one process, the server and the publisher, killed ${KILLS} times`;
Deno.test(ONE, async () => {
  if (requires("nats", ONE)) await endure([[]]);
});
