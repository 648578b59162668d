/**
 * Files made durable: flushed, renamed into place, gone when they are gone already. And what lies at a path, asked
 * before it is opened: a folder is no file, and a pipe or a device may never end.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";

/** The short reason inside a system error. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}

/** For `catch`: what is not there is `undefined`; any other error is thrown. */
export function ifMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}

/** Work on paths at a time: the system puts flushes that wait together into one write of its own journal. */
const GROUP = 32;

/** Does something for each of some paths, a group at a time. */
export async function inGroups(
  paths: readonly string[],
  work: (path: string) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < paths.length; i += GROUP) await Promise.all(paths.slice(i, i + GROUP).map(work));
}

/** Flushes a file, or the names in a folder. */
export async function sync(path: string, options: Deno.OpenOptions = {}): Promise<void> {
  const file = await Deno.open(path, { read: true, ...options });
  try {
    await file.sync();
  } finally {
    file.close();
  }
}

/** Path of the folder that a path lies in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The error for a path that cannot be written. */
export function cannotWrite(path: string, cause: unknown): LakeError {
  return new LakeError(`Cannot write "${path}": ${reason(cause)}; free space or mend permissions`, path, {
    cause,
  });
}

/**
 * Writes a small file whole or not at all: temporary file, flush, rename.
 *
 * @param path Absolute path.
 * @param text Content.
 * @throws {LakeError} If it cannot be written.
 */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (cause) {
    await Deno.remove(temporary).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/** Bytes of a file that is read as one text, at most: no state, model or notebook comes near it. */
export const MOST_TEXT_BYTES = 64 * 2 ** 20;

/** What to do about a file of the lake that cannot be read. */
export const RESTORE = "restore the file or rebuild the stage that writes it";

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
 * @throws {LakeError} If it cannot be read, is larger than {@linkcode MOST_TEXT_BYTES}, or something else than a file.
 */
export async function readTextFile(path: string, remedy = RESTORE): Promise<string | undefined> {
  const found = statOf(path, remedy);
  if (!found) return undefined;
  if (found.size > MOST_TEXT_BYTES) {
    throw new LakeError(
      `Cannot read "${path}": it has ${found.size} bytes, wanted at most ${MOST_TEXT_BYTES}; ${remedy}`,
      path,
    );
  }
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
