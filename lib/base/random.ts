/**
 * Seeded random numbers: the same seed gives the same sequence everywhere.
 *
 * @module
 */

/** A seeded generator (sfc32, Chris Doty-Humphrey's PractRand) with the distributions the project draws from. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spare = NaN;

  /**
   * A generator at its start.
   *
   * @param seed Any integer or string; equal seeds give equal sequences.
   */
  constructor(seed: number | string) {
    // FNV-1a spreads neighbouring seeds apart before the generator's own warm-up.
    let hash = 0x811c9dc5;
    for (const char of String(seed)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    this.#a = hash;
    this.#b = hash ^ 0x9e3779b9;
    this.#c = Math.imul(hash, 0x85ebca6b);
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const value = this.#spare;
      this.#spare = NaN;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1, v = 2 * this.uniform() - 1, s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt(-2 * Math.log(s) / s);
      this.#spare = v * scale;
      return u * scale;
    }
  }

  /** Number of failures before the first success of probability `p`, in {0, 1, …}. */
  geometric(p: number): number {
    return p >= 1 ? 0 : Math.floor(Math.log(1 - this.uniform()) / Math.log(1 - p));
  }

  /** Shuffles an array or typed array in place (Fisher–Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}
