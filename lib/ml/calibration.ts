/**
 * Calibrators: maps from a model's probability to one that can be believed, fitted on validation dates only.
 *
 * @module
 */
import { logistic } from "./gbdt/objective.ts";
import type { Scored } from "./metrics.ts";

/** Platt's map: p ↦ 1 / (1 + exp(−(slope·logit p + intercept))). */
export interface PlattCalibrator {
  /** Factor of the log odds; 1 changes nothing. */
  slope: number;
  /** Added to the log odds. */
  intercept: number;
}

/** A step-free monotone map: linear between knots, constant beyond them. */
export interface IsotonicCalibrator {
  /** Probabilities, ascending. */
  x: number[];
  /** Calibrated probabilities, never falling. */
  y: number[];
  /** Results stay this far from 0 and 1: a few validation rows cannot make anything certain. */
  margin: number;
}

/** Probabilities are kept this far from 0 and 1 before their log odds are taken. */
const EPSILON = 1e-12;

/** Newton steps at most; the loss is convex and a dozen do. */
const STEPS = 100;

function logOdds(p: number): number {
  const kept = Math.min(1 - EPSILON, Math.max(EPSILON, p));
  return Math.log(kept / (1 - kept));
}

/**
 * Fits Platt's map by Newton's method on weighted log loss, labels drawn in from 0 and 1 by Platt's rule so that a
 * separable set has a finite answer.
 *
 * Source: Lin, Lin, Weng, "A note on Platt's probabilistic outputs for support vector machines" (2007).
 *
 * @param scored Validation rows; at least one.
 */
export function fitPlatt({ labels, predictions, weights }: Scored): PlattCalibrator {
  const n = labels.length, x = predictions.map(logOdds);
  const scale = n / weights.reduce((sum, w) => sum + w, 0), w = weights.map((weight) => weight * scale);
  let positive = 0, negative = 0;
  for (let i = 0; i < n; i++) {
    if (labels[i] > 0) positive += w[i];
    else negative += w[i];
  }
  const high = (positive + 1) / (positive + 2), low = 1 / (negative + 2);
  const target = labels.map((label) => label > 0 ? high : low);
  const loss = (slope: number, intercept: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const z = slope * x[i] + intercept;
      sum += w[i] * (Math.max(z, 0) - target[i] * z + Math.log1p(Math.exp(-Math.abs(z))));
    }
    return sum;
  };
  let slope = 0, intercept = Math.log((positive + 1) / (negative + 1)), best = loss(slope, intercept);
  for (let step = 0; step < STEPS; step++) {
    const { gs, gi, hss, hsi, hii } = derivatives(x, w, target, slope, intercept);
    if (Math.abs(gs) < 1e-9 * n && Math.abs(gi) < 1e-9 * n) break;
    const determinant = hss * hii - hsi * hsi;
    const ds = -(hii * gs - hsi * gi) / determinant, di = -(hss * gi - hsi * gs) / determinant;
    let size = 1, next = loss(slope + ds, intercept + di);
    // Far from the optimum a whole Newton step can overshoot.
    while (next > best + 1e-4 * size * (gs * ds + gi * di) && size > 1e-10) {
      size /= 2;
      next = loss(slope + size * ds, intercept + size * di);
    }
    if (!(next < best)) break;
    slope += size * ds;
    intercept += size * di;
    best = next;
  }
  return { slope, intercept };
}

/** Gradient and Hessian of the loss; the little ridge keeps a set of equal probabilities solvable. */
function derivatives(
  x: Float64Array,
  w: Float64Array,
  target: Float64Array,
  slope: number,
  intercept: number,
) {
  let gs = 0, gi = 0, hss = 1e-12, hsi = 0, hii = 1e-12;
  for (let i = 0; i < x.length; i++) {
    const p = logistic(slope * x[i] + intercept), g = w[i] * (p - target[i]), h = w[i] * p * (1 - p);
    gs += g * x[i];
    gi += g;
    hss += h * x[i] * x[i];
    hsi += h * x[i];
    hii += h;
  }
  return { gs, gi, hss, hsi, hii };
}

/**
 * Fits the monotone map of least weighted squared error, pooling adjacent violators; equal probabilities count as
 * one point of their mean label.
 *
 * Source: Barlow, Bartholomew, Bremner, Brunk, "Statistical Inference under Order Restrictions" (1972), 1.2.
 *
 * @param scored Validation rows; at least one.
 */
export function fitIsotonic({ labels, predictions, weights }: Scored): IsotonicCalibrator {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => predictions[a] - predictions[b] || a - b);
  const blocks: { from: number; to: number; value: number; weight: number }[] = [];
  const pool = () => {
    const last = blocks.pop()!, before = blocks[blocks.length - 1];
    before.value = (before.value * before.weight + last.value * last.weight) / (before.weight + last.weight);
    before.weight += last.weight;
    before.to = last.to;
  };
  for (const row of order) {
    const x = predictions[row];
    blocks.push({ from: x, to: x, value: labels[row], weight: weights[row] });
    if (blocks.length > 1 && blocks[blocks.length - 2].to === x) pool();
  }
  // Ties are pooled first; only then may neighbours be.
  const points = blocks.splice(0);
  for (const point of points) {
    blocks.push(point);
    while (blocks.length > 1 && blocks[blocks.length - 2].value >= blocks[blocks.length - 1].value) pool();
  }
  const knots = blocks.flatMap(({ from, to, value }) =>
    from === to ? [[from, value]] : [[from, value], [to, value]]
  );
  return { x: knots.map(([x]) => x), y: knots.map(([, y]) => y), margin: 1 / (labels.length + 2) };
}

/** Applies Platt's map to probabilities. */
export function applyPlatt({ slope, intercept }: PlattCalibrator, predictions: Float64Array): Float64Array {
  return predictions.map((p) => logistic(slope * logOdds(p) + intercept));
}

/** Applies a monotone map to probabilities. */
export function applyIsotonic({ x, y, margin }: IsotonicCalibrator, predictions: Float64Array): Float64Array {
  return predictions.map((p) => {
    let low = 0, high = x.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x[middle] <= p) low = middle;
      else high = middle;
    }
    const value = p <= x[low]
      ? y[low]
      : p >= x[high]
      ? y[high]
      : between(p, x[low], x[high], y[low], y[high]);
    return Math.min(1 - margin, Math.max(margin, value));
  });
}

function between(p: number, x0: number, x1: number, y0: number, y1: number): number {
  return y0 + (y1 - y0) * (p - x0) / (x1 - x0);
}
