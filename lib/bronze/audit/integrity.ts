/**
 * Checks of what is there: hours, silence, order, repeats, copies.
 *
 * @module
 */
import {
  easternClock,
  formatNs,
  haltsOf,
  HOUR_NS,
  hourStartNs,
  i64,
  relativeNs,
  SECOND_NS,
  takeRows,
  TidemarkError,
} from "../../base/mod.ts";
import { type Lake, type Partition, readBatch } from "../../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES, type TableSchema } from "../../schema/mod.ts";
import { type Copies, copiesOf, ingestOf, printsElsewhere } from "../dedup.ts";
import type { Findings } from "./checks.ts";
import { type Coverage, type Gap, gapsOf, type Part, type Standstill } from "./coverage.ts";
import type { Day } from "./day.ts";
import type { LateMarks } from "./delay.ts";
import { Marks } from "./marks.ts";
import { type HourOfIngest, IngestOrder } from "./order.ts";
import { type FileRows, hashRows, type TableRows } from "./rows.ts";

/** Order and repeats of a table's rows, ingest by ingest. */
export class TableOrder {
  readonly #ingests = new Map<string, IngestOrder>();
  readonly #day: Day;
  readonly #table: TableSchema;
  readonly #byTime: boolean;
  #pending: { key: string; ingest: string; parts: HourOfIngest[] } | undefined;

  /**
   * @param day The day.
   * @param table The table.
   * @param byTime Whether its sources are in order of time.
   */
  constructor(day: Day, table: TableSchema, byTime: boolean) {
    this.#day = day;
    this.#table = table;
    this.#byTime = byTime;
  }

  /**
   * Adds a file's rows.
   *
   * @param rows The file.
   * @param t Their times, ns since the session's start.
   */
  add({ hour, ingest, batch }: FileRows, t: Float64Array): void {
    const key = `${hour} ${ingest}`;
    if (this.#pending?.key !== key) {
      this.#flush();
      this.#pending = { key, ingest, parts: [] };
    }
    const names = Object.keys(batch.columns).filter((name) => name !== "row");
    const part: HourOfIngest = {
      t,
      row: relativeNs(i64(batch, "row"), 0n),
      seq: this.#byTime ? relativeNs(i64(batch, "seq"), 0n) : new Float64Array(),
      hash: hashRows(batch, names),
    };
    // A snapshot tells of an earlier event: neither its time nor its number are in order.
    const snapshot = batch.columns.is_snapshot as Int8Array | undefined;
    this.#pending!.parts.push(snapshot?.includes(1) ? without(part, snapshot) : part);
  }

