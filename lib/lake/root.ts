/** An open lake. Paths inside it are written relative to `root` with forward slashes. @module */
import { z } from "zod";
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

/** A path in the lake as a file states it: what is renamed or removed by it never lies outside. */
export const LAKE_PATH = z.string().regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/s, "no path in the lake");
