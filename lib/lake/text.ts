/**
 * Small text files of the lake: metadata beside the tables.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import { reason } from "./lake.ts";
import type { Lake } from "./root.ts";

/** Bytes of a file that is read as one text, at most: no state, model or notebook comes near it. */
export const MOST_TEXT_BYTES = 64 * 2 ** 20;

/**
 * Reads a text file of the lake, or nothing where there is none.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @throws {LakeError} If it is there and cannot be read.
 */
export async function readText(lake: Lake, path: string): Promise<string | undefined> {
  lake.seen?.file(path);
  return await readTextFile(`${lake.root}/${path}`);
}

/**
 * Reads a text file, or nothing where there is none.
 *
 * @param path Its path.
 * @throws {LakeError} If it is there and is no file, is larger than {@linkcode MOST_TEXT_BYTES}, or cannot be read.
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    const { isFile, isDirectory, size } = await Deno.stat(path);
    // A device or a pipe might never end.
    if (!isFile) {
      throw new LakeError(`it is a ${isDirectory ? "folder" : "device or pipe"}, wanted a file`, path);
    }
    if (size > MOST_TEXT_BYTES) {
      throw new LakeError(`it has ${size} bytes, wanted at most ${MOST_TEXT_BYTES}`, path);
    }
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new LakeError(`Cannot read "${path}": ${reason(cause)}`, path, { cause });
  }
}
