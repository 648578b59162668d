/**
 * DBN files on disk as sources of the backfill.
 *
 * @module
 */
import { isSystemFile, sessionOf, TidemarkError, UsageError, utcDate } from "../lib/base/mod.ts";
import {
  coversAny,
  type DateCondition,
  type DbnSource,
  describeSource,
  parseConditions,
  type Source,
  utcDatesOf,
  wrongSource,
} from "../lib/bronze/mod.ts";
import { parseSymbology, type SymbolSpan } from "../lib/ingest/mod.ts";
import { hashFile } from "../lib/lake/mod.ts";

/** More names than any market has, and less than a text can hold. */
const MOST_SYMBOLOGY_BYTES = 2 ** 28;

/** Names by folder: a folder's files share one `symbology.json`, and one `condition.json`. */
const symbologies = new Map<string, SymbolSpan[]>(), conditions = new Map<string, DateCondition[]>();

/**
 * The file at a path, or the `*.dbn` and `*.dbn.zst` files of the folder and the folders in it, by path.
 *
 * @param path File or folder, as given by `--dbn`.
 * @throws {UsageError} If there is nothing at the path.
 * @throws {TidemarkError} If a `symbology.json` beside a file cannot be read.
 */
export async function findSources(path: string): Promise<{ folder: boolean; sources: Source[] }> {
  const stat = await Deno.stat(path).catch(() => {
    throw new UsageError(`Cannot read --dbn "${path}": no such file or folder`);
  });
  if (!stat.isDirectory) return { folder: false, sources: [await sourceOf(path)] };
  const sources: Source[] = [];
  for (const file of await filesBelow(path, /\.dbn(\.zst)?$/)) {
    sources.push(await sourceOf(file));
  }
  return { folder: true, sources };
}

/** A flat file and the trade date all its prints must be of, if that is known. */
export interface DatedFile {
  /** The file. */
  file: Omit<Source, "symbology">;
  /** Its trade date. */
  date: string | undefined;
}

/**
 * The flat file at a path, or those of some dates (`2025-12-16.csv`, `2025-12-16.csv.gz`) in the folder and the
 * folders in it.
 *
 * @param path File or folder, as given by `--file`.
 * @param dates Trade dates.
 * @throws {UsageError} If there is nothing at the path, a date has no file there, or several dates name one file.
 */
export async function flatFiles(path: string, dates: readonly string[] | undefined): Promise<DatedFile[]> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (!stat) throw new UsageError(`Cannot read --file "${path}": no such file or folder`);
  if (!stat.isDirectory) {
    if (dates && dates.length > 1) {
      throw new UsageError(`Cannot use --dates with one file, "${path}": give --date, or a folder of files`);
    }
    return [{ file: await fileAt(path), date: dates?.[0] }];
  }
  if (!dates) throw new UsageError(`Cannot choose from "${path}": give --date or --dates`);
  const files = await filesBelow(path, /\/\d{4}-\d\d-\d\d\.csv(\.gz)?$/);
  return await Promise.all(dates.map(async (date) => {
    const file = files.find((file) => file.includes(`/${date}.csv`));
    if (!file) throw new UsageError(`Cannot find options of ${date} in "${path}": wanted ${date}.csv.gz`);
    return { file: await fileAt(file), date };
  }));
}

/** A file as a source without names. @param path The file, which is there. */
export async function fileAt(path: string): Promise<Omit<Source, "symbology">> {
  const bytes = (await Deno.stat(path)).size;
  return { name: path, bytes, open: () => readChunks(path), sha256: () => hashFile(path) };
}

/** Files of a folder and the folders in it whose paths match, by path. */
async function filesBelow(folder: string, pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const at = `${folder}/${entry.name}`;
      if (entry.isDirectory) await walk(at);
      else if (pattern.test(at) && !isSystemFile(entry.name)) found.push(at);
    }
  };
  await walk(folder.replace(/\/+$/, ""));
  return found.sort();
}

