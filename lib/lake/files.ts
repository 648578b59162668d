/**
 * Files made durable: flushed, renamed into place, gone when they are gone already.
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
