import assert from "node:assert/strict";
import { MINUTE_NS } from "../../lib/base/mod.ts";
import { readFrame } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES } from "../../lib/schema/mod.ts";
import { closeBus } from "../../lib/stream/mod.ts";
import { startLive } from "../helpers/live_process.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { until } from "../helpers/until.ts";
import { countRows, emptyLake, FAST, publishAll, startService, testBus, tradeMessages } from "./_live.ts";

/** The numbers of a Prometheus page, by `name{service}`. */
function numbers(text: string): Record<string, number> {
  const lines = text.trimEnd().split("\n");
  const samples = lines.filter((line) => !line.startsWith("#")).map((line) => {
    const match = /^tidemark_(\w+)\{service="(\w+)"\} (\S+)$/.exec(line);
    assert.ok(match, line);
    return [`${match[1]} ${match[2]}`, Number(match[3])];
  });
  for (const [line] of samples) {
    const name = `tidemark_${String(line).split(" ")[0]}`;
    assert.match(text, new RegExp(`^# HELP ${name} .+\n# TYPE ${name} (counter|gauge)$`, "m"));
  }
  return Object.fromEntries(samples);
}

const DRAIN =
  "live drains, flushes and exits 0 on SIGINT and SIGTERM; its metrics and health are on loopback";
Deno.test(DRAIN, async () => {
  if (!requires("nats", DRAIN)) return;
  const { messages } = await tradeMessages(), lake = await emptyLake(), half = messages.length >> 1;
  const rowsOf = (part: typeof messages) => part.reduce((n, m) => n + Number(m.headers["Tidemark-Rows"]), 0);
  await using server = await startNats("--auth", "s3cret");
  const env = { TIDEMARK_NATS_URL: server.url, TIDEMARK_NATS_TOKEN: "s3cret" };
  // Held for so long that only the drain can have made them durable.
  const args = ["--lake", lake.root, "--flush", "600", "--ack", "1200", "--json"];
  const token = { token: "s3cret" };
  const bus = await testBus(server.url, FAST, undefined, token);
  const drained = async (
    signal: Deno.Signal,
    part: typeof messages,
    look: (url: string) => Promise<void>,
  ) => {
    await using live = startLive([...args, "--metrics", "0", "--status", "0.2"], env);
    assert.ok(await live.says(/^live: metrics on /), live.lines.join("\n"));
    const url = live.lines.map((line) => /http:\S+/.exec(line)?.[0]).find(Boolean)!.replace("/metrics", "");
    await publishAll(bus, part);
    await until("all is held", async () => {
      const found = numbers(await (await fetch(`${url}/metrics`)).text());
      return found["pending_rows bronze"] === rowsOf(part) && found["bars_total signal"] > 0;
    });
    await look(url);
    live.kill(signal);
    const { code, out } = await live.ended;
    assert.equal(code, 0, live.lines.join("\n"));
    assert.ok(live.lines.includes(`${signal}: draining`));
    const { bronze } = JSON.parse(out);
    assert.deepEqual([bronze.durable_rows_total, bronze.pending_rows], [rowsOf(part), 0]);
    return live.lines;
  };
  const lines = await drained("SIGINT", messages.slice(0, half), async (url) => {
    assert.equal(await (await fetch(`${url}/healthz`)).text(), "ok\n");
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const found = numbers(await response.text());
    assert.deepEqual(
      [found["rows_total bronze"], found["durable_rows_total bronze"], found["unreadable_total gold"]],
      [rowsOf(messages.slice(0, half)), 0, 0],
    );
    assert.equal((await fetch(`${url}/other`).then(async (r) => [await r.text(), r.status]))[1], 404);
    const health = async () => {
      const { status, text } = await fetch(`${url}/healthz`).then(async (r) => ({
        status: r.status,
        text: await r.text(),
      }));
      return `${status} ${text}`;
    };
    await server.kill();
    await until("it is unhealthy", async () => await health() === "503 no connection to NATS\n");
    await server.start();
    await until("it is healthy again", async () => await health() === "200 ok\n");
  });
  const status =
    /^bronze: \S+( k)? messages\/s, \S+( k)? rows\/s, (up to date|\S+ s behind), \S+( k)? rows held, \d+ pending$/;
  assert.ok(lines.some((line) => status.test(line)), lines.join("\n"));
  assert.equal(await countRows(lake, FUTURES_TRADES), rowsOf(messages.slice(0, half)));
  await drained("SIGTERM", messages.slice(half), () => Promise.resolve());
  assert.equal(await countRows(lake, FUTURES_TRADES), rowsOf(messages));
  await using busy = startLive([...args, "--metrics", String((bus.connection.info!).port)], env);
  assert.equal((await busy.ended).code, 2);
  assert.match(busy.lines.at(-1)!, /^live: Cannot use --metrics \d+: .*name another port$/);
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});

const LATE = "what comes within the tolerance is put in order, what comes later is counted and set aside";
Deno.test(LATE, async () => {
  if (!requires("nats", LATE)) return;
  const { messages, rows } = await tradeMessages(10_000), toleranceMs = 60_000;
  const middle = messages.findIndex((m, i) =>
    i > messages.length / 2 && Number(m.headers["Tidemark-Rows"]) > 2
  );
  const gap = (i: number) => messages[i + 1].lastNs! - messages[i].lastNs!;
  const near = messages.findLastIndex((_, i) =>
    i < middle - 1 && gap(i) > 10e9 && gap(i) < toleranceMs * 1e6
  );
  // Its minute is closed for certain when the tolerance and two minutes are over.
  const closed = messages[middle].lastNs! + BigInt(toleranceMs * 1e6 + 2 * MINUTE_NS);
  const after = messages.findIndex(({ lastNs }) => lastNs! >= closed), late = messages[middle];
  const order = [
    ...messages.slice(0, near),
    messages[near + 1],
    messages[near],
    ...messages.slice(near + 2, middle),
    ...messages.slice(middle + 1, after + 1),
    late,
    ...messages.slice(after + 1),
  ];
  assert.ok(near > 0 && after > middle && order.length === messages.length);
  await using server = await startNats();
  const bus = await testBus(server.url), lake = await emptyLake(), settings = { ...FAST, toleranceMs };
  await publishAll(bus, order);
  const services = await Promise.all(
    (["bronze", "signal"] as const).map((name) => startService(name, server.url, lake, settings)),
  );
  const [bronze, signal] = services, lateRows = Number(late.headers["Tidemark-Rows"]);
  await until("all is taken", () => services.every((s) => s.metrics.get("rows_total") === rows));
  await until("all is stored", () => bronze.metrics.get("durable_rows_total") === rows);
  for (const service of services) await service.stop();
  assert.equal(signal.metrics.get("late_rows_total"), lateRows);
  const folder = `${lake.root}/quarantine/stream/late/bronze/futures/trades/symbol=ES`;
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assert.equal(files.length, 1);
  const aside = readFrame(`${folder}/${files[0]}`);
  assert.equal(aside.height, lateRows);
  assert.deepEqual(new Set(aside.getColumn("reason").toArray()), new Set(["late"]));
  const span = aside.getColumn("ts_event_ns").toTypedArray() as BigInt64Array;
  assert.equal(String(span.reduce((a, b) => (a > b ? a : b))), late.headers["Tidemark-Last-Ts"]);
  assert.equal(await countRows(lake, FUTURES_TRADES), rows);
  await closeBus(bus);
  await Deno.remove(lake.root, { recursive: true });
});
