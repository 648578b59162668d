/**
 * `deno task silver`: Bronze to Silver, a session at a time.
 *
 * @module
 */
import { calendarDates, hourStartNs, TidemarkError, tradeDateOf } from "../lib/base/mod.ts";
import { existingLake, hoursPresent, type Lake } from "../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../lib/schema/mod.ts";
import { buildSilver, type SilverReport } from "../lib/silver/mod.ts";
import { DATE_OPTIONS, datesFrom, main } from "./_cli.ts";

await main({
  name: "silver",
  summary:
    "Compacts Bronze sessions into Silver: deduplicated, in time order, one file an hour; signs options and " +
    "gives them spot, volatility and greeks. A session is rebuilt only when something it is made of changed.",
  options: {
    ...DATE_OPTIONS,
    force: { help: "build even if nothing changed" },
    explain: { help: "say what would be built and why, build nothing" },
  },
  examples: ["--date 2025-12-16", "--dates 2025-12-15..2025-12-19 --explain"],
  async run(args, effects) {
    const start = performance.now();
    const lake = await existingLake(String(args.lake), effects);
    const dates = datesFrom(args) ?? await bronzeDates(lake);
    const options = { force: args.force === true, explain: args.explain === true };
    const reports: SilverReport[] = [], failed: { date: string; error: string }[] = [];
    // In the order of the dates, one by one: a session starts from the scale of the one before, and the Parquet
    // reader and writer use both cores already.
    for (const date of dates) {
      try {
        const report = await buildSilver(lake, date, options, effects);
        if (report.status === "built") effects.log(line(report));
        reports.push(report);
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error;
        if (dates.length === 1) throw error;
        effects.warn(error.message);
        failed.push({ date, error: error.message });
      }
    }
    const seconds = (performance.now() - start) / 1000;
    const count = (status: SilverReport["status"]) => reports.filter((r) => r.status === status).length;
    const rows = reports.reduce((n, r) => n + r.rows.out, 0);
    const duplicates = reports.reduce((n, r) => n + r.rows.duplicates, 0);
    const parts = [
      options.explain ? `silver: ${count("stale")} to build` : `silver: ${count("built")} sessions built`,
      ...(count("unchanged") > 0 ? [`${count("unchanged")} unchanged, nothing to do`] : []),
      ...(rows > 0 ? [`${rows} rows`] : []),
      ...(duplicates > 0 ? [`${duplicates} duplicates left out`] : []),
      ...(failed.length > 0 ? [`failed: ${failed.map((f) => f.date).join(", ")}`] : []),
      `${seconds.toFixed(1)} s`,
    ];
    return {
      summary: [...(options.explain ? reports.map(line) : []), parts.join("; ")],
      json: { dates, seconds, sessions: reports, failed },
      exitCode: failed.length > 0 ? 2 : 0,
    };
  },
});

/** Trade dates of which Bronze has rows, ascending. */
async function bronzeDates(lake: Lake): Promise<string[]> {
  const dates = new Set<string>();
  for (const table of [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES]) {
    for (const hour of await hoursPresent(lake, table)) dates.add(tradeDateOf(hourStartNs(hour)));
  }
  if (dates.size === 0) {
    throw new TidemarkError(`Cannot find Bronze rows in "${lake.root}": run backfill or options first`);
  }
  return calendarDates([...dates].sort(), `all of "${lake.root}"`);
}

function line({ date, status, reasons, tables, scale }: SilverReport): string {
  const why = reasons.length > 3 ? [...reasons.slice(0, 3), `and ${reasons.length - 3} more`] : reasons;
  if (status !== "built") return `${date}: ${status}${why.length > 0 ? ` (${why.join("; ")})` : ""}`;
  const counts = Object.entries(tables).map(([name, rows]) => `${rows} ${name}`).join(", ");
  return `${date}: ${counts}; scale ${scale?.spyPerEs.toFixed(7)} (${scale?.source}, ${scale?.contract})`;
}
