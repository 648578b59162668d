/**
 * `deno task backfill`: DBN files to Bronze.
 *
 * @module
 */
import { compact, UsageError } from "../lib/base/mod.ts";
import { backfill, type BackfillReport, type Range } from "../lib/bronze/mod.ts";
import { openLake } from "../lib/lake/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main } from "./_cli.ts";
import { chooseSources, findSources } from "./_sources.ts";

await main({
  name: "backfill",
  summary:
    "Reads DBN files (trades, mbp-10, mixed; plain or zstd; versions 1 to 3) into Bronze, every record a row. " +
    "What a file covers is what its metadata or records say, whatever its name. " +
    "A trade date's session lies in two UTC dates or more: every file of them is read, whole.",
  options: {
    dbn: {
      value: "DIR_OR_FILE",
      help: "file, or folder searched for *.dbn and *.dbn.zst (default LAKE/source)",
    },
    ...DATE_OPTIONS,
    all: { help: "every file of the folder" },
    clean: {
      help: "first remove earlier ingests of the UTC dates that the files cover, in the same transaction",
    },
    force: { help: "ingest again what is in the lake already (dedup removes what that adds)" },
    "start-ns": { value: "NS", help: "keep events from this time on, ns UTC" },
    "end-ns": { value: "NS", help: "keep events before this time, ns UTC" },
    "dry-run": { help: "say what would be done, write nothing" },
  },
  examples: [
    "--dbn ~/databento --date 2025-12-16",
    "--dbn glbx-mdp3-20251216.trades.dbn.zst",
    "--dbn ~/databento --all --dry-run",
  ],
  async run(args, effects) {
    const start = performance.now();
    const range = rangeFrom(args);
    const dbn = String(args.dbn ?? `${args.lake}/source`);
    const dates = datesFrom(args);
    if (dates && args.all) throw new UsageError("Cannot use --all with --date or --dates: give one");
    const found = await findSources(dbn);
    if (found.folder && !dates && !args.all) {
      throw new UsageError(`Cannot choose from "${dbn}": give --date, --dates or --all`);
    }
    const sources = await chooseSources(found, dates, dbn, effects.warn);
    const dryRun = args["dry-run"] === true;
    const root = String(args.lake);
    const lake = dryRun ? { root } : await openLake(root, effects);
    const options = {
      force: args.force === true,
      clean: args.clean === true,
      dates: dates ?? [],
      range,
      dryRun,
    };
    const reports = await backfill(lake, sources, options, effects);
    const seconds = (performance.now() - start) / 1000;
    return {
      summary: summarize(reports, seconds, dryRun),
      json: { dates: dates ?? null, seconds, sources: reports },
    };
  },
});

function rangeFrom(args: Args): Range {
  const read = (name: string) => {
    const text = args[name];
    if (text === undefined) return undefined;
    if (!/^\d{1,19}$/.test(String(text))) {
      throw new UsageError(
        `Cannot read --${name} "${text}": wanted nanoseconds since 1970 as a whole number`,
      );
    }
    return BigInt(String(text));
  };
  const startNs = read("start-ns"), endNs = read("end-ns");
  if (startNs !== undefined && endNs !== undefined && startNs >= endNs) {
    throw new UsageError("Cannot use --start-ns and --end-ns: the start is not before the end");
  }
  return { ...(startNs !== undefined && { startNs }), ...(endNs !== undefined && { endNs }) };
}

function summarize(reports: readonly BackfillReport[], seconds: number, dryRun: boolean): string[] {
  const lines = dryRun
    ? reports.map((r) =>
      `${r.source}: ${r.status === "already" ? "in the lake as" : "would be ingested as"} ${r.ingest}`
    )
    : [];
  const done = reports.filter((r) => r.status === "ingested");
  const already = reports.filter((r) => r.status === "already").length;
  const rows = done.reduce((n, r) => n + r.rows.out, 0);
  const sum = (pick: (r: BackfillReport) => number) => done.reduce((n, r) => n + pick(r), 0);
  const tables: Record<string, number> = {};
  for (const r of done) {
    for (const [name, n] of Object.entries(r.tables)) tables[name] = (tables[name] ?? 0) + n;
  }
  const parts = [
    `backfill: ${
      dryRun ? `${reports.length - already} to ingest` : `${done.length} of ${reports.length} files ingested`
    }`,
    ...Object.entries(tables).map(([name, n]) => `${n} rows of ${name}`),
    ...(already > 0 ? [`${already} already ingested, nothing to do`] : []),
    ...(sum((r) => r.rows.filtered) > 0 ? [`${sum((r) => r.rows.filtered)} outside the range`] : []),
    ...(sum((r) => r.rows.quarantined) > 0 ? [`${sum((r) => r.rows.quarantined)} in quarantine`] : []),
    ...(done.length > 0 ? [`${seconds.toFixed(1)} s, ${compact(rows / seconds)} rows/s`] : []),
  ];
  return [...lines, parts.join("; ")];
}
