/**
 * Uniqueness: how much of a row's label is its own.
 *
 * @module
 */

/**
 * Mean over each row's span [start, end) of 1/(rows whose spans hold that moment); the integral is exact, piece by
 * piece between the ends of spans.
 *
 * Source: average uniqueness, López de Prado, "Advances in Financial Machine Learning" (2018), chapter 4.
 *
 * @param start Float64Array (n): span starts, ns since one origin.
 * @param end Float64Array (n): span ends, after the starts.
 * @returns Float64Array (n): weights in (0, 1].
 */
export function uniqueness(start: Float64Array, end: Float64Array): Float64Array {
  const starts = start.slice().sort(), ends = end.slice().sort();
  const edges = Float64Array.from(new Set([...starts, ...ends])).sort();
  const holders = new Float64Array(edges.length);
  for (let e = 0, begun = 0, over = 0; e < edges.length; e++) {
    while (begun < starts.length && starts[begun] <= edges[e]) begun++;
    while (over < ends.length && ends[over] <= edges[e]) over++;
    holders[e] = begun - over;
  }
  const edgeOf = new Map<number, number>();
  for (let e = 0; e < edges.length; e++) edgeOf.set(edges[e], e);
  const weights = new Float64Array(start.length);
  for (let i = 0; i < weights.length; i++) {
    let sum = 0;
    for (let e = edgeOf.get(start[i])!; edges[e] < end[i]; e++) sum += (edges[e + 1] - edges[e]) / holders[e];
    weights[i] = sum / (end[i] - start[i]);
  }
  return weights;
}
