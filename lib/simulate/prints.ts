/**
 * Option prints in memory, as the flat file's bytes and as Bronze rows.
 *
 * @module
 */
import { absoluteNs, type Batch, dayNumber, nullColumn, type Strings, stringsOf } from "../base/mod.ts";

/** A print with what is true about it. */
export interface OptionPrint {
  /** ns since the session's start. */
  t: number;
  /** OCC ticker with `O:`. */
  ticker: string;
  /** Condition codes, comma separated. */
  conditions: string;
  /** Correction indicator, 0 for none. */
  correction: number;
  /** Exchange code. */
  exchange: number;
  /** Dollars. */
  price: number;
  /** Contracts. */
  size: number;
  /** True aggressor, 0 where there is none: multi-leg, late, another underlying. */
  aggressor: number;
  /** True volatility, NaN for another underlying. */
  iv: number;
  /** True SPY price when it traded, dollars; NaN for another underlying. */
  spot: number;
}

/** Header of the flat file. */
export const FLAT_FILE_HEADER = "ticker,conditions,correction,exchange,price,sip_timestamp,size";

/** Builds an OCC ticker. @param root Root. @param expiration `YYYY-MM-DD`. @param right `C` or `P`. @param strike Dollars. */
export function occTicker(root: string, expiration: string, right: string, strike: number): string {
  const day = expiration.slice(2).replaceAll("-", "");
  return `O:${root}${day}${right}${String(Math.round(strike * 1000)).padStart(8, "0")}`;
}

/**
 * Prints in the order of a flat file.
 *
 * @param prints Sorted in place.
 * @param sort `ticker` (then time) or `time` (then ticker).
 */
export function sortPrints(prints: OptionPrint[], sort: "ticker" | "time"): OptionPrint[] {
  const byTicker = (a: OptionPrint, b: OptionPrint) => a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : 0;
  return prints.sort(
    sort === "ticker" ? (a, b) => byTicker(a, b) || a.t - b.t : (a, b) => a.t - b.t || byTicker(a, b),
  );
}

/**
 * The flat file's text, some thousand rows a chunk.
 *
 * @param prints In file order.
 * @param originNs ns UTC that times count from.
 */
export function* flatFile(prints: readonly OptionPrint[], originNs: bigint): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(FLAT_FILE_HEADER + "\n");
  for (let from = 0; from < prints.length; from += 4096) {
    const lines = prints.slice(from, from + 4096).map((p) => {
      const conditions = p.conditions.includes(",") ? `"${p.conditions}"` : p.conditions;
      return `${p.ticker},${conditions},${p.correction},${p.exchange},${p.price},${
        originNs + BigInt(p.t)
      },${p.size}\n`;
    });
    yield encoder.encode(lines.join(""));
  }
}

const SPY_TICKER = /^O:SPY(\d{6})([CP])(\d{8})$/;

/**
 * The SPY prints as Bronze has them, before any backfill: source `simulated`, `row` the ordinal among SPY rows.
 *
 * @param prints In file order.
 * @param options ns UTC that times count from, and the `ingest` name.
 */
export function bronzeOptions(
  prints: readonly OptionPrint[],
  { originNs, ingest }: { originNs: bigint; ingest: string },
): Batch {
  const rows = prints.filter((p) => SPY_TICKER.test(p.ticker));
  const parts = rows.map((p) => SPY_TICKER.exec(p.ticker) as RegExpExecArray);
  const n = rows.length;
  const ts = absoluteNs(Float64Array.from(rows, (p) => p.t), originNs);
  const repeat = (text: string): Strings => ({ codes: new Int32Array(n), values: [text] });
  return {
    length: n,
    columns: {
      ts_event_ns: ts,
      ts_recv_ns: ts.slice(),
      source: repeat("simulated"),
      ingest: repeat(ingest),
      row: BigInt64Array.from(rows, (_, i) => BigInt(i)),
      underlying: repeat("SPY"),
      option_symbol: stringsOf(rows.map((p) => p.ticker)),
      exp_date: Int32Array.from(
        parts,
        ([, d]) => dayNumber(`20${d.slice(0, 2)}-${d.slice(2, 4)}-${d.slice(4)}`),
      ),
      strike: Float64Array.from(parts, ([, , , k]) => Number(k) / 1000),
      right: stringsOf(parts.map(([, , right]) => right)),
      price: Float64Array.from(rows, (p) => p.price),
      size: Uint32Array.from(rows, (p) => p.size),
      aggressor: new Int8Array(n),
      exchange: Int16Array.from(rows, (p) => p.exchange),
      conditions: stringsOf(rows.map((p) => p.conditions)),
      correction: Int16Array.from(rows, (p) => p.correction),
      seq: nullColumn("i64", n),
    },
  };
}

/**
 * What is true of each print.
 *
 * @param prints In file order.
 * @param originNs ns UTC that times count from.
 * @returns A row a print: `line` (row of the flat file, 0 the first), `spy_row` (ordinal among SPY rows, −1 for
 *   others), `ts_event_ns`, `option_symbol`, `aggressor`, `iv`, `spot`.
 */
export function printTruth(prints: readonly OptionPrint[], originNs: bigint): Batch {
  let spy = 0;
  return {
    length: prints.length,
    columns: {
      line: Int32Array.from(prints, (_, i) => i),
      spy_row: Int32Array.from(prints, (p) => SPY_TICKER.test(p.ticker) ? spy++ : -1),
      ts_event_ns: absoluteNs(Float64Array.from(prints, (p) => p.t), originNs),
      option_symbol: stringsOf(prints.map((p) => p.ticker)),
      aggressor: Int8Array.from(prints, (p) => p.aggressor),
      iv: Float64Array.from(prints, (p) => p.iv),
      spot: Float64Array.from(prints, (p) => p.spot),
    },
  };
}
