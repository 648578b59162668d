/**
 * Cuts a stream of rows into the files of its UTC hours.
 *
 * @module
 */
import {
  type Batch,
  concatBatches,
  hourOfPartition,
  hoursOf,
  i64,
  repeatString,
  takeRows,
} from "../base/mod.ts";
import {
  BackgroundWriter,
  hourFolder,
  quarantinePath,
  releaseAfter,
  releaseMemory,
  tableFolder,
  toFrame,
  type Transaction,
  writeFrame,
} from "../lake/mod.ts";
import { quarantineTable, REASONS, type TableSchema } from "../schema/mod.ts";

/**
 * Rows of a part, and of a decoded batch, which is then written without a copy. Twice as many take 300 MB more at
 * the peak and 5 % less processor time; half as many save 150 MB.
 */
export const PART_ROWS = 131_072;

/** Rows held back at most; beyond, the fullest hour is written although it may go on. */
const MAX_HELD_ROWS = 2 * PART_ROWS;

/** A batch of at least this share of a part is written as it is rather than joined with the next. */
const FULL_SHARE = 0.5;

/** Partition of rows without a usable event time. */
const UNDATED = NaN;
const FIRST_HOUR = hourOfPartition("2000-01-01", "00");
const END_HOUR = hourOfPartition("2100-01-01", "00");

/** A file staged by a {@linkcode PartWriter}. */
export interface Part {
  /** Path relative to the lake. */
  path: string;
  /** Its rows. */
  rows: number;
  /** Whether it lies in quarantine: its rows have no usable event time. */
  undated: boolean;
}

/** Rows of one hour that are not written yet, and its files so far. */
interface Held {
  batches: Batch[];
  rows: number;
  parts: number;
}

/**
 * Writes the rows of one ingest of one table; rows stay in the order in which they come. The parts of a large
 * source are written by a worker: close the writer, whether or not the work succeeds.
 */
export class PartWriter {
  /** Files staged so far. */
  readonly parts: Part[] = [];

  readonly #tx: Transaction;
  readonly #table: TableSchema;
  readonly #ingest: string;
  readonly #fullRows: number;
  readonly #background: BackgroundWriter;
  readonly #shared: boolean;
  readonly #hours = new Map<number, Held>();
  #held = 0;
  #seen = 0;

  /**
   * A writer with nothing written.
   *
   * @param tx Transaction to stage the files in.
   * @param table Table the rows are of.
   * @param ingest Id of the ingest, the stem of the files' names.
   * @param partRows Rows of a file, which has at least half and at most one and a half times as many where an
   *   hour's rows suffice; defaults to {@linkcode PART_ROWS}.
   * @param background Who writes every part; stays open, and the rows' arrays stay the caller's. By default a worker
   *   of the writer's own, for full parts.
   */
  constructor(
    tx: Transaction,
    table: TableSchema,
    ingest: string,
    partRows: number = PART_ROWS,
    background?: BackgroundWriter,
  ) {
    this.#background = background ?? new BackgroundWriter();
    this.#shared = background !== undefined;
    this.#tx = tx;
    this.#table = table;
    this.#ingest = ingest;
    this.#fullRows = partRows * FULL_SHARE;
  }

  /**
   * Takes rows; writes the files that became full.
   *
   * @param batch Rows with every column of the table; its arrays are the writer's from now on, unless the
   *   background is shared.
   */
  async add(batch: Batch): Promise<void> {
    this.#seen += batch.length;
    for (const [hour, rows] of splitByHour(batch)) {
      const held = this.#hours.get(hour) ?? { batches: [], rows: 0, parts: 0 };
      this.#hours.set(hour, held);
      held.batches.push(rows);
      held.rows += rows.length;
      this.#held += rows.length;
      if (held.rows >= this.#fullRows) await this.#write(hour, held);
    }
    while (this.#held > MAX_HELD_ROWS) {
      await this.#write(...[...this.#hours].reduce((a, b) => (b[1].rows > a[1].rows ? b : a)));
    }
  }

  /**
   * Writes what is left.
   *
   * @throws {LakeError} If a file could not be written.
   */
  async finish(): Promise<void> {
    for (const [hour, held] of this.#hours) if (held.rows > 0) await this.#write(hour, held);
    await this.#background.flush();
  }

  /** Ends the worker, if one of its own was needed. Nothing is written afterwards. */
  async close(): Promise<void> {
    await (this.#shared ? this.#background.settle() : this.#background.close());
  }

  async #write(hour: number, held: Held): Promise<void> {
    const alone = held.batches.length === 1;
    const batch = this.#shared && alone ? structuredClone(held.batches[0]) : concatBatches(held.batches);
    this.#held -= held.rows;
    held.batches = [];
    held.rows = 0;
    const undated = Number.isNaN(hour);
    const folder = undated
      ? quarantinePath(`${tableFolder(this.#table)}/undated`)
      : hourFolder(this.#table, hour);
    const path = `${folder}/${this.#ingest}-${String(held.parts++).padStart(4, "0")}.parquet`;
    this.parts.push({ path, rows: batch.length, undated });
    const job = {
      path: await this.#tx.stage(path),
      table: undated ? quarantineTable(this.#table) : this.#table,
      batch: undated ? withReason(batch) : batch,
    };
    // A worker takes longer to start than a small part to write; where it runs, it and its caller share those.
    const turn = this.#seen > this.#fullRows && this.parts.length % 2 === 0;
    const inWorker = this.#shared || turn || batch.length >= this.#fullRows;
    if (inWorker) {
      await this.#background.write(job);
      await releaseMemory(false);
    } else {
      writeFrame(job.path, toFrame(job.table, job.batch));
      await releaseAfter(batch.length);
    }
  }
}

function withReason({ length, columns }: Batch): Batch {
  return { length, columns: { ...columns, reason: repeatString(REASONS.undated, length) } };
}

/** The rows of each hour, in the order of the batch; a batch of one hour is handed on as it is. */
function splitByHour(batch: Batch): Map<number, Batch> {
  const hours = hoursOf(i64(batch, "ts_event_ns"));
  let count = new Map<number, number>();
  // Runs instead of rows: a batch has one hour, or two.
  for (let i = 0; i < hours.length;) {
    const hour = hours[i], start = i;
    while (i < hours.length && hours[i] === hour) i++;
    const key = partitionOf(hour);
    count.set(key, (count.get(key) ?? 0) + i - start);
  }
  if (count.size === 1) return new Map([[[...count.keys()][0], batch]]);
  const rows = new Map([...count].map(([key, n]) => [key, new Uint32Array(n)]));
  count = new Map([...count.keys()].map((key) => [key, 0]));
  for (let i = 0; i < hours.length; i++) {
    const key = partitionOf(hours[i]);
    const at = count.get(key)!;
    rows.get(key)![at] = i;
    count.set(key, at + 1);
  }
  return new Map([...rows].map(([key, picked]) => [key, takeRows(batch, picked)]));
}

function partitionOf(hour: number): number {
  return isDated(hour) ? hour : UNDATED;
}

/** Whether an hour, UTC hours since the epoch, is a usable event time's: of this century. */
export function isDated(hour: number): boolean {
  return hour >= FIRST_HOUR && hour < END_HOUR;
}
