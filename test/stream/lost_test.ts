import assert from "node:assert/strict";
import { BusError } from "../../lib/base/mod.ts";
import { closeBus, MARKET, type Message, replay } from "../../lib/stream/mod.ts";
import { startLive } from "../helpers/live_process.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { until } from "../helpers/until.ts";
import { emptyLake, FAST, kept, publishAll, startService, testBus, tradeMessages } from "./_live.ts";

async function* each(messages: readonly Message[]): AsyncGenerator<Message> {
  yield* messages;
}

const refusal = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof BusError, String(error));
  assert.match(error.message, why);
  return true;
};

const LOST = "a server whose store is gone is found out: replay refuses, live is unhealthy and ends with 1";
Deno.test(LOST, async () => {
  if (!requires("nats", LOST)) return;
  const { messages } = await tradeMessages(), lake = await emptyLake();
  await using server = await startNats();
  const bus = await testBus(server.url);
  await publishAll(bus, messages);
  await server.loseStore();
  await assert.rejects(
    replay(bus, each(messages), { speed: 0 }),
    refusal(/stream TIDEMARK_MARKET of .* says it holds message 1, and does not have it; .*replay/),
  );
  const options = ["--lake", lake.root, "--nats", server.url, "--metrics", "0", "--status", "0.2"];
  await using live = startLive(options);
  assert.ok(await live.says(/^live: metrics on /), live.lines.join("\n"));
  const url = live.lines.map((line) => /http:\S+/.exec(line)?.[0]).find(Boolean)!;
  const page = async (name: string) => await (await fetch(url.replace("metrics", name))).text();
  assert.ok(await live.says(/^warning: signal: stream TIDEMARK_MARKET/), live.lines.join("\n"));
  assert.ok(await live.says(/^bronze: .* missing in the stream, .* \d\d pending$/), live.lines.join("\n"));
  const health = await fetch(url.replace("metrics", "healthz")), text = await health.text();
  assert.equal(health.status, 503, text);
  assert.match(text, /^(bronze|signal): stream TIDEMARK_MARKET says it holds/m);
  assert.match(await page("metrics"), /^tidemark_missing_messages\{service="bronze"\} [1-9]/m);
  live.kill("SIGTERM");
  const { code, out } = await live.ended;
  assert.equal(code, 1, live.lines.join("\n"));
  assert.match(out, /^live: drained; .*; not all is there: .* bronze \d+, signal \d+$/);
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const LATER = "a service that has everything notices, too, that the server's store is gone";
Deno.test(LATER, async () => {
  if (!requires("nats", LATER)) return;
  const { messages, rows } = await tradeMessages(), lake = await emptyLake(), effects = kept();
  await using server = await startNats();
  const bus = await testBus(server.url);
  await publishAll(bus, messages);
  const service = await startService("bronze", server.url, lake, FAST, effects);
  await until("all is there", () => service.metrics.get("durable_rows_total") === rows);
  assert.deepEqual([service.metrics.troubles, service.metrics.get("missing_messages")], [[], 0]);
  await server.loseStore();
  await until("it says so", () => service.metrics.get("missing_messages") > 0);
  assert.match(effects.lines.join("\n"), /^bronze: stream TIDEMARK_MARKET .* says it holds message 1, and/m);
  await service.stop();
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const PURGED = "messages that were removed and are dropped when they come again are no success of replay";
Deno.test(PURGED, async () => {
  if (!requires("nats", PURGED)) return;
  const { messages } = await tradeMessages();
  await using server = await startNats();
  const bus = await testBus(server.url), some = messages.slice(0, 9);
  assert.deepEqual(await replay(bus, each(some), { speed: 0 }), { messages: 9, duplicates: 0 });
  assert.deepEqual(await replay(bus, each(some), { speed: 0 }), { messages: 0, duplicates: 9 });
  await bus.manager.streams.deleteMessage(MARKET.name, 4);
  await assert.rejects(replay(bus, each(some), { speed: 0 }), refusal(/: 1 messages were removed from it/));
  await bus.manager.streams.purge(MARKET.name);
  await assert.rejects(
    replay(bus, each(messages), { speed: 0 }),
    refusal(/: 9 messages were removed .* within 24 h; remove the stream \(nats stream rm TIDEMARK_MARKET\)/),
  );
  await closeBus(bus);
});

const VANISHED = "a stream that is removed while replay looks for what it sent ends replay";
Deno.test(VANISHED, async () => {
  if (!requires("nats", VANISHED)) return;
  const { messages } = await tradeMessages();
  await using server = await startNats();
  const bus = await testBus(server.url);
  const last = Promise.withResolvers<void>();
  let left = messages.length;
  const stored = () => void (--left === 0 && last.resolve());
  async function* thenRemoved(): AsyncGenerator<Message> {
    yield* messages;
    await last.promise;
    await bus.manager.streams.delete(MARKET.name);
  }
  await assert.rejects(
    replay(bus, thenRemoved(), { speed: 0, stored }),
    refusal(/stream TIDEMARK_MARKET of NATS at .*: it is gone; its store may be lost/),
  );
  await closeBus(bus);
});

const HOLE = "a hole in the middle of a stream is found by replay, and by services that were led past it";
Deno.test(HOLE, async () => {
  if (!requires("nats", HOLE)) return;
  const lake = await emptyLake(), payload = new Uint8Array(900_000);
  await using server = await startNats();
  const bus = await testBus(server.url);
  const messages = Array.from({ length: 27 }, (_, i): Message => {
    const headers = { "Nats-Msg-Id": String(i) };
    return { subject: "market.big", headers, payload, publisher: "big", sequence: i, lastNs: BigInt(i) };
  });
  await replay(bus, each(messages), { speed: 0 });
  const block = `${server.store}/jetstream/$G/streams/${MARKET.name}/msgs/2.blk`;
  await Deno.writeFile(block, new Uint8Array((await Deno.stat(block)).size));
  const services = await Promise.all(
    (["bronze", "signal"] as const).map((name) => startService(name, server.url, lake)),
  );
  for (const { metrics } of services) {
    await until(`${metrics.service} says so`, () => metrics.get("missing_messages") === 9);
    assert.deepEqual(metrics.troubles, [
      `stream ${MARKET.name} says it holds 9 messages that it passed over`,
    ]);
  }
  for (const service of services) await service.stop();
  await assert.rejects(
    replay(bus, each(messages), { speed: 0 }),
    refusal(/it says it has stored 27 messages, and does not have 9 of them/),
  );
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const GONE = "a server that comes back without its store: replay ends and says so, services are unhealthy";
Deno.test(GONE, async () => {
  if (!requires("nats", GONE)) return;
  const { messages } = await tradeMessages(), lake = await emptyLake(), effects = kept();
  await using server = await startNats();
  const bus = await testBus(server.url);
  const service = await startService("bronze", server.url, lake, FAST, effects);
  async function* interrupted(): AsyncGenerator<Message> {
    yield* messages.slice(0, 9);
    await server.kill();
    await server.loseStore();
    await server.start();
    yield* messages.slice(9);
  }
  await assert.rejects(
    replay(bus, interrupted(), { speed: 0 }),
    refusal(/NATS at .* has no stream for it: it lost its store, or someone removed the stream/),
  );
  await until("it says so", () => service.metrics.get("missing_messages") > 0);
  assert.match(
    effects.lines.join("\n"),
    /^bronze: stream TIDEMARK_MARKET of .* is gone; its store may be lost/m,
  );
  await service.stop();
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});
