/**
 * A lock that one process holds; the system drops it when the process dies.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import { reason } from "./files.ts";
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
  const file = `${lake.root}/${path}`;
  let lock: Deno.FsFile;
  try {
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    lock = await Deno.open(file, { create: true, write: true });
  } catch (cause) {
    throw new LakeError(`Cannot write "${file}": ${reason(cause)}; free space or mend permissions`, file, {
      cause,
    });
  }
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new LakeError(`Cannot use the lake "${lake.root}": ${why}; stop it first`, lake.root);
  }
  return lock;
}
