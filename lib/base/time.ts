/**
 * Nanosecond time: conversions between bigint ns, exact Float64 offsets, dates and Eastern wall-clock.
 *
 * An absolute ns timestamp never becomes a JS number; an offset inside a session (below 2^53 ns, 104 days) may.
 *
 * @module
 */
import { UsageError } from "./errors.ts";

/** Nanoseconds in a second, a minute, an hour and a day, as numbers (for offsets). */
export const SECOND_NS = 1e9;
/** Nanoseconds in a minute. */
export const MINUTE_NS = 60e9;
/** Nanoseconds in an hour. */
export const HOUR_NS = 3600e9;
/** Nanoseconds in a day. */
export const DAY_NS = 86_400e9;
/** The exchange's time zone. */
export const EASTERN = "America/New_York";

const HOUR_BIG = 3_600_000_000_000n;

/**
 * Offsets of timestamps from an origin, exact in a double.
 *
 * @param ts BigInt64Array (n): ns UTC.
 * @param origin ns UTC within 104 days of every timestamp.
 * @returns Float64Array (n): ns since `origin`.
 */
export function relativeNs(ts: BigInt64Array, origin: bigint): Float64Array {
  const words = new Uint32Array(ts.buffer, ts.byteOffset, ts.length * 2);
  const originLow = Number(BigInt.asUintN(32, origin));
  const originHigh = Number(BigInt.asIntN(32, origin >> 32n));
  const out = new Float64Array(ts.length);
  // Words instead of BigInt elements: no allocation a row; both differences and their sum are exact below 2^53.
  for (let i = 0, w = 0; i < out.length; i++, w += 2) {
    out[i] = ((words[w + 1] | 0) - originHigh) * 4294967296 + (words[w] - originLow);
  }
  return out;
}

/**
 * Timestamps from offsets; the inverse of {@linkcode relativeNs}.
 *
 * @param offsets Float64Array (n): whole ns since `origin`; NaN becomes the i64 null.
 * @param origin ns UTC.
 */
export function absoluteNs(offsets: Float64Array, origin: bigint): BigInt64Array {
  const out = new BigInt64Array(offsets.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Number.isNaN(offsets[i]) ? -(2n ** 63n) : origin + BigInt(offsets[i]);
  }
  return out;
}

/**
 * Whole UTC hours since the epoch of each timestamp (floor), the partition a row belongs to.
 *
 * @param ts BigInt64Array (n): ns UTC.
 * @returns Int32Array (n).
 */
export function hoursOf(ts: BigInt64Array): Int32Array {
  const out = new Int32Array(ts.length);
  if (ts.length === 0) return out;
  const firstHour = floorDiv(ts[0], HOUR_BIG);
  const offsets = relativeNs(ts, firstHour * HOUR_BIG);
  const base = Number(firstHour);
  for (let i = 0; i < out.length; i++) {
    const offset = offsets[i];
    out[i] = Math.abs(offset) < 2 ** 52
      ? base + Math.floor(offset / HOUR_NS)
      : Number(floorDiv(ts[i], HOUR_BIG));
  }
  return out;
}

function floorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}

/** Partition of a UTC hour number: date `YYYY-MM-DD` and hour `HH`. */
export function partitionOfHour(hour: number): { date: string; hour: string } {
  const iso = new Date(hour * 3_600_000).toISOString();
  return { date: iso.slice(0, 10), hour: iso.slice(11, 13) };
}

/** UTC hour number of a partition; the inverse of {@linkcode partitionOfHour}. */
export function hourOfPartition(date: string, hour: string): number {
  return Date.parse(`${date}T${hour}:00:00Z`) / 3_600_000;
}

/** First nanosecond of a UTC hour number. */
export function hourStartNs(hour: number): bigint {
  return BigInt(hour) * HOUR_BIG;
}

/** UTC date `YYYY-MM-DD` of a timestamp. */
export function utcDate(ns: bigint): string {
  return formatNs(ns).slice(0, 10);
}

/** A timestamp as ISO 8601 with nine decimals, UTC: `2025-12-16T14:30:00.000000000Z`. */
export function formatNs(ns: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(ns).toString({ fractionalSecondDigits: 9 });
}

/** Eastern wall-clock `HH:MM:SS` of a timestamp. */
export function easternClock(ns: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(ns).toZonedDateTimeISO(EASTERN).toPlainTime().toString({
    smallestUnit: "second",
  });
}

/**
 * ns UTC of an Eastern wall-clock time.
 *
 * @param date `YYYY-MM-DD`, Eastern.
 * @param time `HH:MM`, Eastern.
 */
export function easternNs(date: string, time: string): bigint {
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(EASTERN).epochNanoseconds;
}

/** Eastern calendar date of a timestamp. */
export function easternDate(ns: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(ns).toZonedDateTimeISO(EASTERN).toPlainDate().toString();
}

/** Days since 1970-01-01 of a date, as stored in a `date` column. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

/** Date `YYYY-MM-DD` of a day number; the inverse of {@linkcode dayNumber}. */
export function dateOfDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** The date `days` later (or earlier, if negative). */
export function addDays(date: string, days: number): string {
  return dateOfDay(dayNumber(date) + days);
}

/** Day of the week of a date: 0 Sunday … 6 Saturday. */
export function weekday(date: string): number {
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}

/**
 * Checks a date given by a person.
 *
 * @param text Wanted as `YYYY-MM-DD`.
 * @param option Where it was given, for the message, such as `--date`.
 * @throws {UsageError} If it is not a calendar date.
 */
export function parseDate(text: string, option: string): string {
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(dayNumber(text)) || dateOfDay(dayNumber(text)) !== text
  ) {
    throw new UsageError(`Cannot read ${option} "${text}": wanted a date as YYYY-MM-DD`);
  }
  return text;
}
