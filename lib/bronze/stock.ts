/**
 * Rows as they came and as they stand, by table and by what tells them apart: what a repair's page shows.
 *
 * @module
 */
import { type Batch, strings } from "../base/mod.ts";

/** Rows of one group of a table. */
export interface Stock {
  /** Table name. */
  table: string;
  /** Contract or ingest. */
  group: string;
  /** Rows as they came, those set aside by the repair included. */
  came: number;
  /** Rows that stand in Bronze now. */
  stands: number;
}

/** Stocks in the making. */
export class Stocks {
  readonly #stocks = new Map<string, Stock>();

  /** The stocks, by table in order of appearance and by group. */
  get list(): Stock[] {
    const tables = [...new Set([...this.#stocks.values()].map(({ table }) => table))];
    return [...this.#stocks.values()].sort((a, b) =>
      tables.indexOf(a.table) - tables.indexOf(b.table) || (a.group < b.group ? -1 : 1)
    );
  }

  /** Adds rows to a group. */
  add(table: string, group: string, came: number, stands: number): void {
    const key = `${table} ${group}`, stock = this.#stocks.get(key);
    if (stock) {
      stock.came += came;
      stock.stands += stands;
    } else if (came > 0) this.#stocks.set(key, { table, group, came, stands });
  }

  /**
   * Counts rows by the value of a column.
   *
   * @param table Table name.
   * @param batch The rows.
   * @param column Its values are the groups.
   * @param keeps Whether rows of a group stand.
   */
  count(table: string, batch: Batch, column: string, keeps: (group: string) => boolean): void {
    const { codes, values } = strings(batch, column), counts = new Array<number>(values.length).fill(0);
    for (const code of codes) counts[code]++;
    values.forEach((group, i) => this.add(table, group, counts[i], keeps(group) ? counts[i] : 0));
  }
}
