/**
 * Backfill: DBN sources to Bronze, every wanted record a row, a transaction a source.
 *
 * @module
 */
import { CONFIG, type Effects, hourOfPartition, hourStartNs, tradeDateOf } from "../base/mod.ts";
import { type DbnStream, excerpt, openDbn, type SymbolResolver, symbolResolver } from "../ingest/mod.ts";
import {
  hourFolder,
  ingestPath,
  type IngestRecord,
  type Lake,
  noRows,
  parquetFiles,
  quarantinePath,
  readIngest,
  readIngests,
  type RowCounts,
  type Run,
  runStage,
  settled,
  stageIngest,
  tableFolder,
  type Transaction,
} from "../lake/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import {
  counted,
  dropRemains,
  hourOfFile,
  type IngestPlan,
  planIngest,
  type Range,
  type SourceRows,
  storedRange,
  storeRows,
} from "./ingest.ts";
import { PART_ROWS } from "./part_writer.ts";
import { coversAny, type DbnSource, eachDate, TABLES } from "./sources.ts";

/** How to backfill. */
export interface BackfillOptions {
  /** Ingest a source again although it is in the lake: a further ingest of the same rows. */
  force?: boolean;
  /**
   * First remove what earlier ingests of DBN files left of these tables in the UTC dates that the sources cover, and
   * what those that are replaced whole have beyond midnight; removal and new rows are one transaction.
   */
  clean?: boolean;
  /** Trade dates asked for; one of which no source has a record is warned of. */
  dates?: readonly string[];
  /** Part of the sources that is wanted, by event time. */
  range?: Range;
  /** Say what would be done, write nothing. */
  dryRun?: boolean;
}

/** What became of one source. */
export interface BackfillReport {
  /** Name of the source. */
  source: string;
  /** Id of the ingest. */
  ingest: string;
  /** `already` was in the lake, `planned` in a dry run. */
  status: "ingested" | "already" | "planned";
  /** Row counts; zeros unless `ingested`. */
  rows: RowCounts;
  /** Rows written, by table name. */
  tables: Record<string, number>;
  /** Files written. */
  files: number;
  /** Records of other types, by type. */
  skipped: Record<string, number>;
}

/** Name of the stage in manifests. */
const STAGE = "backfill";

/**
 * Ingests sources one after another. A source that fails ends the run; those before it stay, it leaves nothing.
 *
 * @param lake The lake; may not exist in a dry run.
 * @param sources What to ingest, see `describeSource`.
 * @param options See {@linkcode BackfillOptions}.
 * @param effects Where to say what is going on.
 * @returns A report a source, in their order.
 * @throws {DecodeError} If a source is not whole DBN.
 * @throws {UsageError} If a source is in the lake with another range.
 */
export async function backfill(
  lake: Lake,
  sources: readonly DbnSource[],
  options: BackfillOptions,
  effects: Effects,
): Promise<BackfillReport[]> {
  const { force = false, clean = false, dates = [], range = {}, dryRun = false } = options;
  const asked = { sources: sources.map((s) => s.name), force, clean, dates, ...storedRange(range) };
  const hashes: string[] = [];
  for (const source of sources) hashes.push(await source.sha256());
  const again = (k: number) => hashes.indexOf(hashes[k]) < k;
  const plan = async (view: Lake, k: number, removed?: ReadonlySet<string>): Promise<Planned> => {
    const source = sources[k], sha256 = hashes[k], wanted = { sha256, name: source.name, range };
    const plan = await planIngest(view, wanted, removed ? { force, removed } : { force });
    return { source, sha256, ...plan, done: plan.done || again(k) };
  };
  const plans = (view: Lake, removed?: ReadonlySet<string>) =>
    Promise.all(sources.keys().map((k) => plan(view, k, removed)));
  // All are planned before the first is read, so that a range that does not fit is told at once.
  const first = await settled(
    lake,
    async (view) => await plans(view, clean ? await earlierFiles(view, sources) : undefined),
  );
  if (dryRun) return first.map((plan) => reportOf(plan, "planned"));
  if (clean) {
    const { result } = await runStage(lake, STAGE, asked, async (run) => {
      const removed = await earlierFiles(run.lake, sources), reports: BackfillReport[] = [];
      await removeFiles(run.tx, run.lake, removed);
      for (const plan of await plans(run.lake, removed)) {
        reports.push(await ingestOrSkip(run, plan, range, effects));
      }
      return reports;
    });
    await warnOfEmpty(lake, dates, result, effects);
    return result;
  }
  const reports: BackfillReport[] = [];
  for (const k of sources.keys()) {
    reports.push(
      await settled(lake, async (view) => {
        const planned = await plan(view, k);
        if (planned.done) return reportOf(planned, "already");
        const work = (run: Run) => ingestOrSkip(run, planned, range, effects);
        return (await runStage(view, STAGE, { ...asked, sources: [planned.source.name] }, work)).result;
      }),
    );
  }
  await warnOfEmpty(lake, dates, reports, effects);
  return reports;
}

