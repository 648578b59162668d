/**
 * What lies under a table cut by hours, whatever is wrong with it: for the audit, which must not stop at a fault.
 *
 * @module
 */
import pl, { type DataFrame } from "nodejs-polars";
import { hourOfPartition, LakeError, SchemaError } from "../base/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { type Lake, parquetFiles, reason, tableFolder } from "./lake.ts";
import { checkFrame } from "./parquet.ts";

/** A folder of a table. */
export interface Partition {
  /** Relative path. */
  folder: string;
  /** UTC hour number; undefined where the folder's name is not a date and an hour. */
  hour: number | undefined;
  /** Parquet files in it, relative, sorted by name; may be none. */
  files: string[];
}

/**
 * Every folder of a table's hours, empty and misnamed ones included, by path.
 *
 * @param lake The lake.
 * @param table A table cut by hour.
 */
export async function hourPartitions(lake: Lake, table: TableSchema): Promise<Partition[]> {
  const found: Partition[] = [], root = tableFolder(table);
  for (const day of await folderNames(lake, root)) {
    const date = /^date=(\d{4}-\d\d-\d\d)$/.exec(day)?.[1];
    const hours = await folderNames(lake, `${root}/${day}`);
    for (const name of date === undefined ? [""] : hours) {
      const hour = hourOfPartition(date ?? "", /^hour=(\d\d)$/.exec(name)?.[1] ?? "");
      const folder = `${root}/${day}${name && `/${name}`}`;
      const files = await parquetFiles(lake, folder);
      found.push({ folder, hour: Number.isNaN(hour) ? undefined : hour, files });
    }
  }
  return found;
}

/** Names of the folders in a relative folder, sorted; none if it is not there. */
export async function folderNames(lake: Lake, folder: string): Promise<string[]> {
  const names: string[] = [];
  lake.seen?.folder(folder);
  try {
    for await (const entry of Deno.readDir(`${lake.root}/${folder}`)) {
      if (entry.isDirectory) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

/** A file of a table without its rows. */
export interface FileShape {
  /** How many there are. */
  rows: number;
  /** What differs from the declaration, a sentence a column. */
  problems: string[];
}

/**
 * Looks at a Parquet file's head only.
 *
 * @param lake The lake.
 * @param table What it should be.
 * @param file Relative path.
 * @throws {LakeError} If it cannot be read: cut short or not Parquet.
 */
export function inspectFile(lake: Lake, table: TableSchema, file: string): FileShape {
  const path = `${lake.root}/${file}`, problems: string[] = [];
  lake.seen?.file(file);
  try {
    const scan = pl.scanParquet(path), frame = scan.head(0).collectSync();
    const names = Object.keys(table.columns);
    // All at once where nothing is wrong; one by one to name everything that is.
    if (!isAsDeclared(table, frame, names, file)) {
      for (const name of names) isAsDeclared(table, frame, [name], file, problems);
    }
    for (const name of frame.columns) {
      if (!(name in table.columns)) problems.push(`column "${name}" of ${file} is not declared`);
    }
    const [rows] = scan.select(pl.len()).collectSync().getColumn("len").toArray() as number[];
    return { rows, problems };
  } catch (cause) {
    throw new LakeError(`Cannot read "${path}": ${reason(cause)}; restore the file`, path, { cause });
  }
}

/** Whether a frame has the columns, each of its type; says of the first that is not why. */
function isAsDeclared(
  table: TableSchema,
  frame: DataFrame,
  names: readonly string[],
  file: string,
  problems: string[] = [],
): boolean {
  try {
    checkFrame(table, frame, names, file);
    return true;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    problems.push(error.message);
    return false;
  }
}
