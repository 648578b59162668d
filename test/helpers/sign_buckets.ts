/**
 * How well option signs agree with the true ones, by time since the contract's last print and by moneyness.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Batch,
  f64,
  i64,
  i8,
  relativeNs,
  SECOND_NS,
  type Session,
  strings,
} from "../../lib/base/mod.ts";

/** Prints of a bucket. */
export interface SignBucket {
  /** How many. */
  n: number;
  /** Of these, those whose sign is the true one. */
  right: number;
  /** Sum of the signs. */
  net: number;
  /** Sum of the true signs. */
  truth: number;
}

/** Buckets by name. */
export type SignBuckets = Map<string, SignBucket>;

/**
 * Adds a session's usable prints to their buckets; a contract's first print has no time since the last.
 *
 * @param buckets IN/OUT.
 * @param silver Rows of `silver.options.trades_enriched`, in time order.
 * @param truth True sign of each, 0 where there is none.
 * @param session The session.
 */
export function addSigns(buckets: SignBuckets, silver: Batch, truth: Int8Array, session: Session): void {
  const ts = relativeNs(i64(silver, "ts_event_ns"), session.startNs), last = new Map<number, number>();
  const spot = f64(silver, "spot"), strike = f64(silver, "strike"), found = i8(silver, "aggressor");
  const symbol = strings(silver, "option_symbol"), right = strings(silver, "right");
  const usable = (i: number) => i8(silver, "flow")[i] === 1 && i8(silver, "single_leg")[i] === 1;
  for (let i = 0; i < silver.length; i++) {
    if (!usable(i) || truth[i] === 0) continue;
    const before = last.get(symbol.codes[i]!), letter = right.values[right.codes[i]!]!;
    last.set(symbol.codes[i]!, ts[i]!);
    const inside = (letter === "C" ? 1 : -1) * (spot[i]! - strike[i]!);
    const place = inside > 1 ? "in" : inside >= -1 ? "at" : inside >= -3 ? "out" : "far out";
    const names = ["all", `${place} ${letter}`];
    if (before !== undefined) names.push(ageName((ts[i]! - before) / SECOND_NS));
    for (const name of names) {
      let bucket = buckets.get(name);
      if (!bucket) buckets.set(name, bucket = { n: 0, right: 0, net: 0, truth: 0 });
      bucket.n++;
      bucket.net += found[i]!;
      bucket.truth += truth[i]!;
      if (found[i] === truth[i]) bucket.right++;
    }
  }
}

function ageName(seconds: number): string {
  return seconds < 1
    ? "0-1 s"
    : seconds < 5
    ? "1-5 s"
    : seconds < 60
    ? "5-60 s"
    : seconds < 300
    ? "60-300 s"
    : "300 s-";
}

/**
 * Asserts that no bucket of 500 prints leans to one side by more than 0.03 and that each is as often right as it was.
 *
 * @param buckets The buckets.
 * @param floors What a first-order rule got right, by bucket; every bucket of 500 prints has one.
 */
export function assertFair(buckets: SignBuckets, floors: Readonly<Record<string, number>>): void {
  const big = [...buckets].filter(([, { n }]) => n >= 500);
  assert.deepEqual(big.map(([name]) => name).sort(), Object.keys(floors).sort());
  for (const [name, { n, right, net, truth }] of big) {
    const bias = (net - truth) / n, said = `${name}: of ${n} prints net ${net / n}, true ${truth / n}`;
    assert.ok(Math.abs(bias) <= 0.03, said);
    assert.ok(right / n >= floors[name]!, `${name}: ${right} of ${n} are right, wanted ${floors[name]}`);
  }
}
