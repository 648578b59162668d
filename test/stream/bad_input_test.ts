import assert from "node:assert/strict";
import { AckPolicy } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { BusError } from "../../lib/base/mod.ts";
import { openLake } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { closeBus, consumerName, ensureStream, MARKET } from "../../lib/stream/mod.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { until } from "../helpers/until.ts";
import {
  countRows,
  emptyLake,
  FAST,
  kept,
  publishAll,
  startService,
  testBus,
  tradeMessages,
} from "./_live.ts";

const POISON =
  "messages that cannot be read go to quarantine after some deliveries, the others into the lake";
Deno.test(POISON, async () => {
  if (!requires("nats", POISON)) return;
  const { messages, rows } = await tradeMessages(), lake = await emptyLake(), effects = kept();
  await using server = await startNats();
  const bus = await testBus(server.url), [first, second] = messages;
  await publishAll(bus, messages.slice(0, 5));
  const send = async (change: Record<string, string>, payload: Uint8Array) => {
    const own = headers();
    for (const [name, value] of Object.entries({ ...first.headers, ...change })) own.set(name, value);
    return (await bus.js.publish(first.subject, payload, { headers: own })).seq;
  };
  const noise = new Uint8Array(1000).fill(7);
  const unknown = await send({ "Nats-Msg-Id": "a", "Tidemark-Schema": "futures.trades.v9" }, second.payload);
  const damaged = await send({ "Nats-Msg-Id": "b" }, noise);
  await bus.js.publish("market.nonsense", noise);
  await publishAll(bus, messages.slice(5));
  const service = await startService("bronze", server.url, lake, FAST, effects);
  await until("all is dealt with", () => service.metrics.get("quarantined_total") === 3);
  const consumer = await consumerName("bronze", lake),
    info = () => bus.manager.consumers.info(MARKET.name, consumer);
  await until("all is acknowledged", async () => (await info()).ack_floor.stream_seq === messages.length + 3);
  await service.stop();
  assert.equal(await countRows(lake, FUTURES_TRADES), rows);
  assert.equal(service.metrics.get("unreadable_total"), 3 * FAST.maxDeliveries);
  const folder = (await Array.fromAsync(Deno.readDir(`${lake.root}/quarantine/stream`)))[0].name;
  const aside = async (sequence: number) => {
    const path = `${lake.root}/quarantine/stream/${folder}/${String(sequence).padStart(12, "0")}`;
    return {
      about: JSON.parse(await Deno.readTextFile(`${path}.json`)),
      bytes: await Deno.readFile(`${path}.bin`),
    };
  };
  const [one, two, three] = await Promise.all([unknown, damaged, damaged + 1].map(aside));
  assert.match(one.about.reason, /found schema "futures.trades.v9", wanted futures.trades.v1/);
  assert.equal(one.about.headers["Tidemark-Publisher"], first.publisher);
  assert.deepEqual(one.bytes, second.payload);
  assert.match(two.about.reason, /its payload is damaged/);
  assert.match(three.about.reason, /found schema "", wanted no table/);
  assert.deepEqual([two.about.deliveryCount, two.about.subject, two.bytes], [5, first.subject, noise]);
  const told = effects.lines.filter((line) => line.includes(`message ${damaged},`));
  assert.equal(told.length, FAST.maxDeliveries);
  assert.match(told.at(-1)!, /delivery 5: Cannot use market.futures.trades: .*; set aside$/);
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const OTHERS = "a consumer or a stream that someone configured differently is refused by name";
Deno.test(OTHERS, async () => {
  if (!requires("nats", OTHERS)) return;
  await using server = await startNats();
  const bus = await testBus(server.url), lake = await emptyLake();
  const refused = async (why: RegExp) => {
    const service = await startService("bronze", server.url, lake);
    await assert.rejects(service.ended, (error) => {
      assert.ok(error instanceof BusError, String(error));
      assert.match(error.message, why);
      return true;
    });
    await service.stop().catch(() => {});
  };
  await bus.manager.streams.add({ name: "OTHER", subjects: ["market.futures.*"] });
  await refused(/Cannot use stream TIDEMARK_MARKET of NATS at .*: subjects overlap/);
  await bus.manager.streams.delete("OTHER");
  await bus.manager.streams.add({ name: MARKET.name, subjects: MARKET.subjects, max_bytes: 1_000_000 });
  await refused(
    /someone configured it with max_age 0, wanted \d+; remove it \(nats stream rm TIDEMARK_MARKET\)/,
  );
  await bus.manager.streams.delete(MARKET.name);
  await ensureStream(bus, MARKET);
  const consumer = await consumerName("bronze", lake);
  await bus.manager.consumers.add(MARKET.name, { durable_name: consumer, ack_policy: AckPolicy.None });
  await refused(
    new RegExp(`consumer ${consumer} of .*configured it with ack_policy "none", wanted "explicit"; remove`),
  );
  await bus.manager.consumers.delete(MARKET.name, consumer);
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const AGAIN =
  "a consumer removed under a service is made anew; a stream made anew ends it; a lake that was lost is filled again";
Deno.test(AGAIN, async () => {
  if (!requires("nats", AGAIN)) return;
  const { messages, rows } = await tradeMessages();
  await using server = await startNats();
  const bus = await testBus(server.url);
  let lake = await emptyLake();
  const half = messages.length >> 1, count = () => countRows(lake, FUTURES_TRADES);
  await publishAll(bus, messages.slice(0, half));
  let service = await startService("bronze", server.url, lake);
  await until("the first half is stored", () => service.metrics.get("durable_rows_total") > 0);
  await bus.manager.consumers.delete(MARKET.name, await consumerName("bronze", lake));
  await publishAll(bus, messages.slice(half));
  await until("every row is there", async () => await count() === rows);
  await service.stop();
  // The lake goes, the server's consumer stays.
  await Deno.remove(lake.root, { recursive: true });
  lake = await openLake(lake.root);
  const effects = kept();
  service = await startService("bronze", server.url, lake, FAST, effects);
  await until("every row is there again", async () => await count() === rows);
  assert.match(effects.lines.join("\n"), /the lake lacks \d+ messages that it had acknowledged/);
  await bus.manager.streams.delete(MARKET.name);
  await ensureStream(bus, MARKET);
  await assert.rejects(service.ended, /was made anew|made anew at .*; start the service again/);
  await service.stop().catch(() => {});
  service = await startService("bronze", server.url, lake);
  await publishAll(bus, messages.slice(0, half));
  const mine = messages.slice(0, half).reduce((n, m) => n + Number(m.headers["Tidemark-Rows"]), 0);
  // Another stream is another ingest: its rows are new.
  await until("rows of the new stream are there", async () => await count() === rows + mine);
  await service.stop();
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const FULL = "a full disk: nothing is acknowledged, and once there is room every row is stored once";
Deno.test(FULL, async () => {
  if (!requires("nats", FULL) || !requires("tmpfs", FULL)) return;
  const { messages, rows } = await tradeMessages(), effects = kept();
  const root = await Deno.makeTempDir({ prefix: "tidemark-full-" });
  const run = async (program: string, ...args: string[]) =>
    assert.ok((await new Deno.Command(program, { args }).output()).success, `${program} ${args.join(" ")}`);
  await run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", root);
  try {
    const lake = await openLake(root);
    await using server = await startNats();
    const bus = await testBus(server.url);
    await ensureStream(bus, MARKET);
    const service = await startService("bronze", server.url, lake, FAST, effects);
    const filler = `${root}/filler`;
    // What fits before the disk is full is stored; of the rest nothing may be.
    using file = await Deno.open(filler, { create: true, write: true });
    const page = new Uint8Array(4096);
    while (await file.write(page).catch(() => 0) === page.length);
    await publishAll(bus, messages);
    await until("flushes fail", () => service.metrics.get("failed_flushes_total") >= 3);
    const { ack_floor, num_ack_pending } = await bus.manager.consumers.info(
      MARKET.name,
      await consumerName("bronze", lake),
    );
    assert.deepEqual([ack_floor.stream_seq, await countRows(lake, FUTURES_TRADES)], [0, 0]);
    assert.ok(num_ack_pending > 0);
    assert.match(
      effects.lines.join("\n"),
      /bronze: .*(No space left|os error 28).*; nothing of it is acknowledged/,
    );
    await Deno.remove(filler);
    file.truncateSync(0);
    await until("every row is stored", async () => await countRows(lake, FUTURES_TRADES) === rows);
    await service.stop();
    assert.equal(service.metrics.get("durable_rows_total"), rows);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${root}/_meta/staging`)), []);
    await closeBus(bus);
  } finally {
    await run("umount", "-l", root);
    await Deno.remove(root);
  }
});
