/**
 * `deno task dedup`: removes what a second ingest added.
 *
 * @module
 */
import { calendarDates, type Effects } from "../lib/base/mod.ts";
import { bronzeDates, dedupDate, undoDedup } from "../lib/bronze/mod.ts";
import { existingLake, type Lake, readableLake } from "../lib/lake/mod.ts";
import { REASONS } from "../lib/schema/mod.ts";
import { DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";
import { writeRepairPage } from "./_repair_pages.ts";

const PAGE = { groups: "ingest", reason: REASONS.duplicate } as const;

await main({
  name: "dedup",
  summary:
    "Takes out of Bronze what a second ingest of the same data added; identical rows of one ingest are genuine and stay.",
  options: {
    ...DATE_OPTIONS,
    "dry-run": { help: "say what would be done, write nothing" },
    restore: { help: "bring back what dedup took out" },
  },
  examples: ["--date 2025-12-16 --dry-run", "--date 2025-12-16 --restore"],
  async run(args, effects) {
    const dryRun = args["dry-run"] === true;
    const lake = await (dryRun ? readableLake : existingLake)(String(args.lake), effects);
    const dates = datesFrom(args) ?? calendarDates(await bronzeDates(lake), `all of "${lake.root}"`);
    return args.restore
      ? await restore(lake, dates, { dryRun, effects })
      : await dedup(lake, dates, { dryRun, effects });
  },
});

/** How a command works. */
interface Manner {
  dryRun: boolean;
  effects: Effects;
}

async function dedup(lake: Lake, dates: readonly string[], { dryRun, effects }: Manner): Promise<Outcome> {
  const reports = [], progress = effects.progress("dedup", "dates", dates.length);
  for (const date of dates) {
    reports.push(await dedupDate(lake, date, { dryRun }));
    progress.add(1);
  }
  progress.done();
  if (!dryRun) effects.log(`page: ${await writeRepairPage(lake, "dedup", { ...PAGE, dates: reports })}`);
  const lines = reports.filter(({ rows }) => rows.duplicates > 0).map(({ date, rows, tables }) => {
    const parts = Object.entries(tables).filter(([, n]) => n > 0).map(([name, n]) => `${n} of ${name}`);
    return `${date}: ${parts.join(", ")} ${
      dryRun ? "would go" : "went"
    } to quarantine, ${rows.out} rows kept`;
  });
  const copies = reports.reduce((n, { rows }) => n + rows.duplicates, 0);
  lines.push(`dedup: ${copies} duplicates on ${dates.length} date${dates.length === 1 ? "" : "s"}`);
  return { summary: lines, json: { dryRun, dates: reports } };
}

async function restore(lake: Lake, dates: readonly string[], { dryRun, effects }: Manner): Promise<Outcome> {
  const reports = [];
  for (const date of dates) reports.push(await undoDedup(lake, date, { dryRun }));
  const rows = reports.reduce((n, report) => n + report.rows, 0);
  if (!dryRun) effects.log(`page: ${await writeRepairPage(lake, "dedup", { ...PAGE, dates: reports })}`);
  const summary = `dedup: ${rows} rows ${dryRun ? "would come" : "came"} back on ${dates.length} dates`;
  return { summary, json: { restored: reports, dryRun } };
}