  #flush(): void {
    if (!this.#pending) return;
    const { ingest, parts } = this.#pending;
    let order = this.#ingests.get(ingest);
    if (!order) {
      const { examples, repeatedRun } = this.#day.config.audit;
      order = new IngestOrder({ examples, repeatedRun, byTime: this.#byTime });
      this.#ingests.set(ingest, order);
    }
    order.add(joined(parts));
    this.#pending = undefined;
  }

  /** Ends the day and reports. */
  finish(findings: Findings): void {
    this.#flush();
    const { examples } = this.#day.config.audit;
    const [moved, repeated, decreases] = [new Marks(examples), new Marks(examples), new Marks(examples)];
    for (const order of this.#ingests.values()) {
      order.finish();
      moved.merge(order.moved);
      repeated.merge(order.repeated);
      decreases.merge(order.decreases);
    }
    const report = reporter(this.#day, this.#table, findings);
    report("rows.repeated", repeated, (n) => `${n} records in runs that come twice within one ingest`);
    report("rows.order", moved, (n) => `${n} rows stand where others of the ingest belong`);
    report("rows.sequence", decreases, (n) => `the sequence number decreases ${n} times`);
  }
}

/**
 * A way to report marks, if there are any.
 *
 * @param day The day.
 * @param table Table they are of.
 * @param findings Where to report.
 */
export function reporter(day: Day, table: TableSchema, findings: Findings) {
  return (
    check: Parameters<Findings["add"]>[0],
    marks: Marks,
    message: (count: number) => string,
    other: { severity?: "fail" | "warn" | "info"; remedy?: string } = {},
  ): void => {
    if (marks.count === 0) return;
    findings.add(check, {
      subject: table.name,
      message: message(marks.count),
      count: marks.count,
      examples: marks.examples(day.session.startNs),
      ...other,
    });
  };
}

function without(hour: HourOfIngest, snapshot: Int8Array): HourOfIngest {
  const keep = (_: number, i: number) => snapshot[i] !== 1;
  return {
    t: hour.t.filter(keep),
    row: hour.row.filter(keep),
    seq: hour.seq.filter(keep),
    hash: hour.hash.filter(keep),
  };
}

function joined(parts: readonly HourOfIngest[]): HourOfIngest {
  if (parts.length === 1) return parts[0];
  const n = parts.reduce((sum, { t }) => sum + t.length, 0), timed = parts.some(({ seq }) => seq.length > 0);
  const all = {
    t: new Float64Array(n),
    row: new Float64Array(n),
    seq: new Float64Array(timed ? n : 0),
    hash: new Int32Array(n),
  };
  let at = 0;
  for (const { t, row, seq, hash } of parts) {
    all.t.set(t, at);
    all.row.set(row, at);
    all.seq.set(seq, at);
    all.hash.set(hash, at);
    at += t.length;
  }
  return all;
}

/**
 * Reports what is silent of a table: hours without rows, a late start, an early end, silence in between.
 *
 * @param day The day.
 * @param rows What was there.
 * @param coverage Rows by minute of what is looked at: the leading contract, or all prints.
 * @param parts What is expected.
 * @param findings Where to report.
 * @returns The gaps reported, and those that a damaged file explains.
 */
export function judgeCoverage(
  day: Day,
  rows: TableRows,
  coverage: Coverage,
  parts: readonly Part[],
  findings: Findings,
): Gap[] {
  const { name } = rows.table, start = parts[0].from, end = parts[parts.length - 1].to;
  const at = (t: number) => formatNs(day.session.startNs + BigInt(Math.round(t)));
  if (rows.rows > 0 && coverage.count(start, end) === 0) {
    if (rows.damaged.size > 0) return [];
    const message = `no rows between ${at(start)} and ${at(end)}`;
    findings.add("session.starts_late", { subject: name, message, count: minutes(start, end) });
    return [{ from: start, to: end, at: "start", part: parts[0].name }];
  }
  const futures = name === FUTURES_TRADES.name || name === FUTURES_MBP10.name;
  const gaps = gapsOf(coverage, parts, day.config.audit, standstills(day, futures)),
    first = Number(day.session.startNs / BigInt(HOUR_NS));
  const hoursIn = (gap: Gap) => {
    const hours: number[] = [];
    for (let h = Math.ceil(gap.from / HOUR_NS); (h + 1) * HOUR_NS <= gap.to; h++) hours.push(first + h);
    return hours;
  };
  const missing: number[] = [];
  for (const gap of gaps) {
    const { from, to } = gap, lasts = duration(to - from), count = minutes(from, to);
    const touched = (hour: number) => (hour - first + 1) * HOUR_NS > from && (hour - first) * HOUR_NS < to;
    if ([...rows.damaged].some(touched)) continue;
    if (gap.halt) {
      findings.add("session.halt", {
        subject: name,
        message: `nothing for ${lasts}: ${gap.halt.what}`,
        count,
        examples: [at(from), at(to)],
      });
      continue;
    }
    const absent = hoursIn(gap).filter((hour) => !rows.hours.get(hour));
    const examples = [at(from), at(to)];
    if (gap.at === "start") {
      const message = `the first row comes ${lasts} after ${easternAt(day, from)}`;
      findings.add("session.starts_late", { subject: name, message, count, examples });
    } else if (gap.at === "end") {
      const has = coverage.minutes(start, end), all = minutes(start, end);
      const message = `the last row comes ${lasts} before ${
        easternAt(day, to)
      }: ${has} of ${all} minutes have rows`;
      findings.add("session.stops_early", { subject: name, message, count, examples });
    } else if (absent.length > 0) missing.push(...absent);
    else {
      const message = `nothing for ${lasts} in the ${gap.part} session`;
      const severity = gap.part === "regular" ? "fail" : "warn";
      findings.add("session.silence", { subject: name, message, count, examples, severity });
    }
  }
  if (missing.length > 0) {
    findings.add("hours.missing", {
      subject: name,
      message: `${missing.length} hour${missing.length === 1 ? "" : "s"} of the session without rows: ${
        missing.map((hour) => `${easternClock(hourStartNs(hour)).slice(0, 5)}`).join(", ")
      } Eastern`,
      count: missing.length,
      examples: missing.map((hour) => formatNs(hourStartNs(hour))).slice(0, day.config.audit.examples),
    });
  }
  return gaps;
}

/** The known halts of a table's market. */
function standstills({ date, session }: Day, futures: boolean): Standstill[] {
  return haltsOf(date).filter(({ of }) => futures || of === "all").map((
    { startNs, endNs, what, source },
  ) => ({
    from: Number(startNs - session.startNs),
    to: Number(endNs - session.startNs),
    what: `${what} (${source})`,
  }));
}

function minutes(from: number, to: number): number {
  return Math.round((to - from) / SECOND_NS / 60);
}

function duration(ns: number): string {
  const seconds = Math.round(ns / SECOND_NS);
  if (seconds < 600) return `${seconds} s`;
  return seconds < 2 * 3600 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

function easternAt({ session }: Day, t: number): string {
  return `${easternClock(session.startNs + BigInt(Math.round(t))).slice(0, 5)} Eastern`;
}

/** Reports records received too late. */
export function judgeDelay(day: Day, table: TableSchema, marks: LateMarks, findings: Findings): void {
  const { delayMs } = day.config.audit;
  reporter(day, table, findings)(
    "delay.receive",
    marks,
    (n) => `${n} records were received before their event or more than ${delayMs} ms after it`,
  );
}

/**
 * Reports rows that a second ingest of the same data added.
 *
 * @param lake The lake.
 * @param day The day.
 * @param rows What was there of the table.
 * @param partitions Its folders.
 * @param findings Where to report.
 */
export async function judgeCopies(
  lake: Lake,
  day: Day,
  { table, damaged }: TableRows,
  partitions: readonly Partition[],
  findings: Findings,
): Promise<void> {
  const { examples } = day.config.audit, marks = new Marks(examples), elsewhere = new Marks(examples);
  const mark = (marks: Marks, { pair }: Copies, rows: Uint32Array) => {
    if (rows.length === 0) return;
    const batch = takeRows(readBatch(lake, table, [pair.file], ["ts_event_ns"]), rows);
    const t = relativeNs(i64(batch, "ts_event_ns"), day.session.startNs).sort();
    marks.addRun(rows.length, t[0], t[t.length - 1], () => `${rows.length} rows of ${pair.file}`);
  };
  for (const { hour, files } of partitions) {
    const ingests = new Set(files.map(ingestOf));
    if (hour === undefined || ingests.size < 2 || damaged.has(hour)) continue;
    try {
      const pairs = files.map((file) => ({ file, kept: true, aside: false }));
      const copies = await copiesOf(lake, table, pairs, hour, { anyTime: true });
      for (const copy of copies) mark(marks, copy, copy.out);
      if (table !== OPTIONS_TRADES) continue;
      printsElsewhere(lake, copies, { anyTime: true }).forEach((rows, f) => mark(elsewhere, copies[f], rows));
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      findings.add("files.unreadable", { subject: table.name, message: error.message, count: 1 });
    }
  }
  const report = reporter(day, table, findings);
  report("rows.duplicates", marks, (n) => `${n} rows are there once more, by another ingest`);
  report("rows.duplicates", elsewhere, (n) => `${n} prints are there once more, by another kind of source`);
}
