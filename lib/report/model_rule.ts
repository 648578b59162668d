/**
 * Economic sanity: what a fixed rule on the models' probabilities would have caught on dates they had not seen.
 *
 * @module
 */
import { type Batch, f64, i8, strings } from "../base/mod.ts";
import type { TableView } from "./page.ts";
import { percent } from "./plot.ts";

/** A rule and what it caught. Every touch counts one, whether or not others share its minutes. */
export interface RuleCatch {
  /** The rule in words. */
  rule: string;
  /** Rows with an outcome on which the rule was asked. */
  rows: number;
  /** Rows it chose. */
  caught: number;
  /** Chosen rows on which it was right. */
  hits: number;
  /** Rows on which it would have been right had it chosen all. */
  base: number;
  /** Mean excursion its way less the excursion against it, $, on chosen rows; NaN without rows. */
  dollars: number;
}

/** Probabilities of some rows of Gold. */
export interface RuleInput {
  /** Gold rows. */
  batch: Batch;
  /** Row numbers on which the rule is asked, k. */
  rows: Uint32Array;
  /** Primary horizon, minutes: outcomes and excursions are its. */
  horizon: number;
  /** Least probability to act on. */
  threshold: number;
  /** Float64Array (k): chance that the break side is first, given that a side is reached. */
  direction?: Float64Array;
  /** Float64Array (k): chance that a side is reached. */
  tradeable?: Float64Array;
  /** Float64Array (k): chance that the break side's scaled barrier is reached first, given that one is. */
  passage?: Float64Array;
}

/**
 * Counts what the rules would have caught: `p_break`, and its mirror for bounces, at the threshold or above; for
 * the direction alone, for direction and movement together, and for the first passage. A touch after which nothing
 * happens is a miss, as it would be to who acted on it.
 *
 * @param input Rows and probabilities; rules without theirs are left out.
 */
export function ruleCatches(input: RuleInput): RuleCatch[] {
  const { horizon, direction, tradeable, passage, threshold } = input;
  const found: RuleCatch[] = [], at = `${horizon}m`;
  const both = (name: string, p: (k: number) => number, q: (k: number) => number, side: Side) => {
    found.push(count(input, `${name}: break ≥ ${threshold}`, (k) => p(k) >= threshold, 1, side));
    found.push(count(input, `${name}: bounce ≥ ${threshold}`, (k) => q(k) >= threshold, -1, side));
  };
  if (direction) both(`direction_${at}`, (k) => direction[k], (k) => 1 - direction[k], outcomeOf(input));
  if (direction && tradeable) {
    const p = (k: number) => tradeable[k] * direction[k],
      q = (k: number) => tradeable[k] * (1 - direction[k]);
    both(`tradeable_2_${at} × direction_${at}`, p, q, outcomeOf(input));
  }
  if (passage) both("fp_outcome", (k) => passage[k], (k) => 1 - passage[k], passageOf(input));
  return found;
}

/** What happened to a row: 1 break, −1 bounce, 0 neither, NaN not known. */
type Side = (row: number) => number;

function outcomeOf({ batch, horizon }: RuleInput): Side {
  const { codes, values } = strings(batch, `outcome_${horizon}m`);
  const sides = values.map((value) => ({ BREAK: 1, BOUNCE: -1, CHOP: 0 })[value] ?? NaN);
  return (row) => codes[row] < 0 ? NaN : sides[codes[row]];
}

function passageOf({ batch }: RuleInput): Side {
  const outcome = i8(batch, "fp_outcome");
  return (row) => Math.abs(outcome[row]) <= 1 ? outcome[row] : NaN;
}

function count(
  { batch, rows, horizon }: RuleInput,
  rule: string,
  chosen: (k: number) => boolean,
  wanted: 1 | -1,
  side: Side,
): RuleCatch {
  const strength = f64(batch, `strength_signed_${horizon}m`);
  const result = { rule, rows: 0, caught: 0, hits: 0, base: 0, dollars: NaN };
  let dollars = 0, known = 0;
  rows.forEach((row, k) => {
    const happened = side(row);
    if (Number.isNaN(happened)) return;
    result.rows++;
    if (happened === wanted) result.base++;
    if (!chosen(k)) return;
    result.caught++;
    if (happened === wanted) result.hits++;
    if (Number.isNaN(strength[row])) return;
    dollars += wanted * strength[row];
    known++;
  });
  return { ...result, dollars: dollars / known };
}

/** The rules as a table. */
export function ruleTable(catches: readonly RuleCatch[]): TableView {
  const share = (part: number, whole: number) => whole === 0 ? "–" : percent(part / whole);
  return {
    caption: "Fixed rules on unseen dates, before any cost",
    head: ["rule", "touches", "caught", "right", "right by base rate", "excursion its way − against, $"],
    rows: catches.map(({ rule, rows, caught, hits, base, dollars }) => [
      rule,
      rows,
      caught,
      share(hits, caught),
      share(base, rows),
      Number.isNaN(dollars) ? null : Number(dollars.toFixed(2)),
    ]),
  };
}
