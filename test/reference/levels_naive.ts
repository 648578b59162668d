/**
 * Naive twins of lib/levels: every value straight from its definition, from the raw events before a moment.
 *
 * @module
 */
import { CONFIG, optionGamma, type Session } from "../../lib/base/mod.ts";
import { kindCode, type Level, type LevelKind } from "../../lib/levels/mod.ts";

/** A trade; `ts` in ns since session start. */
export interface Trade {
  ts: number;
  price: number;
  size: number;
}

/** A 0DTE print; `ts` in ns since session start, `iv` NaN where unknown. */
export interface Print {
  ts: number;
  strike: number;
  isCall: boolean;
  size: number;
  aggressor: number;
  iv: number;
}

/** A bar as an object. */
export interface NaiveBar {
  ts: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  trades: number;
}

const MINUTE = 60e9;

/** One-minute bars of trades before `before`. */
export function naiveBars(trades: readonly Trade[], before: number): NaiveBar[] {
  const minutes = Map.groupBy(trades.filter((t) => t.ts < before), (t) => Math.floor(t.ts / MINUTE));
  return [...minutes].map(([minute, group]) => ({
    ts: minute * MINUTE,
    open: group[0].price,
    high: Math.max(...group.map((t) => t.price)),
    low: Math.min(...group.map((t) => t.price)),
    close: group.at(-1)!.price,
    volume: group.reduce((sum, t) => sum + t.size, 0),
    trades: group.length,
  }));
}

/** Regular two-minute closes complete by `before`. */
export function naiveCloses(trades: readonly Trade[], session: Session, before: number): number[] {
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const closes: number[] = [];
  for (let end = open + 2 * MINUTE; end <= Math.min(before, close); end += 2 * MINUTE) {
    const inside = trades.filter((t) => t.ts >= end - 2 * MINUTE && t.ts < end);
    if (inside.length > 0) closes.push(inside.at(-1)!.price);
  }
  return closes;
}

/** Mean true range of the last 14 bars, NaN below 14. */
export function naiveAtr(bars: readonly NaiveBar[]): number {
  if (bars.length < 14) return NaN;
  const ranges = bars.map((b, i) => {
    const c = i > 0 ? bars[i - 1].close : b.close;
    return Math.max(b.high - b.low, Math.abs(b.high - c), Math.abs(b.low - c));
  });
  return ranges.slice(-14).reduce((sum, r) => sum + r, 0) / 14;
}

/** What {@linkcode naiveLevels} looks at. */
export interface NaiveDay {
  session: Session;
  history: { closes: ArrayLike<number>; previous: { high: number; low: number; close: number } };
  trades: readonly Trade[];
  prints: readonly Print[];
}

/** Levels offered to the bar that opens at `ts`, by code and price. */
export function naiveLevels(day: NaiveDay, ts: number, scale: number): Level[] {
  const at = (ns: bigint) => Number(ns - day.session.startNs);
  const [overnight, premarket, open] = [day.session.overnightNs, day.session.premarketNs, day.session.openNs]
    .map(at);
  const past = day.trades.filter((t) => t.ts < ts);
  const high = (from: number, to: number) =>
    Math.max(...past.filter((t) => t.ts >= from && t.ts < to).map((t) => t.price));
  const low = (from: number, to: number) =>
    Math.min(...past.filter((t) => t.ts >= from && t.ts < to).map((t) => t.price));
  const regular = past.filter((t) => t.ts >= open);
  const closes = [...Array.from(day.history.closes), ...naiveCloses(day.trades, day.session, ts)];
  const mean = (n: number) => closes.length < n ? NaN : closes.slice(-n).reduce((s, c) => s + c, 0) / n;
  const range = ts >= open + 15 * MINUTE;
  const es: [LevelKind, number][] = [
    ["PM_HIGH", high(premarket, open)],
    ["PM_LOW", low(premarket, open)],
    ["OR_HIGH", range ? high(open, open + 15 * MINUTE) : NaN],
    ["OR_LOW", range ? low(open, open + 15 * MINUTE) : NaN],
    ["SESSION_HIGH", high(open, ts)],
    ["SESSION_LOW", low(open, ts)],
    ["SMA_200", mean(200)],
    [
      "VWAP",
      regular.reduce((s, t) => s + t.price * t.size, 0) / regular.reduce((s, t) => s + t.size, 0),
    ],
    ["SMA_400", mean(400)],
    ["PD_HIGH", day.history.previous.high],
    ["PD_LOW", day.history.previous.low],
    ["PD_CLOSE", day.history.previous.close],
    ["ON_HIGH", high(overnight, open)],
    ["ON_LOW", low(overnight, open)],
  ];
  const levels = es.filter(([, v]) => Number.isFinite(v)).map(([kind, v]) => ({
    kind: kindCode(kind),
    level: v * scale,
    levelEs: v,
  }));
  if (past.length > 0) {
    const spot = past.at(-1)!.price * scale;
    const dollars = naiveDollarLevels(day, ts, spot);
    for (const [kind, level] of dollars) {
      levels.push({ kind: kindCode(kind), level, levelEs: level / scale });
    }
  }
  return levels.sort((a, b) => a.kind - b.kind || a.level - b.level);
}

