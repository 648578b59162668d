/**
 * `simulate`: writes a simulated market as DBN and flat files.
 *
 * @module
 */
import { jobError, LakeError, parseDates, runJobs, UsageError } from "../lib/base/mod.ts";
import {
  DEFAULT_EFFECTS,
  FAULTS,
  parseFaults,
  type SimulateFilesOptions,
  symbologyJson,
  utcDatesOf,
} from "../lib/simulate/mod.ts";
import { type Args, main, numberFrom } from "./_cli.ts";
import type { SimulateJob, WrittenFile } from "./_simulate_worker.ts";

/** The options as the library takes them. */
function optionsFrom(args: Args): SimulateFilesOptions {
  if (!args.dates) throw new UsageError("Cannot simulate: --dates A..B is missing");
  const sort = args.sort;
  if (sort !== "ticker" && sort !== "time") {
    throw new UsageError(`Cannot read --sort "${sort}": wanted ticker or time`);
  }
  const signal = numberFrom(args, "signal", { min: 0 });
  return {
    dates: parseDates(String(args.dates)),
    seed: String(args.seed),
    scale: numberFrom(args, "scale", { min: 0.01, max: 100 }),
    sort,
    faults: parseFaults(String(args.faults ?? "")),
    effects: {
      beta: signal * numberFrom(args, "beta"),
      gamma: signal * numberFrom(args, "gamma"),
      delta: signal * numberFrom(args, "delta"),
    },
  };
}

if (import.meta.main) {
  await main({
    name: "simulate",
    summary:
      "Writes a simulated market: DBN files of ES, option flat files of SPY, and the truth about them.",
    options: {
      out: { value: "DIR", help: "where to write", default: "lake/source" },
      dates: { value: "A..B", help: "trade dates from A to B, both included, or one date" },
      seed: { value: "N", help: "same seed, same bytes", default: "1" },
      scale: { value: "X", help: "activity; 1 is about 350,000 books a session", default: "1" },
      sort: { value: "ORDER", help: "order of the option files: ticker or time", default: "ticker" },
      faults: {
        value: "LIST",
        help: `faults to plant, of files in the first session, of rows in the last: all, or some of ${
          Object.keys(FAULTS).join(",")
        }`,
      },
      signal: { value: "X", help: "strength of what follows a touch: 0 is the null market", default: "1" },
      beta: {
        value: "X",
        help: "weight of the latent D after a touch",
        default: String(DEFAULT_EFFECTS.beta),
      },
      gamma: { value: "X", help: "weight of the book's imbalance", default: String(DEFAULT_EFFECTS.gamma) },
      delta: { value: "X", help: "weight of the dealers' gamma", default: String(DEFAULT_EFFECTS.delta) },
    },
    examples: ["--dates 2025-12-15..2025-12-19 --seed 7", "--dates 2025-12-16 --signal 0"],
    async run(args, effects) {
      const options = optionsFrom(args), out = String(args.out), { dates, faults } = options;
      const jobs = utcDatesOf(dates).map((date): SimulateJob => ({ date, out, options }));
      const progress = effects.progress("simulate", "bytes");
      const files: WrittenFile[] = [];
      const worker = new URL("./_simulate_worker.ts", import.meta.url);
      for await (const { result } of runJobs<SimulateJob, WrittenFile[]>(worker, jobs)) {
        if (!result.ok) {
          throw jobError(result, (why) => new LakeError(`Cannot write to "${out}": ${why}`, out));
        }
        files.push(...result.value);
        progress.add(result.value.reduce((sum, f) => sum + f.bytes, 0));
      }
      await Deno.writeTextFile(`${out}/symbology.json`, symbologyJson(dates));
      progress.done();
      files.sort((a, b) => a.name < b.name ? -1 : 1);
      const megabytes = (files.reduce((sum, f) => sum + f.bytes, 0) / 1e6).toFixed(1);
      const planted = faults?.length ? `, planted ${faults.join(", ")}: see ${out}/truth` : "";
      return {
        summary: `wrote ${
          files.length + 1
        } files, ${megabytes} MB, of ${dates.length} sessions to ${out}${planted}`,
        json: { out, dates, faults, files },
      };
    },
  });
}
