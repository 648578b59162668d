/**
 * A stream's messages in order from a sequence on, whatever happens to the server.
 *
 * @module
 */
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Bus } from "./bus.ts";
import { closedFor, reasonOf } from "./bus.ts";
import { pause } from "./pause.ts";
import { pulled } from "./pulled.ts";
import { sameStream } from "./streams.ts";

/**
 * Yields messages in order, none twice; begins again where it was when the server was away.
 *
 * @param bus The connection.
 * @param stream Name and time of making of the stream.
 * @param from First sequence wanted.
 * @param signal Ends it.
 * @param options What to do with a request that brought nothing and with a fault, and whether headers are enough.
 * @throws {BusError} If the connection is closed for good, or the stream was made anew.
 */
export async function* orderedMessages(
  bus: Bus,
  stream: { name: string; created: string },
  from: number,
  signal: AbortSignal,
  options: { onEmpty?: () => void; onFault?: (reason: string) => void; headersOnly?: boolean } = {},
): AsyncGenerator<JsMsg> {
  let next = from;
  while (!signal.aborted) {
    await sameStream(bus, stream.name, stream.created);
    try {
      const consumer = await bus.js.consumers.get(stream.name, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: next,
        headers_only: options.headersOnly ?? false,
      });
      for await (const message of pulled(consumer, signal, options.onEmpty)) {
        const { streamSequence } = message.info;
        if (streamSequence < next) continue;
        next = streamSequence + 1;
        yield message;
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (bus.connection.isClosed()) throw await closedFor(bus, cause);
      options.onFault?.(reasonOf(cause));
      bus.effects.warn(`stream ${stream.name}: ${reasonOf(cause)}; trying again`);
    }
    await pause(bus.config.retryMs[0], signal);
  }
}
