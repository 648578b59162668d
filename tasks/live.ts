/** Runs the live services over NATS: Bronze, signals, Gold. @module */
import { type Effects, UsageError } from "../lib/base/mod.ts";
import { existingLake, openLake } from "../lib/lake/mod.ts";
import {
  type Bus,
  closeBus,
  compareLive,
  Metrics,
  prometheusText,
  runBronzeService,
  runGoldService,
  runSignalService,
  type ServiceOptions,
} from "../lib/stream/mod.ts";
import { BUS_OPTIONS, BUS_VARIABLES, busFrom, interrupted } from "./_bus.ts";
import { type Args, config, main, numberFrom, type Outcome } from "./_cli.ts";

const SERVICES: Record<string, (options: ServiceOptions) => Promise<void>> = {
  bronze: runBronzeService,
  signal: (options) => runSignalService({ ...options, config }),
  gold: runGoldService,
};

async function run(args: Args, effects: Effects): Promise<Outcome> {
  if (args.against !== undefined) return await check(String(args.lake), String(args.against));
  const only = args.only === undefined ? Object.keys(SERVICES) : String(args.only).split(",");
  for (const name of only) {
    if (!(name in SERVICES)) {
      throw new UsageError(`Cannot run "${name}": wanted ${Object.keys(SERVICES).join(", ")}`);
    }
  }
  const settings = {
    ...config.stream,
    flushSeconds: numberFrom(args, "flush", { min: 0.01, max: 3600 }),
    ackSeconds: numberFrom(args, "ack", { min: 1, max: 86_400 }),
    toleranceMs: numberFrom(args, "tolerance", { min: 0, max: 3_600_000 }),
  };
  if (settings.ackSeconds < 2 * settings.flushSeconds) {
    throw new UsageError(`Cannot use --ack ${settings.ackSeconds}: wanted at least twice --flush`);
  }
  const statusSeconds = numberFrom(args, "status", { min: 0.1 });
  const lake = await openLake(String(args.lake), effects), stopper = interrupted(effects);
  const bus = await busFrom(args, settings, effects, "live");
  const metrics = only.map((name) => new Metrics(name));
  const server = args.metrics === undefined ? undefined : serveMetrics(
    numberFrom(args, "metrics", { min: 0, max: 65_535, integer: true }),
    metrics,
    bus,
    effects,
  );
  const hideStatus = showStatus(metrics, statusSeconds, effects);
  effects.log(`live: ${only.join(", ")} on ${bus.where}, lake ${lake.root}; Ctrl-C drains and ends`);
  try {
    const ended = await Promise.allSettled(
      metrics.map((own) =>
        SERVICES[own.service]({ bus, lake, metrics: own, signal: stopper.signal }).catch((error) => {
          // One that cannot go on ends the others, which make durable what they hold.
          stopper.abort();
          throw error;
        })
      ),
    );
    const failed = ended.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  } finally {
    hideStatus();
    await closeBus(bus);
    await server?.shutdown();
  }
  const rows = metrics.map((m) =>
    `${m.service} ${m.get("durable_rows_total") || m.get("signals_total")} rows`
  );
  return {
    summary: `live: drained; ${rows.join(", ")}`,
    json: Object.fromEntries(metrics.map((m) => [m.service, Object.fromEntries(m.snapshot())])),
  };
}

/** Says whether what was published live is what the batch builds. */
async function check(live: string, batch: string): Promise<Outcome> {
  const found = await compareLive(await existingLake(live), await existingLake(batch));
  const { dates, same, missing, extra, differs } = found;
  if (dates.length === 0) {
    throw new UsageError(`Cannot compare: "${live}" has no live signals of a date with Gold in "${batch}"`);
  }
  const columns = Object.entries(differs).map(([name, n]) => `${name} (${n})`);
  const faults = [
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(extra > 0 ? [`${extra} that the batch has not`] : []),
    ...(columns.length > 0 ? [`differences in ${columns.join(", ")}`] : []),
  ];
  return {
    summary: `live: ${dates.length} dates, ${same} touches as in "${batch}" to the bit, labels included; ${
      faults.join("; ") || "nothing differs"
    }`,
    json: { ...found },
    exitCode: faults.length > 0 ? 1 : 0,
  };
}

function showStatus(metrics: readonly Metrics[], seconds: number, effects: Effects): () => void {
  const before = new Map(metrics.map((own) => [own, own.snapshot()]));
  const timer = setInterval(() => {
    for (const own of metrics) {
      const last = before.get(own)!;
      effects.log(own.status(seconds, last, Date.now()));
      before.set(own, own.snapshot());
    }
  }, 1000 * seconds);
  return () => clearInterval(timer);
}

function serveMetrics(
  port: number,
  metrics: readonly Metrics[],
  bus: Bus,
  effects: Effects,
): Deno.HttpServer<Deno.NetAddr> {
  const text = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  const onListen = (address: Deno.NetAddr) =>
    effects.log(`live: metrics on http://127.0.0.1:${address.port}/metrics`);
  const answer = (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/metrics") return new Response(prometheusText(metrics), { headers: text });
    if (pathname !== "/healthz") return new Response("not found\n", { status: 404 });
    return bus.connected()
      ? new Response("ok\n", { headers: text })
      : new Response("no connection to NATS\n", { status: 503, headers: text });
  };
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen }, answer);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse || cause instanceof Deno.errors.PermissionDenied)) {
      throw cause;
    }
    throw new UsageError(`Cannot use --metrics ${port}: ${cause.message}; name another port`, { cause });
  }
}

await main({
  name: "live",
  summary:
    "Runs the services over NATS JetStream: market rows to Bronze, touches with features as each bar closes, and those to Gold.",
  options: {
    ...BUS_OPTIONS,
    only: { value: "NAMES", help: "bronze, signal, gold, comma separated; all without it" },
    metrics: { value: "PORT", help: "Prometheus text and /healthz on 127.0.0.1" },
    tolerance: {
      value: "MS",
      help: "how late an event may come behind the latest one",
      default: String(config.stream.toleranceMs),
    },
    flush: {
      value: "S",
      help: "longest time until rows are durable, seconds",
      default: String(config.stream.flushSeconds),
    },
    ack: {
      value: "S",
      help: "time after which the server delivers again, seconds",
      default: String(config.stream.ackSeconds),
    },
    against: {
      value: "DIR",
      help:
        "run nothing: compare what was published into --lake with the Gold of this one, exit code 1 if it differs",
    },
    status: { value: "S", help: "seconds between status lines", default: "10" },
  },
  environment: BUS_VARIABLES,
  examples: ["", "--only bronze --metrics 9100"],
  run,
});
