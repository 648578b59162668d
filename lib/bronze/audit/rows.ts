/**
 * A session's rows of one table, file by file, past whatever is wrong with a file.
 *
 * @module
 */
import { type Batch, hoursOf, i64, isStrings, LakeError, takeRows, TidemarkError } from "../../base/mod.ts";
import { inspectFile, type Lake, type Partition, readBatch, releaseMemory } from "../../lake/mod.ts";
import type { TableSchema } from "../../schema/mod.ts";
import { ingestOf } from "../dedup.ts";
import type { Findings } from "./checks.ts";

/** What was there of a table. */
export interface TableRows {
  /** The table. */
  table: TableSchema;
  /** Rows in all files that could be read. */
  rows: number;
  /** Rows by UTC hour, hours of empty and damaged partitions included. */
  hours: Map<number, number>;
  /** Hours of which a file could not be used: their silence is explained. */
  damaged: Set<number>;
}

/** The rows of one file. */
export interface FileRows {
  /** UTC hour of the partition. */
  hour: number;
  /** Rows with the wanted columns, all of this hour. */
  batch: Batch;
  /** Name of the ingest, as the file's name has it. */
  ingest: string;
}

/** Nothing of a table yet. */
export function noTableRows(table: TableSchema): TableRows {
  return { table, rows: 0, hours: new Map(), damaged: new Set() };
}

/**
 * Reads a table's files in order of hour and name; reports those that cannot be used and goes on.
 *
 * @param lake The lake.
 * @param partitions The table's folders of one session, by hour.
 * @param names Columns wanted.
 * @param seen Where to count what was there.
 * @param findings Where to report.
 */
export async function* readRows(
  lake: Lake,
  partitions: readonly Partition[],
  names: readonly string[],
  seen: TableRows,
  findings: Findings,
): AsyncGenerator<FileRows> {
  const { table, hours, damaged } = seen;
  for (const { hour, files } of partitions) {
    if (hour === undefined) continue;
    hours.set(hour, hours.get(hour) ?? 0);
    for (const file of files) {
      const batch = readFile(lake, table, file, names, findings);
      if (!batch) damaged.add(hour);
      else if (batch.length > 0) {
        seen.rows += batch.length;
        hours.set(hour, hours.get(hour)! + batch.length);
        const own = ofHour(batch, hour, { table, file }, findings);
        if (own.length > 0) yield { hour, batch: own, ingest: ingestOf(file) };
      }
    }
    await releaseMemory(false);
  }
}

function readFile(
  lake: Lake,
  table: TableSchema,
  file: string,
  names: readonly string[],
  findings: Findings,
): Batch | undefined {
  try {
    const { rows, problems } = inspectFile(lake, table, file);
    if (problems.length > 0) {
      findings.add("files.schema", {
        subject: table.name,
        message: `${problems.length} columns of ${file} are not as declared; its rows were left out`,
        count: problems.length,
        examples: problems.slice(0, 4),
      });
      return undefined;
    }
    if (rows === 0) {
      findings.add("files.empty", {
        subject: table.name,
        message: `${file} has no rows`,
        count: 1,
        examples: [file],
      });
    }
    // Rows of another hour are found below, and named.
    return readBatch(lake, table, [file], names, { anyTime: true });
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    const why = error instanceof LakeError ? error.message : `Cannot use ${file}: ${error.message}`;
    findings.add("files.unreadable", { subject: table.name, message: why, count: 1, examples: [file] });
    return undefined;
  }
}

/** The rows that belong to the partition's hour. */
function ofHour(
  batch: Batch,
  hour: number,
  { table, file }: { table: TableSchema; file: string },
  findings: Findings,
): Batch {
  const hours = hoursOf(i64(batch, "ts_event_ns")), rows = new Uint32Array(batch.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) if (hours[i] === hour) rows[n++] = i;
  if (n === batch.length) return batch;
  findings.add("files.partition", {
    subject: table.name,
    message: `${batch.length - n} rows of ${file} are of another hour; they were left out`,
    count: batch.length - n,
    examples: [file],
  });
  return takeRows(batch, rows.slice(0, n));
}

/**
 * A 32-bit hash a row of some columns (after MurmurHash3): equal rows have equal hashes.
 *
 * @param batch The rows.
 * @param names Columns; of strings the codes count, so that hashes are comparable within a batch only.
 * @returns Int32Array (n).
 */
export function hashRows(batch: Batch, names: readonly string[]): Int32Array {
  const hash = new Int32Array(batch.length);
  for (const name of names) {
    const column = batch.columns[name], values = isStrings(column) ? column.codes : column;
    const bytes = values.BYTES_PER_ELEMENT;
    // One array type for every dtype keeps the loop monomorphic, which is most of its speed.
    const words = bytes < 4
      ? Uint32Array.from(values as Uint8Array)
      : new Uint32Array(values.buffer, values.byteOffset, values.length * bytes / 4);
    const stride = bytes === 8 ? 2 : 1;
    for (let i = 0, low = 0, high = stride - 1; i < hash.length; i++, low += stride, high += stride) {
      const mixed = Math.imul(hash[i] ^ words[low], 0xcc9e2d51);
      hash[i] = Math.imul(((mixed << 15) | (mixed >>> 17)) ^ words[high], 0x1b873593) + 0x6b64;
    }
  }
  return hash;
}
