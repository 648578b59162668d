/**
 * A small lake of simulated sessions: Bronze as `backfill`, `options` and `filter` would leave it.
 *
 * @module
 */
import { type Batch, calendarContract, hoursOf, i64, type Strings, takeRows } from "../../lib/base/mod.ts";
import { hourFolder, type Lake, openLake, toFrame, writeFrame } from "../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES, type TableSchema } from "../../lib/schema/mod.ts";
import { simulateDay, type SimulateOptions } from "../../lib/simulate/mod.ts";

/**
 * Makes a lake in a temporary folder with Bronze of some dates; the front contract only.
 *
 * @param dates Trade dates.
 * @param options Seed, scale and so on of the simulation.
 * @param tables What to write; defaults to all. Trades alone make a lake in no time.
 */
export async function simulatedLake(
  dates: readonly string[],
  options: Omit<SimulateOptions, "date">,
  tables: readonly ("trades" | "books" | "options")[] = ["trades", "books", "options"],
): Promise<Lake> {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" }));
  for (const date of dates) {
    const day = simulateDay({ ...options, date });
    const contract = calendarContract("ES", date);
    if (tables.includes("trades")) await writeBronze(lake, FUTURES_TRADES, ofContract(day.trades, contract));
    if (tables.includes("books")) await writeBronze(lake, FUTURES_MBP10, ofContract(day.books, contract));
    if (tables.includes("options")) await writeBronze(lake, OPTIONS_TRADES, day.options);
  }
  return lake;
}

/** Rows of one contract. */
export function ofContract(batch: Batch, contract: string): Batch {
  const { codes, values } = batch.columns.contract as Strings, code = values.indexOf(contract);
  return takeRows(batch, Uint32Array.from(codes.keys()).filter((i) => codes[i] === code));
}

/** Rows by UTC hour, in the order they came. */
export function rowsByHour(rows: Batch): Map<number, Batch> {
  const hours = hoursOf(i64(rows, "ts_event_ns")), order = new Map<number, number[]>();
  for (let i = 0; i < hours.length; i++) {
    const mine = order.get(hours[i]);
    if (mine) mine.push(i);
    else order.set(hours[i], [i]);
  }
  return new Map([...order].map(([hour, mine]) => [hour, takeRows(rows, Uint32Array.from(mine))]));
}

/** Writes rows into their hours, one file each. */
export async function writeBronze(
  lake: Lake,
  table: TableSchema,
  rows: Batch,
  name = "simulated-0000",
): Promise<void> {
  for (const [hour, mine] of rowsByHour(rows)) {
    const folder = `${lake.root}/${hourFolder(table, hour)}`;
    await Deno.mkdir(folder, { recursive: true });
    writeFrame(`${folder}/${name}.parquet`, toFrame(table, mine));
  }
}
