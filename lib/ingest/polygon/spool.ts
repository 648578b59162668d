/**
 * Where a download gathers; the lake provides one that outlives the process.
 *
 * @module
 */

/** A file in the making and the notes that say how to go on with it. */
export interface Spool {
  /** Bytes of the unfinished file. */
  readonly bytes: number;
  /** Bytes of the finished file of an earlier time; undefined where there is none. */
  readonly finished: number | undefined;
  /** A note of an earlier time; undefined where there is none. */
  note(name: string): Promise<string | undefined>;
  /** Keeps a note; once it is kept, so is every byte appended before. */
  keep(name: string, text: string): Promise<void>;
  /** Adds bytes to the unfinished file. */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts the unfinished file to its first bytes. */
  truncate(bytes: number): Promise<void>;
  /** MD5 of the unfinished file, hex. */
  md5(): Promise<string>;
  /** Makes the unfinished file the finished one. */
  finish(): Promise<void>;
}
