/**
 * Whether the `reach` heads agree with each other: more time or less distance can only make reaching likelier.
 *
 * @module
 */
import type { Head } from "./heads.ts";

/** Two heads of which the second can never be less likely. */
export interface MonotonePair {
  /** The harder question: less time, or more dollars. */
  harder: string;
  /** The easier one. */
  easier: string;
  /** In what they differ. */
  by: "seconds" | "dollars";
  /** Test rows with both predictions. */
  rows: number;
  /** Share of rows on which the harder one is called likelier. */
  violations: number;
  /** Mean excess of the harder one's probability on those rows; 0 without any. */
  mean_excess: number;
}

/**
 * Compares each `reach` head with its neighbours in time and in dollars.
 *
 * @param heads Heads that were trained.
 * @param predictions Test predictions of each head, by row of the data set.
 */
export function monotonicity(
  heads: readonly Head[],
  predictions: ReadonlyMap<string, ReadonlyMap<number, number>>,
): MonotonePair[] {
  const reach = heads.filter((head) => head.kind === "reach"), pairs: MonotonePair[] = [];
  for (const harder of reach) {
    const longer = reach.filter((h) =>
      h.horizon === harder.horizon && h.dollars === harder.dollars && h.seconds! > harder.seconds!
    ).sort((a, b) =>
      a.seconds! - b.seconds!
    )[0];
    const nearer = reach.filter((h) =>
      h.horizon === harder.horizon && h.seconds === harder.seconds && h.dollars! < harder.dollars!
    ).sort((a, b) => b.dollars! - a.dollars!)[0];
    if (longer) pairs.push(compare(harder, longer, "seconds", predictions));
    if (nearer) pairs.push(compare(harder, nearer, "dollars", predictions));
  }
  return pairs;
}

function compare(
  harder: Head,
  easier: Head,
  by: MonotonePair["by"],
  predictions: ReadonlyMap<string, ReadonlyMap<number, number>>,
): MonotonePair {
  const other = predictions.get(easier.name)!;
  let rows = 0, violations = 0, excess = 0;
  for (const [row, p] of predictions.get(harder.name)!) {
    const q = other.get(row);
    if (q === undefined) continue;
    rows++;
    if (p <= q) continue;
    violations++;
    excess += p - q;
  }
  return {
    harder: harder.name,
    easier: easier.name,
    by,
    rows,
    violations: rows > 0 ? violations / rows : 0,
    mean_excess: violations > 0 ? excess / violations : 0,
  };
}
