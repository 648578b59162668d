/**
 * What the instruments of a date are called, and names that are no instrument's.
 *
 * @module
 */
import {
  type Batch,
  canonicalNames,
  fallbackName,
  isInstrumentName,
  isOutright,
  namedByInstrument,
  type NamePair,
  namePairs,
  PAIR_COLUMNS,
  sessionHours,
  TidemarkError,
} from "../../base/mod.ts";
import { hourFolder, type Lake, parquetFiles, quarantinePath, readBatch } from "../../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, quarantineTable } from "../../schema/mod.ts";
import { sameContract } from "../contract_choice.ts";
import type { Findings } from "./checks.ts";
import type { Day } from "./day.ts";

/** The names of a date's instruments. */
export interface DayNames {
  /** The name each goes by. */
  names: ReadonlyMap<number, string>;
  /** Rows of futures under these names; the very same batch where they came so. */
  named(batch: Batch): Batch;
}

/**
 * Gathers the names of a date's trades and books, quarantine included, and reports those that do not tell which
 * contract a row is of. A file that cannot be read is reported where its rows are.
 *
 * @param lake The lake.
 * @param day The day.
 * @param findings Where to report.
 */
export async function dayNames(lake: Lake, day: Day, findings: Findings): Promise<DayNames> {
  const { symbol } = day.config.market, pairs: NamePair[] = [];
  for (const table of [FUTURES_TRADES, FUTURES_MBP10]) {
    for (const hour of sessionHours(day.session)) {
      const folder = hourFolder(table, hour);
      for (const [at, of] of [[folder, table], [quarantinePath(folder), quarantineTable(table)]] as const) {
        for (const file of await parquetFiles(lake, at)) {
          try {
            pairs.push(...namePairs(readBatch(lake, of, [file], PAIR_COLUMNS)));
          } catch (error) {
            if (!(error instanceof TidemarkError)) throw error;
          }
        }
      }
    }
  }
  const names = canonicalNames(symbol, pairs);
  judgeNames(symbol, pairs, names, findings);
  const asCame = pairs.every(([id, name]) => names.get(id) === name);
  return { names, named: (batch) => (asCame ? batch : namedByInstrument(batch, names)) };
}

function judgeNames(
  symbol: string,
  pairs: readonly NamePair[],
  names: ReadonlyMap<number, string>,
  findings: Findings,
): void {
  for (const [name, of] of Map.groupBy(pairs, ([, name]) => name)) {
    const ids = [...new Set(of.map(([id]) => id))].sort((a, b) => a - b);
    if (ids.length === 1 && (isInstrumentName(name) || name === fallbackName(symbol, ids[0]))) continue;
    const what = ids.length > 1 ? `stands for ${ids.length} instruments` : "is no contract's name";
    findings.add("contracts.names", {
      subject: name,
      message: `${name} ${what}; its rows were taken for ${ids.map((id) => names.get(id)).join(", ")}`,
      count: ids.length,
      examples: ids.slice(0, 4).map(String),
    });
  }
  for (const [id, of] of Map.groupBy(pairs, ([id]) => id)) {
    const outrights = [...new Set(of.map(([, name]) => name))].filter((name) => isOutright(symbol, name))
      .sort();
    if (outrights.every((name) => sameContract(symbol, name, outrights[0]))) continue;
    findings.add("contracts.names", {
      subject: names.get(id)!,
      message: `instrument ${id} came as ${outrights.join(" and ")}; its rows were taken for ${
        names.get(id)
      }`,
      count: outrights.length,
      examples: [String(id)],
    });
  }
}
