/**
 * Journals: what a decided transaction still has to do, so that whoever comes next can finish it or take it back.
 *
 * A staging folder holds `files/`, what will stand in the lake; from the moment of decision `journal.json`; and
 * `undo/`, what stood there before. Renamed to `undo.json`, the journal is taken back instead.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../base/mod.ts";
import { cannotWrite, folderOf, ifMissing, inGroups, reason, sync, writeAtomic } from "./files.ts";
import { parseJson } from "./json.ts";
import { commitLock } from "./lock.ts";
import { type Lake, LAKE_PATH } from "./root.ts";

const JOURNAL = z.object({
  writes: z.array(LAKE_PATH),
  removes: z.array(LAKE_PATH),
  existed: z.array(LAKE_PATH).optional(),
});

/** What a transaction puts in place. */
export interface Journal {
  /** Relative paths of files that appear. */
  writes: string[];
  /** Relative paths of files that go. */
  removes: string[];
  /** Which of the `writes` replace a file; absent in journals that cannot be taken back. */
  existed?: string[] | undefined;
}

/** A decided transaction that could be neither finished nor taken back. */
export interface Stuck {
  /** Its id, a folder below `_meta/staging/`. */
  id: string;
  /** What is tried each time the lake is opened. */
  direction: "finish" | "undo";
  /** Relative paths it touches. */
  paths: string[];
  /** Why it could not go on. */
  why: string;
}

/** Folder of staged transactions, absolute. */
export function stagingFolder(lake: Lake): string {
  return `${lake.root}/_meta/staging`;
}

/** A staging folder's owner: the system drops the lock when the process dies, and so shows whose staging is dead. */
export interface OwnerLock {
  /** The open file. */
  file: Deno.FsFile;
  /** Its absolute path. */
  path: string;
}

/** The lock of a staging folder, beside it so that it outlasts its removal; `undefined` where another holds it. */
export async function tryOwn(folder: string): Promise<OwnerLock | undefined> {
  const path = `${folder}.lock`, file = await Deno.open(path, { create: true, write: true });
  // One who held it may have removed the file since it was opened: then it guards nothing.
  const held = await file.tryLock(true), now = held ? await Deno.stat(path).catch(ifMissing) : undefined;
  if (now?.ino === (await file.stat()).ino) return { file, path };
  file.close();
  return undefined;
}

/** Gives a staging folder up. */
export async function disown({ file, path }: OwnerLock): Promise<void> {
  try {
    await Deno.remove(path);
  } finally {
    file.close();
  }
}

/**
 * Looks at every place that a transaction will write: a folder there, or a file where a folder should be, would stop
 * it half way.
 *
 * @returns Those of the paths where a file stands.
 * @throws {LakeError} If a path cannot be written.
 */
export async function standing(lake: Lake, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  await inGroups(paths, async (path) => {
    const target = `${lake.root}/${path}`;
    try {
      const stat = await Deno.lstat(target).catch(ifMissing);
      if (stat?.isDirectory) throw new Deno.errors.IsADirectory("a folder stands where a file should");
      if (stat) found.push(path);
    } catch (cause) {
      throw cannotWrite(target, cause);
    }
  });
  return found.sort();
}

/** Decides a transaction: from here on it is finished, by its owner or by whoever opens the lake next. */
export async function decide(folder: string, journal: Journal): Promise<void> {
  await writeAtomic(`${folder}/journal.json`, JSON.stringify(journal));
  await sync(folder);
}

/** Puts a decided transaction in place. What was done before a kill is not done again. */
export async function applyJournal(lake: Lake, folder: string, journal: Journal): Promise<void> {
  const replaced = new Set(journal.existed);
  for (const path of journal.writes) {
    const target = `${lake.root}/${path}`, staged = `${folder}/files/${path}`;
    // A file that is no longer staged was moved before a kill.
    if (!await Deno.lstat(staged).catch(ifMissing)) continue;
    await Deno.mkdir(folderOf(target), { recursive: true });
    if (replaced.has(path)) await keepOld(target, `${folder}/undo/${path}`);
    await Deno.rename(staged, target);
  }
  for (const path of journal.removes) {
    const old = `${folder}/undo/${path}`;
    await Deno.mkdir(folderOf(old), { recursive: true });
    await Deno.rename(`${lake.root}/${path}`, old).catch(ifMissing);
  }
  await settle(lake, folder, journal);
}

/** Gives what a file holds a second name; the first is then replaced in one step. */
async function keepOld(target: string, old: string): Promise<void> {
  await Deno.mkdir(folderOf(old), { recursive: true });
  try {
    await Deno.link(target, old);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotFound) return;
    // A file system without hard links.
    await Deno.copyFile(target, old);
  }
}

