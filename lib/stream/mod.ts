/**
 * The same rooms, live, over NATS JetStream: subjects and payloads, replay, and the three services.
 *
 * @module
 */
export { type Bus, type BusOptions, closeBus, openBus, publish, type StreamSettings } from "./bus.ts";
export { runBronzeService } from "./bronze_service.ts";
export { compareLive, type Comparison } from "./compare.ts";
export { runGoldService } from "./gold_service.ts";
export { type MetricName, Metrics, prometheusText } from "./metrics.ts";
export { type Page, PageServer } from "./metrics_server.ts";
export { decodeMessage, encodeMessage, type Message, type Origin, type Received } from "./payload.ts";
export { heartbeat, replay, type Replayed, replayMessages, type ReplayOptions } from "./replay.ts";
export { runSignalService, type SignalOptions } from "./signal_service.ts";
export type { ServiceOptions } from "./sink.ts";
export { consumerName, ensureConsumer, ensureStream } from "./streams.ts";
export { MARKET, SIGNALS, WIRES } from "./subjects.ts";
