/**
 * A stream that stops in its middle: the server says what waits, and delivers nothing, for ever.
 */
import assert from "node:assert/strict";
import { BusError } from "../../../lib/base/mod.ts";
import { closeBus, MARKET, type Message, replay } from "../../../lib/stream/mod.ts";
import { startNats } from "../../helpers/nats_server.ts";
import { requires } from "../../helpers/requires.ts";
import { until } from "../../helpers/until.ts";
import { emptyLake, publishAll, startService, testBus } from "../../stream/_live.ts";

const NAME = "services that wait for what the server says it has, and never get it, say so within a minute";
Deno.test(NAME, async () => {
  if (!requires("nats", NAME)) return;
  const lake = await emptyLake(), payload = new Uint8Array(900_000);
  async function* messages(): AsyncGenerator<Message> {
    for (let i = 0; i < 27; i++) {
      const headers = { "Nats-Msg-Id": String(i) };
      yield { subject: "market.big", headers, payload, publisher: "big", sequence: i, lastNs: BigInt(i) };
    }
  }
  await using server = await startNats();
  const bus = await testBus(server.url);
  await publishAll(bus, await Array.fromAsync(messages()));
  await Deno.remove(`${server.store}/jetstream/$G/streams/${MARKET.name}/msgs/2.blk`);
  const services = await Promise.all(
    (["bronze", "signal"] as const).map((name) => startService(name, server.url, lake)),
  );
  for (const { metrics } of services) {
    await until(`${metrics.service} says so`, () => metrics.get("missing_messages") > 0);
    assert.match(metrics.troubles.join(), /says it holds \d+ messages and does not deliver them/);
    assert.ok(metrics.get("pending_messages") >= 9, `${metrics.get("pending_messages")} pending`);
  }
  for (const service of services) await service.stop();
  await assert.rejects(replay(bus, messages(), { speed: 0 }), (error) => {
    assert.ok(error instanceof BusError, String(error));
    assert.match(error.message, /says it has stored 27 messages, and does not have 9 of them/);
    return true;
  });
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});
