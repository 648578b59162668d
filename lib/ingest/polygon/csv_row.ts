/**
 * One line of CSV as byte ranges, without making a string or an array of it.
 *
 * @module
 */

const COMMA = 44, QUOTE = 34;
/** The last nanosecond since 1970 that an int64 holds, in 2262: 2^63 − 1. */
const LAST_SECOND = 9_223_372_036, LAST_REST = 854_775_807;
const POWERS = Float64Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));

/** Byte ranges of a line's fields; the arrays are reused line after line. */
export interface Fields {
  /** Int32Array: first byte of each field, quotes excluded. */
  start: Int32Array;
  /** Int32Array: one past the last byte of each field. */
  end: Int32Array;
}

/** Room for `count` fields. */
export function newFields(count: number): Fields {
  return { start: new Int32Array(count), end: new Int32Array(count) };
}

/**
 * Splits a line at its commas; a field may be wrapped in double quotes and then hold commas.
 *
 * @param bytes Where the line lies.
 * @param from First byte of the line.
 * @param to One past its last byte, the line break excluded.
 * @param fields OUT: the ranges of the first fields it has room for.
 * @returns Number of fields in the line, or −1 if a quote is not closed or stands inside a field.
 */
export function splitRow(bytes: Uint8Array, from: number, to: number, fields: Fields): number {
  let count = 0, at = from;
  for (;;) {
    const quoted = bytes[at] === QUOTE && at < to;
    const start = quoted ? at + 1 : at;
    const stop = quoted ? QUOTE : COMMA;
    at = start;
    while (at < to && bytes[at] !== stop) {
      if (!quoted && bytes[at] === QUOTE) return -1;
      at++;
    }
    if (count < fields.start.length) {
      fields.start[count] = start;
      fields.end[count] = at;
    }
    count++;
    if (quoted) {
      if (at >= to) return -1;
      at++;
      if (at < to && bytes[at] !== COMMA) return -1;
    }
    if (at >= to) return count;
    at++;
  }
}

/**
 * Text of a byte range; ASCII, anything else as Latin-1.
 *
 * @param bytes Where it lies.
 * @param from First byte.
 * @param to One past the last byte.
 */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/**
 * A non-negative decimal such as `12`, `9.87` or `.05`, exactly as `Number()` would read it.
 *
 * @param bytes Where it lies.
 * @param from First byte.
 * @param to One past the last byte.
 * @returns The value, or NaN if it is anything else (a sign, an exponent, empty) or beyond what a float holds.
 */
export function decimalOf(bytes: Uint8Array, from: number, to: number): number {
  let mantissa = 0, digits = 0, decimals = -1;
  for (let i = from; i < to; i++) {
    const c = bytes[i];
    if (c === 46 && decimals < 0) decimals = 0;
    else if (c >= 48 && c <= 57) {
      mantissa = mantissa * 10 + (c - 48);
      digits++;
      if (decimals >= 0) decimals++;
    } else return NaN;
  }
  if (digits === 0) return NaN;
  if (digits > 15) {
    const value = Number(textOf(bytes, from, to));
    return value === Infinity ? NaN : value;
  }
  // Up to 15 digits over a power of ten is one correctly rounded division.
  return decimals > 0 ? mantissa / POWERS[decimals] : mantissa;
}

/**
 * A whole number of up to 15 digits and nothing else.
 *
 * @param bytes Where it lies.
 * @param from First byte.
 * @param to One past the last byte.
 * @returns The value, or NaN if it is anything else.
 */
export function integerOf(bytes: Uint8Array, from: number, to: number): number {
  let value = to > from && to - from <= 15 ? 0 : NaN;
  for (let i = from; i < to; i++) value = bytes[i] >= 48 && bytes[i] <= 57 ? value * 10 + bytes[i] - 48 : NaN;
  return value;
}

/**
 * Writes a timestamp of nanoseconds since 1970, 19 digits, into an int64 slot.
 *
 * @param bytes Where the text lies.
 * @param from First byte.
 * @param to One past the last byte.
 * @param words OUT Uint32Array: the int64 column's words, low word first.
 * @param at Row to write.
 * @returns False, nothing written, if the text is not 19 digits, or beyond int64.
 */
export function writeNs(
  bytes: Uint8Array,
  from: number,
  to: number,
  words: Uint32Array,
  at: number,
): boolean {
  if (to - from !== 19) return false;
  let seconds = 0, rest = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (!(digit >= 0 && digit <= 9)) return false;
    if (i < from + 10) seconds = seconds * 10 + digit;
    else rest = rest * 10 + digit;
  }
  if (seconds > LAST_SECOND || (seconds === LAST_SECOND && rest > LAST_REST)) return false;
  // seconds × 10^9 + rest in halves of 16 bits: every product and sum stays below 2^53, and no BigInt is made.
  const high = Math.floor(seconds / 65536) * 1e9;
  const low = (high % 65536) * 65536 + (seconds % 65536) * 1e9 + rest;
  words[2 * at] = low % 4294967296;
  words[2 * at + 1] = Math.floor(high / 65536) + Math.floor(low / 4294967296);
  return true;
}
