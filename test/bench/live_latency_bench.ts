/**
 * From a bar's last event to its published signals, at 20 times real time over loopback, with the three services as
 * one process and as three.
 *
 *   deno run -A --v8-flags=--expose-gc test/bench/live_latency_bench.ts [minutes of the session, default 60] [scale, default 2]
 *
 * Needs nats-server. The session up to the open is played as fast as it goes, then the minutes at 20 times real time.
 * All times are the server's own, of storing a message: "over" is the first message with an event after the bar's
 * end, "closing" the first one beyond the tolerance, which lets the bar be closed.
 *
 * @module
 */
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { CONFIG, MINUTE_NS, previousTradingDay, sessionOf, SILENT } from "../../lib/base/mod.ts";
import {
  type Bus,
  closeBus,
  ensureStream,
  MARKET,
  type Message,
  openBus,
  replay,
  replayMessages,
  SIGNALS,
} from "../../lib/stream/mod.ts";
import { startLive } from "../helpers/live_process.ts";
import { startNats } from "../helpers/nats_server.ts";
import { processFigures } from "../helpers/process_figures.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";

const TARGET_MS = 250;
const SPEED = 20;
const DATE = "2025-12-16";

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Stored {
  ms: number;
  schema: string;
  firstNs: bigint;
  lastNs: bigint;
}

/** Headers of a stream's messages, and when the server stored each. */
async function storedMessages(bus: Bus, stream: string): Promise<Stored[]> {
  const { state } = await bus.manager.streams.info(stream), found: Stored[] = [];
  if (state.messages === 0) return found;
  const name = `bench_${stream}`;
  await bus.manager.consumers.add(stream, {
    name,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    headers_only: true,
    inactive_threshold: 60e9,
  });
  const consumer = await bus.js.consumers.get(stream, name);
  while (found.length < state.messages) {
    for await (const { headers, info } of await consumer.fetch({ max_messages: 1000, expires: 1000 })) {
      found.push({
        ms: Number(BigInt(info.timestampNanos) / 1000n) / 1000,
        schema: headers!.get("Tidemark-Schema"),
        firstNs: BigInt(headers!.get("Tidemark-First-Ts") || -1),
        lastNs: BigInt(headers!.get("Tidemark-Last-Ts") || -1),
      });
    }
  }
  return found;
}

function quantiles(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(0);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

const minutes = Number(Deno.args[0] ?? 60), scale = Number(Deno.args[1] ?? 2);
say(`load average ${Deno.loadavg().map((n) => n.toFixed(1)).join(" ")}`);
const session = sessionOf(DATE), before = previousTradingDay(DATE), options = { seed: "latency", scale };
const lake = await simulatedLake([before, DATE], options);
const settings = { ...CONFIG.stream, inFlightMs: 500 }, endNs = session.openNs + BigInt(minutes * MINUTE_NS);
async function* between(fromNs: bigint, toNs: bigint): AsyncGenerator<Message> {
  for await (const message of replayMessages(lake, session, settings)) {
    if (message.lastNs === undefined || message.lastNs >= toNs) return;
    if (message.lastNs >= fromNs) yield message;
  }
}
for (const processes of [["bronze,signal,gold"], ["bronze", "signal", "gold"]]) {
  const live = await simulatedLake([before], options);
  await using server = await startNats();
  const bus = await openBus({ url: server.url, name: "bench" }, settings, SILENT);
  await ensureStream(bus, MARKET);
  const running = processes.map((names) =>
    startLive(["--only", names, "--lake", live.root, "--nats", server.url, "--metrics", "0"])
  );
  for (const service of running) await service.says(/^live: metrics on /);
  await replay(bus, between(0n, session.openNs), { speed: 0 });
  const signals = running.find(({ lines }) => lines.some((line) => /^live: .*signal/.test(line)))!;
  const url = signals.lines.map((line) => /http:\S+/.exec(line)?.[0]).find(Boolean)!;
  // The minutes begin when what came before is dealt with.
  while (!/pending_messages\{service="signal"\} 0\n/.test(await (await fetch(url)).text())) await pause(100);
  const figures = () => running.map(({ pid }) => processFigures(pid)),
    cpu = figures(),
    start = performance.now();
  const done = await replay(bus, between(session.openNs, endNs), { speed: SPEED });
  const seconds = (performance.now() - start) / 1000;
  await pause(2000);
  const used = figures().map((f, i) =>
    `${(100 * (f.cpuSeconds - cpu[i].cpuSeconds) / seconds).toFixed(0)} %`
  );
  const market = await storedMessages(bus, MARKET.name);
  const bars = (await storedMessages(bus, SIGNALS.name)).filter(({ schema, firstNs }) =>
    schema.startsWith("levels.signals") && firstNs >= session.openNs
  );
  const after = ({ firstNs, ms }: Stored, ns: number) => {
    const end = firstNs + BigInt(MINUTE_NS) + BigInt(ns);
    return ms - market.find(({ lastNs }) => lastNs >= end)!.ms;
  };
  const closing = bars.map((bar) => after(bar, settings.toleranceMs * 1e6));
  say(
    `${processes.length === 1 ? "one process" : "three processes"}: ${bars.length} bars with touches, ` +
      `${done.messages} messages in ${seconds.toFixed(0)} s`,
  );
  say(
    `  bar over → signals stored: ${
      quantiles(bars.map((bar) => after(bar, 0)))
    } (target p99 ${TARGET_MS} ms), `,
  );
  say(
    `  of which the tolerance of ${settings.toleranceMs} ms is ${
      settings.toleranceMs / SPEED
    } ms at this speed`,
  );
  say(`  closing message → signals stored: ${quantiles(closing)}`);
  say(`  processor: ${processes.map((names, i) => `${names} ${used[i]}`).join(", ")} of a core`);
  for (const service of running) service.kill("SIGTERM");
  for (const service of running) await service.ended;
  await closeBus(bus);
  await Deno.remove(live.root, { recursive: true });
}
await Deno.remove(lake.root, { recursive: true });
