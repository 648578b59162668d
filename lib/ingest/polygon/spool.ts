/**
 * Where a download gathers; the lake provides one that outlives the process.
 *
 * @module
 */

import type { z } from "zod";

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

/**
 * A note of an earlier time, parsed.
 *
 * @param spool The spool.
 * @param name Name of the note.
 * @param form What it must be.
 * @returns Undefined where there is none, or one that is cut or of another form: the file is then begun anew.
 */
export async function parsedNote<T>(spool: Spool, name: string, form: z.ZodType<T>): Promise<T | undefined> {
  const text = await spool.note(name);
  if (text === undefined) return undefined;
  try {
    return form.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
