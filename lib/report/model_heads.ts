/**
 * Which heads a page draws, against which baseline, and in which colours.
 *
 * @module
 */
import { type Baseline, BASELINES, type HeadMetrics, type ModelMetadata, type Verdict } from "../ml/mod.ts";
import { COLORS } from "./plot.ts";

/** Heads drawn in detail. */
const SHOWN = 4;

/** Colours of the heads drawn in detail, in their order. */
export const HEAD_COLORS: readonly string[] = [COLORS.accent, COLORS.warm, COLORS.good, COLORS.bad];

/** Colours of verdicts. */
export const VERDICT_COLORS: Record<Verdict, string> = {
  "beats": COLORS.good,
  "no different": COLORS.chop,
  "worse": COLORS.bad,
  "insufficient": COLORS.undefined,
};

/**
 * Names of the heads to draw in detail: a fixed choice by name, never by score, so that no curve is shown because it
 * came out well.
 *
 * @param metadata A set of models.
 * @param primary Primary horizon, minutes.
 */
export function chosenHeads({ heads }: Pick<ModelMetadata, "heads">, primary: number): string[] {
  const binary = heads.filter((head) => head.objective === "binary").map((head) => head.name);
  const wanted = [
    `tradeable_2_${primary}m`,
    `direction_${primary}m`,
    "fp_outcome",
    `reach_1_300s_${primary}m`,
  ];
  const first = wanted.filter((name) => binary.includes(name));
  const rest = binary.filter((name) => !first.includes(name));
  return [...first, ...rest].slice(0, SHOWN);
}

/** Loss by which a head is judged: log loss of probabilities, squared error ($²) of strength. */
export function lossOf(metrics: HeadMetrics["model"]): number {
  return metrics.log_loss ?? metrics.mse ?? NaN;
}

/** The baseline of less loss on the test dates: the one a head has to beat. */
export function harderBaseline({ baselines }: Pick<HeadMetrics, "baselines">): Baseline {
  const [rate, volatility] = BASELINES;
  return lossOf(baselines[volatility]) < lossOf(baselines[rate]) ? volatility : rate;
}
