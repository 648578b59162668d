/**
 * Run manifests: what every stage read, wrote and counted, written `started` first and `completed` or `failed` last.
 *
 * @module
 */
import { z } from "zod";
import { LakeError, TidemarkError } from "../base/mod.ts";
import { writeAtomic } from "./files.ts";
import { readJsonFile } from "./json.ts";
import type { Lake } from "./root.ts";
import { settled } from "./settled.ts";
import { transact, type Transaction } from "./transaction.ts";

/** Row counts of a run; `in` = `out` + `filtered` + `quarantined` + `duplicates`. */
export interface RowCounts {
  /** Rows read. */
  in: number;
  /** Rows written (or kept). */
  out: number;
  /** Rows left out on purpose, such as other contracts or other underlyings. */
  filtered: number;
  /** Rows set aside with a reason. */
  quarantined: number;
  /** Rows dropped as copies of others. */
  duplicates: number;
}

/** A file a run read or wrote. */
export interface FileEntry {
  /** Path: relative to the lake for files in it. */
  path: string;
  /** sha256 of its content, hex, where it was computed. */
  sha256?: string;
  /** Rows, where it is a table. */
  rows?: number;
}

/** A run manifest as stored under `_meta/runs/`. */
export interface Manifest {
  /** Unique id; also the file's name. */
  id: string;
  /** The stage, a task's name. */
  stage: string;
  /** Where the run stands. A `started` one whose process is gone was killed. */
  status: "started" | "completed" | "failed";
  /** When it started and ended, ISO 8601 UTC. */
  started: string;
  /** End of the run. */
  ended?: string;
  /** Seconds it took. */
  seconds?: number;
  /** Options it ran with; never secrets. */
  options: Record<string, unknown>;
  /** Files read. */
  inputs: FileEntry[];
  /** Files written, relative to the lake. */
  outputs: FileEntry[];
  /** Row counts where the stage moves rows. */
  rows?: RowCounts;
  /** Other counts and facts. */
  facts: Record<string, unknown>;
  /** The error's message, of a failed run. */
  error?: string;
}

const ROWS = z.object({
  in: z.number(),
  out: z.number(),
  filtered: z.number(),
  quarantined: z.number(),
  duplicates: z.number(),
});
const FILES = z.array(
  z.object({ path: z.string(), sha256: z.exactOptional(z.string()), rows: z.exactOptional(z.number()) }),
);
const MANIFEST: z.ZodType<Manifest> = z.object({
  id: z.string(),
  stage: z.string(),
  status: z.enum(["started", "completed", "failed"]),
  started: z.string(),
  ended: z.exactOptional(z.string()),
  seconds: z.exactOptional(z.number()),
  options: z.record(z.string(), z.unknown()),
  inputs: FILES,
  outputs: FILES,
  rows: z.exactOptional(ROWS),
  facts: z.record(z.string(), z.unknown()),
  error: z.exactOptional(z.string()),
});

/** A running stage: fill `inputs`, `outputs`, `rows` and `facts` as the work goes on. */
export interface Run {
  /** The lake through which to read: what is seen of it is compared with what is there when `tx` commits. */
  lake: Lake;
  /** The manifest in the making. */
  manifest: Manifest;
  /** The transaction its files are staged in. */
  tx: Transaction;
}

/** Zero counts to add to. */
export function noRows(): RowCounts {
  return { in: 0, out: 0, filtered: 0, quarantined: 0, duplicates: 0 };
}

/**
 * Runs one stage as a transaction with a manifest. What it reads through `run.lake` is of one state: where another
 * changes it meanwhile, the run fails, and is done again unless `lake` is a view, whose owner then begins again.
 *
 * @param lake The lake, or the view through which the stage's plan was made.
 * @param stage Name of the stage.
 * @param options What it was asked to do.
 * @param work The stage; what it stages in `tx` becomes visible when it returns.
 * @returns What `work` returns, and the completed manifest.
 * @throws {TidemarkError} If the row counts do not balance, or what `work` throws; the manifest then says `failed`.
 */
export async function runStage<T>(
  lake: Lake,
  stage: string,
  options: Record<string, unknown>,
  work: (run: Run) => Promise<T>,
): Promise<{ result: T; manifest: Manifest }> {
  return await settled(lake, (view) => runOnce(view, stage, options, work));
}

async function runOnce<T>(
  lake: Lake,
  stage: string,
  options: Record<string, unknown>,
  work: (run: Run) => Promise<T>,
): Promise<{ result: T; manifest: Manifest }> {
  const start = Date.now();
  const started = new Date(start).toISOString();
  const id = `${started.replace(/[-:.]/g, "")}-${stage}-${crypto.randomUUID().slice(0, 8)}`;
  const manifest: Manifest = {
    id,
    stage,
    status: "started",
    started,
    options,
    inputs: [],
    outputs: [],
    facts: {},
  };
  const save = () =>
    writeAtomic(`${lake.root}/_meta/runs/${id}.json`, JSON.stringify(manifest, null, 2) + "\n");
  const end = (status: "completed" | "failed") => {
    manifest.status = status;
    manifest.ended = new Date().toISOString();
    manifest.seconds = (Date.now() - start) / 1000;
    return save();
  };
  await save();
  try {
    const result = await transact(lake, id, async (tx) => {
      const made = await work({ lake, manifest, tx });
      assertBalanced(manifest);
      const known = new Map(manifest.outputs.map((o) => [o.path, o]));
      manifest.outputs = tx.written.map((path) => known.get(path) ?? { path });
      return made;
    });
    await end("completed");
    return { result, manifest };
  } catch (error) {
    manifest.error = error instanceof Error ? error.message : String(error);
    await end("failed");
    throw error;
  }
}

function assertBalanced(manifest: Manifest): void {
  const rows = manifest.rows;
  if (!rows) return;
  const sum = rows.out + rows.filtered + rows.quarantined + rows.duplicates;
  if (rows.in !== sum) {
    throw new TidemarkError(
      `Cannot finish ${manifest.stage}: ${rows.in} rows in, ${sum} accounted for; this is a fault of ours, please report it`,
    );
  }
}

/**
 * All manifests of a lake, oldest first.
 *
 * @param lake The lake.
 * @param damaged Told of each that cannot be read, which is then left out; defaults to throwing.
 * @throws {LakeError} If one cannot be read and `damaged` throws.
 */
export async function readManifests(
  lake: Lake,
  damaged: (error: LakeError) => void = (error) => {
    throw error;
  },
): Promise<Manifest[]> {
  const found: Manifest[] = [];
  // Not noted as seen: runs come and go, and none changes what another says.
  try {
    for await (const entry of Deno.readDir(`${lake.root}/_meta/runs`)) {
      if (!/^[^.].*\.json$/.test(entry.name)) continue;
      try {
        const manifest = await readJsonFile(`${lake.root}/_meta/runs/${entry.name}`, MANIFEST, {
          remedy: "remove it",
        });
        if (manifest) found.push(manifest);
      } catch (error) {
        if (!(error instanceof LakeError)) throw error;
        damaged(error);
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}
