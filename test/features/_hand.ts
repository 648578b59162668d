/**
 * Small sessions made by hand, and rows compared.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sessionOf } from "../../lib/base/mod.ts";
import type { AverageOfBar } from "../../lib/features/mod.ts";
import {
  closeBar,
  kindCode,
  type Level,
  type LevelKind,
  newSession,
  type SessionState,
  type Touch,
} from "../../lib/levels/mod.ts";
import { appendTrades, MINUTE, NO_HISTORY } from "../levels/_play.ts";

export { MINUTE };

/** A session of 16 December 2025 with earlier closes. */
export function handState(closes: readonly number[] = []): SessionState {
  return newSession(sessionOf("2025-12-16"), { ...NO_HISTORY, closes: Float64Array.from(closes) });
}

/** One bar a minute from `first` on, each with one trade; a missing close leaves its minute without a bar. */
export function pushBars(state: SessionState, first: number, closes: readonly (number | undefined)[]): void {
  for (const [i, price] of closes.entries()) {
    const ts = first + i * MINUTE;
    if (price !== undefined) appendTrades(state, [{ ts, price, size: 1 }]);
    closeBar(state, ts);
  }
}

/** A touch of the state's last bar at a scale of 0.1; `level` in SPY $. */
export function touchOf(state: SessionState, kind: LevelKind, level: number, direction: 1 | -1): Touch {
  const bar = state.bars.length - 1, scale = 0.1;
  return {
    bar,
    ts: state.bars.ts[bar],
    kind: kindCode(kind),
    level,
    levelEs: level / scale,
    scale,
    spot: state.bars.close[bar] * scale,
    direction,
    crossed: false,
  };
}

/** Levels offered, in SPY $ at a scale of 0.1, by code. */
export function levelsOf(levels: [LevelKind, number][]): Level[] {
  return levels.map(([kind, level]) => ({ kind: kindCode(kind), level, levelEs: level * 10 }))
    .sort((a, b) => a.kind - b.kind);
}

/** An average with a value and a 20-minute slope, SPY $. */
export function average(n: number, value: number, slope: number): AverageOfBar {
  return { n, value, slope, slopeBars: 0, reversionVelocity: 0 };
}

/** Asserts columns by name: numbers to 1e-9 relative (1e-12 absolute), NaN as NaN, everything else exactly. */
export function assertColumns(
  actual: object,
  expected: Record<string, number | string | null>,
  where = "",
): void {
  const row = actual as Record<string, number | string | null>;
  for (const [name, want] of Object.entries(expected)) {
    const found = row[name];
    const same = typeof want === "number" && typeof found === "number" && !Number.isNaN(want)
      ? Math.abs(found - want) <= 1e-12 + 1e-9 * Math.abs(want)
      : Object.is(found, want);
    assert.ok(same, `${name} ${where}: found ${found}, wanted ${want}`);
  }
}
