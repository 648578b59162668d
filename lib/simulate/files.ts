/**
 * The simulated market as the files a person would download.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { addDays, type Batch, isStrings, nextTradingDay, sessionOf, utcDate } from "../base/mod.ts";
import {
  compressZstd,
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
  SCHEMA_CODES,
} from "../ingest/mod.ts";
import { plantBytes } from "./fault_prints.ts";
import { faultsOf } from "./faults.ts";
import { instrumentsOf } from "./instruments.ts";
import { flatFile } from "./prints.ts";
import { type SessionEnd, type SimulateOptions, simulateSession } from "./session.ts";
import type { PlantedFault } from "./truth.ts";

/** A file of the simulated market. */
export interface SimulatedFile {
  /** Path below the output folder. */
  name: string;
  /** Its bytes; to be read to the end before the next file is asked for. */
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What to write. Faults of rows are planted in the last session, those of files in the first one's. */
export interface SimulateFilesOptions extends Omit<SimulateOptions, "date"> {
  /** Trade dates of the sessions wanted, ascending. */
  dates: readonly string[];
}

type FileFault = "truncated-file" | "corrupt-frame";

const PARENT_SYMBOLOGY = 4;

/**
 * The UTC dates whose files hold the wanted sessions: a session begins on the evening before its date.
 *
 * @param dates Trade dates.
 */
export function utcDatesOf(dates: readonly string[]): string[] {
  const found = new Set<string>();
  for (const date of dates) found.add(utcDate(sessionOf(date).overnightNs)).add(date);
  return [...found].sort();
}

/**
 * Every file of the wanted sessions, in order of UTC date.
 *
 * @param options What to write.
 */
export async function* simulateFiles(options: SimulateFilesOptions): AsyncGenerator<SimulatedFile> {
  for (const date of utcDatesOf(options.dates)) yield* simulateUtcDate(date, options);
  yield { name: "symbology.json", bytes: [new TextEncoder().encode(symbologyJson(options.dates))] };
}

/**
 * The files of one UTC date: books, trades, and those of the session that closes on it: option prints, truth.
 *
 * The bytes follow from the seed, the date and which of its sessions are wanted, so dates can be made apart.
 *
 * @param date UTC date, one of {@linkcode utcDatesOf}.
 * @param options What to write.
 */
export async function* simulateUtcDate(
  date: string,
  options: SimulateFilesOptions,
): AsyncGenerator<SimulatedFile> {
  const trades: Uint8Array[] = [dbnHead(date, "trades", options.dates)];
  const ends: SessionEnd[] = [];
  const name = `glbx-mdp3-${date.replaceAll("-", "")}`;
  const damaged = faultsOf(date === options.dates[0] ? options.faults ?? [] : [], "file");
  const planted: PlantedFault[] = [];
  const file = (fileName: string, kind: FileFault, source: Iterable<Uint8Array>): SimulatedFile => {
    const whole = compressZstd(source, 1);
    return { name: fileName, bytes: damaged.includes(kind) ? damage(kind, fileName, whole, planted) : whole };
  };
  yield file(`${name}.mbp-10.dbn.zst`, "corrupt-frame", bookBytes(date, options, trades, ends));
  yield file(`${name}.trades.dbn.zst`, "truncated-file", trades);
  for (const { prints, truth } of ends) {
    yield* sessionFiles(date, { prints, truth: { ...truth, faults: [...truth.faults, ...planted] } });
  }
}

async function* damage(
  kind: FileFault,
  name: string,
  whole: AsyncIterable<Uint8Array>,
  planted: PlantedFault[],
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of whole) chunks.push(chunk);
  const damaged = plantBytes(kind, name, joined(chunks));
  planted.push(damaged.planted);
  yield damaged.bytes;
}

