/**
 * What all touches of a bar share, computed once.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { averageTrueRange, type OptionBoard, type SessionState } from "../levels/mod.ts";
import type { ContextBasis } from "./context.ts";
import { type StrikeFlows, strikeFlows } from "./dealer_flow.ts";
import { type StrikeGammas, strikeGammas } from "./fuel.ts";
import { averageOfBar } from "./moving_averages.ts";
import { changeDeviation, realisedVolatility } from "./volatility.ts";

/** The part of the config that a bar's context reads. */
export type BarContextConfig = Pick<Config, "context" | "fuel" | "levels" | "options" | "market">;

/** What all touches of a bar share. */
export interface BarContext extends ContextBasis {
  /** Column `atr`: average true range of the 14 bars that end with this one, SPY $; NaN below 14. */
  atr: number;
  /** Dealers' gamma by strike at the bar's close. */
  gammas: StrikeGammas;
  /** Dealer flow by strike up to the bar's end. */
  flows: StrikeFlows;
}

/**
 * Context of the bar, from events before its end.
 *
 * @param state The session so far, the bar closed.
 * @param board The session's option board: advanced to the bar's end.
 * @param bar Index of the bar.
 * @param scale SPY per ES of the bar's rows.
 * @param config Windows.
 * @throws {RangeError} If the board is past the bar's end.
 */
export function barContext(
  state: SessionState,
  board: OptionBoard,
  bar: number,
  scale: number,
  config: BarContextConfig,
): BarContext {
  const { bars } = state, end = bars.ts[bar] + MINUTE_NS, { context } = config;
  const [fast, slow] = config.levels.smaBars;
  const volatility = realisedVolatility(bars, bar, {
    minutes: context.volatilityMinutes,
    minChanges: context.volatilityChanges,
  });
  return {
    atr: averageTrueRange(bars, bar, config.levels.atrBars) * scale,
    volatility: volatility * scale,
    changeDeviation: changeDeviation(bars, bar, context.reversionBars) * scale,
    averages: [
      averageOfBar(state, bar, fast, scale, context),
      averageOfBar(state, bar, slow, scale, context),
    ],
    gammas: strikeGammas(state, board, end, bars.close[bar] * scale, config),
    flows: strikeFlows(state, board, end, config.fuel),
  };
}
