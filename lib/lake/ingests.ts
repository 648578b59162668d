/**
 * The ledger of ingests: what each source became, committed with its rows, so that a source is read once.
 *
 * @module
 */
import { z } from "zod";
import { isFile, listFolder } from "./files.ts";
import { readJson } from "./json.ts";
import { quarantinePath } from "./lake.ts";
import { type Lake, LAKE_PATH } from "./root.ts";
import type { Transaction } from "./transaction.ts";

const FOLDER = "_meta/ingests";

const REMEDY = "remove it, and read its source again: run backfill with --clean, or options";

const RECORD = z.object({
  sha256: z.string(),
  source: z.string(),
  startNs: z.string().nullable(),
  endNs: z.string().nullable(),
  rows: z.number(),
  files: z.array(LAKE_PATH),
  dates: z.exactOptional(z.object({ first: z.iso.date(), last: z.iso.date() })),
  conditions: z.exactOptional(z.array(z.object({ date: z.string(), condition: z.string() }))),
  notices: z.exactOptional(
    z.array(
      z.object({
        ts_ns: z.string().regex(/^-?\d{1,20}$/, "wanted ns UTC"),
        kind: z.enum(["error", "gap"]),
        text: z.string(),
      }),
    ),
  ),
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
  /** UTC dates that a DBN source covers, both included; absent where nothing says. */
  dates?: { first: string; last: string };
  /** What the vendor said of the source's UTC dates, where that is not `available`. */
  conditions?: { date: string; condition: string }[];
  /** Errors and gaps that the gateway reported in the stream, with its time, ns UTC in decimal. */
  notices?: { ts_ns: string; kind: "error" | "gap"; text: string }[];
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
  lake.seen?.folder(FOLDER);
  return await readIngestsOf(lake, "");
}

/**
 * The ingests of one source, by id. Those of others may come and go meanwhile; a further one of the same source takes
 * the id that this one would.
 *
 * @param lake The lake.
 * @param stem Start of their ids.
 * @throws {LakeError} If a record cannot be read.
 */
export async function readIngestsOf(lake: Lake, stem: string): Promise<IngestRecord[]> {
  const names: string[] = [];
  for (const { name } of await listFolder(`${lake.root}/${FOLDER}`)) {
    // What begins with a dot is of the operating system.
    if (name.startsWith(stem) && /^[^.].*\.json$/.test(name)) names.push(name.slice(0, -".json".length));
  }
  const found = await Promise.all(names.map((name) => readIngest(lake, name)));
  return found.filter((record) => record !== undefined).sort((a, b) => (a.ingest < b.ingest ? -1 : 1));
}

/**
 * One ingest of a lake, if it is there.
 *
 * @param lake The lake.
 * @param ingest Its id.
 * @throws {LakeError} If its record cannot be read.
 */
export async function readIngest(lake: Lake, ingest: string): Promise<IngestRecord | undefined> {
  const shape = RECORD.extend({ ingest: z.literal(ingest) });
  return await readJson(lake, ingestPath(ingest), shape, { remedy: REMEDY });
}

/** Whether each of an ingest's files is still in the lake, in its place or in quarantine. */
export function isIngestComplete(lake: Lake, record: IngestRecord): boolean {
  for (const file of record.files) {
    const places = [file, quarantinePath(file)];
    for (const path of places) lake.seen?.file(path);
    if (!places.some((path) => isFile(`${lake.root}/${path}`))) return false;
  }
  return true;
}
