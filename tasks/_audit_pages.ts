/**
 * The page over the audit of Bronze.
 *
 * @module
 */
import { CONFIG, type Effects } from "../lib/base/mod.ts";
import { auditLake, type AuditReport } from "../lib/bronze/mod.ts";
import { hashJson, type Lake, type Run, runStage, settled } from "../lib/lake/mod.ts";
import { auditPage, auditVerdict } from "../lib/report/mod.ts";
import { pageHead, writePage } from "./_pages.ts";

/** An audit and its page. */
export interface Audited {
  /** What the audit found. */
  report: AuditReport;
  /** Path of the page. */
  page: string;
}

/**
 * Audits Bronze, writes the run's manifest and `audit.html`.
 *
 * @param lake The lake.
 * @param dates Trade dates; defaults to every date with a Bronze folder.
 * @param effects Where to say what is going on.
 * @param options `quick`: leave out the comparison of every byte with what was written.
 */
export async function auditAndWrite(
  lake: Lake,
  dates: string[] | undefined,
  effects: Effects,
  { quick = false }: { quick?: boolean } = {},
): Promise<Audited> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const options = { config: CONFIG, nowNs, quick, ...(dates ? { dates } : {}) };
  const asked = { quick, ...(dates ? { dates } : {}) };
  const audit = async ({ lake, manifest }: Run) => {
    const report = await auditLake(lake, options, effects);
    manifest.inputs = report.files.map((path) => ({ path }));
    const { status, findings } = report.verdict;
    manifest.facts = { status, findings: findings.length, rows: report.rows };
    return { report, page: await writeAuditPage(lake, report) };
  };
  return await settled(lake, async (view) => (await runStage(view, "audit", asked, audit)).result, {
    growing: true,
  });
}

/** Writes `audit.html`. @returns Its path. */
async function writeAuditPage(lake: Lake, report: AuditReport): Promise<string> {
  const data = { ...report, symbol: CONFIG.market.symbol, buyShare: CONFIG.audit.buyShare };
  const head = {
    ...await pageHead(lake, "Audit: can the days be used?", report.dates),
    inputs: { [`${report.files.length} bronze files`]: hashJson(report.files).slice(0, 12) },
  };
  return await writePage(lake, "audit", {
    html: auditPage(head, data),
    head,
    verdict: auditVerdict(data),
    more: { verdict: report.verdict, rows: report.rows },
  });
}
