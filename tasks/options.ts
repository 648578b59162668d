/**
 * `deno task options`: option prints to Bronze.
 *
 * It may reach any host: the addresses are the user's, in the environment.
 *
 * @module
 */
import { compact, CONFIG, sessionOf, UsageError } from "../lib/base/mod.ts";
import { ingestOptions, type OptionsReport } from "../lib/bronze/mod.ts";
import { openLake } from "../lib/lake/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main, numberFrom, type Outcome } from "./_cli.ts";
import { ingestRest, ingestS3, listS3 } from "./_options_wire.ts";
import { flatFiles } from "./_sources.ts";
import { VARIABLES } from "./_wire.ts";

const SOURCES = ["file", "s3", "rest"] as const;

await main({
  name: "options",
  summary:
    "Reads SPY option prints into Bronze: of a flat file (CSV, plain or gzip, the whole US market or a part of it; " +
    "every expiration, rows of other roots are counted and left out), of the flat files of an S3-compatible server, " +
    "or of a REST service. What comes over the network is kept in LAKE/source; a run that was stopped continues there.",
  options: {
    file: {
      value: "F_OR_DIR",
      help: "the flat file, such as 2025-12-16.csv.gz, --date the date all its prints must be of; " +
        "or a folder, searched for the files of --date or --dates",
    },
    s3: { help: "the flat files of --date or --dates, from the S3 server" },
    list: { help: "with --s3: say which flat files the server has, fetch nothing" },
    rest: { help: "the prints of --date or --dates, from the REST service" },
    contracts: {
      value: "F_OR_LIST",
      help: "with --rest: tickers, one a line or with commas between (default: ask)",
    },
    expirations: {
      value: "A..B",
      help: "with --rest: ask for contracts that expire then (default the date itself)",
    },
    rate: {
      value: "N",
      help: "with --rest: requests a second",
      default: String(CONFIG.wire.requestsPerSecond),
    },
    ...DATE_OPTIONS,
    force: { help: "ingest again what is in the lake already (dedup and silver remove what that adds)" },
  },
  environment: VARIABLES,
  examples: [
    "--file ~/polygon/2025-12-16.csv.gz --date 2025-12-16",
    "--file ~/polygon --dates 2025-12-15..2025-12-19",
    "--s3 --dates 2025-12-15..2025-12-19",
    "--rest --date 2025-12-16 --rate 5",
  ],
  async run(args, effects) {
    const start = performance.now();
    const [source, ...more] = SOURCES.filter((name) => args[name] !== undefined);
    if (source === undefined || more.length > 0) {
      throw new UsageError("Cannot choose a source: give one of --file, --s3 and --rest");
    }
    checkOptions(args, source);
    const force = args.force === true, root = String(args.lake);
    const dates = datesFrom(args);
    if (source === "file") {
      const files = await flatFiles(String(args.file), dates);
      const lake = await openLake(root, effects), reports: OptionsReport[] = [];
      for (const { file, date } of files) {
        const session = date === undefined ? undefined : sessionOf(date);
        reports.push(await ingestOptions(lake, file, { force, session }, effects));
      }
      return outcomeOf(reports, files.map(({ date }) => date ?? null), (performance.now() - start) / 1000);
    }
    if (args.list) return listing(await listS3(dates, effects));
    if (!dates) throw new UsageError(`Cannot choose what to fetch: give --date or --dates`);
    const choice = {
      contracts: args.contracts as string | undefined,
      expirations: args.expirations as string | undefined,
      rate: numberFrom(args, "rate", { min: 0.001, max: 1000 }),
    };
    const lake = await openLake(root, effects);
    const reports = source === "s3"
      ? await ingestS3(lake, dates, { force }, effects)
      : await ingestRest(lake, dates, choice, { force }, effects);
    return outcomeOf(reports, dates, (performance.now() - start) / 1000);
  },
});

function outcomeOf(
  reports: readonly OptionsReport[],
  dates: readonly (string | null)[],
  seconds: number,
): Outcome {
  const rows = reports.reduce((n, report) => n + report.rows.in, 0);
  const rate = rows > 0 ? `, ${compact(rows / seconds)} rows/s` : "";
  const total = `options: ${dates.length} date${dates.length === 1 ? "" : "s"} in ${
    seconds.toFixed(1)
  } s${rate}`;
  return {
    summary: [...reports.map(summarize), total].join("\n"),
    json: { dates, seconds, sources: reports },
  };
}

function checkOptions(args: Args, source: typeof SOURCES[number]): void {
  const only = { list: "s3", contracts: "rest", expirations: "rest" } as const;
  for (const [name, wanted] of Object.entries(only)) {
    if (args[name] !== undefined && source !== wanted) {
      throw new UsageError(`Cannot use --${name} with --${source}: it goes with --${wanted}`);
    }
  }
  if (args.contracts && args.expirations) {
    throw new UsageError("Cannot use --contracts and --expirations together: give one");
  }
}

function listing(objects: readonly { date: string; key: string; bytes: number }[]): Outcome {
  const lines = objects.map(({ date, key, bytes }) => `${date}  ${compact(bytes).padStart(7)}B  ${key}`);
  return {
    summary: [...lines, `options: ${objects.length} flat files on the server`].join("\n"),
    json: { files: objects.map(({ date, key, bytes }) => ({ date, key, bytes })) },
  };
}

function summarize({ source, ingest, status, rows, files }: OptionsReport): string {
  if (status === "already") return `options: ${source} is in the lake as ${ingest}, nothing to do`;
  return [
    `options: ${rows.out} prints of ${rows.in} rows ingested as ${ingest} into ${files} files`,
    ...(rows.filtered > 0 ? [`${rows.filtered} of other roots left out`] : []),
    ...(rows.quarantined > 0 ? [`${rows.quarantined} in quarantine`] : []),
  ].join("; ");
}
