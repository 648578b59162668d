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
import { type LiveProcess, startLive } from "../helpers/live_process.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { assertLiveEqualsBatch, DATE, disordered, FAST, liveDay, testBus, untilComplete } from "./_live.ts";

const NAME = "live services and the server, killed at any moment, end with the batch's lake";

/** TIDEMARK_KILLS and TIDEMARK_KILL_SEED make it longer and different. */
const KILLS = Number(Deno.env.get("TIDEMARK_KILLS") ?? 52);
const SEED = Deno.env.get("TIDEMARK_KILL_SEED") ?? "live";

/** Longest time that a victim lives once it is ready, milliseconds. */
const LIFE_MS = 900;

const SERVICES = ["bronze", "signal", "gold"] as const;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test(NAME, async () => {
  if (!requires("nats", NAME)) return;
  const day = await liveDay(0.02), messages: Message[] = [];
  for await (const message of disordered(replayMessages(day.batch, sessionOf(DATE), FAST))) {
    messages.push(message);
  }
  await using server = await startNats();
  const bus = await testBus(server.url);
  await ensureStream(bus, MARKET);
  let kills = 0;
  const start = (name: string) => {
    const times = ["--flush", "0.2", "--ack", "2", "--tolerance", String(FAST.toleranceMs)];
    return startLive(["--only", name, "--lake", day.live.root, "--nats", server.url, "--json", ...times]);
  };
  const said: string[] = [];
  /** Starts a service and kills it, again and again; each of the four at its own pace. */
  const torment = async (name: string) => {
    const random = new Random(`${SEED} ${name}`);
    for (let own = 0; own < KILLS / 4;) {
      await using service = start(name);
      const ready = await service.says(/^live: /);
      await pause(random.uniform() * LIFE_MS);
      service.kill("SIGKILL");
      const { code } = await service.ended;
      said.push(...service.lines);
      // Started while the server was down, it ends by itself and says so.
      if (code === 2) assert.match(service.lines.join("\n"), /no server answers|it has no JetStream/);
      else assert.equal(code, 137, service.lines.join("\n"));
      if (ready && code === 137) own++, kills++;
    }
  };
  const tormentServer = async () => {
    const random = new Random(`${SEED} server`);
    for (let own = 0; own < KILLS / 4; own++, kills++) {
      await pause(1000 + random.uniform() * 2 * LIFE_MS);
      await server.kill();
      await pause(random.uniform() * 100);
      await server.start();
    }
  };
  /** The day's messages, spread over the kills. */
  async function* paced(): AsyncGenerator<Message> {
    for (const [n, message] of messages.entries()) {
      while (kills < 0.9 * KILLS * n / messages.length) await pause(20);
      yield message;
    }
  }
  const [done] = await Promise.all([
    replay(bus, paced(), { speed: 0 }),
    ...SERVICES.map(torment),
    tormentServer(),
  ]);
  assert.ok(kills >= KILLS && done.duplicates > 100, `${kills} kills, ${done.duplicates} duplicates`);
  const survivors: LiveProcess[] = SERVICES.map(start);
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
  assert.deepEqual(said.filter((line) => /^error|Uncaught|panicked|the lake lacks/.test(line)), []);
  await day.remove();
});
