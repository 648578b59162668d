/**
 * One ingest: a source's rows into the lake, once, under an id that says which bytes they were.
 *
 * @module
 */
import {
  type Batch,
  hourOfPartition,
  i64,
  type Progress,
  repeatString,
  takeRows,
  UsageError,
} from "../base/mod.ts";
import {
  ingestPath,
  type IngestRecord,
  isIngestComplete,
  type Lake,
  noRows,
  quarantinePath,
  readIngest,
  readIngestsOf,
  type RowCounts,
  type Transaction,
} from "../lake/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { type Part, PartWriter } from "./part_writer.ts";

/** Hex digits of a source's sha256 in the id of its ingests. */
const HASH_DIGITS = 12;

/** Rows of a source on their way into a table. */
export interface SourceRows {
  /** The table. */
  table: TableSchema;
  /** Every column of the table but `source`, `ingest` and `row`. */
  batch: Batch;
  /** Ordinal of each row in the source; BigInt64Array (n). */
  row: BigInt64Array;
}

/** Which part of a source is wanted, by `ts_event_ns`. */
export interface Range {
  /** First ns UTC; all from the beginning when absent. */
  startNs?: bigint;
  /** One past the last ns UTC; all to the end when absent. */
  endNs?: bigint;
}

/** What became of a source's rows. */
export interface Stored {
  /** Balanced counts. */
  rows: RowCounts;
  /** Rows written, by table name. */
  tables: Record<string, number>;
  /** Files staged, in quarantine too. */
  parts: Part[];
}

/**
 * Stages rows as Bronze files.
 *
 * @param tx Transaction to stage them in.
 * @param source The rows, in the source's order.
 * @param options Kind of source, id of the ingest, and the wanted range.
 */
export async function storeRows(
  tx: Transaction,
  source: AsyncIterable<SourceRows>,
  options: { kind: string; ingest: string; range?: Range },
): Promise<Stored> {
  const { kind, ingest, range = {} } = options;
  const writers = new Map<TableSchema, PartWriter>();
  const rows = noRows();
  try {
    for await (const { table, batch, row } of source) {
      const columns = {
        ...batch.columns,
        source: repeatString(kind, batch.length),
        ingest: repeatString(ingest, batch.length),
        row,
      };
      const wanted = within({ length: batch.length, columns }, range);
      rows.in += batch.length;
      rows.filtered += batch.length - wanted.length;
      const writer = writers.get(table) ?? new PartWriter(tx, table, ingest);
      writers.set(table, writer);
      await writer.add(wanted);
    }
    for (const writer of writers.values()) await writer.finish();
  } finally {
    // Also when the source fails: a worker that still writes would outlive the rollback.
    for (const writer of writers.values()) await writer.close();
  }
  const tables: Record<string, number> = {};
  const parts = [...writers.values()].flatMap((writer) => writer.parts);
  for (const [table, writer] of writers) {
    tables[table.name] = writer.parts.reduce((n, part) => (part.undated ? n : n + part.rows), 0);
    rows.out += tables[table.name];
  }
  rows.quarantined = parts.reduce((n, part) => (part.undated ? n + part.rows : n), 0);
  return { rows, tables, parts };
}

function within(batch: Batch, { startNs, endNs }: Range): Batch {
  if (startNs === undefined && endNs === undefined) return batch;
  const ts = i64(batch, "ts_event_ns");
  const rows = new Uint32Array(batch.length);
  let n = 0;
  for (let i = 0; i < ts.length; i++) {
    if ((startNs === undefined || ts[i] >= startNs) && (endNs === undefined || ts[i] < endNs)) rows[n++] = i;
  }
  return n === batch.length ? batch : takeRows(batch, rows.slice(0, n));
}

/** What is to be done with a source. */
export interface IngestPlan {
  /** Id under which its rows are stored, or were. */
  ingest: string;
  /** Whether that is done already. */
  done: boolean;
}

/**
 * Decides whether a source is to be read, and under which id.
 *
 * @param lake The lake.
 * @param source sha256 of the source's bytes, the wanted range, and its name for the message.
 * @param options `force`: a further ingest although there is one; `removed`: files about to be removed.
 * @returns The plan; an ingest whose files are not all there is done again under its own id.
 * @throws {UsageError} If the source is in the lake with another range.
 */
export async function planIngest(
  lake: Lake,
  source: { sha256: string; name: string; range: Range },
  options: { force?: boolean; removed?: ReadonlySet<string> } = {},
): Promise<IngestPlan> {
  const { force = false, removed = new Set() } = options;
  const complete = new Map<string, IngestRecord>();
  const goes = (file: string) => removed.has(file) || removed.has(quarantinePath(file));
  const stem = source.sha256.slice(0, HASH_DIGITS), id = (n: number) => `${stem}-${n}`;
  for (const record of await readIngestsOf(lake, stem)) {
    if (record.sha256 !== source.sha256 || record.files.some(goes)) continue;
    if (isIngestComplete(lake, record)) complete.set(record.ingest, record);
  }
  if (complete.size > 0 && !force) {
    const [first] = complete.values();
    const { startNs, endNs } = storedRange(source.range);
    if (first.startNs !== startNs || first.endNs !== endNs) {
      throw new UsageError(
        `Cannot ingest "${source.name}": it is in the lake from ${first.startNs ?? "its start"} to ${
          first.endNs ?? "its end"
        }; give that range, --clean to replace it, or --force to add a further ingest`,
      );
    }
    return { ingest: first.ingest, done: true };
  }
  let n = 1;
  while (complete.has(id(n))) n++;
  return { ingest: id(n), done: false };
}

/** A range as the ledger keeps it. */
export function storedRange({ startNs, endNs }: Range): Pick<IngestRecord, "startNs" | "endNs"> {
  return { startNs: startNs?.toString() ?? null, endNs: endNs?.toString() ?? null };
}

/**
 * Marks for removal what an earlier, damaged ingest of the same id left, in its place and in quarantine.
 *
 * @param tx The transaction that stores the ingest anew.
 * @param lake The lake.
 * @param ingest Id of the ingest.
 */
export async function dropRemains(tx: Transaction, lake: Lake, ingest: string): Promise<void> {
  const record = await readIngest(lake, ingest);
  if (!record) return;
  tx.remove(ingestPath(ingest));
  for (const file of record.files) {
    tx.remove(file);
    tx.remove(quarantinePath(file));
  }
}

/** UTC hour of a Bronze file's folder; undefined of one in no hour's. */
export function hourOfFile(file: string): number | undefined {
  const [, date, hour] = /\/date=([\d-]{10})\/hour=(\d\d)\//.exec(file) ?? [];
  return date && hour ? hourOfPartition(date, hour) : undefined;
}

/** The same bytes, excerpt as they are read; the display ends with them, whether read to the end or not. */
export async function* counted(bytes: AsyncIterable<Uint8Array>, progress: Progress) {
  try {
    for await (const chunk of bytes) {
      progress.add(chunk.length);
      yield chunk;
    }
  } finally {
    progress.done();
  }
}
