/**
 * Locks that one process holds; the system drops them when the process dies.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import { cannotWrite, folderOf } from "./files.ts";
import type { Lake } from "./root.ts";

/**
 * Takes a lock.
 *
 * @param lake The lake.
 * @param path Relative path of the lock's file; it stays.
 * @param why What it means when another process has it, for the message.
 * @returns Let it go by `using`.
 * @throws {LakeError} If another process has it, or its file cannot be made.
 */
export async function lockFile(lake: Lake, path: string, why: string): Promise<Disposable> {
  const lock = await openLock(`${lake.root}/${path}`);
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new LakeError(`Cannot use the lake "${lake.root}": ${why}; stop it first`, lake.root);
  }
  return lock;
}

/**
 * Waits until nobody else changes the lake, and keeps everybody else from it. Held while a transaction is compared
 * with what is there and put in place, or by work that lost that comparison too often.
 *
 * @param lake The lake.
 * @returns Let it go by `using`; nothing where there is no lake yet, or none that this process could write.
 * @throws {LakeError} If its file cannot be made.
 */
export async function commitLock(lake: Lake): Promise<Disposable | undefined> {
  const path = `${lake.root}/_meta/commit.lock`;
  // One who may only read waits for writers all the same, as one of many.
  for (const options of [{ create: true, write: true }, { read: true }]) {
    try {
      const lock = await Deno.open(path, options);
      await lock.lock("write" in options);
      return lock;
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      if (!isDenied(cause)) throw cannotWrite(path, cause);
    }
  }
  return undefined;
}

/** Whether the system refuses this process to write. */
export function isDenied(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Error && /\(os error 30\)|read-only/i.test(error.message);
}

async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    return await Deno.open(path, { create: true, write: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
