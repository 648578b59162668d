/**
 * Where rows with a fault are: their number, the first, the last and a few examples.
 *
 * @module
 */
import { formatNs } from "../../base/mod.ts";

/** Rows with one kind of fault. */
export class Marks {
  /** How many. */
  count = 0;
  #first = Infinity;
  #last = -Infinity;
  readonly #notes: { t: number; text: string }[] = [];
  readonly #most: number;

  /** @param most Examples to keep, at least two. */
  constructor(most: number) {
    this.#most = Math.max(2, most);
  }

  /**
   * Adds a row.
   *
   * @param t Its time, ns since the session's start.
   * @param note What is to be said of it as an example; called only for those kept.
   */
  add(t: number, note?: () => string): void {
    this.addRun(1, t, t, note);
  }

  /**
   * Adds rows at once.
   *
   * @param count How many.
   * @param first Time of the first, ns since the session's start.
   * @param last Time of the last.
   * @param note What is to be said of them as an example.
   */
  addRun(count: number, first: number, last: number, note?: () => string): void {
    this.count += count;
    if (first < this.#first) this.#first = first;
    if (last > this.#last) this.#last = last;
    if (this.#notes.length < this.#most - 1) this.#notes.push({ t: first, text: note?.() ?? "" });
  }

  /** Adds what another has. */
  merge(other: Marks): void {
    this.count += other.count;
    this.#first = Math.min(this.#first, other.#first);
    this.#last = Math.max(this.#last, other.#last);
    for (const note of other.#notes) if (this.#notes.length < this.#most - 1) this.#notes.push(note);
  }

  /**
   * Examples in order of time: the first and the last row, and some of those that were seen first.
   *
   * @param startNs The session's start, ns UTC.
   */
  examples(startNs: bigint): string[] {
    if (this.count === 0) return [];
    const texts = new Map(this.#notes.map(({ t, text }) => [t, text]));
    for (const t of [this.#first, this.#last]) if (!texts.has(t)) texts.set(t, "");
    return [...texts].sort(([a], [b]) => a - b).map(([t, text]) =>
      `${formatNs(startNs + BigInt(Math.round(t)))}${text && ` ${text}`}`
    );
  }
}
