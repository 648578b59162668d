/**
 * A rate limit.
 *
 * @module
 */
import { type Clock, SYSTEM_CLOCK } from "./retry.ts";

/** Lets requests through at a rate; up to a second's worth of them may come at once after a pause. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #filled: number;

  /**
   * @param perSecond Requests a second, above 0; may be a fraction.
   * @param clock Clock; defaults to the machine's.
   */
  constructor(perSecond: number, clock: Clock = SYSTEM_CLOCK) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = this.#size;
    this.#filled = clock.now();
  }

  /** Waits for the turn of one request. */
  async take(): Promise<void> {
    const now = this.#clock.now();
    const grown = this.#tokens + (now - this.#filled) * this.#perSecond / 1000;
    this.#tokens = Math.min(this.#size, grown) - 1;
    this.#filled = now;
    if (this.#tokens < 0) await this.#clock.sleep(-this.#tokens * 1000 / this.#perSecond);
  }

  get #size(): number {
    return Math.max(1, this.#perSecond);
  }
}