async function sourceOf(path: string): Promise<Source> {
  const slash = path.lastIndexOf("/");
  const folder = slash < 0 ? "." : path.slice(0, slash);
  return {
    ...await fileAt(path),
    symbology: await symbologyIn(folder),
    conditions: await conditionsIn(folder),
  };
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    using file = await Deno.open(path);
    for (;;) {
      const chunk = new Uint8Array(1 << 20);
      const n = await file.read(chunk);
      if (n === null) return;
      yield chunk.subarray(0, n);
    }
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    throw new TidemarkError(`Cannot read "${path}": ${(cause as Error).message}; mend the file`, { cause });
  }
}

async function symbologyIn(folder: string): Promise<SymbolSpan[]> {
  const known = symbologies.get(folder);
  if (known) return known;
  const path = `${folder}/symbology.json`, text = await readBeside(path);
  const spans = text === undefined ? [] : parseSymbology(text, path);
  symbologies.set(folder, spans);
  return spans;
}

async function conditionsIn(folder: string): Promise<DateCondition[]> {
  const known = conditions.get(folder);
  if (known) return known;
  const path = `${folder}/condition.json`, text = await readBeside(path);
  const found = text === undefined ? [] : parseConditions(text, path);
  conditions.set(folder, found);
  return found;
}

/** A file that a vendor puts beside its data; undefined where there is none. */
async function readBeside(path: string): Promise<string | undefined> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MOST_SYMBOLOGY_BYTES) {
      throw new TidemarkError(
        `Cannot read "${path}": found ${size} bytes, wanted at most ${MOST_SYMBOLOGY_BYTES}; ask for fewer symbols`,
      );
    }
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    if (cause instanceof TidemarkError) throw cause;
    throw new TidemarkError(`Cannot read "${path}": ${(cause as Error).message}; mend the file`, { cause });
  }
}

/**
 * The sources to read: those that the sessions of the dates lie in; of a folder, those of trades, mbp-10 or mixed of
 * the wanted dataset.
 *
 * @param found What {@linkcode findSources} gave.
 * @param dates Trade dates; all sources when absent.
 * @param path Where they were found, for the message.
 * @param warn Told of each file of a folder that is left out for what it is.
 * @throws {UsageError} If no source is left, or none covers one of the dates.
 * @throws {DecodeError} If a source is not DBN, or the one given is of another schema or dataset.
 */
export async function chooseSources(
  { folder, sources }: { folder: boolean; sources: Source[] },
  dates: readonly string[] | undefined,
  path: string,
  warn: (line: string) => void,
): Promise<DbnSource[]> {
  const wanted = dates && utcDatesOf(dates), chosen: DbnSource[] = [], left: string[] = [];
  for (const source of sources) {
    const described = await describeSource(source);
    if ("other" in described) {
      if (!folder) throw wrongSource(source, described);
      left.push(`${source.name}: left out, ${described.other}`);
      warn(left.at(-1)!);
    } else if (!wanted || coversAny(await described.dates(), wanted)) chosen.push(described);
  }
  if (chosen.length === 0) {
    const names = sources.length === 0
      ? "wanted names ending in .dbn or .dbn.zst"
      : left.length === sources.length
      ? left[0]
      : wanted
      ? `none of its ${sources.length} files is of ${
        [...wanted].join(", ")
      } (UTC), in which these sessions lie`
      : `none of its ${sources.length} files is of trades or mbp-10`;
    throw new UsageError(`Cannot find data${dates ? ` for ${dates.join(", ")}` : ""} in "${path}": ${names}`);
  }
  const spans = await Promise.all(chosen.map((source) => source.dates()));
  // The session's regular hours lie in one UTC date; its evening before may be of another file.
  const missing = (dates ?? []).filter((date) => {
    const day = utcDate(sessionOf(date).openNs);
    return !spans.some((span) => coversAny(span, [day]));
  });
  if (missing.length > 0) {
    throw new UsageError(
      `Cannot backfill ${missing.join(", ")}: no file in "${path}" covers ${
        missing.length === 1 ? "that date" : "these dates"
      } by its metadata or records; get the files, or give other --dates`,
    );
  }
  return chosen;
}
