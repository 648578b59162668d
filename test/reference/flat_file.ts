/**
 * The flat-file reader's naive twin: csv-parse over the whole text, an object a row.
 *
 * @module
 */
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

/** The rows of one root, in file order. */
export function naiveFlatFile(text: string, root: string): PlainPrint[] {
  const rows = parse(text, { columns: true, skip_empty_lines: true, bom: true }) as Record<string, string>[];
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
