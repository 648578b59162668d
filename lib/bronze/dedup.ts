/**
 * Dedup: takes out of Bronze what a second ingest of the same data added, and nothing else.
 *
 * @module
 */
import {
  type Batch,
  concatBatches,
  hourStartNs,
  i64,
  relativeNs,
  sessionHours,
  sessionOf,
  takeRows,
} from "../base/mod.ts";
import {
  type FileEntry,
  type Lake,
  noRows,
  readBatch,
  type ReadOptions,
  releaseMemory,
  type RowCounts,
  type Run,
  runStage,
  settled,
  type Transaction,
} from "../lake/mod.ts";
import {
  dedupKeep,
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  PRINT_COLUMNS,
  REASONS,
  recordKey,
  sameElsewhere,
  type TableSchema,
} from "../schema/mod.ts";
import {
  type FilePair,
  hourPairs,
  moveRows,
  readPair,
  restoreDate,
  type RestoreReport,
  rowsWhere,
} from "./restore.ts";
import { type Stock, Stocks } from "./stock.ts";

/** What dedup did with a trade date. */
export interface DedupReport {
  /** Trade date. */
  date: string;
  /** Rows before, kept, and taken out as duplicates. */
  rows: RowCounts;
  /** Rows taken out, by table name. */
  tables: Record<string, number>;
  /** Rows of each ingest as they came and as they stand. */
  stock: Stock[];
}

const TABLES: readonly TableSchema[] = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES];
const STAGE = "dedup";
const DEDUP_REASONS: readonly string[] = [REASONS.duplicate, REASONS.otherSource];

/** Rows compared at a time: two ingests of a busy hour of books would take gigabytes. */
const SLICE_ROWS = 500_000;

/** How to dedup. */
export interface DedupOptions {
  /** Say what would be done, write nothing. */
  dryRun?: boolean;
  /** Rows compared at a time, which bounds memory and nothing else; defaults to 500,000. */
  sliceRows?: number;
}

/**
 * Moves the copies that further ingests of a trade date's data added to quarantine, in one transaction. Running
 * again changes nothing.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options See {@linkcode DedupOptions}.
 */
export async function dedupDate(
  lake: Lake,
  date: string,
  { dryRun = false, sliceRows = SLICE_ROWS }: DedupOptions = {},
): Promise<DedupReport> {
  const work = async (lake: Lake, tx?: Transaction, inputs: FileEntry[] = []): Promise<DedupReport> => {
    const report: DedupReport = { date, rows: noRows(), tables: {}, stock: [] }, stock = new Stocks();
    for (const table of TABLES) {
      report.tables[table.name] = 0;
      for (const hour of sessionHours(sessionOf(date))) {
        const all = await hourPairs(lake, table, hour), pairs = all.filter((pair) => pair.kept);
        for (const pair of all) {
          const { aside } = readPair(lake, table, { ...pair, kept: false }, []);
          const gone = rowsWhere(aside, { reason: (value) => DEDUP_REASONS.includes(value) }).length;
          stock.add(table.name, ingestOf(pair.file), gone, 0);
        }
        const copies = await copiesOf(lake, table, pairs, hour, { sliceRows });
        const elsewhere = table === OPTIONS_TRADES ? printsElsewhere(lake, copies) : [];
        for (const [k, { pair, rows, out: again }] of copies.entries()) {
          const others = elsewhere[k] ?? new Uint32Array(), other = new Set(others);
          const out = Uint32Array.from([...again, ...others]).sort();
          inputs.push({ path: pair.file, rows });
          report.rows.in += rows;
          report.rows.duplicates += out.length;
          report.tables[table.name] += out.length;
          stock.add(table.name, ingestOf(pair.file), rows, rows - out.length);
          const reason = Array.from(out, (row) => other.has(row) ? REASONS.otherSource : REASONS.duplicate);
          const moves = { out, reason, back: new Uint32Array() };
          if (tx) await moveRows(tx, lake, table, pair, moves);
        }
      }
    }
    report.rows.out = report.rows.in - report.rows.duplicates;
    report.stock = stock.list;
    return report;
  };
  if (dryRun) return await settled(lake, work);
  return (await runStage(lake, STAGE, { date }, async ({ lake, tx, manifest }: Run) => {
    const report = await work(lake, tx, manifest.inputs);
    manifest.rows = report.rows;
    manifest.facts.duplicates = report.tables;
    return report;
  })).result;
}

/**
 * For each file of an hour of option prints the rows that another kind of source brought too, copies left out.
 *
 * @param lake The lake.
 * @param files What {@linkcode copiesOf} found in the hour.
 * @param options See {@linkcode ReadOptions}.
 */
