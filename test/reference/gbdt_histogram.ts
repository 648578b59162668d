/** The plain way to add up a histogram of bins, in the order of the rows. */

/** Sums of one feature: gradient and counted hessian of each of the 256 bins. */
export interface NaiveHistogram {
  gradient: Float64Array;
  counted: Float64Array;
}

/** One row at a time, one bin at a time. */
export function naiveHistogram(
  binOfRow: (row: number) => number,
  rows: Iterable<number>,
  gradients: Float64Array,
  counted: Float64Array,
): NaiveHistogram {
  const out = { gradient: new Float64Array(256), counted: new Float64Array(256) };
  for (const row of rows) {
    out.gradient[binOfRow(row)] += gradients[row];
    out.counted[binOfRow(row)] += counted[row];
  }
  return out;
}
