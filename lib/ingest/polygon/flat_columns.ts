/**
 * Column buffers of option prints in the making.
 *
 * @module
 */
import { type Batch, repeatString, sliceBatch } from "../../base/mod.ts";
import type { OccTicker } from "./occ_ticker.ts";

/** Room for some prints; strings are codes into maps whose keys are the dictionary, in order of insertion. */
export interface PrintBuffer {
  /** BigInt64Array: ns UTC. */
  ts: BigInt64Array;
  /** Uint32Array: the words of `ts`, low word first. */
  tsWords: Uint32Array;
  /** BigInt64Array: sequence numbers or null. */
  seq: BigInt64Array;
  /** BigInt64Array: ordinal in the ingest. */
  row: BigInt64Array;
  /** Int32Array: codes into `contracts`. */
  symbol: Int32Array;
  /** Float64Array: dollars. */
  price: Float64Array;
  /** Uint32Array: contracts. */
  size: Uint32Array;
  /** Int16Array: exchange codes. */
  exchange: Int16Array;
  /** Int32Array: codes into `conditionTexts`, −1 for none. */
  conditions: Int32Array;
  /** Int16Array: correction codes or null. */
  correction: Int16Array;
}

/** Dictionaries shared by all buffers of a file. */
export interface PrintDictionaries {
  /** Tickers seen. */
  symbols: string[];
  /** Their contracts. */
  contracts: OccTicker[];
  /** Condition fields seen. */
  conditionTexts: string[];
}

/** An empty buffer for `rows` prints. */
export function newPrintBuffer(rows: number): PrintBuffer {
  const ts = new BigInt64Array(rows);
  return {
    ts,
    tsWords: new Uint32Array(ts.buffer),
    seq: new BigInt64Array(rows),
    row: new BigInt64Array(rows),
    symbol: new Int32Array(rows),
    price: new Float64Array(rows),
    size: new Uint32Array(rows),
    exchange: new Int16Array(rows),
    conditions: new Int32Array(rows),
    correction: new Int16Array(rows),
  };
}

/** Some prints: the feed's columns of `options.trades`, and where they stood. */
export interface PrintBatch {
  /** Every column of `options.trades` but `source`, `ingest` and `row`; no other batch shares its arrays. */
  batch: Batch;
  /** BigInt64Array (n): ordinal of each print among those kept of the file, from 0. */
  row: BigInt64Array;
}

/**
 * The first prints of a buffer.
 *
 * @param buffer The prints; the batch keeps views of it.
 * @param n How many.
 * @param dictionaries What the codes mean.
 * @param root Root of all of them.
 */
export function printBatch(
  buffer: PrintBuffer,
  n: number,
  dictionaries: PrintDictionaries,
  root: string,
): PrintBatch {
  const { symbols, contracts, conditionTexts } = dictionaries;
  const expDay = new Int32Array(n), strike = new Float64Array(n), right = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const contract = contracts[buffer.symbol[i]];
    expDay[i] = contract.expDay;
    strike[i] = contract.strike;
    right[i] = contract.right === "C" ? 0 : 1;
  }
  const { columns } = sliceBatch(
    {
      length: buffer.ts.length,
      columns: {
        ts_event_ns: buffer.ts,
        option_symbol: { codes: buffer.symbol, values: symbols.slice() },
        price: buffer.price,
        size: buffer.size,
        exchange: buffer.exchange,
        conditions: { codes: buffer.conditions, values: conditionTexts.slice() },
        correction: buffer.correction,
        seq: buffer.seq,
      },
    },
    0,
    n,
  );
  const batch: Batch = {
    length: n,
    columns: {
      ...columns,
      ts_recv_ns: columns.ts_event_ns,
      underlying: repeatString(root, n),
      exp_date: expDay,
      strike,
      right: { codes: right, values: ["C", "P"] },
      aggressor: new Int8Array(n),
    },
  };
  return { batch, row: buffer.row.subarray(0, n) };
}
