/**
 * What a piece of work saw of the lake: names in the folders it listed, identity of the files it read or replaces.
 *
 * Files of the lake are never changed in place, so a file with the same identity has the same bytes. Where, at one
 * moment, all of it is as it was seen, the work has seen the state of that moment and no mixture of two.
 *
 * @module
 */

/** Stands for what is not there. */
const ABSENT = "absent";

/** What was seen, in a form that travels between workers. */
export interface SeenPaths {
  /** Names in each folder that was listed, by relative path. */
  folders: Map<string, string>;
  /** Identity of each file, by relative path. */
  files: Map<string, string>;
}

/** Notes what is seen of a lake; the first sight of a path counts. */
export class Seen implements SeenPaths {
  readonly folders: Map<string, string> = new Map();
  readonly files: Map<string, string> = new Map();
  /** Whether a transaction has made its changes on the strength of it: what changes later no longer matters. */
  committed = false;
  readonly #root: string;
  #torn: string | undefined;

  /**
   * Nothing seen yet.
   *
   * @param root Folder of the lake.
   * @param growing Whether files may join the folders that were listed: those that were there must stay as they were.
   */
  constructor(root: string, readonly growing = false) {
    this.#root = root;
  }

  /** Notes the names in a folder. @param path Relative path. */
  folder(path: string): void {
    if (this.folders.has(path)) return;
    const names = namesIn(`${this.#root}/${path}`);
    this.folders.set(path, this.growing ? "" : names);
    if (!this.growing) return;
    for (const name of names.split("/")) if (/\.(parquet|json)$/.test(name)) this.file(`${path}/${name}`);
  }

  /** Notes which file stands at a path, or that none does. @param path Relative path. */
  file(path: string): void {
    if (!this.files.has(path)) this.files.set(path, identityOf(`${this.#root}/${path}`));
  }

  /** Adds what another saw, such as a worker of this one. */
  add({ folders, files }: SeenPaths): void {
    for (const [mine, others] of [[this.folders, folders], [this.files, files]] as const) {
      for (const [path, state] of others) {
        if ((mine.get(path) ?? state) !== state) this.#torn ??= path;
        mine.set(path, state);
      }
    }
  }

  /** The first path that is no longer as it was seen; undefined where all of it is. */
  get changed(): string | undefined {
    if (this.#torn !== undefined) return this.#torn;
    for (const [path, identity] of this.files) {
      if (identityOf(`${this.#root}/${path}`) !== identity) return path;
    }
    if (this.growing) return undefined;
    for (const [path, names] of this.folders) if (namesIn(`${this.#root}/${path}`) !== names) return path;
    return undefined;
  }

  /** Whether a path, or the folder it lies in, was seen. */
  has(path: string): boolean {
    return this.files.has(path) || this.folders.has(path.slice(0, path.lastIndexOf("/")));
  }
}

/** A file that was renamed into place differs from the one before in its number, its size or its time. */
function identityOf(path: string): string {
  return stateOf(() => {
    const { ino, size, mtime } = Deno.statSync(path);
    return [ino, size, mtime?.getTime()].join();
  });
}

/** Sorted names with a slash between them, which none of them holds. */
function namesIn(path: string): string {
  return stateOf(() => Array.from(Deno.readDirSync(path), ({ name }) => name).sort().join("/"));
}

/** A path that cannot be looked at has a state too: why. */
function stateOf(look: () => string): string {
  try {
    return look();
  } catch (error) {
    // Nothing is below a path through something that is no folder.
    const absent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    return absent ? ABSENT : `unreadable: ${error instanceof Error ? error.name : error}`;
  }
}
