/**
 * Hand-made trades and books as DBN sources.
 *
 * @module
 */
import { type Batch, easternNs, repeatString, SILENT } from "../../lib/base/mod.ts";
import { backfill } from "../../lib/bronze/mod.ts";
import type { Lake } from "../../lib/lake/mod.ts";
import { joinBytes, memorySource } from "../helpers/bronze_lake.ts";
import { dbnBytes, mappingsOf, randomBooks } from "../helpers/dbn_files.ts";

/** A trade by hand. */
export interface Print {
  /** Eastern date and time, `YYYY-MM-DD HH:MM`. */
  at: string;
  /** Contract; its id is looked up in {@linkcode IDS}. */
  contract: string;
  /** Price. */
  price: number;
  /** Size; defaults to 1. */
  size?: number;
  /** Sequence number; defaults to the place in the list. */
  seq?: number;
}

/** Instrument ids of the contracts used in tests. */
export const IDS: Record<string, number> = {
  ESZ5: 294973,
  ESH6: 42140878,
  ESM6: 7,
  NQZ5: 99,
  ES_5: 5,
  ES_6: 6,
};

/** Prints as feed columns, in the order given. */
export function printsOf(prints: readonly Print[]): Batch {
  const n = prints.length;
  const ts = BigInt64Array.from(prints, ({ at }) => easternNs(at.slice(0, 10), at.slice(11)));
  return {
    length: n,
    columns: {
      ts_event_ns: ts,
      ts_recv_ns: ts.map((t) => t + 1000n),
      ts_in_delta: new Int32Array(n),
      instrument_id: Uint32Array.from(prints, (p) => IDS[p.contract]),
      publisher_id: new Uint16Array(n).fill(1),
      price: Float64Array.from(prints, (p) => p.price),
      size: Uint32Array.from(prints, (p) => p.size ?? 1),
      depth: new Uint8Array(n),
      flags: new Uint8Array(n),
      seq: BigInt64Array.from(prints, (p, i) => BigInt(p.seq ?? i)),
      side: repeatString("B", n),
      action: repeatString("T", n),
    },
  };
}

/** Ingests prints as a file of their own; contracts called `ES_…` stay without a name. */
export async function ingestPrints(lake: Lake, name: string, prints: readonly Print[], force = false) {
  const named = Object.fromEntries(Object.entries(IDS).filter(([contract]) => !contract.includes("_")));
  const bytes = joinBytes(dbnBytes("trades", [printsOf(prints)], { mappings: mappingsOf(named) }));
  return (await backfill(lake, [await memorySource(name, bytes)], { force }, SILENT))[0];
}

/** Ingests random books of some contracts in the regular session of 2025-12-16. */
export async function ingestBooks(lake: Lake, name: string, shares: Record<string, number>, rows = 300) {
  const instruments = Object.entries(shares).map(([contract, share]) => ({
    id: IDS[contract],
    share,
    price: 6850,
  }));
  const batches = randomBooks({ rows, instruments, stepNs: 1e10 });
  const bytes = joinBytes(dbnBytes("mbp-10", batches, { mappings: mappingsOf(IDS) }));
  return (await backfill(lake, [await memorySource(name, bytes)], {}, SILENT))[0];
}
