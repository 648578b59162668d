/**
 * Lakes in temporary folders, sources in memory, and the way from Bronze back to DBN.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Batch, concatBatches, i64, isStrings, strings, takeRows } from "../../lib/base/mod.ts";
import { type DbnSource, describeSource, type Source } from "../../lib/bronze/mod.ts";
import { encodeMbp10, encodeTrades, type SymbolSpan } from "../../lib/ingest/mod.ts";
import {
  emptyBatch,
  hourFolder,
  hoursPresent,
  type Lake,
  openLake,
  parquetFiles,
  readBatch,
} from "../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../../lib/schema/mod.ts";

/** Runs `work` with a new lake, which is gone afterwards. */
export async function withLake(work: (lake: Lake) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "tidemark-lake-" });
  try {
    await work(await openLake(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** A source in memory, described; `chunkBytes` cuts it as a slow disk would. */
export async function memorySource(
  name: string,
  bytes: Uint8Array,
  options: { symbology?: SymbolSpan[]; chunkBytes?: number } = {},
): Promise<DbnSource> {
  const { symbology = [], chunkBytes = 1 << 20 } = options;
  const source: Source = {
    name,
    bytes: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        yield await Promise.resolve(bytes.slice(at, at + chunkBytes));
      }
    },
    sha256: () => Promise.resolve(createHash("sha256").update(bytes).digest("hex")),
    symbology,
  };
  const described = await describeSource(source);
  if ("other" in described) throw new Error(described.other);
  return described;
}

/** Chunks as one array. */
export function joinBytes(chunks: Iterable<Uint8Array>): Uint8Array {
  const all = [...chunks];
  const out = new Uint8Array(all.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const chunk of all) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** Every row of a Bronze table by ingest and row; `ingest` picks one. */
export async function readTable(lake: Lake, table: TableSchema, ingest?: string): Promise<Batch> {
  const files: string[] = [];
  for (const hour of await hoursPresent(lake, table)) {
    files.push(...await parquetFiles(lake, hourFolder(table, hour)));
  }
  const wanted = ingest === undefined ? files : files.filter((f) => f.includes(`/${ingest}-`));
  const batch = wanted.length === 0 ? emptyBatch(table) : readBatch(lake, table, wanted);
  const row = i64(batch, "row"), of = strings(batch, "ingest");
  const order = Uint32Array.from(row, (_, i) => i).sort((a, b) => {
    const x = of.values[of.codes[a]], y = of.values[of.codes[b]];
    return x < y ? -1 : x > y ? 1 : Number(row[a] - row[b]);
  });
  return takeRows(batch, order);
}

/** DBN records of one ingest written back from Bronze, sorted by row. */
export async function bronzeToDbn(lake: Lake, table: TableSchema, ingest?: string): Promise<Uint8Array> {
  const rows = await readTable(lake, table, ingest);
  return table === FUTURES_TRADES ? encodeTrades(rows) : encodeMbp10(rows);
}

/** Table of a DBN file by its name. */
export function tableOfName(name: string): TableSchema {
  return name.includes(".trades.") ? FUTURES_TRADES : FUTURES_MBP10;
}

/** sha256 of every file of a lake but the run manifests and the pages, by path. */
export async function lakeContent(lake: Lake): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(`${lake.root}/${folder}`)) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // Pages are made after the work they tell of, outside its transaction.
      if (["_meta/runs", "_meta/staging", "reports"].includes(path)) continue;
      if (entry.isDirectory) await walk(path);
      else {
        const bytes = await Deno.readFile(`${lake.root}/${path}`);
        found.push([path, createHash("sha256").update(bytes).digest("hex")]);
      }
    }
  };
  await walk("");
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A batch with strings as strings and bigints as decimals, for comparing whole tables. */
export function plainColumns(batch: Batch): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(batch.columns).map(([name, column]) => [
      name,
      isStrings(column) ? Array.from(column.codes, (c) => (c < 0 ? null : column.values[c])) : [...column],
    ]),
  );
}

/** Batches joined; for literals in tests. */
export function joinRows(...batches: Batch[]): Batch {
  return concatBatches(batches);
}

/** What a command printed and how it ended. */
export interface CommandResult {
  /** Exit code. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** Runs a task's file in a process of its own, with the flags of deno.json. */
export async function runTask(task: string, ...args: string[]): Promise<CommandResult> {
  const output = await startTask(task, ...args).output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

const ROOT = new URL("../../", import.meta.url).pathname;
const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

/** Starts a task's file in a process of its own, to be killed; one that is no task gets the audit's permissions. */
export function startTask(task: string, ...args: string[]): Deno.ChildProcess {
  const { command } = tasks[task] ?? tasks.audit;
  const words = command.split(" ").slice(2).map((word) =>
    word === "tasks/audit.ts" ? `tasks/${task}.ts` : word
  );
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", ...words, ...args],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
