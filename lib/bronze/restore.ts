/**
 * Rows between a Bronze file and its twin in quarantine: out with a reason, and back where they were.
 *
 * @module
 */
import pl, { type DataFrame } from "nodejs-polars";
import { type Batch, hourStartNs, sessionHours, sessionOf, strings, tradeDateOf } from "../base/mod.ts";
import {
  emptyBatch,
  hourFolder,
  hoursPresent,
  type Lake,
  noRows,
  parquetFiles,
  quarantinePath,
  readBatch,
  readLakeFrame,
  releaseAfter,
  runStage,
  settled,
  type Transaction,
  writeFrame,
} from "../lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  quarantineTable,
  type TableSchema,
} from "../schema/mod.ts";
import { type Stock, Stocks } from "./stock.ts";

/**
 * Trade dates that have rows in Bronze or set aside from it, ascending.
 *
 * @param lake The lake.
 * @param tables Tables to look at; defaults to futures and options.
 */
export async function bronzeDates(
  lake: Lake,
  tables: readonly TableSchema[] = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES],
): Promise<string[]> {
  const dates = new Set<string>();
  for (const table of tables.flatMap((table) => [table, quarantineTable(table)])) {
    for (const hour of await hoursPresent(lake, table)) dates.add(tradeDateOf(hourStartNs(hour)));
  }
  return [...dates].sort();
}

/** Where the files of one Bronze file's rows are. */
export interface FilePair {
  /** Relative path in Bronze, whether or not it is there now. */
  file: string;
  /** Whether rows lie in Bronze. */
  kept: boolean;
  /** Whether rows lie in quarantine. */
  aside: boolean;
}

/**
 * The files of an hour, those included whose rows are all in quarantine, by name.
 *
 * @param lake The lake.
 * @param table The table.
 * @param hour UTC hour number.
 */
export async function hourPairs(lake: Lake, table: TableSchema, hour: number): Promise<FilePair[]> {
  const folder = hourFolder(table, hour);
  const kept = new Set(await parquetFiles(lake, folder));
  const prefix = quarantinePath("").length;
  const aside = new Set((await parquetFiles(lake, quarantinePath(folder))).map((path) => path.slice(prefix)));
  return [...kept.union(aside)].sort().map((file) => ({
    file,
    kept: kept.has(file),
    aside: aside.has(file),
  }));
}

/** Rows of a file in Bronze and in quarantine, some columns of them. */
export interface PairRows {
  /** Rows in Bronze. */
  kept: Batch;
  /** Rows in quarantine, with `reason`. */
  aside: Batch;
}

/**
 * Reads the rows of a pair.
 *
 * @param lake The lake.
 * @param table The table.
 * @param pair Which file.
 * @param names Wanted columns of the table; defaults to all.
 */
export function readPair(
  lake: Lake,
  table: TableSchema,
  pair: FilePair,
  names: readonly string[] = Object.keys(table.columns),
): PairRows {
  const twin = quarantineTable(table);
  const withReason = [...names, "reason"];
  return {
    kept: pair.kept ? readBatch(lake, table, [pair.file], names) : emptyBatch(table, names),
    aside: pair.aside
      ? readBatch(lake, twin, [quarantinePath(pair.file)], withReason)
      : emptyBatch(twin, withReason),
  };
}

/** Rows that change places. */
export interface Moves {
  /** Rows of the Bronze file that go to quarantine, ascending. */
  out: Uint32Array;
  /** Why they go: all of them, or each. */
  reason: string | readonly string[];
  /** Rows of the quarantine file that come back, ascending. */
  back: Uint32Array;
}

/**
 * Stages a pair with some rows moved; both files keep the order of `row`, so that moving back restores them. A file
 * left without rows is removed.
 *
 * @param tx Transaction to stage in.
 * @param lake The lake.
 * @param table The table.
 * @param pair Which file.
 * @param moves Which rows.
 */
export async function moveRows(
  tx: Transaction,
  lake: Lake,
  table: TableSchema,
  pair: FilePair,
  { out, reason, back }: Moves,
): Promise<void> {
  if (out.length === 0 && back.length === 0) return;
  const twin = quarantinePath(pair.file);
  const kept = split(pair.kept ? readLakeFrame(lake, pair.file) : undefined, out);
  const aside = split(pair.aside ? readLakeFrame(lake, twin) : undefined, back);
  await stagePart(tx, table, pair.file, kept.rest, aside.picked);
  const why = typeof reason === "string" ? pl.lit(reason).alias("reason") : pl.Series("reason", [...reason]);
  const leaving = kept.picked?.withColumn(why);
  await stagePart(tx, quarantineTable(table), twin, aside.rest, leaving);
  await releaseAfter(out.length + back.length + (kept.rest?.height ?? 0) + (aside.rest?.height ?? 0));
}

