/**
 * Tapes for tests.
 *
 * @module
 */
import { type Batch, f64, i64, i8, type Random, relativeNs, u32 } from "../../lib/base/mod.ts";
import type { Tape } from "../../lib/levels/mod.ts";

/** A print; `ts` in ns since session start. */
export interface Print {
  ts: number;
  price: number;
  size: number;
  aggressor: number;
}

/** Prints as the columns of a session's tape. */
export function tapeOf(prints: readonly Print[]): Tape {
  return {
    length: prints.length,
    ts: Float64Array.from(prints, (p) => p.ts),
    price: Float64Array.from(prints, (p) => p.price),
    size: Float64Array.from(prints, (p) => p.size),
    aggressor: Int8Array.from(prints, (p) => p.aggressor),
  };
}

/** Trades of a DBN batch as prints. */
export function printsOf(batch: Batch, originNs: bigint): Print[] {
  const ts = relativeNs(i64(batch, "ts_event_ns"), originNs);
  const price = f64(batch, "price"), size = u32(batch, "size"), aggressor = i8(batch, "aggressor");
  return Array.from(ts, (t, i) => ({ ts: t, price: price[i], size: size[i], aggressor: aggressor[i] }));
}

/** Prints in bursts of one aggressor that walk through prices, with equal times, unknown aggressors and silences. */
export function randomPrints(random: Random, count: number): Print[] {
  const prints: Print[] = [];
  let ts = 0, tick = 20_000;
  while (prints.length < count) {
    ts += Math.floor(random.exponential(random.uniform() < 0.01 ? 90e9 : 0.8e9));
    const way = random.uniform() < 0.5 ? 1 : -1, length = 1 + random.int(random.uniform() < 0.1 ? 12 : 3);
    for (let k = 0; k < length; k++) {
      ts += random.int(4) * 33_333_334;
      if (random.uniform() < 0.4) tick += way;
      const aggressor = random.uniform() < 0.05 ? 0 : way;
      prints.push({ ts, price: tick / 4, size: 1 + random.int(random.uniform() < 0.2 ? 40 : 4), aggressor });
    }
  }
  return prints;
}
