/** An open lake. Paths inside it are written relative to `root` with forward slashes. @module */

/** An open lake. */
export interface Lake {
  /** Folder of the lake, without a trailing slash. */
  root: string;
}
