/**
 * Transactions: a run's files appear together, each by rename, or not at all.
 *
 * Files are staged below `_meta/staging/<id>/`; a journal, itself renamed into place, is the moment of commit.
 * A run killed before it leaves nothing, one killed after it is rolled forward by the next that opens the lake.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import type { Lake } from "./root.ts";

interface Journal {
  writes: string[];
  removes: string[];
}

/** Files to write and remove as one. Get one from {@linkcode begin}. */
export class Transaction {
  readonly #lake: Lake;
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #writes = new Set<string>();
  readonly #removes = new Set<string>();
  #journal: Journal | undefined;

  /** Use {@linkcode begin}. */
  constructor(lake: Lake, folder: string, lock: Lock) {
    this.#lake = lake;
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Absolute path at which to write the file that will appear at `path`.
   *
   * @param path Relative path in the lake.
   */
  async stage(path: string): Promise<string> {
    this.#writes.add(path);
    this.#removes.delete(path);
    const staged = `${this.#folder}/files/${path}`;
    await Deno.mkdir(staged.slice(0, staged.lastIndexOf("/")), { recursive: true });
    return staged;
  }

  /** Stages a file of bytes or text. */
  async write(path: string, content: Uint8Array | string): Promise<void> {
    const staged = await this.stage(path);
    if (typeof content === "string") await Deno.writeTextFile(staged, content);
    else await Deno.writeFile(staged, content);
  }

  /** Marks a file for removal at commit. */
  remove(path: string): void {
    if (!this.#writes.has(path)) this.#removes.add(path);
  }

  /** Relative paths staged so far, sorted. */
  get written(): string[] {
    return [...this.#writes].sort();
  }

  /** Whether it is decided: from now on it is only rolled forward, by {@linkcode commit} again or by the next run. */
  get committed(): boolean {
    return this.#journal !== undefined;
  }

  /** Makes everything visible. After it returns a kill changes nothing; if it throws it may be called again. */
  async commit(): Promise<void> {
    if (!this.#journal) {
      await inGroups([...this.#writes], (path) => sync(`${this.#folder}/files/${path}`, { write: true }));
      const journal: Journal = { writes: this.written, removes: [...this.#removes].sort() };
      await writeAtomic(`${this.#folder}/journal.json`, JSON.stringify(journal));
      this.#journal = journal;
      await sync(this.#folder);
    }
    await applyJournal(this.#lake, this.#folder, this.#journal);
    await release(this.#lock);
  }

  /** Drops everything staged. */
  async rollback(): Promise<void> {
    try {
      await Deno.remove(this.#folder, { recursive: true });
    } finally {
      await release(this.#lock);
    }
  }
}

/** A folder's owner: the system drops the lock when the process dies, and so shows whose staging is dead. */
interface Lock {
  file: Deno.FsFile;
  path: string;
}

/** The lock of a staging folder, beside it so that it outlasts its removal; `undefined` where another holds it. */
async function tryLock(folder: string): Promise<Lock | undefined> {
  const path = `${folder}.lock`, file = await Deno.open(path, { create: true, write: true });
  // One who held it may have removed the file since it was opened: then it guards nothing.
  const held = await file.tryLock(true), now = held ? await Deno.stat(path).catch(ifMissing) : undefined;
  if (now?.ino === (await file.stat()).ino) return { file, path };
  file.close();
  return undefined;
}

async function release({ file, path }: Lock): Promise<void> {
  try {
    await Deno.remove(path);
  } finally {
    file.close();
  }
}

/**
 * Starts a transaction.
 *
 * @param lake The lake.
 * @param id Unique name, the run's id.
 */
export async function begin(lake: Lake, id: string): Promise<Transaction> {
  const folder = `${lake.root}/_meta/staging/${id}`;
  for (;;) {
    const lock = await tryLock(folder);
    if (lock) {
      await Deno.mkdir(folder, { recursive: true });
      return new Transaction(lake, folder, lock);
    }
    // Held for a moment by one who recovers, which saw the lock before its owner had it.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Runs `work` in a transaction: committed when it returns, rolled back when it throws.
 *
 * @param lake The lake.
 * @param id Unique name, the run's id.
 * @param work What to stage.
 */
export async function transact<T>(lake: Lake, id: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const tx = await begin(lake, id);
  let result: T;
  try {
    result = await work(tx);
  } catch (error) {
    await tx.rollback();
    throw error;
  }
  await tx.commit();
  return result;
}

/** Rolls committed staging of dead runs forward and drops the rest. Live runs are left alone. */
export async function recover(lake: Lake): Promise<void> {
  const staging = `${lake.root}/_meta/staging`, names = new Set<string>();
  for await (const { name, isDirectory } of Deno.readDir(staging)) {
    if (isDirectory || name.endsWith(".lock")) names.add(name.replace(/\.lock$/, ""));
  }
  for (const name of names) {
    const folder = `${staging}/${name}`, lock = await tryLock(folder);
    if (!lock) continue;
    try {
      const text = await Deno.readTextFile(`${folder}/journal.json`).catch(ifMissing);
      if (text !== undefined) await applyJournal(lake, folder, JSON.parse(text) as Journal);
      else await Deno.remove(folder, { recursive: true }).catch(ifMissing);
    } finally {
      await release(lock);
    }
  }
}

async function applyJournal(lake: Lake, folder: string, journal: Journal): Promise<void> {
  for (const path of journal.writes) {
    const target = `${lake.root}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    // A file that is no longer staged was moved before a kill.
    await Deno.rename(`${folder}/files/${path}`, target).catch(ifMissing);
  }
  for (const path of journal.removes) await Deno.remove(`${lake.root}/${path}`).catch(ifMissing);
  // The names must be on disk before the journal that could restore them goes.
  const changed = [...journal.writes, ...journal.removes].map((path) => `${lake.root}/${path}`);
  const folders = new Set(changed.map((path) => path.slice(0, path.lastIndexOf("/"))));
  await inGroups([...folders], (folder) => sync(folder).catch(ifMissing));
  await Deno.remove(folder, { recursive: true }).catch(ifMissing);
}

/** Flushes at a time: the system puts those that wait together into one write of its own journal. */
const FLUSHES = 32;

async function inGroups(paths: readonly string[], flush: (path: string) => Promise<void>): Promise<void> {
  for (let i = 0; i < paths.length; i += FLUSHES) await Promise.all(paths.slice(i, i + FLUSHES).map(flush));
}

/** Flushes a file, or the names in a folder. */
async function sync(path: string, options: Deno.OpenOptions = {}): Promise<void> {
  const file = await Deno.open(path, { read: true, ...options });
  try {
    await file.sync();
  } finally {
    file.close();
  }
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}

/**
 * Writes a small file whole or not at all: temporary file, flush, rename.
 *
 * @param path Absolute path.
 * @param text Content.
 * @throws {LakeError} If it cannot be written.
 */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (cause) {
    throw new LakeError(
      `Cannot write "${path}": ${
        cause instanceof Error ? cause.message : cause
      }; free space or mend permissions`,
      path,
      { cause },
    );
  }
}
