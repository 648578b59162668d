/**
 * Flow by price: dense accumulators of the open minute, and what is kept of them when it closes.
 *
 * @module
 */

/** Flow of a closed minute on one side, by price. */
export interface TickFlows {
  /** Int32Array (n): prices in ticks with any flow, ascending. */
  tick: Int32Array;
  /** Float64Array (n): contracts traded. */
  filled: Float64Array;
  /** Float64Array (n): contracts added. */
  added: Float64Array;
  /** Float64Array (n): contracts canceled. */
  canceled: Float64Array;
}

/** Accumulators indexed by tick; whole numbers, so sums are exact in any order. */
export class FlowsByTick {
  /** Float64Array: contracts traded at each tick. */
  filled = new Float64Array(0);
  /** Float64Array: contracts added at each tick. */
  added = new Float64Array(0);
  /** Float64Array: contracts canceled at each tick. */
  canceled = new Float64Array(0);
  #seen = new Uint8Array(0);
  #ticks: number[] = [];

  /**
   * Makes `tick` part of the minute; to be called before adding to it.
   *
   * @param tick Price in ticks, not negative.
   */
  touch(tick: number): void {
    if (tick >= this.#seen.length) this.#grow(tick + 1);
    if (this.#seen[tick] === 0) {
      this.#seen[tick] = 1;
      this.#ticks.push(tick);
    }
  }

  /** What the minute gathered, in order of price; starts the next one empty. */
  take(): TickFlows {
    const tick = Int32Array.from(this.#ticks).sort();
    const out = {
      tick,
      filled: new Float64Array(tick.length),
      added: new Float64Array(tick.length),
      canceled: new Float64Array(tick.length),
    };
    for (let i = 0; i < tick.length; i++) {
      const at = tick[i];
      out.filled[i] = this.filled[at];
      out.added[i] = this.added[at];
      out.canceled[i] = this.canceled[at];
      this.#seen[at] =
        this.filled[at] =
        this.added[at] =
        this.canceled[at] =
          0;
    }
    this.#ticks.length = 0;
    return out;
  }

  #grow(wanted: number): void {
    const length = Math.max(wanted, 32_768, this.#seen.length * 2);
    const longer = (old: Float64Array) => {
      const array = new Float64Array(length);
      array.set(old);
      return array;
    };
    this.filled = longer(this.filled);
    this.added = longer(this.added);
    this.canceled = longer(this.canceled);
    const seen = new Uint8Array(length);
    seen.set(this.#seen);
    this.#seen = seen;
  }
}
