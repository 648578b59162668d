/**
 * Option prints to Bronze: one flat file, one transaction.
 *
 * @module
 */
import { CONFIG, type Effects, type Session, TidemarkError, UsageError } from "../base/mod.ts";
import { gunzip, type PrintBatch, readFlatFile } from "../ingest/mod.ts";
import {
  type Lake,
  noRows,
  parquetFiles,
  type RowCounts,
  runStage,
  settled,
  stageIngest,
} from "../lake/mod.ts";
import { OPTIONS_TRADES } from "../schema/mod.ts";
import { counted, dropRemains, planIngest, type SourceRows, storedRange, storeRows } from "./ingest.ts";
import { ingestOf } from "./dedup.ts";
import type { Part } from "./part_writer.ts";
import type { Source } from "./sources.ts";

/** A flat file: its name, size, bytes and sha256. */
export type OptionSource = Omit<Source, "symbology">;

/** How to ingest. */
export interface IngestOptions {
  /** Ingest the file again although it is in the lake. */
  force?: boolean;
  /** The trade date all its prints must lie in; not checked without it. */
  session?: Session | undefined;
  /** What the rows say they are; defaults to `flatfile`. */
  kind?: "flatfile" | "rest" | "simulated";
}

/** What became of a flat file. */
export interface OptionsReport {
  /** Name of the file. */
  source: string;
  /** Id of the ingest. */
  ingest: string;
  /** `already` was in the lake. */
  status: "ingested" | "already";
  /** Row counts: `filtered` are prints of other roots; zeros unless ingested. */
  rows: RowCounts;
  /** Files written. */
  files: number;
}

/** Name of the stage in manifests. */
const STAGE = "options";
/** A flat file is read whole. */
const WHOLE = {};

/**
 * Reads a flat file into Bronze: every print of the underlying, every expiration; a file whose bytes are in the lake
 * already is left alone.
 *
 * @param lake The lake.
 * @param source The file, gzip or plain.
 * @param options See {@linkcode IngestOptions}.
 * @param effects Where to say what is going on.
 * @throws {RowError} At the first row that cannot be read.
 * @throws {DecodeError} If the gzip stream is damaged or cut short.
 * @throws {TidemarkError} If no row is a print of the underlying.
 * @throws {UsageError} If another source has brought prints of the same hours, unless forced.
 */
export async function ingestOptions(
  lake: Lake,
  source: OptionSource,
  options: IngestOptions,
  effects: Effects,
): Promise<OptionsReport> {
  const sha256 = await source.sha256();
  return await settled(lake, (view) => ingestOnce(view, source, { ...options, sha256 }, effects));
}

async function ingestOnce(
  lake: Lake,
  source: OptionSource,
  { force = false, session, kind = "flatfile", sha256 }: IngestOptions & { sha256: string },
  effects: Effects,
): Promise<OptionsReport> {
  const root = CONFIG.market.underlying;
  const name = source.name.slice(source.name.lastIndexOf("/") + 1);
  const { ingest, done } = await planIngest(lake, { sha256, name: source.name, range: WHOLE }, { force });
  const report: OptionsReport = { source: source.name, ingest, status: "already", rows: noRows(), files: 0 };
  if (done) return report;
  const asked = { file: source.name, force, date: session?.date ?? null, kind };
  const { result } = await runStage(lake, STAGE, asked, async ({ tx, manifest }) => {
    await dropRemains(tx, lake, ingest);
    const progress = effects.progress(name, "bytes", source.bytes);
    let plain = false;
    const bytes = gunzip(counted(source.open(), progress), source.name, () => plain = true);
    const file = readFlatFile(bytes, { path: source.name, root, session });
    const stored = await storeRows(tx, rowsOf(file.batches), { kind, ingest });
    if (file.counts.kept === 0) {
      throw new TidemarkError(
        `Cannot use "${source.name}": none of its ${file.counts.rows} rows is a ${root} option; give a file with some`,
      );
    }
    // A gzip stream that is cut says so itself.
    if (plain && file.openEnd) {
      effects.warn(
        `${source.name}: its last line has no line break, the file may be cut inside it; compare its size with the source's`,
      );
    }
    if (!force) await refuseCovered(lake, source.name, ingest, stored.parts);
    const rows = { ...stored.rows, in: file.counts.rows, filtered: file.counts.filtered };
    const files = stored.parts.map((part) => part.path).sort();
    await stageIngest(tx, {
      ingest,
      sha256,
      source: name,
      ...storedRange(WHOLE),
      rows: rows.out,
      files,
    });
    manifest.inputs.push({ path: source.name, sha256, rows: rows.in });
    manifest.outputs.push(...stored.parts.map(({ path, rows }) => ({ path, rows })));
    manifest.rows = rows;
    manifest.facts = { ingest };
    return { rows, files: files.length };
  });
  return { ...report, status: "ingested", ...result };
}

/** A second source of an hour would bring most prints twice, under times and codes of its own. */
async function refuseCovered(
  lake: Lake,
  name: string,
  ingest: string,
  parts: readonly Part[],
): Promise<void> {
  for (const folder of new Set(parts.map(({ path }) => path.slice(0, path.lastIndexOf("/"))))) {
    const other = (await parquetFiles(lake, folder)).map(ingestOf).find((id) => id !== ingest);
    if (other === undefined) continue;
    throw new UsageError(
      `Cannot ingest "${name}": ingest ${other} has brought prints of ${
        folder.slice(folder.indexOf("date="))
      }; ` +
        "give --force to add these, and dedup sets aside what both have",
    );
  }
}

async function* rowsOf(batches: AsyncIterable<PrintBatch>): AsyncGenerator<SourceRows> {
  for await (const { batch, row } of batches) yield { table: OPTIONS_TRADES, batch, row };
}
