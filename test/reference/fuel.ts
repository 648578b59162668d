/**
 * Naive twins of lib/features/fuel.ts and dealer_flow.ts, straight from the prints before the bar's end.
 *
 * @module
 */
import { optionGamma } from "../../lib/base/mod.ts";
import type { Print } from "./levels_naive.ts";

/** A 0DTE print with its dealer flow (NaN where unknown) and whether its volatility is its own. */
export interface FlowPrint extends Print {
  dealerFlow: number;
  ownIv: 0 | 1;
}

const MINUTE = 60e9;

/** Columns of the group `fuel`. */
export function naiveFuel(
  prints: readonly FlowPrint[],
  at: { open: number; close: number },
  touch: { ts: number; level: number; spot: number },
): Record<string, number | string | null> {
  const end = touch.ts + MINUTE;
  const near = prints.filter((p) => p.ts < end && Math.abs(p.strike - touch.level) <= 2 + 1e-6);
  const years = Math.max((at.close - end) / 1e9, 300) / (252 * 6.5 * 3600);
  const contracts = [...Map.groupBy(near, (p) => `${p.strike} ${p.isCall}`).values()].flatMap((own) => {
    const iv = own.findLast((p) => !Number.isNaN(p.iv))?.iv;
    if (iv === undefined) return [];
    const gamma = optionGamma(touch.spot, own[0].strike, years, iv);
    const q = -total(own.filter((p) => p.ts >= at.open), (p) => p.aggressor * p.size);
    return [{ exposure: q * gamma * 100, gross: total(own, (p) => p.size) * gamma * 100 }];
  });
  const none = contracts.length === 0 ? NaN : 1;
  const exposure = none * total(contracts, (c) => c.exposure);
  const norm = exposure / total(contracts, (c) => c.gross);
  const inside = (from: number, to: number) =>
    near.filter((p) => p.ts >= end - from * MINUTE && p.ts < end - to * MINUTE);
  const flow = (from: number, to: number) =>
    none * total(inside(from, to).filter((p) => !Number.isNaN(p.dealerFlow)), (p) => p.dealerFlow);
  const v = flow(5, 0) / 5, b = flow(20, 0) / 20, accel = flow(1, 0) - flow(2, 1);
  return {
    gamma_exposure: exposure,
    gamma_norm: norm,
    fuel_effect: Number.isNaN(norm) ? null : norm < -0.1 ? "AMPLIFY" : norm > 0.1 ? "DAMPEN" : "NEUTRAL",
    gamma_bucket: Number.isNaN(exposure) ? "UNKNOWN" : exposure < 0 ? "SHORT" : "LONG",
    gamma_flow_velocity: v,
    gamma_flow_impulse: v === 0 && b === 0 ? 0 : (v - b) / (Math.abs(v) + Math.abs(b)),
    gamma_flow_accel_1m: accel,
    gamma_flow_accel_3m: (flow(3, 0) / 3 - flow(6, 3) / 3) / 3,
    dealer_pressure: Math.tanh(-v / 50_000),
    dealer_pressure_accel: Math.tanh(-accel / 50_000),
    iv_trade_share: none * total(inside(5, 0), (p) => p.ownIv) / inside(5, 0).length,
  };
}

function total<T>(rows: readonly T[], value: (row: T) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}