/** A frame's rows at some places, and the others; no rows is no frame. */
function split(frame: DataFrame | undefined, rows: Uint32Array): { picked?: DataFrame; rest?: DataFrame } {
  if (!frame) return {};
  if (rows.length === 0) return { rest: frame };
  if (rows.length === frame.height) return { picked: frame };
  const mask = new Int8Array(frame.height);
  for (const row of rows) mask[row] = 1;
  const marked = frame.withColumn(pl.Series("_picked", mask));
  const where = (picked: 0 | 1) => marked.filter(pl.col("_picked").eq(pl.lit(picked))).drop("_picked");
  return { picked: where(1), rest: where(0) };
}

async function stagePart(
  tx: Transaction,
  table: TableSchema,
  path: string,
  ...parts: (DataFrame | undefined)[]
): Promise<void> {
  const columns = Object.keys(table.columns);
  const inOrder = (part: DataFrame) =>
    part.columns.join() === columns.join() ? part : part.select(...columns);
  const filled = parts.filter((part) => part !== undefined).map(inOrder);
  if (filled.length === 0) return tx.remove(path);
  const all = filled.length === 1 ? filled[0] : pl.concat(filled).sort({ by: "row", maintainOrder: true });
  writeFrame(await tx.stage(path), all.rechunk());
}

/**
 * Rows of a batch whose strings pass tests, ascending.
 *
 * @param batch The rows.
 * @param tests A test of the value, by name of the string column; all must hold.
 */
export function rowsWhere(batch: Batch, tests: Record<string, (value: string) => boolean>): Uint32Array {
  const columns = Object.entries(tests).map(([name, test]) => {
    const { codes, values } = strings(batch, name);
    return { codes, holds: values.map(test) };
  });
  const rows = new Uint32Array(batch.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) {
    if (columns.every(({ codes, holds }) => holds[codes[i]])) rows[n++] = i;
  }
  return rows.slice(0, n);
}

/** What a restore did. */
export interface RestoreReport {
  /** Trade date. */
  date: string;
  /** Rows brought back. */
  rows: number;
  /** Rows of each table, which all stand as they came. */
  stock: Stock[];
}

/** What to restore. */
export interface RestoreOptions {
  /** Stage that set the rows aside, for the manifest. */
  stage: string;
  /** Tables it concerns. */
  tables: readonly TableSchema[];
  /** The reasons the rows may bear. */
  reasons: readonly string[];
  /** Files that go with them, relative. */
  forget?: readonly string[];
  /** Only count. */
  dryRun?: boolean;
}

/**
 * Brings back every row of a trade date that was set aside for a reason, in one transaction.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options See {@linkcode RestoreOptions}.
 */
export async function restoreDate(lake: Lake, date: string, options: RestoreOptions): Promise<RestoreReport> {
  const { stage, tables, reasons, forget = [], dryRun = false } = options;
  const restore = async (lake: Lake, tx?: Transaction) => {
    let rows = 0, kept = 0;
    const stock = new Stocks();
    for (const table of tables) {
      for (const hour of sessionHours(sessionOf(date))) {
        for (const pair of await hourPairs(lake, table, hour)) {
          const found = readPair(lake, table, pair, ["row"]);
          const back = rowsWhere(found.aside, { reason: (value) => reasons.includes(value) });
          rows += back.length;
          kept += found.kept.length;
          const all = found.kept.length + back.length;
          stock.add(table.name, "all", all, all);
          if (tx) await moveRows(tx, lake, table, pair, { out: new Uint32Array(), reason: reasons, back });
        }
      }
    }
    return { rows, kept, stock: stock.list };
  };
  if (dryRun) {
    const { rows, stock } = await settled(lake, (view) => restore(view));
    return { date, rows, stock };
  }
  return (await runStage(lake, stage, { date, restore: true }, async ({ lake, tx, manifest }) => {
    const { rows, kept, stock } = await restore(lake, tx);
    for (const path of forget) tx.remove(path);
    manifest.rows = { ...noRows(), in: rows + kept, out: rows + kept };
    manifest.facts.brought_back = rows;
    return { date, rows, stock };
  })).result;
}
