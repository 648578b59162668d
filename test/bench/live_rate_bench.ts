/**
 * The Bronze service over loopback: book events a second from the server to durable Parquet, peak memory at two
 * sizes, and what the limit is: processor time of the service and of the server, bytes to disk.
 *
 *   deno run -A --v8-flags=--expose-gc test/bench/live_rate_bench.ts [million books, default 1]
 *
 * Needs nats-server. The stream is filled first, then the service started, as its command starts it, and watched
 * through its metrics; the clock runs from the first row taken to the last one durable.
 *
 * @module
 */
import { CONFIG, repeatString, SILENT } from "../../lib/base/mod.ts";
import { openLake } from "../../lib/lake/mod.ts";
import { FUTURES_MBP10 } from "../../lib/schema/mod.ts";
import {
  closeBus,
  encodeMessage,
  ensureStream,
  MARKET,
  type Message,
  openBus,
  replay,
} from "../../lib/stream/mod.ts";
import { randomBooks } from "../helpers/dbn_files.ts";
import { startLive } from "../helpers/live_process.ts";
import { type NatsServer, startNats } from "../helpers/nats_server.ts";
import { processFigures } from "../helpers/process_figures.ts";

const TARGET_EVENTS_PER_SECOND = 100_000;

/** As full as messages are in a busy second. */
const MESSAGE_ROWS = 1500;

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

/** A burst: books a hundredth of a millisecond apart. */
async function* messagesOf(rows: number): AsyncGenerator<Message> {
  let sequence = 0;
  for (const { length, columns } of randomBooks({ rows, stepNs: 1e4, batchRows: MESSAGE_ROWS })) {
    const own = { contract: repeatString("ESZ5", length), is_snapshot: new Int8Array(length) };
    yield encodeMessage(FUTURES_MBP10, { length, columns: { ...columns, ...own } }, {
      publisher: "bench",
      sequence: sequence++,
    });
  }
}

/** Fills the stream; what the server takes and what the books weigh. */
async function fill(server: NatsServer, rows: number) {
  const bus = await openBus({ url: server.url, name: "bench" }, CONFIG.stream, SILENT);
  await ensureStream(bus, MARKET);
  let bytes = 0;
  const start = performance.now();
  const stored = (message: Message) => void (bytes += message.payload.length);
  await replay(bus, messagesOf(rows), { speed: 0, stored });
  const seconds = (performance.now() - start) / 1000;
  await closeBus(bus);
  return { bytes, seconds };
}

/** Runs the service until all is durable. */
async function drain(server: NatsServer, rows: number) {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-rate-" }));
  await using live = startLive([
    "--only",
    "bronze",
    "--metrics",
    "0",
    "--lake",
    lake.root,
    "--nats",
    server.url,
  ]);
  await live.says(/^live: metrics on /);
  const url = live.lines.map((line) => /http:\S+/.exec(line)?.[0]).find(Boolean)!;
  const number = async (name: string) =>
    Number(
      new RegExp(`^tidemark_${name}\\{service="bronze"\\} (\\S+)`, "m").exec(
        await (await fetch(url)).text(),
      )![1],
    );
  let start = 0, before = processFigures(live.pid), serverBefore = processFigures(server.pid);
  for (;;) {
    if (start === 0 && await number("rows_total") > 0) {
      start = performance.now();
      before = processFigures(live.pid);
      serverBefore = processFigures(server.pid);
    }
    // What is left of a flush goes with the next one by time: asked for what is held, it goes at once.
    if (await number("durable_rows_total") + await number("pending_rows") >= rows) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  live.kill("SIGTERM");
  const peakMb = processFigures(live.pid).peakMb;
  const after = processFigures(live.pid), serverAfter = processFigures(server.pid);
  const { code } = await live.ended;
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(live.lines.join("\n"));
  let disk = 0;
  for await (const { size } of filesOf(`${lake.root}/bronze`)) disk += size;
  await Deno.remove(lake.root, { recursive: true });
  return {
    seconds,
    peakMb,
    disk,
    cpu: (after.cpuSeconds - before.cpuSeconds) / seconds,
    serverCpu: (serverAfter.cpuSeconds - serverBefore.cpuSeconds) / seconds,
  };
}

async function* filesOf(folder: string): AsyncGenerator<Deno.FileInfo> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* filesOf(`${folder}/${entry.name}`);
    else yield await Deno.stat(`${folder}/${entry.name}`);
  }
}

const millions = Number(Deno.args[0] ?? 1);
say(`load average ${Deno.loadavg().map((n) => n.toFixed(1)).join(" ")}`);
for (const rows of [millions * 1e6, 2 * millions * 1e6]) {
  await using server = await startNats();
  const { bytes, seconds: filling } = await fill(server, rows);
  const { seconds, peakMb, disk, cpu, serverCpu } = await drain(server, rows);
  say(
    `${(rows / 1e6).toFixed(2)} M books: ${
      Math.round(rows / seconds)
    } events/s to durable Parquet (target ${TARGET_EVENTS_PER_SECOND}), ` +
      `peak ${peakMb.toFixed(0)} MB`,
  );
  say(
    `  published at ${Math.round(rows / filling)} events/s; a message row is ${
      (bytes / rows).toFixed(0)
    } bytes; ` +
      `processor: service ${(100 * cpu).toFixed(0)} % of a core, server ${(100 * serverCpu).toFixed(0)} %; ` +
      `to disk ${(disk / seconds / 1e6).toFixed(1)} MB/s`,
  );
}
