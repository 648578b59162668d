/** Quotient, NaN (null) where the divisor is zero. */
export function ratio(a: number, b: number): number {
  return b === 0 ? NaN : a / b;
}

/** `x` kept within [−1, 1]; NaN stays NaN. */
export function clip(x: number): number {
  return Math.max(-1, Math.min(1, x));
}

/** Mean of the numbers that are not NaN, added in order; NaN without any. */
export function meanOf(values: readonly number[]): number {
  let sum = 0, n = 0;
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    sum += x;
    n++;
  }
  return ratio(sum, n);
}

/** tanh, with 0 for −0: a stored zero has one form. */
export function squash(x: number): number {
  return Math.tanh(x) + 0;
}
