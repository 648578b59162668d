/**
 * sha256 of files and values.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Lake } from "./root.ts";

/**
 * sha256 of a file's content, hex, read as a stream.
 *
 * @param path Absolute path.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    hash.update(buffer.subarray(0, n));
  }
  return hash.digest("hex");
}

/** sha256 of each of some files, by relative path. */
export async function hashFiles(lake: Lake, files: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const file of [...files].sort()) {
    lake.seen?.file(file);
    hashes[file] = await hashFile(`${lake.root}/${file}`);
  }
  return hashes;
}

/** sha256 of a JSON value, hex; object keys in the order given. */
export function hashJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
