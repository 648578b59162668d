/**
 * Dealer flow: how fast dealers' gamma near a level changes, from the last minutes' 0DTE prints.
 *
 * Windows end at the bar's end and keep their whole length at all times: before the open there is no flow.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { lowerBound, type OptionBoard, type SessionState, type Touch } from "../levels/mod.ts";
import { ratio, squash } from "./_numbers.ts";
import { type ByStrike, strikesNear, strikesOf, sumNear } from "./_strikes.ts";
import type { FuelFeatures } from "./fuel.ts";

/** Σ dealer_flow by strike in the windows that end at a bar's end; Float64Arrays, shares per $. */
export interface StrikeFlows extends ByStrike {
  /** The last 5 minutes. */
  velocity: Float64Array;
  /** The last 20 minutes. */
  baseline: Float64Array;
  /** The last minute, and the minute before it. */
  short: [Float64Array, Float64Array];
  /** The last 3 minutes, and the 3 before them. */
  long: [Float64Array, Float64Array];
  /** Prints of the last 5 minutes. */
  prints: Float64Array;
  /** Of these, prints whose volatility is their own. */
  ownPrints: Float64Array;
}

/** Columns of the group `fuel` that tell how dealers' gamma changes. */
export interface DealerFlowFeatures {
  /** v = Σ dealer_flow of 5 minutes ÷ 5, shares per $ per minute. */
  gamma_flow_velocity: number;
  /** (v − b)/(|v| + |b|), b = Σ of 20 minutes ÷ 20; 0 if both are 0. */
  gamma_flow_impulse: number;
  /** Last minute's flow − the minute's before, shares per $ per minute². */
  gamma_flow_accel_1m: number;
  /** (Σ of 3 minutes ÷ 3 − Σ of the 3 before ÷ 3) ÷ 3, shares per $ per minute². */
  gamma_flow_accel_3m: number;
  /** tanh(−v/50,000). */
  dealer_pressure: number;
  /** tanh(−gamma_flow_accel_1m/50,000). */
  dealer_pressure_accel: number;
  /** Share of 5 minutes' prints whose volatility is their own; null without a print. */
  iv_trade_share: number;
}

/**
 * Flow by strike in the windows that end at `end`; prints without a dealer flow add nothing to a sum.
 *
 * @param state The session so far.
 * @param board The session's option board, advanced to `end`.
 * @param end End of the bar, ns since session start.
 * @param config Windows.
 */
export function strikeFlows(
  state: SessionState,
  board: OptionBoard,
  end: number,
  config: Config["fuel"],
): StrikeFlows {
  const { options } = state, strikes = strikesOf(board);
  const inWindow = (from: number, to: number, value: (row: number) => number) => {
    const sums = new Float64Array(strikes.length);
    const last = lowerBound(options.ts, end - to * MINUTE_NS, options.length);
    for (let row = lowerBound(options.ts, end - from * MINUTE_NS, last); row < last; row++) {
      const x = value(row);
      if (!Number.isNaN(x)) sums[lowerBound(strikes.strike, options.strike[row], strikes.length)] += x;
    }
    return sums;
  };
  const flow = (row: number) => options.dealerFlow[row];
  const [short, long] = config.accelMinutes;
  return {
    ...strikes,
    velocity: inWindow(config.velocityMinutes, 0, flow),
    baseline: inWindow(config.baselineMinutes, 0, flow),
    short: [inWindow(short, 0, flow), inWindow(2 * short, short, flow)],
    long: [inWindow(long, 0, flow), inWindow(2 * long, long, flow)],
    prints: inWindow(config.velocityMinutes, 0, () => 1),
    ownPrints: inWindow(config.velocityMinutes, 0, (row) => options.ownIv[row]),
  };
}

/**
 * How dealers' gamma changes within $2 of the touched level; null where `gamma_exposure` is.
 *
 * @param touch The touch.
 * @param flows Of the touch's bar.
 * @param fuel The touch's fuel.
 * @param config Distance, windows and the scale of the pressures.
 */
export function dealerFlowFeatures(
  touch: Pick<Touch, "level">,
  flows: StrikeFlows,
  fuel: Pick<FuelFeatures, "gamma_exposure">,
  config: Pick<Config, "fuel" | "market">,
): DealerFlowFeatures {
  const { velocityMinutes, baselineMinutes, accelMinutes, pressureScale } = config.fuel;
  const near = strikesNear(flows, touch.level, config.fuel.strikeDistance, config.market.slack);
  const known = Number.isNaN(fuel.gamma_exposure) ? NaN : 1;
  const rate = (sums: Float64Array, minutes: number) => known * sumNear(sums, near) / minutes;
  const accel = ([now, before]: [Float64Array, Float64Array], minutes: number) =>
    (rate(now, minutes) - rate(before, minutes)) / minutes;
  const v = rate(flows.velocity, velocityMinutes), b = rate(flows.baseline, baselineMinutes);
  const accel1 = accel(flows.short, accelMinutes[0]);
  return {
    gamma_flow_velocity: v,
    gamma_flow_impulse: v === 0 && b === 0 ? 0 : (v - b) / (Math.abs(v) + Math.abs(b)),
    gamma_flow_accel_1m: accel1,
    gamma_flow_accel_3m: accel(flows.long, accelMinutes[1]),
    dealer_pressure: squash(-v / pressureScale),
    dealer_pressure_accel: squash(-accel1 / pressureScale),
    iv_trade_share: known * ratio(sumNear(flows.ownPrints, near), sumNear(flows.prints, near)),
  };
}
