/**
 * Parquet written by a worker while its caller goes on.
 *
 * @module
 */
import { type Batch, isStrings, jobError, type JobFailure, LakeError } from "../base/mod.ts";
import type { TableSchema } from "../schema/mod.ts";

/** What the worker is asked to write. */
export interface WriteJob {
  /** Absolute path. */
  path: string;
  /** Declaration of the rows. */
  table: TableSchema;
  /** The rows. */
  batch: Batch;
}

/** The worker's answer: nothing, or why it failed. */
export type WriteResult = { failure?: JobFailure };

/**
 * Writes batches one at a time in a worker: on two cores the next is decoded while the last is compressed.
 * To be closed, whether or not the work succeeds.
 */
export class BackgroundWriter {
  #worker: Worker | undefined;
  #pending: Promise<void> = Promise.resolve();

  /**
   * Hands over a batch; its arrays are moved, not copied, and empty afterwards.
   *
   * @param job What to write where.
   * @returns As soon as the batch before is written.
   * @throws {LakeError} If the batch before could not be written.
   */
  async write(job: WriteJob): Promise<void> {
    await this.flush();
    this.#worker ??= new Worker(new URL("./parquet_worker.ts", import.meta.url), { type: "module" });
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.onmessage = ({ data: { failure } }: MessageEvent<WriteResult>) =>
      failure ? reject(jobError(failure, (why) => new LakeError(why, job.path))) : resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new LakeError(`Cannot write "${job.path}": ${event.message}`, job.path));
    };
    this.#pending = promise;
    // A failure is thrown by the next call; until then it must not count as unhandled.
    promise.catch(() => {});
    worker.postMessage(job, [...buffersOf(job.batch)]);
  }

  /**
   * Waits for what was handed over.
   *
   * @throws {LakeError} If the last batch could not be written.
   */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = Promise.resolve();
    await pending;
  }

  /** Waits for what was handed over, failed or not: a failure is forgotten. */
  async settle(): Promise<void> {
    await this.flush().catch(() => {});
  }

  /** Waits for what was handed over, failed or not, and ends the worker. */
  async close(): Promise<void> {
    await this.settle();
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function buffersOf(batch: Batch): Set<ArrayBuffer> {
  const columns = Object.values(batch.columns);
  return new Set(columns.map((c) => (isStrings(c) ? c.codes : c).buffer as ArrayBuffer));
}
