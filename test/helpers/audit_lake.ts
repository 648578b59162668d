/**
 * Simulated days as Bronze of every contract, for the audit.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Batch, type Column, CONFIG, isStrings, SILENT } from "../../lib/base/mod.ts";
import { auditLake, type AuditReport } from "../../lib/bronze/mod.ts";
import { hourFolder, type Lake } from "../../lib/lake/mod.ts";
import {
  type Finding,
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  type TableSchema,
} from "../../lib/schema/mod.ts";
import type { SimulatedDay } from "../../lib/simulate/mod.ts";
import { rowsByHour, writeBronze } from "./simulated_lake.ts";

/** Tables of a simulated day, with the name that an ingest would have given their files. */
export const TABLES: readonly { table: TableSchema; of: "trades" | "books" | "options"; file: string }[] = [
  { table: FUTURES_TRADES, of: "trades", file: "aaaaaaaaaaaa-1-0000" },
  { table: FUTURES_MBP10, of: "books", file: "bbbbbbbbbbbb-1-0000" },
  { table: OPTIONS_TRADES, of: "options", file: "cccccccccccc-1-0000" },
];

/** Moment of the audits: well after every simulated date. */
export const NOW_NS = BigInt(Date.UTC(2026, 5, 1)) * 1_000_000n;

/** Writes a day's rows of every contract. */
export async function writeDay(lake: Lake, day: SimulatedDay): Promise<void> {
  for (const { table, of, file } of TABLES) await writeBronze(lake, table, day[of], file);
}

/**
 * A copy of a lake's Bronze in which one day was replaced; only hours that differ are written.
 *
 * @param lake A lake that holds `clean`.
 * @param clean The day as it is there.
 * @param faulty The same day with faults.
 * @param root Where the copy goes.
 */
export async function copyWith(
  lake: Lake,
  clean: SimulatedDay,
  faulty: SimulatedDay,
  root: string,
): Promise<Lake> {
  await copyFolder(`${lake.root}/bronze`, `${root}/bronze`);
  for (const { table, of, file } of TABLES) {
    if (same(clean[of], faulty[of])) continue;
    const before = hoursOnce(clean[of]), after = rowsByHour(faulty[of]);
    for (const [hour, rows] of before) {
      const now = after.get(hour);
      if (!now) await Deno.remove(`${root}/${hourFolder(table, hour)}`, { recursive: true });
      else if (!same(rows, now)) await writeBronze({ root }, table, now, file);
    }
  }
  return { root };
}

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const copy = entry.isDirectory ? copyFolder : Deno.copyFile;
    await copy(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

const cut = new WeakMap<Batch, Map<number, Batch>>();

/** {@linkcode rowsByHour} of a batch that is compared again and again. */
function hoursOnce(batch: Batch): Map<number, Batch> {
  const hours = cut.get(batch) ?? rowsByHour(batch);
  cut.set(batch, hours);
  return hours;
}

function same(a: Batch, b: Batch): boolean {
  return a.length === b.length && Object.entries(a.columns).every(([name, column]) => {
    const other = b.columns[name];
    if (!isStrings(column) || !isStrings(other)) return bytesOf(column).equals(bytesOf(other));
    return column.values.join() === other.values.join() && bytesOf(column.codes).equals(bytesOf(other.codes));
  });
}

function bytesOf(column: Column): Buffer {
  const { buffer, byteOffset, byteLength } = column as Int32Array;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Audits a lake, of all dates or some. */
export async function audit(lake: Lake, dates?: string[]): Promise<AuditReport> {
  const options = { config: CONFIG, nowNs: NOW_NS, ...(dates ? { dates } : {}) };
  return await auditLake(lake, options, SILENT);
}

/** Findings as `severity check table count`, sorted, without the days around a roll and that no run wrote the lake. */
export function told(findings: readonly Finding[]): string[] {
  return findings.filter(({ check, severity }) =>
    check !== "files.unknown" && (check !== "contracts.share" || severity !== "info")
  )
    .map(({ severity, check, subject, count }) => `${severity} ${check} ${subject ?? "–"} ${count}`).sort();
}
