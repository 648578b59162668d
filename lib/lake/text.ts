/**
 * Small text files of the lake: metadata beside the tables.
 *
 * @module
 */
import { readTextFile } from "./files.ts";
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
  return await readTextFile(`${lake.root}/${path}`);
}
