/**
 * Keeps native memory bounded in loops that make many frames.
 *
 * @module
 */

/**
 * Lets go of frames that are out of use: to be awaited once a batch. Native memory is freed only when the event
 * loop turns after a collection; V8 does not see its size, so a task that streams runs with `--expose-gc`.
 *
 * @param collect Whether to collect first, where that is exposed; defaults to true.
 */
export async function releaseMemory(collect = true): Promise<void> {
  if (collect) (globalThis as { gc?: () => void }).gc?.();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Rows of frames between collections: some 50 MB of books. A collection takes as long as a small file. */
const ROWS_A_COLLECTION = 65_536;
let gone = 0;

/**
 * Lets go of frames that are out of use, as {@linkcode releaseMemory}, collecting once enough rows have gone by.
 *
 * @param rows Rows of the frames.
 */
export async function releaseAfter(rows: number): Promise<void> {
  gone += rows;
  const collect = gone >= ROWS_A_COLLECTION;
  if (collect) gone = 0;
  await releaseMemory(collect);
}
