/**
 * The ledger of ingests: what each source became, committed with its rows, so that a source is read once.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../base/mod.ts";
import { isFile, listFolder, statFile } from "./files.ts";
import { quarantinePath } from "./lake.ts";
import type { Lake } from "./root.ts";
import type { Transaction } from "./transaction.ts";

const FOLDER = "_meta/ingests";

const RECORD = z.object({
  ingest: z.string(),
  sha256: z.string(),
  source: z.string(),
  startNs: z.string().nullable(),
  endNs: z.string().nullable(),
  rows: z.number(),
  files: z.array(z.string()),
});

/** One ingest: a source read once into the lake. */
export interface IngestRecord {
  /** Its id: first 12 hex of the sha256 and `-n`. */
  ingest: string;
  /** sha256 of the source's bytes, hex. */
  sha256: string;
  /** Name of the source. */
  source: string;
  /** First ns UTC that was wanted, in decimal; null for all. */
  startNs: string | null;
  /** One past the last ns UTC that was wanted, in decimal; null for all. */
  endNs: string | null;
  /** Rows written. */
  rows: number;
  /** Files written, relative to the lake. Repairs may have moved some into quarantine since. */
  files: string[];
}

/** Relative path of an ingest's record. */
export function ingestPath(ingest: string): string {
  return `${FOLDER}/${ingest}.json`;
}

/** Stages the record of an ingest; it commits with the ingest's files. */
export async function stageIngest(tx: Transaction, record: IngestRecord): Promise<void> {
  await tx.write(ingestPath(record.ingest), JSON.stringify(record, null, 2) + "\n");
}

/**
 * All ingests of a lake, by id.
 *
 * @param lake The lake.
 * @throws {LakeError} If a record cannot be read.
 */
export async function readIngests(lake: Lake): Promise<IngestRecord[]> {
  const found: IngestRecord[] = [];
  for (const { name } of await listFolder(`${lake.root}/${FOLDER}`)) {
    if (name.endsWith(".json")) found.push(await readRecord(`${lake.root}/${FOLDER}/${name}`));
  }
  return found.sort((a, b) => (a.ingest < b.ingest ? -1 : 1));
}

async function readRecord(path: string): Promise<IngestRecord> {
  statFile(path);
  try {
    return RECORD.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    throw new LakeError(
      `Cannot read "${path}": it is not an ingest's record; remove it and run backfill again`,
      path,
      {
        cause,
      },
    );
  }
}

/** Whether each of an ingest's files is still in the lake, in its place or in quarantine. */
export function isIngestComplete(lake: Lake, record: IngestRecord): boolean {
  for (const file of record.files) {
    if (!isFile(`${lake.root}/${file}`) && !isFile(`${lake.root}/${quarantinePath(file)}`)) return false;
  }
  return true;
}