/** Warns of trade dates that the sources cover by their metadata, and of which they hold no record. */
async function warnOfEmpty(
  lake: Lake,
  dates: readonly string[],
  reports: readonly BackfillReport[],
  effects: Effects,
): Promise<void> {
  if (dates.length === 0) return;
  const records = await Promise.all(reports.map(({ ingest }) => readIngest(lake, ingest)));
  const hours = records.flatMap((record) => record?.files ?? []).map(hourOfFile).filter((hour) =>
    hour !== undefined
  );
  const held = new Set(hours.map((hour) => tradeDateOf(hourStartNs(hour))));
  for (const date of dates) {
    if (held.has(date)) continue;
    effects.warn(`${date}: the files cover it by their metadata and hold no record of it; get its data`);
  }
}

/** A source and what is to be done with it. */
interface Planned extends IngestPlan {
  source: DbnSource;
  sha256: string;
}

function reportOf(plan: Planned, status: BackfillReport["status"]): BackfillReport {
  return {
    source: plan.source.name,
    ingest: plan.ingest,
    status: plan.done ? "already" : status,
    rows: noRows(),
    tables: {},
    files: 0,
    skipped: {},
  };
}

async function ingestOrSkip(
  run: Run,
  plan: Planned,
  range: Range,
  effects: Effects,
): Promise<BackfillReport> {
  if (plan.done) return reportOf(plan, "already");
  const { source, sha256, ingest } = plan;
  await dropRemains(run.tx, run.lake, ingest);
  const progress = effects.progress(baseName(source.name), "bytes", source.bytes);
  const bytes = counted(source.open(), progress);
  const stream = await openDbn(bytes, { name: source.name, batchRows: PART_ROWS });
  const resolver = symbolResolver(stream.metadata, source.symbology, CONFIG.market.symbol, stream.mappings);
  const stored = await storeRows(run.tx, rowsOf(stream, resolver), { kind: "dbn", ingest, range });
  const said = await saidOf(source, stream);
  await stageIngest(run.tx, {
    ingest,
    sha256,
    source: baseName(source.name),
    ...storedRange(range),
    rows: stored.rows.out,
    files: stored.parts.map((part) => part.path).sort(),
    ...said,
  });
  const skipped = Object.fromEntries(stream.skipped);
  warnAbout(stored.rows, resolver, source, effects);
  warnOfSaid(baseName(source.name), said, effects);
  const { manifest } = run;
  manifest.inputs.push({ path: source.name, sha256, rows: stored.rows.in });
  manifest.outputs.push(...stored.parts.map(({ path, rows }) => ({ path, rows })));
  manifest.rows = addRows(manifest.rows ?? noRows(), stored.rows);
  manifest.facts[ingest] = {
    tables: stored.tables,
    records: stream.records,
    skipped,
    ts_out_dropped: stream.tsOutDropped,
    unnamed_instruments: [...resolver.unresolved],
  };
  const { rows, tables, parts } = stored;
  return { ...reportOf(plan, "ingested"), rows, tables, files: parts.length, skipped };
}

/** What a source, its vendor and its gateway say of it. */
type Said = Pick<IngestRecord, "dates" | "conditions" | "notices">;

