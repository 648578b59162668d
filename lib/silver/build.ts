/**
 * Silver of one session: compact trades and books, enrich options, write the scale; only when something changed.
 *
 * @module
 */
import type { DataFrame } from "nodejs-polars";
import {
  type Batch,
  CONFIG,
  type Effects,
  LakeError,
  previousTradingDay,
  type Session,
  sessionOf,
} from "../base/mod.ts";
import {
  explain,
  fromFrame,
  hashFiles,
  hourFolder,
  type KeyParts,
  type Lake,
  noRows,
  releaseAfter,
  type RowCounts,
  type Run,
  runStage,
  sessionFiles,
  sessionFolder,
  settled,
  stageKey,
  toFrame,
  writeFrame,
} from "../lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  SILVER_MBP10,
  SILVER_OPTIONS,
  SILVER_SCALE,
  SILVER_TRADES,
  type TableSchema,
} from "../schema/mod.ts";
import {
  allFiles,
  type BronzeSession,
  bronzeSession,
  sessionContract,
  tapeHour,
  tapeOf,
} from "./bronze_session.ts";
import { compactHour } from "./compact.ts";
import { enrich, newEnricher } from "./enrich.ts";
import { scaleFiles, silverScale } from "./previous_scale.ts";
import { finishScale, type Scale, scaleRows } from "./scale.ts";

/** Name of the stage in manifests and keys. */
export const SILVER_STAGE = "silver";
/** Raised whenever the same inputs give other bytes; a golden output hash in the tests forces it up. */
export const SILVER_VERSION = 3;
/** The config it reads. */
const { options, scale: { mode: _mode, ...scale }, market } = CONFIG;

/** How to build. */
export interface SilverOptions {
  /** Build even if nothing changed. */
  force?: boolean;
  /** Say why it would be built and build nothing. */
  explain?: boolean;
}

/** What became of a session. */
export interface SilverReport {
  /** Trade date. */
  date: string;
  /** `stale` is what `explain` says of a session that would be built. */
  status: "built" | "unchanged" | "stale";
  /** Why it was or would be built. */
  reasons: string[];
  /** Rows in and out; zeros unless built. */
  rows: RowCounts;
  /** Rows written, by table name. */
  tables: Record<string, number>;
  /** The scale the session ended with; undefined unless built. */
  scale?: Scale;
}

/**
 * Builds Silver of one session if its Bronze, the scale of the session before, the config or its own files changed.
 * Sessions are to be built in the order of their dates, because each starts from the scale of the one before.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options See {@linkcode SilverOptions}.
 * @param effects Where to say what is going on.
 * @throws {LakeError} If the date has no Bronze, a file cannot be read, or the rows name several contracts.
 */
export async function buildSilver(
  lake: Lake,
  date: string,
  options: SilverOptions,
  effects: Effects,
): Promise<SilverReport> {
  return await settled(lake, (view) => buildOnce(view, date, options, effects));
}

async function buildOnce(
  lake: Lake,
  date: string,
  { force = false, explain: explainOnly = false }: SilverOptions,
  effects: Effects,
): Promise<SilverReport> {
  const bronze = await bronzeSession(lake, sessionOf(date)), files = allFiles(bronze);
  if (files.length === 0) {
    throw new LakeError(
      `Cannot build Silver of ${date}: no Bronze rows of it in "${lake.root}"; run backfill or options first`,
      lake.root,
    );
  }
  const before = previousTradingDay(date);
  const inputs = await hashFiles(lake, [...files, ...await scaleFiles(lake, before)]);
  const parts: KeyParts = { version: SILVER_VERSION, config: { options, scale, market }, inputs };
  const reasons = await explain(lake, SILVER_STAGE, date, parts);
  if (force && reasons.length === 0) reasons.push("--force");
  const report: SilverReport = { date, status: "unchanged", reasons, rows: noRows(), tables: {} };
  if (reasons.length === 0) return report;
  if (explainOnly) return { ...report, status: "stale" };
  const asked = { date, force, reasons };
  const { result } = await runStage(lake, SILVER_STAGE, asked, async (run) => {
    const session = new SilverSession(run, lake, bronze);
    const scale = await session.build(await silverScale(lake, before), effects);
    run.manifest.inputs = Object.entries(inputs).map(([path, sha256]) => ({ path, sha256 }));
    run.manifest.rows = session.rows;
    run.manifest.facts = { tables: session.tables, scale };
    const written = run.tx.written;
    for (const path of await silverFiles(lake, bronze.session)) {
      if (!written.includes(path)) run.tx.remove(path);
    }
    await stageKey(run.tx, SILVER_STAGE, date, parts, written);
    return { rows: session.rows, tables: session.tables, scale };
  });
  return { ...report, status: "built", ...result };
}

