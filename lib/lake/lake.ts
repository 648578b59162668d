/**
 * The lake: its root, its paths and what lies there.
 *
 * @module
 */
import {
  type Effects,
  hourOfPartition,
  isSystemFile,
  LakeError,
  partitionOfHour,
  type Session,
  sessionHours,
  SILENT,
} from "../base/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { reason } from "./files.ts";
import { recover } from "./journal.ts";
import { isDenied } from "./lock.ts";
import type { Lake } from "./root.ts";

export { reason } from "./files.ts";
export type { Lake } from "./root.ts";

/** Where to say what is wrong with a lake that can be used all the same. */
type Warn = Pick<Effects, "warn">;

/**
 * Opens a lake, creating its folder, and finishes or undoes what a killed run left behind. What can be neither is
 * warned of: the rest of the lake can be used.
 *
 * @param root Folder of the lake.
 * @param effects Where to warn; defaults to nowhere.
 * @throws {LakeError} If the folder cannot be made or written.
 */
export async function openLake(root: string, effects: Warn = SILENT): Promise<Lake> {
  const lake = { root: root.replace(/\/+$/, "") };
  try {
    await Deno.mkdir(`${lake.root}/_meta/staging`, { recursive: true });
    // Workers share a process id, and two may open the same lake at once.
    const probe = `${lake.root}/_meta/staging/.probe-${crypto.randomUUID()}`;
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (cause) {
    throw new LakeError(
      `Cannot write the lake "${root}": ${reason(cause)}; choose another --lake or mend its permissions`,
      root,
      {
        cause,
      },
    );
  }
  for (const { id, direction, why } of await recover(lake)) {
    effects.warn(
      `run ${id} stopped half way and cannot be ${direction === "undo" ? "undone" : "finished"} (${why}); ` +
        `what it touches can be read but not changed until deno task doctor mends it`,
    );
  }
  return lake;
}

/**
 * Opens a lake that must be there.
 *
 * @param root Folder of the lake.
 * @param effects Where to warn; defaults to nowhere.
 * @throws {LakeError} If there is no such folder, or it cannot be written.
 */
export async function existingLake(root: string, effects: Warn = SILENT): Promise<Lake> {
  await assertFolder(root);
  return await openLake(root, effects);
}

/**
 * Opens a lake that must be there for reading only, whether or not it can be written.
 *
 * @param root Folder of the lake.
 * @param effects Where to warn; defaults to nowhere.
 * @throws {LakeError} If there is no such folder.
 */
export async function readableLake(root: string, effects: Warn = SILENT): Promise<Lake> {
  await assertFolder(root);
  try {
    return await openLake(root, effects);
  } catch (error) {
    if (!(error instanceof LakeError && isDenied(error.cause))) throw error;
    return { root: root.replace(/\/+$/, "") };
  }
}

async function assertFolder(root: string): Promise<void> {
  const stat = await Deno.stat(root).catch(() => undefined);
  if (stat?.isDirectory) return;
  throw new LakeError(`Cannot open the lake "${root}": no such folder; run backfill first`, root);
}

/** Folder of a table's partitions, relative: `bronze/futures/trades/symbol=ES`. */
export function tableFolder(table: TableSchema): string {
  const { folder, owner } = table.location;
  return owner ? `${folder}/${owner}` : folder;
}

/** Folder of one UTC hour of a table, relative. */
export function hourFolder(table: TableSchema, hour: number): string {
  const part = partitionOfHour(hour);
  return `${tableFolder(table)}/date=${part.date}/hour=${part.hour}`;
}

/** Folder of one session date of a table, relative. */
export function sessionFolder(table: TableSchema, date: string): string {
  return `${tableFolder(table)}/date=${date}`;
}

/** The quarantine's twin of a relative path. */
export function quarantinePath(path: string): string {
  return `quarantine/${path}`;
}

/** UTC hours for which a table has at least one Parquet file, ascending. */
export async function hoursPresent(lake: Lake, table: TableSchema): Promise<number[]> {
  const hours: number[] = [];
  for (const day of await names(lake, tableFolder(table), /^date=(\d{4}-\d\d-\d\d)$/)) {
    for (const hour of await names(lake, `${tableFolder(table)}/date=${day}`, /^hour=(\d\d)$/)) {
      const at = hourOfPartition(day, hour);
      if ((await parquetFiles(lake, hourFolder(table, at))).length > 0) hours.push(at);
    }
  }
  return hours.sort((a, b) => a - b);
}

/** Session dates for which a table cut by session has files, ascending. */
export async function datesPresent(lake: Lake, table: TableSchema): Promise<string[]> {
  const dates: string[] = [];
  for (const date of await names(lake, tableFolder(table), /^date=(\d{4}-\d\d-\d\d)$/)) {
    if ((await parquetFiles(lake, sessionFolder(table, date))).length > 0) dates.push(date);
  }
  return dates.sort();
}

/** Parquet files directly in a relative folder, relative paths, sorted by name; none if it is not there. */
export async function parquetFiles(lake: Lake, folder: string): Promise<string[]> {
  return (await names(lake, folder, /^(.+\.parquet)$/)).map((name) => `${folder}/${name}`);
}

/** A table's files of one session, hour by hour; hours without files are left out. */
export async function sessionFiles(
  lake: Lake,
  table: TableSchema,
  session: Session,
): Promise<{ hour: number; files: string[] }[]> {
  const found = [];
  for (const hour of sessionHours(session)) {
    const files = await parquetFiles(lake, hourFolder(table, hour));
    if (files.length > 0) found.push({ hour, files });
  }
  return found;
}

async function names(lake: Lake, folder: string, pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  lake.seen?.folder(folder);
  try {
    for await (const entry of Deno.readDir(`${lake.root}/${folder}`)) {
      const match = isSystemFile(entry.name) ? null : pattern.exec(entry.name);
      if (match) found.push(match[1]);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}
