/**
 * Naive twin of lib/features/tape.ts and sweeps.ts: from the raw prints before the bar's end.
 *
 * @module
 */
import { MINUTE_NS } from "../../lib/base/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import type { Print } from "../helpers/prints.ts";

/** Runs of one aggressor in a minute's prints: gaps of at most 100 ms, prints without an aggressor left out. */
export function naiveRuns(prints: readonly Print[]): Print[][] {
  const runs: Print[][] = [];
  for (const print of prints.filter((p) => p.aggressor !== 0)) {
    const last = runs.at(-1)?.at(-1);
    if (last && last.aggressor === print.aggressor && print.ts - last.ts <= 100e6) runs.at(-1)!.push(print);
    else runs.push([print]);
  }
  return runs;
}

const total = (prints: readonly Print[]) => prints.reduce((sum, p) => sum + p.size, 0);

/** The tape features of a touch. */
export function naiveTape(prints: readonly Print[], touch: Touch) {
  const bar = prints.filter((p) => p.ts >= touch.ts && p.ts < touch.ts + MINUTE_NS);
  const inBand = (p: Print) => Math.abs(p.price * touch.scale - touch.level) <= 0.5 + 1e-6;
  const band = bar.filter(inBand);
  const buy = total(band.filter((p) => p.aggressor === 1)),
    sell = total(band.filter((p) => p.aggressor === -1));
  const runs = Array.from({ length: 30 }, (_, k) => touch.ts - k * MINUTE_NS).flatMap((ts) =>
    naiveRuns(prints.filter((p) => p.ts >= ts && p.ts < ts + MINUTE_NS))
  );
  const sizes = runs.map(total).sort((a, b) => a - b);
  const least = sizes.find((_, k) => (k + 1) * 100 >= 99 * sizes.length)!;
  const sweep = naiveRuns(bar).filter((run) => {
    const [way] = run.map((p) => p.aggressor);
    const moves = run.filter((p, k) => run.slice(0, k).every((q) => way * p.price > way * q.price));
    return moves.length >= 3 && total(run) >= 20 && total(run) >= least && run.some(inBand);
  }).sort((a, b) => total(b) - total(a))[0];
  return {
    tape_buy_vol: buy,
    tape_sell_vol: sell,
    tape_imbalance: (buy - sell) / (buy + sell),
    tape_velocity: band.length / 60,
    tape_price_velocity: exactSlope(bar) * touch.scale,
    sweep_detected: sweep ? 1 : 0,
    sweep_direction: sweep ? sweep[0].aggressor : 0,
    sweep_size: sweep ? total(sweep) : 0,
    sweep_notional: sweep ? sweep.reduce((sum, p) => sum + p.price * p.size * 50, 0) : 0,
  };
}

/** Least-squares slope in points a second, of whole ticks on whole nanoseconds, exact but for the last division. */
function exactSlope(prints: readonly Print[]): number {
  const n = BigInt(prints.length), sum = (xs: bigint[]) => xs.reduce((a, b) => a + b, 0n);
  const t = prints.map((p) => BigInt(p.ts)), p = prints.map((q) => BigInt(q.price * 4));
  const top = n * sum(t.map((x, i) => x * p[i])) - sum(t) * sum(p);
  const bottom = n * sum(t.map((x) => x * x)) - sum(t) * sum(t);
  return bottom === 0n ? NaN : Number(top) / Number(bottom) / 4 * 1e9;
}
