/**
 * Asking again: exponential backoff with full jitter, the server's own wait where it names one.
 *
 * @module
 */
import { CONFIG, WireError } from "../../base/mod.ts";

/** What waiting needs from outside. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Waits. */
  sleep(ms: number): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

/** The machine's clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

/** How to ask again. */
export interface RetryOptions {
  /** Told of each wait. */
  warn: (line: string) => void;
  /** What is done so far, in any unit: an attempt that raised it starts the count anew. */
  done?: () => number;
  /** Clock; defaults to the machine's. */
  clock?: Clock;
  /** Attempts and waits; defaults to those of the config. */
  limits?: Record<"attempts" | "backoffMs" | "maxBackoffMs" | "maxRetryAfterMs", number>;
}

/**
 * Does some work, and again after each fault that may pass.
 *
 * @param work What to do; throws a retryable {@linkcode WireError} where asking again may help.
 * @param options See {@linkcode RetryOptions}.
 * @throws {WireError} The last fault, once the attempts are used up; at once one that will not pass, or one after
 *   which the server asks to wait for longer than the limit.
 */
export async function retried<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { warn, done = () => 0, clock = SYSTEM_CLOCK, limits = CONFIG.wire } = options;
  let failures = 0;
  for (;;) {
    const before = done();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WireError) || !error.retryable) throw error;
      if (done() > before) failures = 0;
      if (++failures >= limits.attempts) throw error;
      const asked = error.afterMs ?? 0;
      if (asked > limits.maxRetryAfterMs) {
        throw new WireError(
          `the server asks to wait ${
            Math.ceil(asked / 1000)
          } s; run again then, it continues where it stopped`,
          error.url,
          { cause: error },
        );
      }
      const bound = Math.min(limits.maxBackoffMs, limits.backoffMs * 2 ** (failures - 1));
      const wait = asked + clock.random() * bound;
      warn(
        `${error.message}; trying again in ${(wait / 1000).toFixed(1)} s (${failures} of ${
          limits.attempts - 1
        })`,
      );
      await clock.sleep(wait);
    }
  }
}
