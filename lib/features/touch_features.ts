/**
 * Fuel, context and what derives from them and from the bar's order flow: every such column of one touch.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { Level, SessionState, Touch } from "../levels/mod.ts";
import { type ApproachFeatures, approachFeatures } from "./approach.ts";
import { type AttemptFeatures, attemptFeatures, type AttemptValues, type TouchLog } from "./attempts.ts";
import type { BarContext, BarContextConfig } from "./bar_context.ts";
import { type ConfluenceFeatures, confluenceFeatures } from "./confluence.ts";
import { type ContextFeatures, contextFeatures } from "./context.ts";
import { type DealerFlowFeatures, dealerFlowFeatures } from "./dealer_flow.ts";
import { type FuelFeatures, fuelFeatures } from "./fuel.ts";
import {
  distanceOf,
  type NormalisedFeatures,
  normalisedFeatures,
  signedDistanceOf,
  type SparseFeatures,
  sparseFeatures,
} from "./normalised.ts";
import { type PressureFeatures, pressureFeatures, type PressureInputs } from "./pressure.ts";
import { type RunwayFeatures, runwayFeatures } from "./runway.ts";
import { type ScoreFeatures, scoreFeatures, type ScoreInputs } from "./scores.ts";

/** Columns of the bar's order flow that others derive from; NaN or null is null. */
export type OrderFlow =
  & AttemptValues
  & Pick<PressureInputs, "barrier_theta" | "wall_ratio" | "tape_price_velocity">
  & Pick<ScoreInputs, "barrier_state" | "sweep_direction">;

/** Columns of the groups fuel, context, confluence, approach, attempts, normalised, sparse, pressure, score, runway. */
export type DerivedFeatures =
  & FuelFeatures
  & DealerFlowFeatures
  & ContextFeatures
  & ConfluenceFeatures
  & ApproachFeatures
  & AttemptFeatures
  & NormalisedFeatures
  & SparseFeatures
  & PressureFeatures
  & ScoreFeatures
  & RunwayFeatures;

/** What a touch is judged against. */
export interface TouchSurroundings {
  /** The session so far. */
  state: SessionState;
  /** The session's touches of earlier bars. */
  log: TouchLog;
  /** Levels offered to the bar. */
  levels: readonly Level[];
  /** Of the bar. */
  context: BarContext;
  /** Of the touch. */
  flow: OrderFlow;
}

/**
 * Every column of the touch that is not identity, level, barrier, quotes, tape or label. The caller appends the touch
 * to the log afterwards ({@linkcode appendTouch}).
 *
 * @param touch The touch.
 * @param around What it is judged against.
 * @param config Windows, bands and thresholds.
 */
export function derivedFeatures(
  touch: Touch,
  around: TouchSurroundings,
  config: BarContextConfig & Pick<Config, "scores">,
): DerivedFeatures {
  const { state, log, levels, context, flow } = around, { atr } = context;
  const fuel = fuelFeatures(touch, context.gammas, config);
  const dealers = dealerFlowFeatures(touch, context.flows, fuel, config);
  const place = contextFeatures(state, touch, levels, context, config.levels);
  const confluence = confluenceFeatures(touch, levels, context.averages, config);
  const approach = approachFeatures(state.bars, touch, log, config);
  const distances = { distance: distanceOf(touch), distance_signed: signedDistanceOf(touch) };
  const inputs = { ...flow, ...fuel, ...dealers, ...place, ...confluence, ...approach, ...distances, atr };
  return {
    ...fuel,
    ...dealers,
    ...place,
    ...confluence,
    ...approach,
    ...attemptFeatures(log, touch, flow, config),
    ...normalisedFeatures(inputs, atr, touch.spot),
    ...sparseFeatures(flow),
    ...pressureFeatures(touch.direction, inputs, config.fuel),
    ...scoreFeatures(touch.direction, inputs, config.scores),
    ...runwayFeatures(touch, levels, config),
  };
}
