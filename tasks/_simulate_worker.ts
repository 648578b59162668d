/**
 * Writes the simulated files of one UTC date.
 *
 * @module
 */
import { serveJobs } from "../lib/base/mod.ts";
import { type SimulatedFile, type SimulateFilesOptions, simulateUtcDate } from "../lib/simulate/mod.ts";

/** What one worker is to write. */
export interface SimulateJob {
  /** UTC date. */
  date: string;
  /** Folder to write to. */
  out: string;
  /** The market. */
  options: SimulateFilesOptions;
}

/** A file that was written. */
export interface WrittenFile {
  /** Path below the output folder. */
  name: string;
  /** Length. */
  bytes: number;
}

async function writeFile(out: string, { name, bytes }: SimulatedFile): Promise<WrittenFile> {
  const path = `${out}/${name}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  let length = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
    length += chunk.length;
  }
  return { name, bytes: length };
}

serveJobs(async ({ date, out, options }: SimulateJob): Promise<WrittenFile[]> => {
  const written: WrittenFile[] = [];
  for await (const file of simulateUtcDate(date, options)) written.push(await writeFile(out, file));
  return written;
});
