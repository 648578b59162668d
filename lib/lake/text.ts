/**
 * Small text files of the lake: metadata beside the tables.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import { reason } from "./lake.ts";
import type { Lake } from "./root.ts";

/**
 * Reads a text file of the lake, or nothing where there is none.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @throws {LakeError} If it is there and cannot be read.
 */
export async function readText(lake: Lake, path: string): Promise<string | undefined> {
  lake.seen?.file(path);
  try {
    return await Deno.readTextFile(`${lake.root}/${path}`);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new LakeError(`Cannot read "${path}": ${reason(cause)}`, path, { cause });
  }
}
