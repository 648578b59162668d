/**
 * Every byte against what was written: files that were lost or changed on disk are read as other numbers, or not at
 * all, and nothing else would tell.
 *
 * @module
 */
import { sessionHours } from "../../base/mod.ts";
import {
  changedOutputs,
  hourFolder,
  type Lake,
  parquetFiles,
  quarantinePath,
  type Unsound,
  unsoundFiles,
} from "../../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES, type TableSchema } from "../../schema/mod.ts";
import type { Findings } from "./checks.ts";
import type { Day } from "./day.ts";

const TABLES: readonly TableSchema[] = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES];

const SAYS: Record<Unsound["what"], string> = {
  lost: "that were written are gone",
  changed: "do not have the bytes that were written",
  unknown: "cannot be compared with what was written",
};

/**
 * Reports the files of a date that are not what was written: Bronze and what was set aside from it by the sums kept
 * at their writing, the stages' by their keys.
 *
 * @param lake The lake.
 * @param day The day.
 * @param findings Where to report.
 */
export async function judgeBytes(lake: Lake, day: Day, findings: Findings): Promise<void> {
  const { examples } = day.config.audit;
  for (const table of TABLES) {
    const folders = new Map<string, string[]>();
    for (const hour of sessionHours(day.session)) {
      const folder = hourFolder(table, hour);
      for (const at of [folder, quarantinePath(folder)]) folders.set(at, await parquetFiles(lake, at));
    }
    const unsound = await unsoundFiles(lake, folders);
    for (const [what, files] of Map.groupBy(unsound, ({ what }) => what)) {
      findings.add(`files.${what}`, {
        subject: table.name,
        message: `${files.length} file${files.length === 1 ? "" : "s"} ${SAYS[what]}`,
        count: files.length,
        examples: files.slice(0, examples).map(({ file }) => file),
      });
    }
  }
  await judgeStages(lake, day.session.date, examples, findings);
}

/**
 * Reports what the stages wrote and is no longer as they wrote it, by their keys.
 *
 * @param lake The lake.
 * @param date Session date; `all` for what is made of all.
 * @param examples Files named at the most.
 * @param findings Where to report.
 */
export async function judgeStages(
  lake: Lake,
  date: string,
  examples: number,
  findings: Findings,
): Promise<void> {
  for (const [stage, files] of Object.entries(await changedOutputs(lake, date))) {
    findings.add("stages.changed", {
      subject: stage,
      message: `${files.length} file${files.length === 1 ? "" : "s"} of ${stage} are not as it wrote them`,
      count: files.length,
      examples: files.slice(0, examples),
    });
  }
}
