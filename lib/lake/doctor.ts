/**
 * What runs that died left in a lake, and how to mend it.
 *
 * @module
 */
import { LakeError, UsageError } from "../base/mod.ts";
import { ifMissing } from "./files.ts";
import { finishDecided, type Stuck } from "./journal.ts";
import { commitLock } from "./lock.ts";
import type { Lake } from "./root.ts";

/** What is left in a lake. */
export interface Remains {
  /** Transactions that could be neither finished nor undone. */
  stuck: Stuck[];
  /** Relative paths of temporary files that no run owns any more. */
  leftovers: string[];
}

/** A temporary file of a run is renamed within moments; an hour later its run is gone. */
const LEFT_MS = 3_600_000;

/**
 * Finishes what can be finished and says what is left.
 *
 * @param lake The lake.
 * @param chosen Stuck transactions to finish or undo, by id.
 * @throws {UsageError} If one of these is not stuck.
 * @throws {LakeError} If one of these still cannot go on.
 */
export async function examine(
  lake: Lake,
  chosen: ReadonlyMap<string, Stuck["direction"]> = new Map(),
): Promise<Remains> {
  using _lock = await commitLock(lake);
  const before = new Map((await finishDecided(lake)).map((stuck) => [stuck.id, stuck]));
  for (const id of chosen.keys()) {
    if (before.has(id)) continue;
    throw new UsageError(
      `Cannot mend "${id}": no such run is stuck; ${[...before.keys()].join(", ") || "none"} is`,
    );
  }
  const stuck = chosen.size > 0 ? await finishDecided(lake, chosen) : [...before.values()];
  for (const { id, direction, why } of stuck) {
    if (!chosen.has(id)) continue;
    throw new LakeError(`Cannot ${direction} ${id}: ${why}; mend that first, then try again`, lake.root);
  }
  return { stuck, leftovers: await leftoversOf(lake) };
}

/** Removes temporary files that no run owns any more. @param leftovers Of {@linkcode examine}. */
export async function clearLeftovers(lake: Lake, leftovers: readonly string[]): Promise<void> {
  for (const path of leftovers) await Deno.remove(`${lake.root}/${path}`).catch(ifMissing);
}

async function leftoversOf(lake: Lake): Promise<string[]> {
  const found: string[] = [], before = Date.now() - LEFT_MS;
  const look = async (folder: string): Promise<void> => {
    try {
      for await (const { name, isDirectory, isFile } of Deno.readDir(`${lake.root}/${folder}`)) {
        const path = `${folder}/${name}`;
        if (isDirectory && path !== "_meta/staging") await look(path);
        if (!isFile || !/\.tmp$/.test(name)) continue;
        const { mtime } = await Deno.stat(`${lake.root}/${path}`);
        if (mtime && mtime.getTime() < before) found.push(path);
      }
    } catch (error) {
      ifMissing(error);
    }
  };
  for (const folder of ["_meta", "reports"]) await look(folder);
  for await (const { name } of Deno.readDir(`${lake.root}/_meta/staging`)) {
    if (!name.startsWith(".probe-")) continue;
    const path = `_meta/staging/${name}`, stat = await Deno.stat(`${lake.root}/${path}`).catch(ifMissing);
    if (stat?.mtime && stat.mtime.getTime() < before) found.push(path);
  }
  return found.sort();
}
