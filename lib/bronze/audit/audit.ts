/**
 * The audit of a lake's Bronze: every date alone, then what only shows over dates.
 *
 * @module
 */
import {
  CALENDAR_YEARS,
  type Config,
  ConflictError,
  type Effects,
  hourStartNs,
  isInCalendar,
  type JobResult,
  MINUTE_NS,
  previousTradingDay,
  quantileOf,
  runJobs,
  sessionOf,
  TidemarkError,
  tradeDateOf,
  tradingDays,
  UsageError,
} from "../../base/mod.ts";
import { hourPartitions, inspectFile, type Lake, type Partition } from "../../lake/mod.ts";
import { type Check, type DayProfile, type TableSchema, type Verdict, verdictOf } from "../../schema/mod.ts";
import { judgeStages } from "./bytes.ts";
import { auditChecks, Findings } from "./checks.ts";
import { auditDate, AUDITED, type AuditJob, type DateAudit } from "./date.ts";
import { judgeProvenance } from "./provenance.ts";

/** What to audit. */
export interface AuditOptions {
  /** Trade dates asked for; defaults to every date with a Bronze folder. */
  dates?: readonly string[];
  /** Thresholds. */
  config: Config;
  /** The moment of the audit, ns UTC: what lies after it is in the future. */
  nowNs: bigint;
  /** Leave out the comparison of every byte with what was written. */
  quick?: boolean;
}

/** The audit of a lake. */
export interface AuditReport {
  /** The answer. */
  verdict: Verdict;
  /** The table of checks. */
  checks: Check[];
  /** Dates audited, ascending. */
  dates: string[];
  /** Rows by date and table name. */
  rows: { date: string; rows: Record<string, number> }[];
  /** What the page shows, by date. */
  days: DayProfile[];
  /** Bronze files that were looked at; each is named for its source's content. */
  files: string[];
}

type Folders = Map<string, Record<string, Partition[]>>;

/**
 * Audits Bronze. Whatever is wrong with a file, a partition or a date is a finding, and the audit goes on.
 *
 * @param lake The lake.
 * @param options What to audit.
 * @param effects Where to say what is going on.
 * @throws {UsageError} If the lake has no Bronze at all.
 */
export async function auditLake(lake: Lake, options: AuditOptions, effects: Effects): Promise<AuditReport> {
  const { config, nowNs } = options, findings = new Findings();
  const folders = await foldersByDate(lake, findings);
  judgeYears(folders, findings);
  const today = tradeDateOf(nowNs), present = [...folders.keys()].sort();
  if (present.length === 0 && findings.list.length === 0) {
    throw new UsageError(`Cannot audit "${lake.root}": nothing in Bronze; run backfill first`);
  }
  const evenings = present.filter((date) => isEvening(date, folders.get(date)!));
  const whole = present.filter((date) => !evenings.includes(date));
  const fragments = evenings.filter((date) => whole.includes(previousTradingDay(date)));
  const dates = options.dates ? [...options.dates] : present.filter((date) => !fragments.includes(date));
  for (const date of fragments.filter((date) => !dates.includes(date))) {
    findings.add("sessions.fragment", {
      date,
      message: "only hours of the evening before are there; it was not audited",
      count: 1,
    });
  }
  judgeDates(dates, present, { today, asked: options.dates !== undefined }, findings);
  const futures = whole.filter((date) => hasFutures(folders.get(date)!));
  const jobs = dates.filter((date) => folders.has(date)).map((date): AuditJob => {
    const prior = futures.filter((other) => other < date).at(-1);
    const { quick = false } = options;
    return { lake: lake.root, date, partitions: folders.get(date)!, quick, ...(prior ? { prior } : {}) };
  });
  const audits = await runAudits(jobs, config, findings, effects);
  for (const { seen } of audits) lake.seen?.add(seen);
  judgeCounts(lake, folders, audits, { config, whole: whole.filter((date) => date <= today) }, findings);
  judgeSizes(audits, config, findings);
  // What is made of all dates has one key for them.
  if (!options.quick) await judgeStages(lake, "all", config.audit.examples, findings);
  await judgeProvenance(lake, new Set(audits.map(({ date }) => date)), findings);
  const checks = auditChecks(config);
  const all = [...findings.list, ...audits.flatMap((audit) => audit.findings)];
  return {
    verdict: verdictOf(checks.length, all),
    checks,
    dates: audits.map(({ date }) => date),
    rows: audits.map(({ date, rows }) => ({ date, rows })),
    days: audits.map(({ profile }) => profile),
    files: jobs.flatMap(({ partitions }) => Object.values(partitions).flat().flatMap(({ files }) => files)),
  };
}

