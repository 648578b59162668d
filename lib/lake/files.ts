/**
 * What lies at a path, asked before it is opened: a folder is no file, and a pipe or a device may never end.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";

/** What to do about a file of the lake that cannot be read. */
export const RESTORE = "restore the file or rebuild the stage that writes it";

/** The short reason inside a system error. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}

/**
 * Looks at a file.
 *
 * @param path Path of it, or of a link to it.
 * @param remedy What to do where it cannot be read.
 * @throws {LakeError} If there is none, or something else.
 */
export function statFile(path: string, remedy = RESTORE): Deno.FileInfo {
  const found = statOf(path, remedy);
  if (!found) throw new LakeError(`Cannot read "${path}": there is no such file; ${remedy}`, path);
  return found;
}

/** What is at a path, which is a file; nothing where there is nothing. */
function statOf(path: string, remedy: string): Deno.FileInfo | undefined {
  let found: Deno.FileInfo;
  try {
    found = Deno.statSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new LakeError(`Cannot read "${path}": ${reason(cause)}; ${remedy}`, path, { cause });
  }
  if (found.isFile) return found;
  const kind = found.isDirectory
    ? "a folder"
    : found.isFifo
    ? "a pipe"
    : found.isSocket
    ? "a socket"
    : "a device";
  throw new LakeError(`Cannot read "${path}": found ${kind}, wanted a file; ${remedy}`, path);
}

/**
 * Whether there is a file.
 *
 * @param path Path of it, or of a link to it.
 * @throws {LakeError} If there is something else.
 */
export function isFile(path: string): boolean {
  return statOf(path, RESTORE) !== undefined;
}

/**
 * Reads a small text file.
 *
 * @param path Path of it, or of a link to it.
 * @param remedy What to do where it cannot be read.
 * @returns Its text; undefined where there is none.
 * @throws {LakeError} If it cannot be read, or is something else than a file.
 */
export async function readTextFile(path: string, remedy = RESTORE): Promise<string | undefined> {
  if (!statOf(path, remedy)) return undefined;
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new LakeError(`Cannot read "${path}": ${reason(cause)}; ${remedy}`, path, { cause });
  }
}

/**
 * What lies in a folder, by name; nothing where there is none.
 *
 * @param path Path of it, or of a link to it.
 * @throws {LakeError} If it cannot be read, or is no folder.
 */
export async function listFolder(path: string): Promise<Deno.DirEntry[]> {
  try {
    const found = await Array.fromAsync(Deno.readDir(path));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw new LakeError(
      `Cannot read the folder "${path}": ${reason(cause)}; restore it or move it away`,
      path,
      {
        cause,
      },
    );
  }
}
