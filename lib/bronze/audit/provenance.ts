/**
 * What vendor and gateway said of the data: a degraded day, an error or a gap of the stream.
 *
 * @module
 */
import {
  addDays,
  formatNs,
  HOUR_NS,
  hourStartNs,
  LakeError,
  tradeDateOf,
  tradingDays,
} from "../../base/mod.ts";
import { excerpt } from "../../ingest/mod.ts";
import { type IngestRecord, type Lake, readIngests } from "../../lake/mod.ts";
import { hourOfFile } from "../ingest.ts";
import { isDated } from "../part_writer.ts";
import type { Findings } from "./checks.ts";

/** Days after which a closed day's condition is of no session any more. */
const CLOSED_DAYS = 7;

/**
 * Reports what the ledger's sources were said to be, of the dates audited.
 *
 * @param lake The lake.
 * @param dates Trade dates.
 * @param findings Where to report.
 */
export async function judgeProvenance(
  lake: Lake,
  dates: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  try {
    for (const record of await readIngests(lake)) judgeRecord(record, dates, findings);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    findings.add("files.unreadable", { subject: "ledger", message: error.message, count: 1 });
  }
}

function judgeRecord(
  { source, files, conditions = [], notices = [] }: IngestRecord,
  dates: ReadonlySet<string>,
  findings: Findings,
): void {
  const subject = excerpt(source, 120);
  for (const { date, condition } of conditions) {
    const [session] = tradingDays(date, addDays(date, CLOSED_DAYS));
    if (session === undefined || !dates.has(session)) continue;
    const message = `the vendor says that ${date} (UTC) is ${excerpt(condition)}`;
    findings.add("source.condition", { date: session, subject, message, count: 1, examples: [date] });
  }
  // What has no usable time of its own is told with the first rows of its source.
  const firstHour = files.map(hourOfFile).filter((hour) => hour !== undefined).sort((a, b) => a - b)[0];
  const dateOf = (ns: bigint) =>
    isDated(Number(ns / BigInt(HOUR_NS)))
      ? tradeDateOf(ns)
      : firstHour === undefined
      ? undefined
      : tradeDateOf(hourStartNs(firstHour));
  for (const [date, said] of Map.groupBy(notices, ({ ts_ns }) => dateOf(BigInt(ts_ns)))) {
    if (date === undefined || !dates.has(date)) continue;
    const [{ ts_ns, kind, text }] = said, more = said.length > 1 ? `, and ${said.length - 1} more` : "";
    findings.add("source.notice", {
      date,
      subject,
      message: `the gateway reported ${kind === "gap" ? "a gap" : "an error"} at ${
        formatNs(BigInt(ts_ns))
      }: "${excerpt(text, 200)}"${more}`,
      count: said.length,
      examples: said.slice(0, 4).map((notice) =>
        `${formatNs(BigInt(notice.ts_ns))} ${excerpt(notice.text, 80)}`
      ),
    });
  }
}
