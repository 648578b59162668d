/**
 * Option prints that two kinds of source brought: the same day as a flat file, over REST, or live.
 *
 * @module
 */
import { type Batch, f64, i16, i64, NULL_I16, NULL_I64, type Strings, strings, u32 } from "../base/mod.ts";

/** Columns that tell whether two records are one print, and which of them says more. */
export const PRINT_COLUMNS = [
  "ts_event_ns",
  "source",
  "option_symbol",
  "price",
  "size",
  "exchange",
  "conditions",
  "correction",
  "seq",
];

/** Whole units in which a source may tell the time, ns, coarsest first. */
const UNITS = [1_000_000n, 1_000n, 1n];

/**
 * Prints that a richer source has too: equal in contract, price, size, exchange, conditions and in time as far as the
 * coarser source tells it. Richer is who tells the time finer, then who states sequence numbers, then corrections. Of
 * several equal prints as many stay as the source with most of them has.
 *
 * @param batch Rows with {@linkcode PRINT_COLUMNS}, of one hour.
 * @returns Uint32Array: rows that say nothing new, ascending; none of a single kind of source.
 */
export function sameElsewhere(batch: Batch): Uint32Array {
  const source = strings(batch, "source"), kinds = [...new Set(source.codes)];
  if (kinds.length < 2) return new Uint32Array();
  const ts = i64(batch, "ts_event_ns"), seq = i64(batch, "seq"), correction = i16(batch, "correction");
  const facts = kinds.map((code) => {
    const rows = Uint32Array.from(source.codes.keys()).filter((i) => source.codes[i] === code);
    const unit = UNITS.find((unit) => rows.every((i) => ts[i] % unit === 0n))!;
    const share = (known: (row: number) => boolean) => rows.filter(known).length / rows.length;
    const sequenced = share((i) => seq[i] !== NULL_I64), corrected = share((i) => correction[i] !== NULL_I16);
    return { rows, unit, sequenced, corrected, name: source.values[code] };
  });
  const unit = facts.reduce((most, fact) => fact.unit > most ? fact.unit : most, 1n);
  facts.sort((a, b) =>
    Number(a.unit - b.unit) || b.sequenced - a.sequenced || b.corrected - a.corrected ||
    (a.name < b.name ? -1 : 1)
  );
  const keyOf = keys(batch, ts, unit), left = new Map<string, number>(), out: number[] = [];
  for (const { rows } of facts) {
    const mine = new Map<string, number>();
    for (const row of rows) {
      const key = keyOf(row), n = (mine.get(key) ?? 0) + 1;
      mine.set(key, n);
      if (n <= (left.get(key) ?? 0)) out.push(row);
    }
    for (const [key, n] of mine) left.set(key, Math.max(n, left.get(key) ?? 0));
  }
  return Uint32Array.from(out).sort();
}

function keys(batch: Batch, ts: BigInt64Array, unit: bigint): (row: number) => string {
  const symbol = strings(batch, "option_symbol").codes, conditions: Strings = strings(batch, "conditions");
  const price = f64(batch, "price"), size = u32(batch, "size"), exchange = i16(batch, "exchange");
  // No conditions are told as null by one source and as an empty field by another.
  const said = (code: number) => code < 0 ? "" : conditions.values[code];
  return (i) =>
    `${symbol[i]} ${ts[i] / unit} ${price[i]} ${size[i]} ${exchange[i]} ${said(conditions.codes[i])}`;
}
