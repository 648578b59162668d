/** Builds Gold: touches with features and labels, bars, levels, a session date at a time. @module */
import { type Effects, TidemarkError, UsageError } from "../lib/base/mod.ts";
import { buildDates, consolidate, type GoldJob, type GoldResult } from "../lib/gold/mod.ts";
import { existingLake, readContracts } from "../lib/lake/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const tier = args.tier;
  if (tier !== "silver" && tier !== "bronze") {
    throw new UsageError(`Cannot read --tier "${tier}": wanted silver or bronze`);
  }
  const lake = await existingLake(String(args.lake), effects);
  const dates = datesFrom(args) ?? (await readContracts(lake)).map((choice) => choice.date);
  if (dates.length === 0) {
    throw new UsageError("Cannot choose dates: the filter has chosen no contract yet; run deno task filter");
  }
  const jobs = dates.map((date): GoldJob => ({
    lake: lake.root,
    date,
    tier,
    force: args.force === true,
    explain: args.explain === true,
  }));
  const results: GoldResult[] = [], failed: { date: string; message: string }[] = [];
  const progress = effects.progress("gold", "dates", dates.length);
  for await (const { job, result } of buildDates(jobs)) {
    progress.add(1);
    if (!result.ok) {
      failed.push({ date: job.date, message: result.message });
      effects.warn(`${job.date}: ${result.message}`);
      continue;
    }
    results.push(result.value);
    const { date, status, why, rows, seconds } = result.value;
    if (args.explain) { for (const reason of why) effects.log(`${date}: ${reason}`); }
    if (status === "built") {
      effects.log(`${date}: ${rows.signals} touches, ${rows.bars} bars in ${seconds.toFixed(1)} s`);
    }
  }
  progress.done();
  return summarise(
    lake.root,
    results,
    failed,
    args.explain ? undefined : await consolidateBuilt(lake, results),
  );
}

async function consolidateBuilt(lake: Parameters<typeof consolidate>[0], results: GoldResult[]) {
  return results.length > 0 ? await consolidate(lake) : undefined;
}

function summarise(
  lake: string,
  results: GoldResult[],
  failed: { date: string; message: string }[],
  all: { rows: number; dates: string[]; written: boolean } | undefined,
): Outcome {
  const count = (status: GoldResult["status"]) => results.filter((r) => r.status === status).length;
  const parts = [
    `gold: ${count("built")} dates built, ${count("current")} current`,
    count("stale") ? `${count("stale")} would be built` : "",
    failed.length ? `${failed.length} failed (${failed.map((f) => f.date).join(", ")})` : "",
    all ? `${all.rows} touches of ${all.dates.length} dates in ${lake}/gold/research/signals.parquet` : "",
  ].filter(Boolean);
  if (results.length === 0 && failed.length > 0) throw new TidemarkError(failed[0].message);
  return {
    summary: parts.join("; "),
    json: { results, failed, consolidated: all ?? null },
    exitCode: failed.length > 0 ? 2 : 0,
  };
}

await main({
  name: "gold",
  summary:
    "Builds Gold from Silver (or Bronze): touches with features and labels, bars, levels; then puts all dates into one file.",
  options: {
    ...DATE_OPTIONS,
    all: { help: "every date the filter has chosen a contract for (the default)" },
    tier: { value: "TIER", help: "silver or bronze: the same bytes", default: "silver" },
    force: { help: "build even what is current" },
    explain: { help: "say what would be built and why; build nothing" },
  },
  examples: ["--date 2025-12-16", "--dates 2025-12-09..2025-12-16 --explain"],
  run,
});