/** The files of a session's Silver as they lie there, whatever its key says or no longer says. */
async function silverFiles(lake: Lake, session: Session): Promise<string[]> {
  const tables = [SILVER_TRADES, SILVER_MBP10, SILVER_OPTIONS];
  const hours = await Promise.all(tables.map((table) => sessionFiles(lake, table, session)));
  return [...hours.flat().flatMap((hour) => hour.files), ...await scaleFiles(lake, session.date)];
}

/** One session being written. */
class SilverSession {
  readonly rows = noRows();
  readonly tables: Record<string, number> = {};

  constructor(readonly run: Run, readonly lake: Lake, readonly bronze: BronzeSession) {}

  async build(previous: Scale | undefined, effects: Effects): Promise<Scale> {
    const { lake, bronze } = this, { date } = bronze.session;
    const contract = await sessionContract(lake, bronze);
    const progress = effects.progress(`silver ${date}`, "rows"), taped: Batch[] = [];
    for (
      const [hours, from, to] of [
        [bronze.trades, FUTURES_TRADES, SILVER_TRADES],
        [bronze.books, FUTURES_MBP10, SILVER_MBP10],
      ] as const
    ) {
      for (const { hour, files } of hours) {
        const frame = this.#compact(from, files);
        if (from === FUTURES_TRADES) taped.push(tapeHour(frame));
        await this.#write(to, hourFolder(to, hour), frame.select(...Object.keys(to.columns)));
        progress.add(frame.height);
      }
    }
    const tape = tapeOf(taped, bronze.session);
    const enricher = newEnricher(bronze.session, contract, previous);
    for (const { hour, files } of bronze.options) {
      const prints = fromFrame(OPTIONS_TRADES, this.#compact(OPTIONS_TRADES, files));
      const enriched = enrich(enricher, prints, tape);
      await this.#write(SILVER_OPTIONS, hourFolder(SILVER_OPTIONS, hour), toFrame(SILVER_OPTIONS, enriched));
      progress.add(prints.length);
    }
    finishScale(enricher.scaler, CONFIG.scale);
    const rows = toFrame(SILVER_SCALE, scaleRows(enricher.scaler));
    await this.#write(SILVER_SCALE, sessionFolder(SILVER_SCALE, date), rows);
    progress.done();
    return enricher.scaler.now;
  }

  #compact(table: TableSchema, files: readonly string[]): DataFrame {
    const { frame, rowsIn, duplicates } = compactHour(this.lake, table, files);
    this.rows.in += rowsIn;
    this.rows.out += frame.height;
    this.rows.duplicates += duplicates;
    return frame;
  }

  async #write(table: TableSchema, folder: string, frame: DataFrame): Promise<void> {
    const path = `${folder}/part-0000.parquet`;
    writeFrame(await this.run.tx.stage(path), frame);
    this.run.manifest.outputs.push({ path, rows: frame.height });
    this.tables[table.name] = (this.tables[table.name] ?? 0) + frame.height;
    await releaseAfter(frame.height);
  }
}