/** What is said of a source, for the audit to repeat and for the next ingest of its dates to know. */
async function saidOf(source: DbnSource, { notices: all }: DbnStream): Promise<Said> {
  const { conditions = [] } = source, dates = await source.dates();
  const bad = conditions.filter(({ condition }) => condition !== "available");
  const notices = all.map(({ kind, tsNs, text }) => ({ ts_ns: String(tsNs), kind, text }));
  const said = bad.filter(({ date }) => coversAny(dates, [date]));
  return {
    ...(dates ? { dates } : {}),
    ...(said.length > 0 ? { conditions: said.map(({ date, condition }) => ({ date, condition })) } : {}),
    ...(notices.length > 0 ? { notices } : {}),
  };
}

function warnOfSaid(name: string, { conditions = [], notices = [] }: Said, effects: Effects): void {
  for (const { date, condition } of conditions) {
    effects.warn(
      `${name}: the vendor says that ${date} (UTC) is ${excerpt(condition)}; the audit says so too`,
    );
  }
  if (notices.length > 0) {
    const [{ text }] = notices, more = notices.length > 1 ? `, and ${notices.length - 1} more` : "";
    effects.warn(`${name}: the gateway reported "${excerpt(text, 200)}"${more}; the audit says when`);
  }
}

function warnAbout(rows: RowCounts, resolver: SymbolResolver, source: DbnSource, effects: Effects): void {
  const name = baseName(source.name);
  if (rows.quarantined > 0) {
    effects.warn(
      `${name}: ${rows.quarantined} rows without a usable ts_event, set aside in quarantine as undated`,
    );
  }
  if (resolver.unresolved.size > 0) {
    const ids = [...resolver.unresolved].slice(0, 3).join(", ");
    effects.warn(
      `${name}: no name for instrument ${ids}; contracts are called ${CONFIG.market.symbol}_<id>; put symbology.json beside the file`,
    );
  }
}

async function* rowsOf(stream: DbnStream, resolver: SymbolResolver): AsyncGenerator<SourceRows> {
  for await (const { table, batch, row } of stream.batches()) {
    const columns = { ...batch.columns, contract: resolver.contracts(batch, row) };
    yield { table: TABLES[table], batch: { length: batch.length, columns }, row };
  }
}

function addRows(a: RowCounts, b: RowCounts): RowCounts {
  return {
    in: a.in + b.in,
    out: a.out + b.out,
    filtered: a.filtered + b.filtered,
    quarantined: a.quarantined + b.quarantined,
    duplicates: a.duplicates + b.duplicates,
  };
}

/**
 * Files that earlier ingests of DBN files left in the UTC dates of the sources; those too that an ingest of no other
 * dates has beyond midnight, where an event is not of the date of its receipt.
 */
async function earlierFiles(lake: Lake, sources: readonly DbnSource[]): Promise<Set<string>> {
  const tables = new Map<TableSchema, Set<string>>();
  for (const source of sources) {
    const dates = new Set(eachDate(await source.dates()));
    for (const table of source.tables) tables.set(table, dates.union(tables.get(table) ?? new Set()));
  }
  const found = new Set<string>(), records = await readIngests(lake);
  for (const [table, dates] of tables) {
    for (const date of dates) {
      for (let hour = 0; hour < 24; hour++) {
        const folder = hourFolder(table, hourOfPartition(date, "00") + hour);
        for (const place of [folder, quarantinePath(folder)]) {
          for (const file of await parquetFiles(lake, place)) if (isHashed(file)) found.add(file);
        }
      }
    }
    const mine = `${tableFolder(table)}/`, aside = quarantinePath(mine);
    for (const { dates: own, files } of records) {
      if (!own || !eachDate(own).every((date) => dates.has(date))) continue;
      for (const file of files) {
        if (file.startsWith(mine)) found.add(file).add(quarantinePath(file));
        else if (file.startsWith(aside)) found.add(file);
      }
    }
  }
  return found;
}

/** Whether a Bronze file's name says that it came from a hashed source, not from a stream. */
function isHashed(file: string): boolean {
  return /\/[0-9a-f]{12}-\d+-\d{4,}\.parquet$/.test(file);
}

/** Removes files, and the records of the ingests of which nothing is left. */
async function removeFiles(tx: Transaction, lake: Lake, files: ReadonlySet<string>): Promise<void> {
  for (const file of files) tx.remove(file);
  const gone = (file: string) => files.has(file) || files.has(quarantinePath(file));
  for (const record of await readIngests(lake)) {
    if (record.files.some(gone) && record.files.every(gone)) tx.remove(ingestPath(record.ingest));
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
