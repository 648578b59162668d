/**
 * Transactions: a run's files appear together, each by rename, or not at all, and only if what the run saw of the
 * lake is still so.
 *
 * Files are staged below `_meta/staging/<id>/`; a journal, itself renamed into place, is the moment of commit.
 * A run killed before it leaves nothing, one killed after it is rolled forward by the next that opens the lake.
 *
 * @module
 */
import { ConflictError, LakeError } from "../base/mod.ts";
import { cannotWrite, folderOf, ifMissing, inGroups, sync } from "./files.ts";
import {
  applyJournal,
  decide,
  disown,
  finishDecided,
  type Journal,
  type OwnerLock,
  stagingFolder,
  standing,
  type Stuck,
  tryOwn,
  undoJournal,
} from "./journal.ts";
import { hashFile } from "./hash.ts";
import { commitLock } from "./lock.ts";
import type { Lake } from "./root.ts";
import { Seen } from "./seen.ts";
import { isSummed, type Sum, sumsOf } from "./sums.ts";

/** Files to write and remove as one. Get one from {@linkcode begin}. */
export class Transaction {
  readonly #lake: Lake;
  readonly #folder: string;
  readonly #owner: OwnerLock;
  readonly #seen: Seen;
  readonly #writes = new Set<string>();
  readonly #removes = new Set<string>();
  #journal: Journal | undefined;

  /** Use {@linkcode begin}. */
  constructor(lake: Lake, folder: string, owner: OwnerLock) {
    this.#lake = lake;
    this.#folder = folder;
    this.#owner = owner;
    this.#seen = lake.seen ?? new Seen(lake.root);
  }

  /**
   * Absolute path at which to write the file that will appear at `path`.
   *
   * @param path Relative path in the lake.
   */
  async stage(path: string): Promise<string> {
    this.#seen.file(path);
    this.#writes.add(path);
    this.#removes.delete(path);
    return await this.#staged(path);
  }

  async #staged(path: string): Promise<string> {
    const staged = `${this.#folder}/files/${path}`;
    await Deno.mkdir(folderOf(staged), { recursive: true });
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
    if (this.#writes.has(path)) return;
    this.#seen.file(path);
    this.#removes.add(path);
  }

  /** Relative paths staged so far, sorted. */
  get written(): string[] {
    return [...this.#writes].sort();
  }

  /** Whether it is decided: from now on it is only rolled forward, by {@linkcode commit} again or by the next run. */
  get committed(): boolean {
    return this.#journal !== undefined;
  }

  /**
   * Makes everything visible. After it returns a kill changes nothing; if it throws and is {@linkcode committed}, it
   * may be called again; if it throws and is not, nothing has changed.
   *
   * @throws {ConflictError} If another changed what was seen through the transaction's lake, or what it replaces.
   * @throws {LakeError} If a file cannot be put in its place.
   */
  async commit(): Promise<void> {
    const sums = this.#journal ? new Map() : await this.#flush();
    using _lock = this.#lake.alone ? undefined : await commitLock(this.#lake);
    if (!this.#journal) {
      this.#check(await finishDecided(this.#lake));
      const writes = new Set(this.#writes), removes = new Set(this.#removes);
      for (const [path, content] of await sumsOf(this.#lake, sums, this.#removes)) {
        (content === undefined ? removes : writes).add(path);
        if (content !== undefined) await Deno.writeTextFile(await this.#staged(path), content);
      }
      const journal: Journal = { writes: [...writes].sort(), removes: [...removes].sort() };
      if (journal.writes.length + journal.removes.length === 0) return await this.rollback();
      journal.existed = await standing(this.#lake, journal.writes);
      await decide(this.#folder, journal);
      this.#journal = journal;
    }
    await this.#apply(this.#journal);
    this.#seen.committed = true;
    await disown(this.#owner);
  }

  /** Has what is staged on disk before it counts; what a Parquet file's sum is, while it is at hand. */
  async #flush(): Promise<Map<string, Sum>> {
    const sums = new Map<string, Sum>();
    await inGroups(this.written, async (path) => {
      const staged = `${this.#folder}/files/${path}`;
      await sync(staged, { write: true });
      if (!isSummed(path)) return;
      sums.set(path, { bytes: (await Deno.stat(staged)).size, sha256: await hashFile(staged) });
    });
    return sums;
  }

  #check(stuck: readonly Stuck[]): void {
    for (const { id, paths, why } of stuck) {
      const touched = paths.find((path) => this.#seen.has(path));
      if (touched === undefined) continue;
      throw new LakeError(
        `Cannot change "${touched}": run ${id} stopped half way through it (${why}); see deno task doctor`,
        touched,
      );
    }
    const changed = this.#seen.changed;
    if (changed !== undefined) throw new ConflictError(this.#lake.root, changed);
  }

  async #apply(journal: Journal): Promise<void> {
    try {
      await applyJournal(this.#lake, this.#folder, journal);
    } catch (cause) {
      try {
        await undoJournal(this.#lake, this.#folder, journal);
      } catch (error) {
        throw new LakeError(
          `Cannot finish a change of "${this.#lake.root}" nor take it back (${
            error instanceof Error ? error.message : error
          }); see deno task doctor`,
          this.#lake.root,
          { cause },
        );
      }
      this.#journal = undefined;
      throw cannotWrite(this.#lake.root, cause);
    }
  }

  /** Drops everything staged. */
  async rollback(): Promise<void> {
    try {
      await Deno.remove(this.#folder, { recursive: true }).catch(ifMissing);
    } finally {
      await disown(this.#owner);
    }
  }
}

/**
 * Starts a transaction. What is seen through `lake`, where it is a view, is compared with what is there at commit.
 *
 * @param lake The lake.
 * @param id Unique name, the run's id.
 */
export async function begin(lake: Lake, id: string): Promise<Transaction> {
  const folder = `${stagingFolder(lake)}/${id}`;
  for (;;) {
    const owner = await tryOwn(folder);
    if (owner) {
      await Deno.mkdir(folder, { recursive: true });
      return new Transaction(lake, folder, owner);
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
 * @throws {ConflictError} If another changed what was seen through `lake`, or what it replaces.
 */
export async function transact<T>(lake: Lake, id: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const tx = await begin(lake, id);
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    if (!tx.committed) await tx.rollback();
    throw error;
  }
}
