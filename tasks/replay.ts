/** Publishes sessions of Bronze to NATS, at a given speed. @module */
import { type Effects, sessionOf, UsageError } from "../lib/base/mod.ts";
import { existingLake } from "../lib/lake/mod.ts";
import { closeBus, ensureStream, MARKET, replay, replayMessages } from "../lib/stream/mod.ts";
import { BUS_OPTIONS, BUS_VARIABLES, busFrom, interrupted } from "./_bus.ts";
import { type Args, config, DATE_OPTIONS, datesFrom, main, numberFrom, type Outcome } from "./_cli.ts";

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const dates = datesFrom(args);
  if (!dates) throw new UsageError("Cannot choose what to replay: give --date D or --dates A..B");
  const speed = numberFrom(args, "speed", { min: 0 });
  const settings = {
    ...config.stream,
    batchMs: numberFrom(args, "batch", { min: 1, max: 3_600_000, integer: true }),
    batchRows: numberFrom(args, "rows", { min: 1, max: 1_000_000, integer: true }),
    inFlightMs: numberFrom(args, "in-flight", { min: 0 }),
  };
  const lake = await existingLake(String(args.lake), effects), { signal } = interrupted(effects);
  const bus = await busFrom(args, settings, effects, "replay");
  const total = { messages: 0, duplicates: 0 }, start = performance.now();
  try {
    await ensureStream(bus, MARKET);
    for (const date of dates) {
      if (signal.aborted) break;
      const progress = effects.progress(`replay ${date}`, "messages");
      const messages = replayMessages(lake, sessionOf(date), settings);
      const done = await replay(bus, messages, { speed, signal, stored: () => progress.add(1) });
      progress.done();
      effects.log(`${date}: ${done.messages} messages stored, ${done.duplicates} were there`);
      total.messages += done.messages;
      total.duplicates += done.duplicates;
    }
  } finally {
    await closeBus(bus);
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    summary: `replay: ${total.messages} messages stored, ${total.duplicates} were there, in ${
      seconds.toFixed(1)
    } s${signal.aborted ? "; stopped before the end, run it again to go on" : ""}`,
    json: { dates, ...total, seconds, complete: !signal.aborted },
  };
}

await main({
  name: "replay",
  summary:
    "Publishes sessions of Bronze to NATS JetStream: trades, books and options merged by time. A message that the server has is not stored again.",
  options: {
    ...DATE_OPTIONS,
    ...BUS_OPTIONS,
    speed: { value: "X", help: "times real time; 0 is as fast as acknowledged", default: "0" },
    batch: { value: "MS", help: "event time of a message", default: String(config.stream.batchMs) },
    rows: { value: "N", help: "rows of a message, about", default: String(config.stream.batchRows) },
    "in-flight": {
      value: "MS",
      help: "event time unacknowledged at most; keep it below the services' --tolerance",
      default: String(config.stream.inFlightMs),
    },
  },
  environment: BUS_VARIABLES,
  examples: ["--date 2025-12-16", "--date 2025-12-16 --speed 20 --nats nats://127.0.0.1:4222"],
  run,
});
