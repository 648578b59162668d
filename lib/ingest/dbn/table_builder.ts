/**
 * Gathers the records of one table into batches.
 *
 * @module
 */
import type { Batch, Column, Numbers } from "../../base/mod.ts";
import { type DbnTable, type Field, LAYOUTS } from "./layout.ts";
import { allocateField, copyField, type RecordRun, toColumn } from "./records.ts";

/** Rows of one table, in the order of the stream. */
export interface DbnBatch {
  /** Which table the rows are of. */
  table: DbnTable;
  /** The rows. */
  batch: Batch;
  /** Each row's ordinal among the stream's rows of both tables, from 0; BigInt64Array (n). */
  row: BigInt64Array;
}

type Storage = Exclude<Numbers, BigInt64Array>;

/** Small streams need not pay for full batches. */
const FIRST_CAPACITY = 1024;

/** Columns being filled. */
export class TableBuilder {
  readonly #table: DbnTable;
  readonly #fields: readonly Field[];
  readonly #batchRows: number;
  #storage: Storage[];
  #rows = new Uint32Array();
  #capacity = 0;
  #length = 0;
  #firstCapacity: number;

  /**
   * @param table Whose records are gathered.
   * @param batchRows Rows of a full batch.
   */
  constructor(table: DbnTable, batchRows: number) {
    this.#table = table;
    this.#fields = LAYOUTS[table].fields;
    this.#batchRows = batchRows;
    this.#firstCapacity = Math.min(FIRST_CAPACITY, batchRows);
    this.#storage = this.#allocate(0);
  }

  /** Rows until the batch is full. */
  get room(): number {
    return this.#batchRows - this.#length;
  }

  /**
   * Adds records.
   *
   * @param run At most {@linkcode room} records.
   * @param firstRow Ordinal of the first in the stream.
   * @returns The field and record of a price that f64 cannot hold, if there is one.
   */
  append(run: RecordRun, firstRow: number): { field: Field; index: number } | undefined {
    const at = this.#length;
    const length = at + run.count;
    if (length > this.#capacity) this.#grow(length);
    for (let f = 0; f < this.#fields.length; f++) {
      const index = copyField(this.#fields[f], run, this.#storage[f], at);
      if (index >= 0) return { field: this.#fields[f], index };
    }
    for (let row = firstRow, w = 2 * at; w < 2 * length; row++, w += 2) {
      this.#rows[w] = row;
      this.#rows[w + 1] = Math.floor(row / 2 ** 32);
    }
    this.#length = length;
    return undefined;
  }

  /** Hands over the rows gathered, if any, and begins anew. */
  take(): DbnBatch | undefined {
    const length = this.#length;
    if (length === 0) return undefined;
    const columns: Record<string, Column> = {};
    this.#fields.forEach(({ name, kind }, f) => columns[name] = toColumn(kind, this.#storage[f], length));
    const row = new BigInt64Array(this.#rows.buffer, 0, length);
    this.#storage = this.#allocate(0);
    this.#rows = new Uint32Array();
    this.#capacity = 0;
    this.#length = 0;
    this.#firstCapacity = this.#batchRows;
    return { table: this.#table, batch: { length, columns }, row };
  }

  #allocate(capacity: number): Storage[] {
    return this.#fields.map(({ kind }) => allocateField(kind, capacity));
  }

  #grow(length: number): void {
    const wanted = Math.max(length, 2 * this.#capacity, this.#firstCapacity);
    this.#capacity = Math.min(this.#batchRows, wanted);
    const wider = this.#allocate(this.#capacity);
    wider.forEach((storage, f) => storage.set(this.#storage[f]));
    this.#storage = wider;
    const rows = new Uint32Array(2 * this.#capacity);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}