export function printsElsewhere(
  lake: Lake,
  files: readonly Copies[],
  options: ReadOptions = {},
): Uint32Array[] {
  if (new Set(files.map(({ pair }) => ingestOf(pair.file))).size < 2) {
    return files.map(() => new Uint32Array());
  }
  const stay = files.map(({ rows, out }) => {
    const rest = new Uint32Array(rows - out.length);
    for (let i = 0, n = 0, gone = 0; i < rows; i++) {
      if (out[gone] === i) gone++;
      else rest[n++] = i;
    }
    return rest;
  });
  const all = concatBatches(
    files.map(({ pair }, f) =>
      takeRows(readBatch(lake, OPTIONS_TRADES, [pair.file], PRINT_COLUMNS, options), stay[f])
    ),
  );
  const found: number[][] = files.map(() => []);
  let file = 0, first = 0;
  for (const row of sameElsewhere(all)) {
    while (row >= first + stay[file].length) first += stay[file++].length;
    found[file].push(stay[file][row - first]);
  }
  return found.map((rows) => Uint32Array.from(rows));
}

/** A file's rows that are copies of another ingest's. */
export interface Copies {
  /** The file. */
  pair: FilePair;
  /** Rows in it. */
  rows: number;
  /** Row numbers of the copies, ascending. */
  out: Uint32Array;
}

/**
 * The copies in each file of one hour.
 *
 * @param lake The lake.
 * @param table The table.
 * @param pairs The hour's files with rows in Bronze.
 * @param hour UTC hour number.
 * @param options Rows compared at a time, see {@linkcode DedupOptions}; how to read.
 */
export async function copiesOf(
  lake: Lake,
  table: TableSchema,
  pairs: readonly FilePair[],
  hour: number,
  { sliceRows = SLICE_ROWS, ...options }: ReadOptions & { sliceRows?: number } = {},
): Promise<Copies[]> {
  const times = pairs.map(({ file }) =>
    relativeNs(
      i64(readBatch(lake, table, [file], ["ts_event_ns"], options), "ts_event_ns"),
      hourStartNs(hour),
    )
  );
  const out = pairs.map(() => [] as number[]);
  if (new Set(pairs.map(({ file }) => ingestOf(file))).size > 1) {
    for (const { from, to } of slicesOf(times, sliceRows)) {
      const slice: Batch[] = [], origin: { file: number; rows: Uint32Array }[] = [];
      pairs.forEach(({ file }, f) => {
        const rows = rowsBetween(times[f], from, to);
        if (rows.length === 0) return;
        slice.push(takeRows(readBatch(lake, table, [file], undefined, options), rows));
        origin.push({ file: f, rows });
      });
      if (slice.length === 0) continue;
      const batch = concatBatches(slice);
      const keep = dedupKeep(batch, recordKey(table));
      let next = 0, first = 0;
      for (const { file, rows } of origin) {
        for (let i = 0; i < rows.length; i++) {
          if (next < keep.length && keep[next] === first + i) next++;
          else out[file].push(rows[i]);
        }
        first += rows.length;
      }
      await releaseMemory();
    }
  }
  return pairs.map((pair, f) => ({ pair, rows: times[f].length, out: Uint32Array.from(out[f]).sort() }));
}

/** The ingest in a Bronze file's name, `<ingest>-NNNN.parquet`. */
export function ingestOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, file.lastIndexOf("-"));
}

/** Spans of time that hold about as many rows each and all of them together; equal times are never parted. */
function slicesOf(times: readonly Float64Array[], rows: number): { from: number; to: number }[] {
  const sorted = new Float64Array(times.reduce((n, t) => n + t.length, 0));
  let at = 0;
  for (const time of times) {
    sorted.set(time, at);
    at += time.length;
  }
  sorted.sort();
  const slices: { from: number; to: number }[] = [];
  let from = -Infinity;
  for (let i = rows; i < sorted.length; i += rows) {
    if (sorted[i] > from) slices.push({ from, to: sorted[i] });
    from = sorted[i];
  }
  return [...slices, { from, to: Infinity }];
}

function rowsBetween(time: Float64Array, from: number, to: number): Uint32Array {
  const rows = new Uint32Array(time.length);
  let n = 0;
  for (let i = 0; i < time.length; i++) if (time[i] >= from && time[i] < to) rows[n++] = i;
  return rows.slice(0, n);
}

/**
 * Undoes dedup for a trade date: every copy it took out comes back.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options `dryRun`: only count.
 */
export async function undoDedup(
  lake: Lake,
  date: string,
  options: { dryRun?: boolean } = {},
): Promise<RestoreReport> {
  return await restoreDate(lake, date, {
    stage: STAGE,
    tables: TABLES,
    reasons: DEDUP_REASONS,
    ...options,
  });
}
