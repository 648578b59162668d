/**
 * A consumer's messages, a bounded number at a time: the client's own endless delivery asks for more on arrival,
 * however slowly they are taken, and a service that waits for its disk would fill its memory.
 *
 * @module
 */
import type { Consumer, JsMsg } from "@nats-io/jetstream";

/** Messages that are asked for at once. */
const PULL_MESSAGES = 64;

/** How long a request stands, milliseconds; a server that says nothing for as long is asked again. */
const PULL_MS = 5000;

/**
 * Yields messages until the signal fires.
 *
 * @param consumer The consumer.
 * @param signal Ends it.
 * @param onEmpty Told of each request that stood for its time and brought nothing.
 * @throws {Error} If the consumer or its stream is gone, or the connection is closed.
 */
export async function* pulled(
  consumer: Consumer,
  signal: AbortSignal,
  onEmpty: () => void = () => {},
): AsyncGenerator<JsMsg> {
  while (!signal.aborted) {
    const messages = await consumer.fetch({ max_messages: PULL_MESSAGES, expires: PULL_MS });
    const stop = () => void messages.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      let empty = true;
      for await (const message of messages) {
        empty = false;
        yield message;
        if (signal.aborted) return;
      }
      if (empty && !signal.aborted) onEmpty();
    } catch (error) {
      // A reader that was busy for long did not hear it either.
      if (!(error instanceof Error && error.message === "heartbeats missed")) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      await messages.close();
    }
  }
}
