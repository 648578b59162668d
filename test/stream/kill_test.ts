import assert from "node:assert/strict";
import { Random, sessionOf } from "../../lib/base/mod.ts";
import {
  closeBus,
  ensureStream,
  MARKET,
  type Message,
  replay,
  replayMessages,
} from "../../lib/stream/mod.ts";
import { startLive } from "../helpers/live_process.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { type Kills, NEVER, pause, torment, tormentServer } from "./_kills.ts";
import { assertLiveEqualsBatch, DATE, disordered, FAST, liveDay, testBus, untilComplete } from "./_live.ts";

const NAME = "live services and the server, killed at any moment, end with the batch's lake";

/** TIDEMARK_KILLS and TIDEMARK_KILL_SEED make it longer and different. */
const KILLS = Number(Deno.env.get("TIDEMARK_KILLS") ?? 52);
const SEED = Deno.env.get("TIDEMARK_KILL_SEED") ?? "live";

const SERVICES = ["bronze", "signal", "gold"] as const;

Deno.test(NAME, async () => {
  if (!requires("nats", NAME)) return;
  const day = await liveDay(0.02), messages: Message[] = [];
  for await (const message of disordered(replayMessages(day.batch, sessionOf(DATE), FAST))) {
    messages.push(message);
  }
  await using server = await startNats();
  const bus = await testBus(server.url);
  await ensureStream(bus, MARKET);
  const kills: Kills = { count: 0, said: [] }, times = KILLS / 4;
  const start = (name: string) => {
    const options = ["--flush", "0.2", "--ack", "2", "--tolerance", String(FAST.toleranceMs)];
    return startLive(["--only", name, "--lake", day.live.root, "--nats", server.url, "--json", ...options]);
  };
  /** The day's messages, spread over the kills. */
  async function* paced(): AsyncGenerator<Message> {
    for (const [n, message] of messages.entries()) {
      while (kills.count < 0.9 * KILLS * n / messages.length) await pause(20);
      yield message;
    }
  }
  const [done] = await Promise.all([
    replay(bus, paced(), { speed: 0 }),
    ...SERVICES.map((name) =>
      torment(() => start(name), /^live: /, times, new Random(`${SEED} ${name}`), kills)
    ),
    tormentServer(server, times, new Random(`${SEED} server`), kills),
  ]);
  const { count, said } = kills;
  assert.ok(count >= KILLS && done.duplicates > 100, `${count} kills, ${done.duplicates} duplicates`);
  const survivors = SERVICES.map(start);
  try {
    await untilComplete(day);
    for (const service of survivors) service.kill("SIGTERM");
    for (const service of survivors) {
      assert.equal((await service.ended).code, 0, service.lines.join("\n"));
    }
  } finally {
    for (const service of survivors) await service[Symbol.asyncDispose]();
  }
  await closeBus(bus);
  await assertLiveEqualsBatch(day);
  // Nothing was late, nothing unreadable, nothing acknowledged that was not in the lake, no process broke.
  await assert.rejects(Deno.stat(`${day.live.root}/quarantine`), Deno.errors.NotFound);
  assert.deepEqual(said.filter((line) => NEVER.test(line)), []);
  await day.remove();
});
