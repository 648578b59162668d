/**
 * Option flat files: a CSV of the whole US market's prints, of which one root is kept.
 *
 * The feed's SIP time is both `ts_event_ns` and `ts_recv_ns`: it is when the consolidated tape had the print, so
 * nothing is known before it; a `participant_timestamp` column, which some exports have, is left out.
 *
 * @module
 */
import { formatNs, NULL_I16, NULL_I64, RowError, type Session } from "../../base/mod.ts";
import { shown } from "../shown.ts";
import { decimalOf, type Fields, integerOf, newFields, splitRow, textOf, writeNs } from "./csv_row.ts";
import {
  newPrintBuffer,
  type PrintBatch,
  printBatch,
  type PrintBuffer,
  type PrintDictionaries,
} from "./flat_columns.ts";
import { parseOccTicker } from "./occ_ticker.ts";

/** Rows of a flat file: `rows` = `kept` + `filtered`. */
export interface FlatFileCounts {
  /** Data rows read, the header not counted. */
  rows: number;
  /** Rows of the wanted root. */
  kept: number;
  /** Rows of other roots. */
  filtered: number;
}

/** What to read. */
export interface FlatFileOptions {
  /** File's name, for messages. */
  path: string;
  /** Root to keep; defaults to `SPY`. */
  root?: string;
  /** The trade date all prints must lie in; not checked without it. */
  session?: Session | undefined;
  /** Rows a batch; defaults to 65,536. */
  batchRows?: number;
}

/** A flat file being read. */
export interface FlatFile {
  /** Prints of the wanted root, in file order. */
  batches: AsyncGenerator<PrintBatch>;
  /** Counts so far. */
  counts: FlatFileCounts;
  /** Whether the last line, once it is read, has no line break: it may be cut inside its last field. */
  readonly openEnd: boolean;
}

const REQUIRED = [
  "ticker",
  "conditions",
  "correction",
  "exchange",
  "price",
  "sip_timestamp",
  "size",
] as const;
const LF = 10, CR = 13, QUOTE = 34, COMMA = 44;
const LONGEST_LINE = 1 << 16;
/** Bytes of an OCC ticker after its root: YYMMDD, C or P, eight digits. */
const SUFFIX = 15;

/**
 * Reads a flat file of option prints.
 *
 * Columns may stand in any order and others than the needed ones are passed over; `sequence_number`, where there
 * is one, becomes `seq`. The root is matched exactly and every expiration is kept. Empty lines are no rows. A row of
 * another root is looked at for the number of its fields alone.
 *
 * @param bytes The decompressed file in chunks of any size.
 * @param options What to read.
 * @throws {DecodeError} What reading the bytes throws, rather than the error of a row before.
 * @throws {RowError} While the batches are read: a missing column, a ticker that cannot be parsed, a row of another
 *   length whatever its root, a price, size, timestamp, exchange or correction that is not a number, a print outside the session.
 */
export function readFlatFile(bytes: AsyncIterable<Uint8Array>, options: FlatFileOptions): FlatFile {
  const reader = new FlatFileReader(options);
  return {
    batches: readAll(bytes, reader),
    counts: reader.counts,
    get openEnd() {
      return reader.openEnd;
    },
  };
}

async function* readAll(
  bytes: AsyncIterable<Uint8Array>,
  reader: FlatFileReader,
): AsyncGenerator<PrintBatch> {
  let failure: unknown;
  for await (const chunk of bytes) {
    // After a row that makes no sense the rest is read all the same: a packed stream that is damaged says so.
    if (failure !== undefined) continue;
    try {
      reader.push(chunk);
    } catch (error) {
      failure = error;
      continue;
    }
    yield* reader.done.splice(0);
  }
  if (failure !== undefined) throw failure;
  reader.end();
  yield* reader.done.splice(0);
}

/** Where each needed column stands in a line; −1 for an optional one that is missing. */
type Places = Record<(typeof REQUIRED)[number] | "sequence_number", number>;

/** Line by line, whatever the chunks; kept rows gather in column buffers. */
class FlatFileReader {
  readonly counts: FlatFileCounts = { rows: 0, kept: 0, filtered: 0 };
  readonly done: PrintBatch[] = [];
  openEnd = false;
  readonly #path: string;
  readonly #root: string;
  readonly #session: Session | undefined;
  readonly #batchRows: number;
  readonly #marker: Uint8Array;
  readonly #dictionaries: PrintDictionaries = { symbols: [], contracts: [], conditionTexts: [] };
  readonly #symbolCodes = new Map<number | string, number>();
  readonly #conditionCodes = new Map<number | string, number>();
  #tail = new Uint8Array(0);
  /** Commas of the line so far, and whether it has a quote. */
  #commas = 0;
  #quoted = false;
  #line = 0;
  #places: Places | undefined;
  #fields: Fields = newFields(0);
  #buffer: PrintBuffer;
  #rows = 0;