function naiveDollarLevels(day: NaiveDay, ts: number, spot: number): [LevelKind, number][] {
  const open = Number(day.session.openNs - day.session.startNs);
  const close = Number(day.session.closeNs - day.session.startNs);
  const prints = day.prints.filter((p) => p.ts < ts);
  const strikes = [...new Set(prints.map((p) => p.strike))].sort((a, b) => a - b);
  const volume = (k: number) => prints.filter((p) => p.strike === k).reduce((s, p) => s + p.size, 0);
  const busy = strikes.filter((k) => {
    const around = strikes.filter((x) => Math.abs(x - k) <= 5).map(volume).sort((a, b) => a - b);
    const half = around.length / 2;
    const median = around.length % 2 ? around[Math.floor(half)] : (around[half - 1] + around[half]) / 2;
    return volume(k) > 100 && volume(k) >= 2 * median;
  });
  const out: [LevelKind, number][] = busy.map((k) => ["STRIKE", k]);
  for (let k = Math.ceil(spot - 25 - 1e-6); k <= spot + 25 + 1e-6; k++) {
    if (!busy.includes(k)) out.push(["ROUND", k]);
  }
  const years = Math.max((close - Math.max(ts, open)) / 1e9, 300) / CONFIG.options.yearSeconds;
  for (const isCall of [true, false]) {
    let best = NaN, weight = 0;
    const outward = strikes.filter((k) => isCall ? k >= spot - 1e-6 : k <= spot + 1e-6)
      .sort((a, b) => Math.abs(a - spot) - Math.abs(b - spot));
    for (const k of outward) {
      const own = prints.filter((p) => p.strike === k && p.isCall === isCall);
      const q = -own.filter((p) => p.ts >= open).reduce((s, p) => s + p.aggressor * p.size, 0);
      const iv = own.findLast((p) => !Number.isNaN(p.iv))?.iv;
      const w = iv === undefined ? 0 : Math.abs(q * optionGamma(spot, k, years, iv));
      if (w > weight) [best, weight] = [k, w];
    }
    if (weight > 0) out.push([isCall ? "CALL_WALL" : "PUT_WALL", best]);
  }
  return out;
}

/** Touches of the last of `bars`, as `[kind, level, direction, crossed]`. */
export function naiveTouches(
  bars: readonly NaiveBar[],
  levels: readonly Level[],
  scale: number,
): [number, number, number, boolean][] {
  const bar = bars.at(-1)!;
  const sides = (level: number) =>
    bars.map((b) => level - b.close * scale).map((gap) => Math.abs(gap) <= 1e-6 ? 0 : Math.sign(gap));
  return levels.filter(({ level }) =>
    level >= bar.low * scale - 0.1 - 1e-6 && level <= bar.high * scale + 0.1 + 1e-6 &&
    Math.abs(bar.close * scale - level) <= 0.25 + 1e-6
  ).map(({ kind, level }) => {
    const all = sides(level);
    const now = all.findLast((s) => s !== 0) ?? 0;
    const then = all.slice(0, -1).findLast((s) => s !== 0) ?? 0;
    return [kind, level, now || 1, now * then < 0];
  });
}
