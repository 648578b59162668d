/** An open lake. Paths inside it are written relative to `root` with forward slashes. @module */
import type { Seen } from "./seen.ts";

/** An open lake. */
export interface Lake {
  /** Folder of the lake, without a trailing slash. */
  root: string;
  /** What was listed and read through this view of the lake; a lake just opened notes nothing. */
  seen?: Seen;
  /** Whether the owner of this view holds the lake's commit lock: nobody else changes the lake meanwhile. */
  alone?: boolean;
}