/**
 * Takes a decided transaction back: what it replaced or removed stands again, what it added goes.
 *
 * @throws {LakeError} If its journal does not say what stood there before.
 */
export async function undoJournal(lake: Lake, folder: string, journal: Journal): Promise<void> {
  if (!journal.existed) {
    throw new LakeError(
      `Cannot take back "${folder}": it was written by an earlier version; finish it`,
      folder,
    );
  }
  await Deno.rename(`${folder}/journal.json`, `${folder}/undo.json`).catch(ifMissing);
  const replaced = new Set(journal.existed);
  for (const path of journal.writes) {
    const target = `${lake.root}/${path}`;
    if (replaced.has(path)) await Deno.rename(`${folder}/undo/${path}`, target).catch(ifMissing);
    else if (!await Deno.lstat(`${folder}/files/${path}`).catch(ifMissing)) {
      await Deno.remove(target).catch(ifMissing);
    }
  }
  for (const path of journal.removes) {
    await Deno.rename(`${folder}/undo/${path}`, `${lake.root}/${path}`).catch(ifMissing);
  }
  await settle(lake, folder, journal);
}

/** The names must be on disk before the journal that could restore them goes. */
async function settle(lake: Lake, folder: string, { writes, removes }: Journal): Promise<void> {
  const folders = new Set([...writes, ...removes].map((path) => folderOf(`${lake.root}/${path}`)));
  await inGroups([...folders], (changed) => sync(changed).catch(ifMissing));
  await Deno.remove(folder, { recursive: true }).catch(ifMissing);
}

/** Ids of what is staged, by name. */
async function stagedIds(lake: Lake): Promise<string[]> {
  const ids = new Set<string>();
  try {
    for await (const { name, isDirectory } of Deno.readDir(stagingFolder(lake))) {
      if (isDirectory || name.endsWith(".lock")) ids.add(name.replace(/\.lock$/, ""));
    }
  } catch (error) {
    ifMissing(error);
  }
  return [...ids].sort();
}

/** What a staging folder's journal says is to be done; undefined where nothing is decided. */
async function decided(
  folder: string,
): Promise<{ direction: Stuck["direction"]; path: string; text: string } | undefined> {
  for (const [name, direction] of [["undo.json", "undo"], ["journal.json", "finish"]] as const) {
    const path = `${folder}/${name}`, text = await Deno.readTextFile(path).catch(ifMissing);
    if (text !== undefined) return { direction, path, text };
  }
  return undefined;
}

/**
 * Finishes or takes back what dead processes had decided. To be called by the holder of the commit lock.
 *
 * @param lake The lake.
 * @param chosen Directions asked for, by id; defaults to that of each journal.
 * @returns What could not go on.
 */
export async function finishDecided(
  lake: Lake,
  chosen: ReadonlyMap<string, Stuck["direction"]> = new Map(),
): Promise<Stuck[]> {
  const stuck: Stuck[] = [];
  for (const id of await stagedIds(lake)) {
    const folder = `${stagingFolder(lake)}/${id}`, found = await decided(folder);
    if (!found) continue;
    const owner = await tryOwn(folder), direction = chosen.get(id) ?? found.direction;
    let paths: string[] = [];
    try {
      const journal = parseJson(found.text, found.path, JOURNAL, {
        remedy: "what it was to write lies beside it: remove the folder when nothing there is missed",
      });
      paths = [...journal.writes, ...journal.removes];
      if (!owner) stuck.push({ id, direction, paths, why: "the process that began it is still at it" });
      else if (direction === "finish" && found.direction === "undo") {
        throw new LakeError("it is half taken back and can no longer be finished; undo it", folder);
      } else if (direction === "undo") await undoJournal(lake, folder, journal);
      else {
        await standing(lake, journal.writes);
        await applyJournal(lake, folder, journal);
      }
    } catch (error) {
      stuck.push({ id, direction, paths, why: reason(error) });
    } finally {
      if (owner) await disown(owner);
    }
  }
  return stuck;
}

/**
 * Finishes what dead processes had decided and drops what they had not. Live ones are left alone.
 *
 * @param lake The lake.
 * @returns What could not go on: it stays as it is, the rest of the lake can be used.
 */
export async function recover(lake: Lake): Promise<Stuck[]> {
  let any = false;
  for (const id of await stagedIds(lake)) {
    const folder = `${stagingFolder(lake)}/${id}`;
    if (await decided(folder)) {
      any = true;
      continue;
    }
    const owner = await tryOwn(folder);
    if (!owner) continue;
    try {
      // Decided since, by an owner that died meanwhile: then it is not dropped.
      if (await decided(folder)) any = true;
      else await Deno.remove(folder, { recursive: true }).catch(ifMissing);
    } finally {
      await disown(owner);
    }
  }
  if (!any) return [];
  using _lock = await commitLock(lake);
  return await finishDecided(lake);
}