/** Bytes of the books; the trades that come on the way are put aside, the session's end too. */
function* bookBytes(
  date: string,
  options: SimulateFilesOptions,
  trades: Uint8Array[],
  ends: SessionEnd[],
): Generator<Uint8Array> {
  yield dbnHead(date, "mbp-10", options.dates);
  for (const session of sessionsOn(date, options.dates)) {
    const faults = session === options.dates.at(-1) ? options.faults ?? [] : [];
    const run = simulateSession({ ...options, faults, date: session });
    for (;;) {
      const step = run.next();
      if (step.done) {
        ends.push(step.value);
        break;
      }
      const { table, utcDate: fileDate, batch } = step.value;
      if (fileDate > date) break;
      if (fileDate < date) continue;
      if (table === "trades") trades.push(encodeTrades(batch));
      else yield encodeMbp10(batch);
    }
  }
}

/** The wanted sessions with records on a UTC date: the one that closes on it, the one that opens. */
function sessionsOn(date: string, wanted: readonly string[]): string[] {
  const next = nextTradingDay(date);
  return [date, next].filter((d) =>
    wanted.includes(d) && (d === date || utcDate(sessionOf(d).overnightNs) === date)
  );
}

function dbnHead(date: string, schema: "trades" | "mbp-10", wanted: readonly string[]): Uint8Array {
  const number = (day: string) => Number(day.replaceAll("-", ""));
  const seen = new Map(sessionsOn(date, wanted).flatMap((d) => instrumentsOf(d).all.map((i) => [i.name, i])));
  return encodeMetadata(makeMetadata({
    schema: SCHEMA_CODES[schema],
    startNs: BigInt(Date.parse(`${date}T00:00:00Z`)) * 1_000_000n,
    endNs: BigInt(Date.parse(`${addDays(date, 1)}T00:00:00Z`)) * 1_000_000n,
    stypeIn: PARENT_SYMBOLOGY,
    symbols: ["ES.FUT"],
    mappings: [...seen.values()].map(({ name, id }) => ({
      rawSymbol: name,
      intervals: [{ start: number(date), end: number(addDays(date, 1)), symbol: String(id) }],
    })),
  }));
}

function* sessionFiles(date: string, { prints, truth }: SessionEnd): Generator<SimulatedFile> {
  const origin = sessionOf(date).overnightNs;
  const [year, month] = date.split("-");
  const chunks = [...flatFile(prints, origin)];
  yield {
    name: `us_options_opra/trades_v1/${year}/${month}/${date}.csv.gz`,
    bytes: [new Uint8Array(gzipSync(joined(chunks), { level: 4 }))],
  };
  const { faults, ...tables } = truth;
  for (const [name, batch] of Object.entries(tables)) {
    yield { name: `truth/${date}.${name}.csv`, bytes: csvOf(batch) };
  }
  yield {
    name: `truth/${date}.faults.json`,
    bytes: [new TextEncoder().encode(JSON.stringify(faults, null, 1) + "\n")],
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** A small batch as CSV text; nulls are empty. */
function* csvOf(batch: Batch): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const columns = Object.values(batch.columns);
  yield encoder.encode(Object.keys(batch.columns).join(",") + "\n");
  for (let from = 0; from < batch.length; from += 4096) {
    let text = "";
    for (let row = from; row < Math.min(batch.length, from + 4096); row++) {
      text += columns.map((column) => {
        if (isStrings(column)) return column.codes[row] < 0 ? "" : column.values[column.codes[row]];
        const value = column[row];
        return Number.isNaN(value) || value === -(2n ** 63n) ? "" : String(value);
      }).join(",") + "\n";
    }
    yield encoder.encode(text);
  }
}

/**
 * Text of `symbology.json`: which id each instrument had on which UTC dates.
 *
 * @param dates Trade dates of the sessions wanted.
 */
export function symbologyJson(dates: readonly string[]): string {
  const result: Record<string, { d0: string; d1: string; s: string }[]> = {};
  for (const date of utcDatesOf(dates)) {
    for (const session of sessionsOn(date, dates)) {
      for (const { name, id } of instrumentsOf(session).all) {
        const spans = result[name] ??= [];
        const last = spans[spans.length - 1];
        if (last && last.d1 >= date) last.d1 = addDays(date, 1);
        else spans.push({ d0: date, d1: addDays(date, 1), s: String(id) });
      }
    }
  }
  return JSON.stringify({ result }, null, 1) + "\n";
}
