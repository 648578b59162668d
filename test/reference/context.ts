/**
 * Naive twin of lib/features/context.ts, volatility.ts and moving_averages.ts, straight from trades.
 *
 * @module
 */
import { kindCode, type Level, type LevelKind } from "../../lib/levels/mod.ts";
import type { NaiveBar, Trade } from "./levels_naive.ts";

/** A two-minute close and when it is known. */
export interface KnownClose {
  end: number;
  close: number;
}

const MINUTE = 60e9;

/** Earlier sessions' closes, then the regular session's with the ends of their two minutes. */
export function naiveKnownCloses(
  history: ArrayLike<number>,
  trades: readonly Trade[],
  at: { open: number; close: number },
): KnownClose[] {
  const regular = trades.filter((t) => t.ts >= at.open && t.ts < at.close);
  const pairs = Map.groupBy(regular, (t) => Math.floor((t.ts - at.open) / (2 * MINUTE)));
  return [
    ...Array.from(history, (close) => ({ end: -Infinity, close })),
    ...[...pairs].map(([pair, own]) => ({
      end: at.open + (pair + 1) * 2 * MINUTE,
      close: own.at(-1)!.price,
    })),
  ];
}

/** Mean of `n` closes known by `before`, `skip` newest left out. */
export function naiveSma(closes: readonly KnownClose[], n: number, before: number, skip = 0): number {
  const known = closes.filter((c) => c.end <= before);
  if (known.length < n + skip) return NaN;
  return known.slice(known.length - n - skip, known.length - skip).reduce((s, c) => s + c.close, 0) / n;
}

/** Sample standard deviation, NaN below `least` values. */
export function naiveSd(values: readonly number[], least: number): number {
  if (values.length < least) return NaN;
  const mean = values.reduce((s, x) => s + x, 0) / values.length;
  return Math.sqrt(values.reduce((s, x) => s + (x - mean) ** 2, 0) / (values.length - 1));
}

/** Columns of the group `context`; the last of `bars` is the touch's. */
export function naiveContext(
  bars: readonly NaiveBar[],
  closes: readonly KnownClose[],
  open: number,
  touch: { ts: number; level: number; scale: number },
  levels: readonly Level[],
): Record<string, number> {
  const { ts, level, scale } = touch;
  const changes = bars.map((bar, i) => ({ ts: bar.ts, change: i > 0 ? bar.close - bars[i - 1].close : NaN }))
    .slice(1);
  const sd20 = naiveSd(changes.slice(-20).map((c) => c.change), 20) * scale;
  const recent = changes.filter((c) => c.ts > ts - 30 * MINUTE).map((c) => c.change);
  const at = (kind: LevelKind) => levels.find((l) => l.kind === kindCode(kind))?.level ?? NaN;
  const closeBy = (when: number) => bars.findLast((bar) => bar.ts <= when)?.close ?? NaN;
  const out: Record<string, number> = {
    is_first_15m: ts < open + 15 * MINUTE ? 1 : 0,
    bars_since_open: (ts - open) / MINUTE,
    rv_30m: naiveSd(recent, 10) * scale,
    level_minus_pm_high: level - at("PM_HIGH"),
    level_minus_pm_low: level - at("PM_LOW"),
    sma_spread: (naiveSma(closes, 200, ts) - naiveSma(closes, 400, ts)) * scale,
  };
  for (const n of [200, 400]) {
    const sma = (when: number) => naiveSma(closes, n, when), then = ts - 10 * MINUTE;
    const gap = level - sma(ts) * scale;
    out[`sma_${n}`] = sma(ts) * scale;
    out[`level_minus_sma_${n}`] = gap;
    out[`sma_${n}_slope`] = (sma(ts) - sma(ts - 20 * MINUTE)) * scale / 20;
    out[`sma_${n}_slope_5bar`] = (sma(ts) - naiveSma(closes, n, ts, 5)) * scale / 10;
    out[`mean_reversion_pressure_${n}`] = sd20 === 0 ? NaN : gap / (sd20 * Math.sqrt(2 * n / 3));
    out[`mean_reversion_velocity_${n}`] = (closeBy(ts) - sma(ts) - (closeBy(then) - sma(then))) * scale / 10;
  }
  return out;
}
