/**
 * Whether what the live services wrote is what the batch builds: row by row, to the bit.
 *
 * @module
 */
import { type Batch, type Column, isStrings, sessionOf, strings } from "../base/mod.ts";
import { goldParts } from "../gold/mod.ts";
import {
  datesPresent,
  type Lake,
  parquetFiles,
  readBatch,
  sessionFiles,
  sessionFolder,
  settled,
} from "../lake/mod.ts";
import { GOLD_SIGNALS, LIVE_LABELS, LIVE_SIGNALS, type TableSchema } from "../schema/mod.ts";

/** How the live rows of some dates compare with the batch's. */
export interface Comparison {
  /** Dates that both have. */
  dates: string[];
  /** Touches that are the same in every column, labels included. */
  same: number;
  /** Touches of the batch that live lacks, wholly or their labels. */
  missing: number;
  /** Touches that only live has. */
  extra: number;
  /** Touches that differ, by column. */
  differs: Record<string, number>;
}

/**
 * Compares the live signals and labels of a lake with Gold.
 *
 * @param lake Where the services wrote.
 * @param gold The lake with Gold; may be the same.
 * @returns Over the dates that were played live and built.
 */
export async function compareLive(lake: Lake, gold: Lake): Promise<Comparison> {
  if (lake.root === gold.root) {
    return await settled(lake, (view) => compareViews(view, view), { growing: true });
  }
  return await settled(lake, (live) => settled(gold, (view) => compareViews(live, view)), { growing: true });
}

async function compareViews(lake: Lake, gold: Lake): Promise<Comparison> {
  const found: Comparison = { dates: [], same: 0, missing: 0, extra: 0, differs: {} };
  for (const date of await datesPresent(gold, GOLD_SIGNALS)) {
    const part = goldParts(date).signals;
    if (!(await parquetFiles(gold, sessionFolder(GOLD_SIGNALS, date))).includes(part)) continue;
    const signals = await liveRows(lake, LIVE_SIGNALS, date),
      labels = await liveRows(lake, LIVE_LABELS, date);
    if (signals.length === 0) continue;
    found.dates.push(date);
    compareDate(readBatch(gold, GOLD_SIGNALS, [part]), signals, labels, found);
  }
  return found;
}

async function liveRows(lake: Lake, table: TableSchema, date: string): Promise<Batch> {
  const files = await sessionFiles(lake, table, sessionOf(date));
  return readBatch(lake, table, files.flatMap((hour) => hour.files));
}

function compareDate(wanted: Batch, signals: Batch, labels: Batch, found: Comparison): void {
  const ids = idsOf(wanted), parts = [signals, labels].map((rows) => ({ rows, at: places(rows) }));
  const known = new Set(ids);
  found.extra += idsOf(signals).filter((id) => !known.has(id)).length;
  ids.forEach((id, i) => {
    if (parts.some(({ at }) => !at.has(id))) {
      found.missing++;
      return;
    }
    const names = parts.flatMap(({ rows, at }) =>
      Object.entries(rows.columns)
        .filter(([name, column]) =>
          !Object.is(valueOf(column, at.get(id)!), valueOf(wanted.columns[name], i))
        )
        .map(([name]) => name)
    );
    for (const name of new Set(names)) found.differs[name] = (found.differs[name] ?? 0) + 1;
    if (names.length === 0) found.same++;
  });
}

function idsOf(rows: Batch): string[] {
  const { codes, values } = strings(rows, "event_id");
  return Array.from(codes, (code) => values[code]);
}

function places(rows: Batch): Map<string, number> {
  return new Map(idsOf(rows).map((id, i) => [id, i]));
}

function valueOf(column: Column, row: number): string | number | bigint | null {
  if (!isStrings(column)) return column[row];
  return column.codes[row] < 0 ? null : column.values[column.codes[row]];
}
