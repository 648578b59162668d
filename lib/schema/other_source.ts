/**
 * Option prints that two kinds of source brought: the same day as a flat file, over REST, or live. Pure; Bronze's
 * repair, its audit and Silver's compaction share it.
 *
 * @module
 */
import { type Batch, i16, i64, NULL_I16, NULL_I64, type Strings, strings } from "../base/mod.ts";
import { groupRows, keyWords, mixedGroups } from "./dedup.ts";

/** Columns that tell whether two records are one print, and which of them says more. */
export const PRINT_COLUMNS = [
  "ts_event_ns",
  "ts_recv_ns",
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
 * coarser source tells it. Richer is who tells the time finer, then who states sequence numbers, then corrections; but
 * a record that says its print was corrected or cancelled stays. Of several equal prints as many stay as the source
 * with most of them has. Prints a millisecond apart have no say in each other, so that what comes later changes nothing.
 *
 * @param batch Rows with {@linkcode PRINT_COLUMNS}.
 * @returns Uint32Array: rows that say nothing new, ascending; none of a single kind of source.
 */
export function sameElsewhere(batch: Batch): Uint32Array {
  const source = strings(batch, "source");
  if (new Set(source.codes).size < 2) return new Uint32Array();
  const ts = i64(batch, "ts_event_ns"), conditions = saidOf(strings(batch, "conditions"));
  const rounded = { length: batch.length, columns: { ...batch.columns, conditions, ms: millisOf(ts) } };
  const key = ["ms", "option_symbol", "price", "size", "exchange", "conditions"];
  const groups = groupRows(key.map((name) => keyWords(rounded, name)), batch.length);
  const mixed = mixedGroups(groups.of, groups.count, source.codes);
  const members: number[][] = Array.from({ length: mixed.count }, () => []);
  for (let i = 0; i < batch.length; i++) {
    const m = mixed.number[groups.of[i]];
    if (m >= 0) members[m].push(i);
  }
  const out = members.flatMap((rows) => surplusOf(batch, rows));
  return Uint32Array.from(out).sort();
}

/** Of rows alike but for the time within a millisecond: those that say nothing new. */
function surplusOf(batch: Batch, rows: readonly number[]): number[] {
  const source = strings(batch, "source"), ts = i64(batch, "ts_event_ns"), recv = i64(batch, "ts_recv_ns");
  const seq = i64(batch, "seq"), correction = i16(batch, "correction");
  const isCorrected = (row: number) => correction[row] !== 0 && correction[row] !== NULL_I16;
  const kinds = [...Map.groupBy(rows, (row) => source.codes[row])].map(([code, rows]) => ({
    name: source.values[code],
    rows,
    unit: UNITS.find((unit) => rows.every((row) => ts[row] % unit === 0n))!,
    sequenced: rows.filter((row) => seq[row] !== NULL_I64).length / rows.length,
    corrected: rows.filter((row) => correction[row] !== NULL_I16).length / rows.length,
  })).sort((a, b) =>
    Number(a.unit - b.unit) || b.sequenced - a.sequenced || b.corrected - a.corrected ||
    (a.name < b.name ? -1 : 1)
  );
  const unit = kinds.reduce((most, kind) => kind.unit > most ? kind.unit : most, 1n);
  const rank = new Map(kinds.flatMap(({ rows }, k) => rows.map((row) => [row, k])));
  const surplus: number[] = [];
  for (const alike of Map.groupBy(rows, (row) => ts[row] / unit).values()) {
    const most = Math.max(...Map.groupBy(alike, (row) => rank.get(row)).values().map(({ length }) => length));
    alike.sort((a, b) =>
      Number(isCorrected(b)) - Number(isCorrected(a)) || rank.get(a)! - rank.get(b)! ||
      Number(ts[a] - ts[b]) || Number(recv[a] - recv[b]) || correction[b] - correction[a] ||
      Number(seq[a] - seq[b]) || a - b
    );
    surplus.push(...alike.slice(most));
  }
  return surplus;
}

/** No conditions are told as null by one source and as an empty field by another. */
function saidOf({ codes, values }: Strings): Strings {
  return { codes: codes.map((code) => (code < 0 ? values.length : code)), values: [...values, ""] };
}

const MS_NS = 1_000_000n;

function millisOf(ts: BigInt64Array): BigInt64Array {
  return ts.map((ns) => ns / MS_NS);
}