/** Every table's folders by trade date; misnamed ones are reported. */
async function foldersByDate(lake: Lake, findings: Findings): Promise<Folders> {
  const folders: Folders = new Map();
  for (const table of AUDITED) {
    const odd: string[] = [];
    for (const partition of await hourPartitions(lake, table)) {
      if (partition.hour === undefined) {
        odd.push(partition.folder);
        continue;
      }
      const date = tradeDateOf(hourStartNs(partition.hour)), of = folders.get(date) ?? {};
      folders.set(date, of);
      (of[table.name] ??= []).push(partition);
    }
    if (odd.length > 0) {
      findings.add("files.partition", {
        subject: table.name,
        message: `${odd.length} folders are not named for a date and an hour`,
        count: odd.length,
        examples: odd.slice(0, 4),
      });
    }
  }
  return folders;
}

/** Reports dates outside the calendar's years, and leaves them out: nothing could be said of their sessions. */
function judgeYears(folders: Folders, findings: Findings): void {
  const outside = [...folders.keys()].filter((date) => !isInCalendar(date)).sort();
  for (const date of outside) folders.delete(date);
  if (outside.length === 0) return;
  findings.add("sessions.calendar", {
    message: `${outside.length} date${
      outside.length === 1 ? " is" : "s are"
    } outside the years of the exchange calendar, ${CALENDAR_YEARS.join(" to ")}: ${few(outside)}`,
    count: outside.length,
    examples: outside.slice(0, 4),
  });
}

/** Whether a date has no more than hours before its premarket, such as a neighbour's UTC file reaches into. */
function isEvening(date: string, folders: Record<string, Partition[]>): boolean {
  const { premarketNs } = sessionOf(date);
  const files = Object.values(folders).flat().filter(({ files }) => files.length > 0);
  return files.length > 0 && files.every(({ hour }) => hourStartNs(hour! + 1) <= premarketNs);
}

function hasFutures(folders: Record<string, Partition[]>): boolean {
  return Object.entries(folders).some(([table, partitions]) =>
    table.startsWith("futures") && partitions.some(({ files }) => files.length > 0)
  );
}

/** Trading days without rows, and dates that have not come yet. */
function judgeDates(
  dates: readonly string[],
  present: readonly string[],
  { today, asked }: { today: string; asked: boolean },
  findings: Findings,
): void {
  const early = (asked ? [...new Set([...present, ...dates])].sort() : present).filter((date) =>
    date > today
  );
  if (early.length > 0) {
    findings.add("sessions.future", {
      message: `${early.length} date${early.length === 1 ? "" : "s"} after today: ${few(early)}`,
      count: early.length,
      examples: early.slice(0, 4),
    });
  }
  const past = dates.filter((date) => date <= today), [first] = past, last = past.at(-1);
  const expected = asked ? past : first && last ? tradingDays(first, last) : [];
  const missing = expected.filter((date) => !present.includes(date));
  if (missing.length > 0) {
    findings.add("sessions.missing", {
      message: `${missing.length} trading day${missing.length === 1 ? " has" : "s have"} no rows: ${
        few(missing)
      }`,
      count: missing.length,
      examples: missing.slice(0, 4),
      severity: asked ? "fail" : "warn",
    });
  }
}

function few(dates: readonly string[]): string {
  return dates.length <= 4 ? dates.join(", ") : `${dates.slice(0, 3).join(", ")} … ${dates.at(-1)}`;
}

