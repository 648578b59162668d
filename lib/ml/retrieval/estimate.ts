/**
 * What neighbours say: probabilities and means weighted by nearness.
 *
 * @module
 */
import { outcomesOf, type RetrievalIndex } from "./index.ts";
import type { Neighbours } from "./search.ts";

/** What was found for each of q queries; NaN where there is no neighbour. */
export interface Estimates {
  /** Int32Array (q): neighbours found. */
  neighbours: Int32Array;
  /** Int32Array (q): those of them whose outcome is BREAK or BOUNCE. */
  decided: Int32Array;
  /** Float64Array (q): weighted share whose outcome is BREAK. */
  p_break: Float64Array;
  /** Float64Array (q): weighted share whose outcome is BOUNCE. */
  p_bounce: Float64Array;
  /** Float64Array (q): weighted share that reached $2. */
  p_tradeable_2: Float64Array;
  /** Float64Array (q): weighted mean of strength_signed, dollars. */
  strength: Float64Array;
  /** Float64Array (q): weighted mean of strength_abs, dollars. */
  strength_abs: Float64Array;
  /** Float64Array (q): weighted mean seconds to $1 of those that reached it; NaN if none did. */
  seconds_1: Float64Array;
  /** Float64Array (q): weighted mean seconds to $2 of those that reached it; NaN if none did. */
  seconds_2: Float64Array;
  /** Float64Array (q): mean of 1/(1 + distance): 1 for neighbours equal to the query. */
  similarity: Float64Array;
  /** Float64Array (q): entropy of BREAK, BOUNCE, CHOP over ln 3: 0 of one mind, 1 no wiser than chance. */
  entropy: Float64Array;
}

/**
 * Estimates from neighbours; weights are 1/(distance + epsilon).
 *
 * @param index The index they lie in.
 * @param found The neighbours.
 * @param epsilon Added to distances.
 * @throws {ModelError} If a row of the index lacks its labels.
 */
export function estimate(index: RetrievalIndex, found: Neighbours, epsilon: number): Estimates {
  const { outcome, tradeable, strength, strengthAbs, secondsLow, seconds } = outcomesOf(index);
  const { k } = found, q = found.count.length;
  const column = () => new Float64Array(q).fill(NaN);
  const out: Estimates = {
    neighbours: found.count,
    decided: new Int32Array(q),
    p_break: column(),
    p_bounce: column(),
    p_tradeable_2: column(),
    strength: column(),
    strength_abs: column(),
    seconds_1: column(),
    seconds_2: column(),
    similarity: column(),
    entropy: column(),
  };
  const broke = outcome.values.indexOf("BREAK"), bounced = outcome.values.indexOf("BOUNCE");
  for (let i = 0; i < q; i++) {
    let total = 0, breaks = 0, bounces = 0, reached = 0, strong = 0, size = 0, similar = 0;
    const low = new MeanOfKnown(), high = new MeanOfKnown();
    for (let j = i * k; j < i * k + found.count[i]; j++) {
      const row = found.row[j], weight = 1 / (found.distance[j] + epsilon);
      total += weight;
      if (outcome.codes[row] === broke) breaks += weight;
      if (outcome.codes[row] === bounced) bounces += weight;
      if (outcome.codes[row] === broke || outcome.codes[row] === bounced) out.decided[i]++;
      reached += weight * tradeable[row];
      strong += weight * strength[row];
      size += weight * strengthAbs[row];
      similar += 1 / (1 + found.distance[j]);
      low.add(secondsLow[row], weight);
      high.add(seconds[row], weight);
    }
    if (found.count[i] === 0) continue;
    out.p_break[i] = breaks / total;
    out.p_bounce[i] = bounces / total;
    out.p_tradeable_2[i] = reached / total;
    out.strength[i] = strong / total;
    out.strength_abs[i] = size / total;
    out.seconds_1[i] = low.value;
    out.seconds_2[i] = high.value;
    out.similarity[i] = similar / found.count[i];
    out.entropy[i] = entropyOf([breaks, bounces, total - breaks - bounces].map((w) => w / total));
  }
  return out;
}

/** A weighted mean of what is known; NaN where nothing is. */
class MeanOfKnown {
  #sum = 0;
  #weight = 0;

  add(value: number, weight: number): void {
    if (Number.isNaN(value)) return;
    this.#sum += weight * value;
    this.#weight += weight;
  }

  get value(): number {
    return this.#sum / this.#weight;
  }
}

function entropyOf(shares: number[]): number {
  return shares.reduce((sum, p) => p > 0 ? sum - p * Math.log(p) : sum, 0) / Math.log(shares.length);
}
