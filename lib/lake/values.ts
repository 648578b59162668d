/**
 * The values of a file against its table's declaration: nulls, numbers that are none, times that make no sense.
 *
 * @module
 */
import pl, { type DataFrame, type Expr } from "nodejs-polars";
import { dayNumber, HOUR_NS, hourOfPartition, hourStartNs, SchemaError, sessionOf } from "../base/mod.ts";
import { RESTORE } from "./files.ts";
import { type ColumnSpec, isTime, schemaId, type TableSchema } from "../schema/mod.ts";

/** Values from the first to before the last: ns UTC, or days since 1970-01-01. */
interface Span {
  first: bigint;
  end: bigint;
  /** In words. */
  what: string;
}

const YEARS = ["2000-01-01", "2100-01-01"] as const;
const IN_WORDS = "the years 2000 to 2099";
const [CENTURY, DAYS] = [
  (date: string) => hourStartNs(hourOfPartition(date, "00")),
  (date: string) => BigInt(dayNumber(date)),
]
  .map((of): Span => ({ first: of(YEARS[0]), end: of(YEARS[1]), what: IN_WORDS }));

/** Where a file lies and how far it is trusted. */
export interface ValueOptions {
  /** Relative path: its partition says which times its rows have. */
  file: string;
  /** Leave times unchecked. */
  anyTime?: boolean;
}

/** What a column may not hold. */
interface Rule {
  what: string;
  bad(column: Expr): Expr;
}

const NULL: Rule = { what: "null", bad: (column) => column.isNull() };
const INFINITE: Rule = { what: "infinite", bad: (column) => column.isInfinite() };
const NOT_FINITE: Rule = { what: "not finite", bad: (column) => column.isFinite().not() };

function outside({ first, end, what }: Span): Rule {
  // A literal of more than 53 bits goes as text.
  const literal = (value: bigint) => pl.lit(String(value)).cast(pl.Int64);
  return {
    what: `outside ${what}`,
    bad: (column) => {
      const value = column.cast(pl.Int64);
      return value.lt(literal(first)).or(value.gtEq(literal(end)));
    },
  };
}

/** What is asked of a frame's columns in one native call. */
interface Questions {
  /** Of these the sum. */
  floats: string[];
  /** Of these, dates and times, the least and the greatest. */
  times: string[];
  asked: Expr[];
}

/** Questions by table and names: of a small file they take as long to build as to answer. */
const questions = new WeakMap<TableSchema, Map<string, Questions>>();

function questionsOf(table: TableSchema, names: readonly string[]): Questions {
  let known = questions.get(table);
  if (!known) questions.set(table, known = new Map());
  const key = names.join();
  let made = known.get(key);
  if (!made) known.set(key, made = questionsOn(table, names));
  return made;
}

function questionsOn(table: TableSchema, names: readonly string[]): Questions {
  const of = (test: (spec: ColumnSpec) => boolean) => names.filter((name) => test(table.columns[name]));
  const floats = of(({ dtype }) => dtype === "f64"),
    times = of((spec) => spec.dtype === "date" || isTime(spec));
  const asked: Expr[] = [];
  if (floats.length > 0) asked.push(pl.cols(floats).sum());
  if (times.length > 0) {
    // As text: as a number a time would be rounded.
    const whole = pl.cols(times).cast(pl.Int64);
    asked.push(whole.min().cast(pl.String), whole.max().cast(pl.String).suffix(" "));
  }
  return { floats, times, asked };
}

/**
 * Checks the values of a frame.
 *
 * @param table The declaration.
 * @param frame Rows with columns of the declared types.
 * @param names Columns to check.
 * @param options See {@linkcode ValueOptions}.
 * @throws {SchemaError} At the first column with a null that it may not have, a number that is not finite, a date or
 *   time that is not of this century, or a time that is not of the file's hour or session.
 */
export function checkValues(
  table: TableSchema,
  frame: DataFrame,
  names: readonly string[],
  { file, anyTime = false }: ValueOptions,
): void {
  if (frame.height === 0) return;
  const refuse = (name: string, rule: Rule) => refuseWhere(table, frame, name, file, rule);
  // Two native calls for all columns: a call a column takes longer than reading a small file. `rows()`, for `row` may
  // be a column.
  const nulls = frame.nullCount().rows()[0] as number[];
  frame.columns.forEach((name, i) => {
    if (nulls[i] > 0 && names.includes(name) && !table.columns[name].nullable) refuse(name, NULL);
  });
  const { floats, times, asked } = questionsOf(table, names);
  if (asked.length === 0) return;
  const answers = frame.select(...asked).rows()[0] as (number | string | null)[];
  floats.forEach((name, i) => {
    // A finite sum is one of finite numbers; another may be too.
    if (!Number.isFinite(answers[i])) refuse(name, table.columns[name].nullable ? INFINITE : NOT_FINITE);
  });
  if (anyTime || times.length === 0) return;
  const place = placeOf(table, file);
  times.forEach((name, i) => {
    const least = answers[floats.length + i], greatest = answers[floats.length + times.length + i];
    if (least === null || greatest === null) return;
    const span = spanOf(table, name, place);
    if (BigInt(least) < span.first || BigInt(greatest) >= span.end) refuse(name, outside(span));
  });
}

/** Which values a date or a time may have; the first of a table's times is the one it is cut by. */
function spanOf({ columns }: TableSchema, name: string, place: Span | undefined): Span {
  if (columns[name].dtype === "date") return DAYS;
  const cut = Object.keys(columns).find((other) => columns[other].unit === "ns UTC");
  return place && name === cut ? place : CENTURY;
}

/** The times that rows of a file have by its place, where its place says so. */
function placeOf({ location }: TableSchema, file: string): Span | undefined {
  const [, date, hour] = /(?:^|\/)date=(\d{4}-\d\d-\d\d)(?:\/hour=(\d\d))?\/[^/]+$/.exec(file) ?? [];
  if (location.by === "hour" && hour !== undefined) {
    const first = hourStartNs(hourOfPartition(date, hour));
    return { first, end: first + BigInt(HOUR_NS), what: `its hour, ${date} ${hour}:00 UTC` };
  }
  if (location.by === "session" && date !== undefined && hour === undefined) {
    const { startNs, endNs } = sessionOf(date);
    return { first: startNs, end: endNs, what: `its session, ${date}` };
  }
  return undefined;
}

/** Throws if there is a value that breaks a rule, and says where. */
function refuseWhere(
  table: TableSchema,
  frame: DataFrame,
  name: string,
  file: string,
  { what, bad }: Rule,
): void {
  const marks = frame.select(bad(pl.col(name)).fillNull(pl.lit(false)).cast(pl.UInt8).alias("bad"));
  const rows = marks.getColumn("bad").toTypedArray() as Uint8Array;
  const count = rows.reduce((n, mark) => n + mark, 0), first = rows.indexOf(1);
  if (count === 0) return;
  throw new SchemaError(
    `found ${count} of ${frame.height} values ${what} in ${file}, the first in row ${first}; ${RESTORE}`,
    schemaId(table),
    name,
  );
}
