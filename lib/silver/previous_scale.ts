/**
 * What a session's scale ended with, for the session after it: from its Silver, or from Bronze alone.
 *
 * @module
 */
import { CONFIG, type Config, i64, previousTradingDay, sessionOf } from "../base/mod.ts";
import { fromFrame, type Lake, parquetFiles, readBatch, sessionFolder } from "../lake/mod.ts";
import { OPTIONS_TRADES, SILVER_SCALE } from "../schema/mod.ts";
import { allFiles, bronzeSession, bronzeTape, sessionContract } from "./bronze_session.ts";
import { compactHour } from "./compact.ts";
import { enrich, newEnricher } from "./enrich.ts";
import { finishScale, type Scale, scaleAt } from "./scale.ts";

/** Files of a date's scale, relative paths; none if Silver has not been built. */
export function scaleFiles(lake: Lake, date: string): Promise<string[]> {
  return parquetFiles(lake, sessionFolder(SILVER_SCALE, date));
}

/**
 * The last scale of a date from its Silver.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @returns The scale, or undefined if there is no Silver of that date.
 */
export async function silverScale(lake: Lake, date: string): Promise<Scale | undefined> {
  const files = await scaleFiles(lake, date);
  if (files.length === 0) return undefined;
  const rows = readBatch(lake, SILVER_SCALE, files);
  return scaleAt(rows, i64(rows, "ts_ns")[rows.length - 1]);
}

/**
 * The last scale of a date from Bronze alone, the same as {@linkcode silverScale} once Silver is built. Where the date
 * had too few pairs the session before it is asked, and so on until one has no Bronze.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param config Stage defaults; defaults to `CONFIG`.
 * @returns The scale, or undefined if there is no Bronze of that date.
 * @throws {LakeError} If a file cannot be read or a session's rows name several contracts.
 */
export async function bronzeScale(
  lake: Lake,
  date: string,
  config: Config = CONFIG,
): Promise<Scale | undefined> {
  const bronze = await bronzeSession(lake, sessionOf(date));
  if (allFiles(bronze).length === 0) return undefined;
  const contract = await sessionContract(lake, bronze), tape = bronzeTape(lake, bronze);
  const enricher = newEnricher(bronze.session, contract, undefined, config);
  for (const { files } of bronze.options) {
    enrich(enricher, fromFrame(OPTIONS_TRADES, compactHour(lake, OPTIONS_TRADES, files).frame), tape);
  }
  finishScale(enricher.scaler, config.scale);
  if (enricher.scaler.now.source === "parity") return enricher.scaler.now;
  const before = await bronzeScale(lake, previousTradingDay(date), config);
  return newEnricher(bronze.session, contract, before, config).scaler.now;
}
