/**
 * Counts in bins that grow by a constant factor, for sizes and delays of any magnitude.
 *
 * @module
 */

/** A histogram; plain data, so that a worker can hand it over. */
export interface Histogram {
  /** Lower bound of the first bin. */
  low: number;
  /** Bins for each factor of ten. */
  perDecade: number;
  /** Values in each bin; the first and the last hold what lies beyond, Float64Array (bins). */
  counts: Float64Array;
}

/** A histogram without values. */
export function newHistogram(low: number, perDecade: number, decades: number): Histogram {
  return { low, perDecade, counts: new Float64Array(perDecade * decades) };
}

/** A histogram of sizes in contracts, from one on. */
export function sizeHistogram(): Histogram {
  return newHistogram(1, 8, 5);
}

/** Adds a value. */
export function addTo({ low, perDecade, counts }: Histogram, value: number): void {
  const bin = value <= low ? 0 : Math.floor(Math.log10(value / low) * perDecade + 1e-9);
  counts[Math.min(bin, counts.length - 1)]++;
}

/** Lower bound of a bin. */
export function boundOf({ low, perDecade }: Histogram, bin: number): number {
  return low * 10 ** (bin / perDecade);
}

/** The value below which a share of the values lies, as its bin's upper bound; NaN without values. */
export function quantileOf(histogram: Histogram, share: number): number {
  const { counts } = histogram, wanted = share * counts.reduce((sum, n) => sum + n, 0);
  if (wanted === 0) return NaN;
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin];
    if (sum >= wanted) return boundOf(histogram, bin + 1);
  }
  return Infinity;
}