/** Runs the dates; one alone here, several over the machine's cores. A date that fails is a finding. */
async function runAudits(
  jobs: readonly AuditJob[],
  config: Config,
  findings: Findings,
  effects: Effects,
): Promise<DateAudit[]> {
  const audits: DateAudit[] = [], progress = effects.progress("audit", "dates", jobs.length);
  for await (const { job, result } of jobs.length > 1 ? pool(jobs) : inline(jobs, config)) {
    progress.add(1);
    if (result.ok) audits.push(result.value);
    else if (result.name === "ConflictError") throw new ConflictError(job.lake, job.date);
    else findings.add("audit.error", { message: `${job.date}: ${result.name}: ${result.message}`, count: 1 });
  }
  progress.done();
  return audits.sort((a, b) => (a.date < b.date ? -1 : 1));
}

interface Done {
  job: AuditJob;
  result: JobResult<DateAudit>;
}

function pool(jobs: readonly AuditJob[]): AsyncGenerator<Done> {
  return runJobs<AuditJob, DateAudit>(new URL("./worker.ts", import.meta.url), jobs);
}

async function* inline(jobs: readonly AuditJob[], config: Config): AsyncGenerator<Done> {
  for (const job of jobs) {
    try {
      yield { job, result: { ok: true, value: await auditDate(job, config) } };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      yield { job, result: { ok: false, name, message } };
    }
  }
}

/** Rows of each table against the median of the nearest other sessions, per hour of session. */
function judgeCounts(
  lake: Lake,
  folders: Folders,
  audits: readonly DateAudit[],
  { config: { audit }, whole }: { config: Config; whole: readonly string[] },
  findings: Findings,
): void {
  const known = new Map(audits.map(({ date, rows }) => [date, rows]));
  const cache = new Map<string, number>();
  const pace = (table: TableSchema, date: string): number => {
    const key = `${table.name} ${date}`;
    let value = cache.get(key);
    if (value === undefined) {
      const { overnightNs, globexCloseNs } = sessionOf(date);
      const rows = known.get(date)?.[table.name] ??
        countRows(lake, table, folders.get(date)![table.name] ?? []);
      cache.set(key, value = rows / (Number(globexCloseNs - overnightNs) / MINUTE_NS / 60));
    }
    return value;
  };
  for (const { date } of audits) {
    for (const table of AUDITED) {
      const at = whole.indexOf(date), own = pace(table, date);
      const others = whole.filter((other) => other !== date)
        .sort((a, b) => Math.abs(whole.indexOf(a) - at) - Math.abs(whole.indexOf(b) - at))
        .slice(0, audit.neighbours).map((other) => pace(table, other)).filter((rows) => rows > 0);
      const middle = median(others), ratio = own / middle, [low, high] = audit.rowsRatio;
      // An absent table is reported as such.
      if (own === 0 || Number.isNaN(ratio) || (ratio >= low && ratio <= high)) continue;
      findings.add("rows.count", {
        date,
        subject: table.name,
        message: `${Math.round(own)} rows an hour, ${
          ratio.toFixed(2)
        } times the median of ${others.length} others`,
        count: known.get(date)![table.name],
      });
    }
  }
}

function countRows(lake: Lake, table: TableSchema, partitions: readonly Partition[]): number {
  let rows = 0;
  for (const file of partitions.flatMap(({ files }) => files)) {
    try {
      rows += inspectFile(lake, table, file).rows;
    } catch (error) {
      // A broken file of another date is that date's finding.
      if (!(error instanceof TidemarkError)) throw error;
    }
  }
  return rows;
}

function judgeSizes(audits: readonly DateAudit[], { audit }: Config, findings: Findings): void {
  const large = audits.map(({ date, profile }) => ({ date, size: quantileOf(profile.sizes, 0.99) }))
    .filter(({ size }) => size > 0);
  for (const { date, size } of large) {
    const middle = median(large.filter((other) => other.date !== date).map((other) => other.size));
    const ratio = size / middle, [low, high] = audit.rowsRatio;
    if (Number.isNaN(ratio) || (ratio >= low && ratio <= high)) continue;
    findings.add("sizes.level", {
      date,
      subject: "futures.trades",
      message: `the 99th percentile of trade sizes is ${ratio.toFixed(2)} times that of the other sessions`,
      count: 1,
    });
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), n = sorted.length;
  return n === 0 ? NaN : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}
