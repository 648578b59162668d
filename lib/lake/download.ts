/**
 * Downloads: files below `source/` that appear by rename when they are whole. The unfinished file stands beside its
 * place as `.part`; the notes on how to go on with it lie below `_meta/downloads/`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { LakeError } from "../base/mod.ts";
import { reason } from "./lake.ts";
import type { Lake } from "./root.ts";
import { readText } from "./text.ts";
import { writeAtomic } from "./files.ts";

/** A file being downloaded, by this process alone. Close it, whether or not it was finished. */
export class Download {
  /** Where the finished file lies, absolute or relative as the lake's root is. */
  readonly path: string;
  /** Bytes of the unfinished file. */
  bytes: number;
  /** Bytes of the finished file; undefined where there is none. */
  finished: number | undefined;

  readonly #lake: Lake;
  readonly #notes: string;
  readonly #lock: Deno.FsFile;
  readonly #part: Deno.FsFile;

  /** Use {@linkcode openDownload}. */
  constructor(
    lake: Lake,
    names: { path: string; notes: string },
    files: { lock: Deno.FsFile; part: Deno.FsFile },
  ) {
    this.path = names.path;
    this.#lake = lake;
    this.#notes = names.notes;
    this.#lock = files.lock;
    this.#part = files.part;
    this.bytes = files.part.statSync().size;
    this.finished = sizeOf(this.path);
  }

  /** A note of an earlier time; undefined where there is none. */
  async note(name: string): Promise<string | undefined> {
    return await readText(this.#lake, `${this.#notes}/${name}.json`);
  }

  /**
   * Keeps a note; once it is kept, so is every byte appended before.
   *
   * @throws {LakeError} If it cannot be written.
   */
  async keep(name: string, text: string): Promise<void> {
    await this.#writing(() => this.#part.sync());
    await writeAtomic(`${this.#lake.root}/${this.#notes}/${name}.json`, text);
  }

  /**
   * Adds bytes to the unfinished file.
   *
   * @throws {LakeError} If they cannot be written.
   */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#writing(async () => {
      for (let at = 0; at < bytes.length;) {
        const n = await this.#part.write(bytes.subarray(at));
        at += n;
        this.bytes += n;
      }
    });
  }

  /** Cuts the unfinished file to its first bytes. */
  async truncate(bytes: number): Promise<void> {
    if (bytes === this.bytes) return;
    await this.#writing(() => this.#part.truncate(bytes));
    this.bytes = bytes;
  }

  /** MD5 of the unfinished file, hex. */
  async md5(): Promise<string> {
    const hash = createHash("md5");
    using file = await Deno.open(this.#partPath);
    for await (const chunk of file.readable) hash.update(chunk);
    return hash.digest("hex");
  }

  /**
   * Makes the unfinished file the finished one.
   *
   * @throws {LakeError} If it cannot be flushed or renamed.
   */
  async finish(): Promise<void> {
    await this.#writing(async () => {
      await this.#part.sync();
      await Deno.rename(this.#partPath, this.path);
    });
    this.finished = this.bytes;
    this.bytes = 0;
  }

  /** Removes the finished file: it turned out to be of no use. */
  async remove(): Promise<void> {
    await Deno.remove(this.path);
    this.finished = undefined;
  }

  /** Lets another process go on. An unfinished file stays, unless it is empty. */
  close(): void {
    this.#part.close();
    if (sizeOf(this.#partPath) === 0) Deno.removeSync(this.#partPath);
    this.#lock.close();
  }

  /** See {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  get #partPath(): string {
    return `${this.path}.part`;
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const path = this.#partPath;
      throw new LakeError(`Cannot write "${path}": ${reason(cause)}; free space or mend permissions`, path, {
        cause,
      });
    }
  }
}

/**
 * Opens a download, where an earlier one stopped.
 *
 * @param lake The lake.
 * @param name Path below `source/`.
 * @throws {LakeError} If another process is at it, or its files cannot be made.
 */
export async function openDownload(lake: Lake, name: string): Promise<Download> {
  const path = `${lake.root}/source/${name}`, notes = `_meta/downloads/${name}`;
  try {
    await Deno.mkdir(`${lake.root}/${notes}`, { recursive: true });
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const lock = await Deno.open(`${lake.root}/${notes}/lock`, { create: true, write: true });
    if (!await lock.tryLock(true)) {
      lock.close();
      throw new LakeError(`Cannot download "${path}": another run is at it; wait for it or stop it`, path);
    }
    const part = await Deno.open(`${path}.part`, { create: true, append: true });
    return new Download(lake, { path, notes }, { lock, part });
  } catch (cause) {
    if (cause instanceof LakeError) throw cause;
    throw new LakeError(`Cannot write "${path}": ${reason(cause)}; free space or mend permissions`, path, {
      cause,
    });
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
