/**
 * The flat-file reader's naive twin: csv-parse over the whole text, an object a row.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { parse } from "csv-parse/sync";

/** A print as text fields. */
export interface PlainPrint {
  /** OCC ticker. */
  ticker: string;
  /** Expiration, `YYYY-MM-DD`. */
  expiration: string;
  /** Dollars. */
  strike: number;
  /** C or P. */
  right: string;
  /** Dollars. */
  price: number;
  /** Contracts. */
  size: number;
  /** Exchange code. */
  exchange: number;
  /** Condition codes. */
  conditions: string | null;
  /** Correction code. */
  correction: number | null;
  /** ns UTC. */
  ts: bigint;
  /** Sequence number. */
  seq: bigint | null;
}

/** The rows of one root, in file order; a carriage return at the very end is part of a line break. */
export function naiveFlatFile(text: string | Uint8Array, root: string): PlainPrint[] {
  const bytes = Buffer.from(text as string);
  const rows = parse(bytes.subarray(0, bytes.at(-1) === 13 ? -1 : bytes.length), {
    columns: true,
    skip_empty_lines: true,
    bom: true,
    encoding: "latin1",
    record_delimiter: ["\r\n", "\n"],
  }) as Record<string, string>[];
  const found: PlainPrint[] = [];
  for (const row of rows) {
    const ticker = row.ticker!, tail = ticker.slice(-15);
    if (ticker.slice(0, -15) !== `O:${root}`) continue;
    found.push({
      ticker,
      expiration: `20${tail.slice(0, 2)}-${tail.slice(2, 4)}-${tail.slice(4, 6)}`,
      right: tail[6]!,
      strike: Number(tail.slice(7)) / 1000,
      price: Number(row.price),
      size: Number(row.size),
      exchange: Number(row.exchange),
      conditions: row.conditions || null,
      correction: row.correction ? Number(row.correction) : null,
      ts: BigInt(row.sip_timestamp!),
      seq: row.sequence_number ? BigInt(row.sequence_number) : null,
    });
  }
  return found;
}
