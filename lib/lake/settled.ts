/**
 * Work that sees one state of the lake, whoever else is at it: where another changed what it saw, it starts again.
 *
 * @module
 */
import { ConflictError } from "../base/mod.ts";
import { finishDecided } from "./journal.ts";
import { commitLock } from "./lock.ts";
import type { Lake } from "./root.ts";
import { Seen } from "./seen.ts";

/** Tries beside others; after these the work keeps others from changing the lake while it goes on. */
const FREE_TRIES = 3;

/**
 * Does work that sees one state of the lake. `work` gets a view of the lake that notes what is read through it; if any
 * of that is not there any more at the end, what it did counts for nothing and it is done again, so it must have no
 * effect but through a transaction of the view, or none that doing it again does not undo.
 *
 * @param lake The lake; where it is a view already, the work is part of its owner's.
 * @param work What to do.
 * @param options `growing`: files that join listed folders meanwhile are no change, for reading beside live services.
 * @throws {ConflictError} If the lake is changed by something that does not keep to its locks.
 */
export async function settled<T>(
  lake: Lake,
  work: (view: Lake) => Promise<T>,
  { growing = false }: { growing?: boolean } = {},
): Promise<T> {
  if (lake.seen) return await work(lake);
  for (let tries = 1;; tries++) {
    const alone = tries > FREE_TRIES;
    using _lock = alone ? await commitLock(lake) : undefined;
    if (alone) await finishDecided(lake);
    const seen = new Seen(lake.root, growing);
    try {
      const result = await work({ root: lake.root, seen, alone });
      if (!seen.committed) await confirm(lake, seen, alone);
      return result;
    } catch (error) {
      // An error may come of the mixture of two states: it counts only if there was none.
      const torn = error instanceof ConflictError || seen.changed !== undefined;
      if (!torn || alone || seen.committed) throw error;
    }
  }
}

/** Compares what was seen with what is there, at a moment at which nobody is half way through a change. */
async function confirm(lake: Lake, seen: Seen, alone: boolean): Promise<void> {
  using _lock = alone ? undefined : await commitLock(lake);
  if (!alone) await finishDecided(lake);
  const changed = seen.changed;
  if (changed !== undefined) throw new ConflictError(lake.root, changed);
}