  constructor(options: FlatFileOptions) {
    const { path, root = "SPY", session, batchRows = 65_536 } = options;
    this.#path = path;
    this.#root = root;
    this.#session = session;
    this.#batchRows = batchRows;
    this.#marker = new TextEncoder().encode(`O:${root}`);
    this.#buffer = newPrintBuffer(batchRows);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    // A plain loop finds line ends faster than an indexOf() call for each of these short lines.
    for (let at = 0; at < chunk.length; at++) {
      const c = chunk[at];
      if (c > COMMA) continue;
      if (c === COMMA) this.#commas++;
      else if (c === QUOTE) this.#quoted = true;
      if (c !== LF) continue;
      if (this.#tail.length > 0) {
        const line = joined(this.#tail, chunk.subarray(from, at));
        this.#tail = new Uint8Array(0);
        this.#readLine(line, 0, line.length);
      } else this.#readLine(chunk, from, at);
      from = at + 1;
    }
    this.#tail = joined(this.#tail, chunk.subarray(from));
    if (this.#tail.length > LONGEST_LINE) {
      this.#line++;
      this.#failLongLine();
    }
  }

  end(): void {
    if (this.#tail.length > 0) {
      this.openEnd = true;
      this.#readLine(this.#tail, 0, this.#tail.length);
    }
    if (!this.#places) {
      this.#line = 1;
      this.#fail(`found an empty file, wanted a header with ${REQUIRED.join(",")}`);
    }
    if (this.#rows > 0) this.#flush();
  }

  #flush(): void {
    this.done.push(printBatch(this.#buffer, this.#rows, this.#dictionaries, this.#root));
    this.#buffer = newPrintBuffer(this.#batchRows);
    this.#rows = 0;
  }

  #readLine(bytes: Uint8Array, from: number, end: number): void {
    this.#line++;
    const commas = this.#commas, quoted = this.#quoted;
    this.#commas = 0;
    this.#quoted = false;
    const to = end > from && bytes[end - 1] === CR ? end - 1 : end;
    if (to === from) return;
    if (to - from > LONGEST_LINE) this.#failLongLine();
    if (!this.#places) return this.#readHeader(bytes, from, to);
    this.counts.rows++;
    if (this.#places.ticker === 0) {
      // Most of a market's rows are of other roots and are told apart by their first bytes alone.
      const marker = this.#marker, start = bytes[from] === QUOTE ? from + 1 : from;
      let same = 0;
      while (same < marker.length && bytes[start + same] === marker[same]) same++;
      if (same >= 2 && same < marker.length) {
        if (quoted || commas + 1 !== this.#fields.start.length) this.#split(bytes, from, to);
        this.counts.filtered++;
        return;
      }
    }
    this.#readRow(this.#places, bytes, from, to);
  }

  #readHeader(bytes: Uint8Array, from: number, to: number): void {
    const marked = bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
    const start = marked ? from + 3 : from, count = splitRow(bytes, start, to, newFields(0));
    if (count < 0) this.#failQuote();
    this.#fields = newFields(count);
    splitRow(bytes, start, to, this.#fields);
    const names = Array.from(this.#fields.start, (at, i) => textOf(bytes, at, this.#fields.end[i]));
    for (const name of [...REQUIRED, "sequence_number"]) {
      const found = names.indexOf(name);
      if (found < 0 && name !== "sequence_number") {
        this.#fail(`the column "${name}" is missing; found "${shown(names.join(","), 120)}"`);
      }
      if (found !== names.lastIndexOf(name)) this.#fail(`found the column "${name}" twice, wanted it once`);
    }
    const places = { sequence_number: names.indexOf("sequence_number") } as Places;
    for (const name of REQUIRED) places[name] = names.indexOf(name);
    this.#places = places;
  }

  /** Splits a line into the header's number of fields. */
  #split(bytes: Uint8Array, from: number, to: number): void {
    const wanted = this.#fields.start.length, found = splitRow(bytes, from, to, this.#fields);
    if (found < 0) this.#failQuote();
    if (found !== wanted) {
      this.#fail(`found ${found} field${found === 1 ? "" : "s"}, wanted ${wanted}; is the file cut short?`);
    }
  }

  #readRow(places: Places, bytes: Uint8Array, from: number, to: number): void {
    this.#split(bytes, from, to);
    const { start, end } = this.#fields;
    const text = (name: keyof Places) => shown(textOf(bytes, start[places[name]], end[places[name]]), 40);
    const whole = (name: keyof Places) => integerOf(bytes, start[places[name]], end[places[name]]);
    const symbol = this.#symbolCode(bytes, start[places.ticker], end[places.ticker]);
    if (symbol < 0) {
      this.counts.filtered++;
      return;
    }
    const price = decimalOf(bytes, start[places.price], end[places.price]);
    const size = whole("size"), exchange = whole("exchange");
    if (Number.isNaN(price)) {
      this.#fail(`found price "${text("price")}", wanted dollars, 0 or more, in digits that a float holds`);
    }
    if (!(size <= 0xffffffff)) {
      this.#fail(`found size "${text("size")}", wanted a whole number of contracts, 0 or more`);
    }
    if (!(exchange < 32768)) {
      this.#fail(`found exchange "${text("exchange")}", wanted a code below 32768`);
    }
    const b = this.#buffer, i = this.#rows;
    const stamp = places.sip_timestamp;
    if (!writeNs(bytes, start[stamp], end[stamp], b.tsWords, i)) {
      this.#fail(
        `found sip_timestamp "${
          text("sip_timestamp")
        }", wanted nanoseconds since 1970 in 19 digits, before 2262`,
      );
    }
    if (this.#session) this.#checkSession(b.ts[i], this.#session);
    b.symbol[i] = symbol;
    b.price[i] = price;
    b.size[i] = size;
    b.exchange[i] = exchange;
    b.conditions[i] = this.#conditionsCode(bytes, start[places.conditions], end[places.conditions]);
    b.correction[i] = this.#correction(bytes, start[places.correction], end[places.correction]);
    b.seq[i] = places.sequence_number < 0
      ? NULL_I64
      : this.#sequence(textOf(bytes, start[places.sequence_number], end[places.sequence_number]));
    b.row[i] = BigInt(this.counts.kept++);
    if (++this.#rows === this.#batchRows) this.#flush();
  }

  /** Code of a ticker of the wanted root; −1 for other roots. */
  #symbolCode(bytes: Uint8Array, from: number, to: number): number {
    const marker = this.#marker, length = to - from;
    let own = length === marker.length + SUFFIX;
    for (let i = 0; i < marker.length; i++) own = own && bytes[from + i] === marker[i];
    // Date, right and strike as one number find a ticker seen before without making its text.
    const key = own ? suffixKey(bytes, to - SUFFIX) : NaN;
    return this.#symbolCodes.get(key) ?? this.#newSymbol(textOf(bytes, from, to), key);
  }

  #newSymbol(ticker: string, key: number): number {
    const root = this.#root, contract = parseOccTicker(ticker);
    if (!contract && (!ticker.startsWith("O:") || ticker.startsWith(`O:${root}`))) {
      this.#fail(`found ticker "${shown(ticker)}", wanted one like O:SPY251216C00676000`);
    }
    if (contract?.root !== root) return -1;
    this.#symbolCodes.set(key, this.#dictionaries.symbols.length);
    this.#dictionaries.contracts.push(contract);
    return this.#dictionaries.symbols.push(ticker) - 1;
  }

  #conditionsCode(bytes: Uint8Array, from: number, to: number): number {
    if (to === from) return -1;
    const single = integerOf(bytes, from, to);
    // The length tells "12" from "012"; one code is found again without making its text.
    const key = single === single ? single * 16 + to - from : textOf(bytes, from, to);
    const known = this.#conditionCodes.get(key);
    if (known !== undefined) return known;
    const text = textOf(bytes, from, to);
    if (!/^\d+(,\d+)*$/.test(text)) {
      this.#fail(`found conditions "${shown(text)}", wanted codes with commas between`);
    }
    this.#conditionCodes.set(key, this.#dictionaries.conditionTexts.length);
    return this.#dictionaries.conditionTexts.push(text) - 1;
  }

  #checkSession(ns: bigint, session: Session): void {
    if (ns >= session.startNs && ns < session.endNs) return;
    this.#fail(
      `found a print of ${formatNs(ns)}, wanted trade date ${session.date}; give the file's own --date`,
    );
  }

  #sequence(text: string): bigint {
    if (text === "") return NULL_I64;
    if (!/^\d{1,18}$/.test(text)) {
      this.#fail(`found sequence_number "${shown(text, 40)}", wanted a whole number of up to 18 digits`);
    }
    return BigInt(text);
  }

  #correction(bytes: Uint8Array, from: number, to: number): number {
    if (to === from) return NULL_I16;
    const value = integerOf(bytes, from, to);
    if (!(value < 32768)) {
      this.#fail(`found correction "${shown(textOf(bytes, from, to), 40)}", wanted a code or nothing`);
    }
    return value;
  }

  #failQuote(): never {
    this.#fail("found a quote that is not closed or not around a whole field");
  }

  #failLongLine(): never {
    this.#fail(`found a line longer than ${LONGEST_LINE} bytes; is it a CSV flat file?`);
  }

  #fail(message: string): never {
    throw new RowError(message, this.#path, this.#line);
  }
}

/** Digits of a ticker's last 15 bytes as one exact number; NaN if they are not digits around C or P. */
function suffixKey(bytes: Uint8Array, from: number): number {
  let key = 0;
  for (let i = 0; i < SUFFIX; i++) {
    const c = bytes[from + i];
    if (i === 6) key = c === 67 ? key * 2 : c === 80 ? key * 2 + 1 : NaN;
    else key = c >= 48 && c <= 57 ? key * 10 + (c - 48) : NaN;
  }
  return key;
}

function joined(a: Uint8Array<ArrayBuffer>, b: Uint8Array): Uint8Array<ArrayBuffer> {
  if (b.length === 0) return a;
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
