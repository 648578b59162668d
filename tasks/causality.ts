/** Rebuilds a date from Bronze cut at many moments and compares every feature, level and label bit by bit. @module */
import { type Effects, sessionOf, TidemarkError, UsageError } from "../lib/base/mod.ts";
import {
  auditDates,
  CausalityAudit,
  type CausalityJob,
  type ColumnAudit,
  randomCuts,
} from "../lib/gold/mod.ts";
import { readableLake, readContracts } from "../lib/lake/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main, numberFrom, type Outcome } from "./_cli.ts";

/** Cuts a worker gets at a time: each job reads the date's Bronze once. */
const CUTS_A_JOB = 50;

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const cuts = numberFrom(args, "cuts", { min: 1, max: 100_000, integer: true });
  const seed = numberFrom(args, "seed", { integer: true });
  const lake = await readableLake(String(args.lake), effects);
  const dates = datesFrom(args) ?? (await readContracts(lake)).slice(-1).map((choice) => choice.date);
  if (dates.length === 0) {
    throw new UsageError("Cannot choose a date: give --date, or run deno task filter first");
  }
  const jobs: CausalityJob[] = [];
  dates.forEach((date, i) => {
    const mine = Math.floor(cuts / dates.length) + (i < cuts % dates.length ? 1 : 0);
    const all = randomCuts(sessionOf(date), mine, seed);
    const pieces = Math.max(2, Math.ceil(all.length / CUTS_A_JOB));
    for (let p = 0; p < pieces; p++) {
      const piece = all.filter((_, k) => k % pieces === p);
      if (piece.length > 0) jobs.push({ lake: lake.root, date, cuts: piece });
    }
  });
  const audit = new CausalityAudit(), progress = effects.progress("causality", "cuts", cuts);
  for await (const { job, result } of auditDates(jobs)) {
    if (!result.ok) throw new TidemarkError(`${job.date}: ${result.message}`);
    audit.merge(result.value);
    progress.add(job.cuts.length);
  }
  progress.done();
  const { compared, changed, columns } = audit;
  const table = columns.map(line).join("\n");
  const verdict = compared === 0
    ? "nothing was compared"
    : changed === 0
    ? "nothing reads the future"
    : "SOMETHING READS THE FUTURE";
  return {
    summary: `${HEAD}\n${table}\n\ncausality: ${audit.cuts} cuts of ${
      dates.join(", ")
    }: ${compared} cells compared, ${changed} changed: ${verdict}`,
    json: { dates, cuts: audit.cuts, compared, changed, columns },
    exitCode: compared === 0 ? 2 : changed === 0 ? 0 : 1,
  };
}

const HEAD = `${"column".padEnd(32)}${"available".padEnd(12)}${"compared".padStart(12)}${
  "changed".padStart(10)
}`;

function line(c: ColumnAudit): string {
  const row = `${c.column.padEnd(32)}${c.available.padEnd(12)}${String(c.compared).padStart(12)}${
    String(c.changed).padStart(10)
  }`;
  return [row, ...c.examples.map((e) => `    ${e}`)].join("\n");
}

await main({
  name: "causality",
  summary:
    "Rebuilds dates from Bronze cut at random moments and compares every feature, level and label with the whole build, bit by bit.",
  options: {
    ...DATE_OPTIONS,
    cuts: { value: "N", help: "how many cuts, spread over the dates", default: "200" },
    seed: { value: "N", help: "seed of the cuts", default: "1" },
  },
  examples: ["--date 2025-12-16 --cuts 200"],
  run,
});
