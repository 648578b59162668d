/**
 * Content keys: a partition is rebuilt when the content of its inputs, the config it reads or its stage's
 * version changed, or when its outputs are no longer what was written; otherwise there is nothing to do.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../base/mod.ts";
import { isFile } from "./files.ts";
import { hashFile, hashJson } from "./hash.ts";
import { folderNames } from "./partitions.ts";
import { readJson } from "./json.ts";
import { type Lake, LAKE_PATH } from "./root.ts";
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

const KEY = z.object({
  version: z.number(),
  config: z.unknown().refine((config) => config !== undefined, "no config"),
  inputs: z.record(z.string(), z.string()),
  outputs: z.record(LAKE_PATH, z.string()),
});

function keyPath(stage: string, date: string): string {
  return `_meta/keys/${stage}/${date}.json`;
}

/**
 * The key a stage last stored for a date, if any.
 *
 * @throws {LakeError} If it is damaged: nobody knows then what the outputs were made of.
 */
export async function readKey(lake: Lake, stage: string, date: string): Promise<StoredKey | undefined> {
  return await readJson(lake, keyPath(stage, date), KEY, {
    remedy: `run ${stage} again, which writes it anew`,
  });
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
 * What the stages wrote for a date and is no longer as they wrote it; a key that cannot be read stands for its outputs.
 *
 * @param lake The lake.
 * @param date Session date; `all` for what is made of all.
 * @returns Relative paths, by stage.
 */
export async function changedOutputs(lake: Lake, date: string): Promise<Record<string, string[]>> {
  const changed: Record<string, string[]> = {};
  for (const stage of await folderNames(lake, "_meta/keys")) {
    const files: string[] = [];
    let stored: StoredKey | undefined;
    try {
      stored = await readKey(lake, stage, date);
    } catch (error) {
      if (!(error instanceof LakeError)) throw error;
      files.push(keyPath(stage, date));
    }
    for (const [path, hash] of Object.entries(stored?.outputs ?? {})) {
      if (await outputHash(lake, path) !== hash) files.push(path);
    }
    if (files.length > 0) changed[stage] = files;
  }
  return changed;
}

async function outputHash(lake: Lake, path: string): Promise<string | undefined> {
  lake.seen?.file(path);
  return isFile(`${lake.root}/${path}`) ? await hashFile(`${lake.root}/${path}`) : undefined;
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
  let stored: StoredKey | undefined;
  try {
    stored = await readKey(lake, stage, date);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return [`never built: key damaged (${error.message})`];
  }
  if (!stored) return ["never built"];
  const why: string[] = [];
  if (stored.version !== parts.version) why.push(`stage version ${stored.version} → ${parts.version}`);
  if (hashJson(stored.config) !== hashJson(parts.config)) why.push("config or options changed");
  for (const path of new Set([...Object.keys(stored.inputs), ...Object.keys(parts.inputs)])) {
    const before = stored.inputs[path], now = parts.inputs[path];
    if (before !== now) why.push(`input ${!before ? "added" : !now ? "removed" : "changed"}: ${path}`);
  }
  for (const [path, hash] of Object.entries(stored.outputs)) {
    const now = await outputHash(lake, path);
    if (now !== hash) why.push(`output ${now ? "changed" : "missing"}: ${path}`);
  }
  return why;
}
