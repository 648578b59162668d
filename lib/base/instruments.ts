/**
 * Instruments and their names: a contract is an instrument id, under whatever name its rows came.
 *
 * @module
 */
import { type Batch, strings, u32 } from "./columns.ts";
import { isOutright } from "./contract_months.ts";

/** A contract: its name, and its instrument id where rows or the filter have told it. */
export interface Instrument {
  /** Name it goes by. */
  contract: string;
  /** Its instrument id. */
  instrumentId?: number;
}

/** An instrument and a name that rows of it bear. */
export type NamePair = readonly [instrumentId: number, name: string];

/** The columns {@linkcode namePairs} needs. */
export const PAIR_COLUMNS = ["contract", "instrument_id"] as const;

/** Every pair that occurs in a batch with {@linkcode PAIR_COLUMNS}, once each. */
export function namePairs(batch: Batch): NamePair[] {
  const ids = u32(batch, "instrument_id"), { codes, values } = strings(batch, "contract");
  const seen = new Map<number, Set<number>>(), pairs: NamePair[] = [];
  let lastId = -1, lastCode = -1;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === lastId && codes[i] === lastCode) continue;
    lastId = ids[i], lastCode = codes[i];
    const known = seen.get(lastId) ?? new Set();
    seen.set(lastId, known);
    if (known.has(lastCode)) continue;
    known.add(lastCode);
    pairs.push([lastId, values[lastCode]]);
  }
  return pairs;
}

/** The name of an instrument of which none is known. */
export function fallbackName(symbol: string, instrumentId: number): string {
  return `${symbol}_${instrumentId}`;
}

/**
 * Whether a name is an exchange's for one instrument: it ends in a month and a year, or is a user-defined spread's.
 * `ES.c.0`, `ES.FUT` or `ES` stand for what is the front, or for all.
 */
export function isInstrumentName(name: string): boolean {
  return /^UD:|[FGHJKMNQUVXZ]\d{1,2}( [CP]\d+)?$/.test(name);
}

/**
 * The name each instrument of a session goes by: of the exchange's names that no other instrument bears an outright's
 * before others, then the shortest; without any the fallback. No two instruments share one.
 *
 * @param symbol Product.
 * @param pairs Every pair of the session, in any order and number.
 */
export function canonicalNames(symbol: string, pairs: Iterable<NamePair>): Map<number, string> {
  const bearers = new Map<string, Set<number>>(), borne = new Map<number, Set<string>>();
  for (const [id, name] of pairs) {
    bearers.set(name, (bearers.get(name) ?? new Set()).add(id));
    borne.set(id, (borne.get(id) ?? new Set()).add(name));
  }
  const names = new Map<number, string>();
  for (const [id, all] of borne) {
    const [own] = [...all].filter((name) => isInstrumentName(name) && bearers.get(name)!.size === 1)
      .sort((a, b) =>
        Number(isOutright(symbol, b)) - Number(isOutright(symbol, a)) || a.length - b.length ||
        (a < b ? -1 : 1)
      );
    names.set(id, own ?? fallbackName(symbol, id));
  }
  return names;
}

/**
 * A batch whose `contract` is what each row's instrument goes by; stored rows stay as they came.
 *
 * @param batch Rows with `instrument_id`.
 * @param names Names of all its instruments, see {@linkcode canonicalNames}.
 * @throws {RangeError} If an instrument has none.
 */
export function namedByInstrument(batch: Batch, names: ReadonlyMap<number, string>): Batch {
  const ids = u32(batch, "instrument_id"), codes = new Int32Array(ids.length);
  const index = new Map<string, number>();
  let last = -1, code = -1;
  for (let i = 0; i < codes.length; i++) {
    if (ids[i] !== last) {
      const name = names.get(last = ids[i]);
      if (name === undefined) throw new RangeError(`Cannot name instrument ${last}: not among the session's`);
      code = index.get(name) ?? index.size;
      index.set(name, code);
    }
    codes[i] = code;
  }
  return {
    length: batch.length,
    columns: { ...batch.columns, contract: { codes, values: [...index.keys()] } },
  };
}
