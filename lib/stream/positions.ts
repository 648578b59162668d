/**
 * Which messages have been dealt with: whole numbers as a few ranges.
 *
 * @module
 */
import { z } from "zod";
import { type Lake, readJson } from "../lake/mod.ts";

/** A set of whole numbers from 0 that are nearly consecutive. */
export class Ranges {
  readonly #ranges: [number, number][];

  /** @param ranges First and last of each range, ascending, as {@linkcode toJSON} gives them. */
  constructor(ranges: readonly (readonly [number, number])[] = []) {
    this.#ranges = ranges.map(([first, last]) => [first, last]);
  }

  /** Whether a number is in it. */
  has(n: number): boolean {
    const at = this.#after(n);
    return at > 0 && this.#ranges[at - 1][1] >= n;
  }

  /** Adds a number. */
  add(n: number): void {
    const at = this.#after(n), before = this.#ranges[at - 1], next = this.#ranges[at];
    if (before && before[1] >= n) return;
    const joins = before !== undefined && before[1] === n - 1,
      precedes = next !== undefined && next[0] === n + 1;
    if (joins && precedes) {
      before[1] = next[1];
      this.#ranges.splice(at, 1);
    } else if (joins) before[1] = n;
    else if (precedes) next[0] = n;
    else this.#ranges.splice(at, 0, [n, n]);
  }

  /** How many numbers from `first` to `last` are in it. */
  count(first: number, last: number): number {
    return this.#ranges.reduce((n, [a, b]) => n + Math.max(0, Math.min(b, last) - Math.max(a, first) + 1), 0);
  }

  /** Its ranges. */
  toJSON(): [number, number][] {
    return this.#ranges.map(([first, last]) => [first, last]);
  }

  /** Index of the first range that begins after `n`. */
  #after(n: number): number {
    let low = 0, high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle][0] <= n) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What a reader of a stream has dealt with. */
export interface Positions {
  /** Sequences of the stream. */
  stream: Ranges;
  /** Sequences of each publisher: a message that was published twice is known by them. */
  publishers: Map<string, Ranges>;
}

/** Ranges in a file: whole numbers, each range after the one before. */
const RANGES: z.ZodType<[number, number][]> = z.array(
  z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
).refine(
  (ranges) => ranges.every(([first, last], k) => first <= last && (k === 0 || first > ranges[k - 1][1])),
  "ranges out of order",
);

/** Publishers' sequences as JSON. */
export type StoredPublishers = Record<string, [number, number][]>;

/** Publishers' sequences in a file. */
export const PUBLISHERS: z.ZodType<StoredPublishers> = z.record(z.string(), RANGES);

/** Publishers' sequences for a file. */
export function storedPublishers({ publishers }: Positions): StoredPublishers {
  return Object.fromEntries([...publishers].map(([name, ranges]) => [name, ranges.toJSON()]));
}

/** Positions from a file, those of the stream as ranges. */
export function restoredPositions(publishers: StoredPublishers, stream?: [number, number][]): Positions {
  return {
    stream: new Ranges(stream),
    publishers: new Map(Object.entries(publishers).map(([name, ranges]) => [name, new Ranges(ranges)])),
  };
}

const POSITIONS = z.object({ stream: RANGES, publishers: PUBLISHERS });

/**
 * What a service's positions in the lake say; nothing yet where there are none.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @throws {LakeError} If they are damaged: no one else knows which messages are in the lake.
 */
export async function readPositions(lake: Lake, path: string): Promise<Positions> {
  const remedy = "restore it: nothing else says which messages are in the lake";
  const stored = await readJson(lake, path, POSITIONS, { remedy });
  return stored ? restoredPositions(stored.publishers, stored.stream) : noPositions();
}

/** Nothing yet. */
export function noPositions(): Positions {
  return { stream: new Ranges(), publishers: new Map() };
}

/** Whether a publisher's message is known; it is from now on. */
export function isNew({ publishers }: Positions, publisher: string, sequence: number): boolean {
  let ranges = publishers.get(publisher);
  if (!ranges) publishers.set(publisher, ranges = new Ranges());
  if (ranges.has(sequence)) return false;
  ranges.add(sequence);
  return true;
}
