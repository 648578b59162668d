/**
 * The pages over filter and dedup: rows before and after.
 *
 * @module
 */
import { sessionOf } from "../lib/base/mod.ts";
import { type ContractChoice, hashJson, type Lake, sessionFiles } from "../lib/lake/mod.ts";
import { repairPage, type RepairPageData, repairVerdict } from "../lib/report/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../lib/schema/mod.ts";
import { pageHead, writePage } from "./_pages.ts";

const TITLES = {
  filter: "Contract filter: before and after",
  dedup: "Dedup: before and after",
} as const;

/**
 * Writes a repair's page.
 *
 * @param lake The lake.
 * @param task The repair, which names the file.
 * @param data Rows before and after.
 * @returns Its path.
 */
export async function writeRepairPage(
  lake: Lake,
  task: keyof typeof TITLES,
  data: Omit<RepairPageData, "task">,
): Promise<string> {
  const dates = data.dates.map(({ date }) => date), files = await bronzeFiles(lake, dates);
  const inputs = { [`${files.length} bronze files`]: hashJson(files).slice(0, 12) };
  const head = { ...await pageHead(lake, TITLES[task], dates), inputs };
  return await writePage(lake, task, {
    html: repairPage(head, { ...data, task: `deno task ${task}` }),
    head,
    verdict: repairVerdict(data),
  });
}

/** The files that stand; each is named for its source's content. */
async function bronzeFiles(lake: Lake, dates: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const date of dates) {
    for (const table of [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES]) {
      files.push(...(await sessionFiles(lake, table, sessionOf(date))).flatMap((hour) => hour.files));
    }
  }
  return files;
}

/** A choice in a few words. */
export function choiceNote({ contract, contract_rule, share, roll_week }: ContractChoice): string {
  const percent = (100 * share).toFixed(1);
  return `${contract} by ${contract_rule}, ${percent} % of the volume${roll_week ? ", roll week" : ""}`;
}
