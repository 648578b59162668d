/**
 * What a print's condition codes and correction say about it.
 *
 * @module
 */
import { type Config, NULL_I16 } from "../base/mod.ts";

/** What a print may be used for. */
export interface PrintKind {
  /** Counts in the flow: neither cancelled nor corrected. */
  flow: boolean;
  /** Neither late, multi-leg nor stock-tied. */
  singleLeg: boolean;
}

/**
 * The kind of a print by its condition codes alone.
 *
 * @param conditions Codes with commas between, null for none.
 * @param options Code lists, `CONFIG.options`.
 */
export function kindOfConditions(conditions: string | null, options: Config["options"]): PrintKind {
  const [first, last] = options.multiLeg;
  let flow = true, singleLeg = true;
  for (const code of conditions === null ? [] : conditions.split(",").map(Number)) {
    if (options.cancelled.includes(code)) flow = false;
    if (options.late.includes(code) || (code >= first && code <= last)) singleLeg = false;
  }
  return { flow, singleLeg };
}

/** Whether a correction indicator leaves the print as it is: 0 or none. */
export function isUncorrected(correction: number): boolean {
  return correction === 0 || correction === NULL_I16;
}
