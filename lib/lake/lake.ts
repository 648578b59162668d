/**
 * The lake: its root, its paths and what lies there.
 *
 * @module
 */
import { hourOfPartition, LakeError, partitionOfHour, type Session, sessionHours } from "../base/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { listFolder, reason } from "./files.ts";
import type { Lake } from "./root.ts";
import { recover } from "./transaction.ts";

export type { Lake } from "./root.ts";

/**
 * Opens a lake, creating its folder, and finishes or undoes what a killed run left behind.
 *
 * @param root Folder of the lake.
 * @throws {LakeError} If the folder cannot be made or written.
 */
export async function openLake(root: string): Promise<Lake> {
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
  await recover(lake);
  return lake;
}

/**
 * Opens a lake that must be there, without writing to it.
 *
 * @param root Folder of the lake.
 * @throws {LakeError} If there is no such folder.
 */
export async function existingLake(root: string): Promise<Lake> {
  const stat = await Deno.stat(root).catch(() => undefined);
  if (!stat?.isDirectory) {
    throw new LakeError(`Cannot open the lake "${root}": no such folder; run backfill first`, root);
  }
  return await openLake(root);
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
  const entries = await listFolder(`${lake.root}/${folder}`);
  return entries.map(({ name }) => pattern.exec(name)?.[1]).filter((name) => name !== undefined).sort();
}
