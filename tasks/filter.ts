/**
 * `deno task filter`: one contract a trade date.
 *
 * @module
 */
import { calendarDates, type Effects, UsageError } from "../lib/base/mod.ts";
import {
  bronzeDates,
  type ContractRule,
  filterDate,
  type FilterReport,
  unfilterDate,
} from "../lib/bronze/mod.ts";
import { existingLake, type Lake, readableLake, readContracts } from "../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, REASONS } from "../lib/schema/mod.ts";
import { config, DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";
import { choiceNote, writeRepairPage } from "./_repair_pages.ts";

const FUTURES = [FUTURES_TRADES, FUTURES_MBP10];
const PAGE = { groups: "contract", reason: REASONS.contract } as const;
const RULES: readonly ContractRule[] = ["calendar", "prior", "session"];

await main({
  name: "filter",
  summary:
    "Keeps one contract a trade date in Bronze; the others' rows go to quarantine, calendar spreads are recorded.",
  options: {
    ...DATE_OPTIONS,
    rule: { value: "RULE", help: "calendar, prior or session", default: config.filter.rule },
    "dry-run": { help: "say what would be done, write nothing" },
    restore: { help: "bring back what the filter took out" },
  },
  examples: ["--date 2025-12-16", "--dates 2025-12-08..2025-12-19 --dry-run", "--date 2025-12-16 --restore"],
  async run(args, effects) {
    const rule = RULES.find((name) => name === args.rule);
    if (!rule) throw new UsageError(`Cannot use --rule "${args.rule}": wanted ${RULES.join(", ")}`);
    const dryRun = args["dry-run"] === true;
    const lake = await (dryRun ? readableLake : existingLake)(String(args.lake), effects);
    const asked = datesFrom(args);
    if (args.restore) return await restore(lake, asked, { dryRun, effects });
    const dates = asked ?? calendarDates(await bronzeDates(lake, FUTURES), `all of "${lake.root}"`);
    if (dates.length === 0) {
      throw new UsageError(`Cannot filter "${lake.root}": no futures in Bronze; run backfill first`);
    }
    const reports: FilterReport[] = [];
    const options = { rule, config: config.filter, symbol: config.market.symbol, dryRun };
    const progress = effects.progress("filter", "dates", dates.length);
    for (const date of dates) {
      reports.push(await filterDate(lake, date, options, effects));
      progress.add(1);
    }
    progress.done();
    if (!dryRun) {
      const done = reports.map(({ choice, stock }) => ({
        date: choice.date,
        status: choice.status,
        note: choiceNote(choice),
        stock,
      }));
      const page = await writeRepairPage(lake, "filter", { ...PAGE, dates: done });
      effects.log(`page: ${page}`);
    }
    return outcomeOf(reports, dryRun);
  },
});

async function restore(
  lake: Lake,
  asked: string[] | undefined,
  { dryRun, effects }: { dryRun: boolean; effects: Effects },
): Promise<Outcome> {
  const dates = asked ?? (await readContracts(lake)).map((choice) => choice.date);
  const reports = [];
  for (const date of dates) reports.push(await unfilterDate(lake, date, { dryRun }));
  const rows = reports.reduce((n, report) => n + report.rows, 0);
  if (!dryRun) effects.log(`page: ${await writeRepairPage(lake, "filter", { ...PAGE, dates: reports })}`);
  return {
    summary: `filter: ${rows} rows ${dryRun ? "would come" : "came"} back on ${dates.length} dates`,
    json: { restored: reports, dryRun },
  };
}

function outcomeOf(reports: readonly FilterReport[], dryRun: boolean): Outcome {
  const lines = reports.map(({ choice, rows, broughtBack, rolls }) =>
    [
      `${choice.date}: ${choice.contract} (${choice.contract_rule}), ${(100 * choice.share).toFixed(1)} %`,
      `${choice.status}${choice.roll_week ? ", roll week" : ""}`,
      `${rows.out} rows ${dryRun ? "would stay" : "kept"}, ${rows.filtered} to quarantine`,
      ...(broughtBack > 0 ? [`${broughtBack} back from it`] : []),
      ...(rolls > 0 ? [`${rolls} calendar spread${rolls > 1 ? "s" : ""}`] : []),
    ].join("; ")
  );
  const count = (status: string) => reports.filter(({ choice }) => choice.status === status).length;
  const failed = count("fail");
  lines.push(
    `filter: ${reports.length} date${reports.length === 1 ? "" : "s"}; ` +
      `${count("pass")} pass, ${count("warn")} warn, ${failed} fail`,
  );
  return { summary: lines, json: { dryRun, dates: reports }, exitCode: failed > 0 ? 1 : 0 };
}
