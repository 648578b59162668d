/**
 * Sums of gradients, hessians and rows by bin: the kernel nearly all training time goes to.
 *
 * Every sum here is exact. Gradients are rounded to multiples of a power of two so small that no sum of all
 * rows needs more than 53 bits; so bits do not depend on the order of rows, on threads, or on whether a
 * histogram was added up or got by subtraction. A row's hessian is rounded to a coarser power of two, and one
 * unit of the last place counts the row: one float64 carries both sums.
 *
 * @module
 */
import { BIN_SLOTS } from "./common.ts";

/** Numbers of one feature's histogram: gradient and counted hessian of each bin. */
export const FEATURE_STRIDE = 2 * BIN_SLOTS;

/** Numbers of the histograms of the four features of a word. */
export const QUAD_STRIDE = 4 * FEATURE_STRIDE;

/** A round's gradients on their grids. */
export interface GradientGrid {
  /** Gradients, (n). */
  gradients: Float64Array;
  /** Hessians, for leaf values, (n). */
  hessians: Float64Array;
  /** Hessians on the coarse grid plus one tick a row, for histograms, (n). */
  counted: Float64Array;
  /** The tick that counts a row. */
  tick: number;
  /** Adding and taking away this rounds a sum of counted hessians to the coarse grid. */
  rounder: number;
}

/** Room for the gradients of n rows. */
export function createGradientGrid(n: number): GradientGrid {
  return {
    gradients: new Float64Array(n),
    hessians: new Float64Array(n),
    counted: new Float64Array(n),
    tick: 0,
    rounder: 0,
  };
}

/**
 * Rounds gradients and hessians in place to grids on which sums are exact, and derives the counted hessians.
 * The grids are 2⁻⁵² of a bound of the sum; the coarse one leaves log2(2n) bits for the count.
 *
 * @param grid Gradients and hessians, IN and OUT; the rest OUT.
 */
export function snapToGrid(grid: GradientGrid): void {
  const { gradients, hessians, counted } = grid;
  const n = gradients.length;
  let maxGradient = 0, maxHessian = 0;
  for (let i = 0; i < n; i++) {
    maxGradient = Math.max(maxGradient, Math.abs(gradients[i]));
    maxHessian = Math.max(maxHessian, hessians[i]);
  }
  const gradientRounder = rounderOf(powerAbove(maxGradient * n) * 2 ** -52);
  grid.tick = powerAbove(maxHessian * n) * 2 ** -52;
  const hessianRounder = rounderOf(grid.tick);
  grid.rounder = rounderOf(grid.tick * powerAbove(2 * n + 2));
  for (let i = 0; i < n; i++) {
    gradients[i] = (gradients[i] + gradientRounder) - gradientRounder;
    counted[i] = ((hessians[i] + grid.rounder) - grid.rounder) + grid.tick;
    hessians[i] = (hessians[i] + hessianRounder) - hessianRounder;
  }
}

/** Rows in a sum of counted hessians. */
export function countOf(counted: number, tick: number, rounder: number): number {
  return (counted - ((counted + rounder) - rounder)) / tick;
}

/**
 * Adds rows to the histograms of the four features of a word. O(rows).
 *
 * @param words Bins of four features, (n), IN.
 * @param rows Row numbers, of which [begin, end) are added, IN.
 * @param gradients Gradient of `rows[i]` at i, IN.
 * @param counted Counted hessian of `rows[i]` at i, IN.
 * @param out The four histograms one after another, ({@linkcode QUAD_STRIDE}), IN and OUT.
 */
export function addRows(
  words: Int32Array,
  rows: Int32Array,
  begin: number,
  end: number,
  gradients: Float64Array,
  counted: Float64Array,
  out: Float64Array,
): void {
  // Four features unrolled: the row, its gradient and its hessian are loaded once for eight sums.
  for (let i = begin; i < end; i++) {
    const word = words[rows[i]], g = gradients[i], h = counted[i];
    const a = (word & 255) << 1;
    const b = FEATURE_STRIDE + ((word >>> 7) & 510);
    const c = 2 * FEATURE_STRIDE + ((word >>> 15) & 510);
    const d = 3 * FEATURE_STRIDE + ((word >>> 23) & 510);
    out[a] += g;
    out[a + 1] += h;
    out[b] += g;
    out[b + 1] += h;
    out[c] += g;
    out[c + 1] += h;
    out[d] += g;
    out[d + 1] += h;
  }
}

/** Turns a parent's histograms into those of one child by taking away the other's: `parent -= child`. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i += 4) {
    parent[i] -= child[i];
    parent[i + 1] -= child[i + 1];
    parent[i + 2] -= child[i + 2];
    parent[i + 3] -= child[i + 3];
  }
}

/** Adding and taking away 1.5·2⁵²·step rounds a number below 2⁵¹·step to a multiple of step. */
function rounderOf(step: number): number {
  return 1.5 * 2 ** 52 * step;
}

/** A power of two not below x, give or take rounding; the grids have a bit to spare. */
function powerAbove(x: number): number {
  return x > 0 ? 2 ** Math.ceil(Math.log2(x)) : 1;
}
