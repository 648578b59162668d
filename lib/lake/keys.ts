/**
 * Content keys: a partition is rebuilt when the content of its inputs, the config it reads or its stage's
 * version changed, or when its outputs are no longer what was written; otherwise there is nothing to do.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { statFile } from "./files.ts";
import type { Lake } from "./root.ts";
import { readText } from "./text.ts";
import type { Transaction } from "./transaction.ts";

/** What a partition is made of. */
export interface KeyParts {
  /** Version of the stage's code; raised when its output changes. */
  version: number;
  /** The config it reads and its options. */
  config: unknown;
  /** Input files (relative paths) and their sha256. */
  inputs: Record<string, string>;
}

/** A stored key: its parts and what was written. */
export interface StoredKey extends KeyParts {
  /** Output files (relative paths) and their sha256. */
  outputs: Record<string, string>;
}

/**
 * sha256 of a file's content, hex, read as a stream.
 *
 * @param path Absolute path.
 * @throws {LakeError} If there is no such file, or something else.
 */
export async function hashFile(path: string): Promise<string> {
  statFile(path);
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
  for (const file of [...files].sort()) hashes[file] = await hashFile(`${lake.root}/${file}`);
  return hashes;
}

/** sha256 of a JSON value, hex; object keys in the order given. */
export function hashJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function keyPath(stage: string, date: string): string {
  return `_meta/keys/${stage}/${date}.json`;
}

/** The key a stage last stored for a date, if any. */
export async function readKey(lake: Lake, stage: string, date: string): Promise<StoredKey | undefined> {
  const text = await readText(lake, keyPath(stage, date));
  return text === undefined ? undefined : JSON.parse(text) as StoredKey;
}

/**
 * Stages the key of what a transaction has staged so far; commits with it.
 *
 * @param tx The transaction with the date's outputs staged.
 * @param stage Name of the stage.
 * @param date Session date.
 * @param parts What the outputs were made of.
 * @param outputs Relative paths of the outputs; they are hashed as staged.
 */
export async function stageKey(
  tx: Transaction,
  stage: string,
  date: string,
  parts: KeyParts,
  outputs: readonly string[],
): Promise<StoredKey> {
  const hashes: Record<string, string> = {};
  for (const path of [...outputs].sort()) hashes[path] = await hashFile(await tx.stage(path));
  const key: StoredKey = { ...parts, outputs: hashes };
  await tx.write(keyPath(stage, date), JSON.stringify(key, null, 2) + "\n");
  return key;
}

/**
 * Why a date must be rebuilt, or an empty list if it need not be.
 *
 * @param lake The lake.
 * @param stage Name of the stage.
 * @param date Session date.
 * @param parts What it would be made of now.
 */
export async function explain(lake: Lake, stage: string, date: string, parts: KeyParts): Promise<string[]> {
  const stored = await readKey(lake, stage, date);
  if (!stored) return ["never built"];
  const why: string[] = [];
  if (stored.version !== parts.version) why.push(`stage version ${stored.version} → ${parts.version}`);
  if (hashJson(stored.config) !== hashJson(parts.config)) why.push("config or options changed");
  for (const path of new Set([...Object.keys(stored.inputs), ...Object.keys(parts.inputs)])) {
    const before = stored.inputs[path], now = parts.inputs[path];
    if (before !== now) why.push(`input ${!before ? "added" : !now ? "removed" : "changed"}: ${path}`);
  }
  for (const [path, hash] of Object.entries(stored.outputs)) {
    const now = await hashFile(`${lake.root}/${path}`).catch(() => undefined);
    if (now !== hash) why.push(`output ${now ? "changed" : "missing"}: ${path}`);
  }
  return why;
}
