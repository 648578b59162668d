/**
 * The retrieval beside the trees: the same test rows, the same losses, alone and as an ensemble.
 *
 * @module
 */
import { type BootstrapOptions, compareLosses, type LossDifference } from "../bootstrap.ts";
import { type Metrics, metricsOf } from "../metrics.ts";
import { rowLosses } from "../train_head.ts";
import type { Estimates } from "./estimate.ts";

/** Heads that neighbours have an answer to; the horizon is the primary one. */
export const RETRIEVAL_KINDS = ["tradeable", "direction", "strength"] as const;

/** Such a head's kind. */
export type RetrievalKind = typeof RETRIEVAL_KINDS[number];

/** Test rows of a head with the predictions of trees and base rate, aligned with queries. */
export interface ScoreRows {
  /** Float64Array (m): labels. */
  labels: Float64Array;
  /** Float64Array (m): row weights. */
  weights: Float64Array;
  /** Int32Array (m): number of each row's date. */
  dates: Int32Array;
  /** Float64Array (m): the trees' predictions. */
  trees: Float64Array;
  /** Float64Array (m): base rates. */
  baseRate: Float64Array;
  /** Float64Array (m): the neighbours' answers, NaN without any. */
  answers: Float64Array;
  /** Int32Array (m): neighbours behind each answer. */
  neighbours: Int32Array;
}

/** How retrieval did on a head. */
export interface RetrievalScore {
  /** Test rows. */
  rows: number;
  /** Rows without a usable neighbour, which got the base rate. */
  unanswered: number;
  /** Metrics of each. */
  metrics: Record<"base_rate" | "trees" | "retrieval" | "ensemble", Metrics>;
  /** Loss of the first − loss of the second. */
  against: Record<
    "base_rate_retrieval" | "trees_retrieval" | "base_rate_ensemble" | "trees_ensemble",
    LossDifference
  >;
}

/**
 * The neighbours' answer to a kind of head: share that reached $2; BREAK's share of BREAK and BOUNCE; mean strength.
 *
 * @param kind Kind of head.
 * @param estimates What was found.
 * @returns Float64Array (q); NaN where neighbours have no answer.
 */
export function answersTo(kind: RetrievalKind, estimates: Estimates): Float64Array {
  if (kind === "tradeable") return estimates.p_tradeable_2;
  if (kind === "strength") return estimates.strength;
  return estimates.p_break.map((p, i) => p / (p + estimates.p_bounce[i]));
}

/** Neighbours behind an answer: of a side's, those that went to one. */
export function neighboursBehind(kind: RetrievalKind, { neighbours, decided }: Estimates): Int32Array {
  return kind === "direction" ? decided : neighbours;
}

/**
 * Scores answers. Each is drawn to the base rate as if one more neighbour had said that, since a share of 0 or 1
 * among few neighbours is no certainty; the ensemble is the mean of trees and retrieval.
 *
 * @param objective Probabilities or numbers.
 * @param rows Test rows; at least one.
 * @param bootstrap How losses are compared.
 * @param bins Quantile bins of the ECE.
 */
export function scoreRetrieval(
  objective: "binary" | "regression",
  rows: ScoreRows,
  bootstrap: BootstrapOptions,
  bins: number,
): RetrievalScore {
  const { labels, weights, dates, trees, baseRate } = rows;
  let unanswered = 0;
  const retrieval = rows.answers.map((answer, i) => {
    if (!Number.isNaN(answer)) return (answer * rows.neighbours[i] + baseRate[i]) / (rows.neighbours[i] + 1);
    unanswered++;
    return baseRate[i];
  });
  const ensemble = retrieval.map((p, i) => (p + trees[i]) / 2);
  const metrics = (predictions: Float64Array) => metricsOf(objective, { labels, predictions, weights }, bins);
  const losses = (predictions: Float64Array) => rowLosses(objective, labels, predictions);
  const compare = (before: Float64Array, after: Float64Array) => {
    const mine = losses(after);
    return compareLosses(losses(before).map((loss, i) => loss - mine[i]), weights, dates, bootstrap);
  };
  return {
    rows: labels.length,
    unanswered,
    metrics: {
      base_rate: metrics(baseRate),
      trees: metrics(trees),
      retrieval: metrics(retrieval),
      ensemble: metrics(ensemble),
    },
    against: {
      base_rate_retrieval: compare(baseRate, retrieval),
      trees_retrieval: compare(trees, retrieval),
      base_rate_ensemble: compare(baseRate, ensemble),
      trees_ensemble: compare(trees, ensemble),
    },
  };
}
