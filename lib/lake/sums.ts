/**
 * What was written, by size and sha256, for the Parquet files that no stage's key speaks for: Bronze, quarantine and
 * what the live services write. One file a table and date, kept by the transactions that change it.
 *
 * @module
 */
import { z } from "zod";
import { ifMissing, isFile } from "./files.ts";
import { hashFile } from "./hash.ts";
import type { Lake } from "./root.ts";

/** A file as it was written. */
export interface Sum {
  /** Size in bytes. */
  bytes: number;
  /** sha256 of its content, hex. */
  sha256: string;
}

const SUMS = z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() }));

/** Whether a file's sum is kept. @param path Relative path. */
export function isSummed(path: string): boolean {
  return /^(bronze|quarantine|gold\/levels)\/.*\.parquet$/.test(path);
}

/** The folder whose sums are in one file with a path's: its table's date, or the folder it lies in. */
function summedFolder(path: string): string {
  return /^.*\/date=[^/]*(?=\/)/.exec(path)?.[0] ?? path.slice(0, path.lastIndexOf("/"));
}

function sumsPath(folder: string): string {
  return `_meta/sums/${folder}.json`;
}

/** The sums of a folder; none where they cannot be read, which the audit then says of each of its files. */
async function readSums(lake: Lake, folder: string): Promise<Map<string, Sum>> {
  const text = await Deno.readTextFile(`${lake.root}/${sumsPath(folder)}`).catch(ifMissing);
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(SUMS.parse(JSON.parse(text))));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return new Map();
    throw error;
  }
}

/**
 * The files of sums as they are after a change. To be called by the holder of the commit lock.
 *
 * @param lake The lake.
 * @param written Sums of the files that appear, by relative path.
 * @param removed Relative paths of the files that go.
 * @returns Relative path and content of each file of sums that changes, no content where it goes.
 */
export async function sumsOf(
  lake: Lake,
  written: ReadonlyMap<string, Sum>,
  removed: ReadonlySet<string>,
): Promise<[path: string, content: string | undefined][]> {
  const paths = [...written.keys(), ...[...removed].filter(isSummed)];
  const changed: [path: string, content: string | undefined][] = [];
  for (const [folder, files] of Map.groupBy(paths, summedFolder)) {
    const sums = await readSums(lake, folder);
    for (const path of files) {
      const sum = written.get(path), name = path.slice(folder.length + 1);
      if (sum) sums.set(name, sum);
      else sums.delete(name);
    }
    const content = Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
    changed.push([sumsPath(folder), sums.size > 0 ? JSON.stringify(content, null, 1) + "\n" : undefined]);
  }
  return changed;
}

/** A file that is not what was written. */
export interface Unsound {
  /** Relative path. */
  file: string;
  /** `lost`: it is gone; `changed`: its bytes are others; `unknown`: nothing says what was written. */
  what: "lost" | "changed" | "unknown";
}

/**
 * Compares files with what was written.
 *
 * @param lake The lake.
 * @param folders Relative folders whose Parquet files are compared, with those that should be in them.
 * @returns Those that differ, by path.
 */
export async function unsoundFiles(
  lake: Lake,
  folders: ReadonlyMap<string, readonly string[]>,
): Promise<Unsound[]> {
  const found: Unsound[] = [], known = new Map<string, Map<string, Sum>>();
  for (const [folder, files] of folders) {
    const of = summedFolder(`${folder}/x`);
    if (!known.has(of)) known.set(of, await readSums(lake, of));
    const sums = known.get(of)!, inside = folder === of ? "" : `${folder.slice(of.length + 1)}/`;
    for (const file of files) {
      const sum = sums.get(file.slice(of.length + 1));
      if (!sum) found.push({ file, what: "unknown" });
      else if (!await isSame(lake, file, sum)) found.push({ file, what: "changed" });
    }
    for (const name of sums.keys()) {
      const file = `${of}/${name}`;
      if (!name.startsWith(inside) || files.includes(file)) continue;
      // What joined since the folder was listed is not lost.
      lake.seen?.file(file);
      if (!isFile(`${lake.root}/${file}`)) found.push({ file, what: "lost" });
    }
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function isSame(lake: Lake, file: string, { bytes, sha256 }: Sum): Promise<boolean> {
  lake.seen?.file(file);
  const path = `${lake.root}/${file}`;
  return (await Deno.stat(path)).size === bytes && await hashFile(path) === sha256;
}
