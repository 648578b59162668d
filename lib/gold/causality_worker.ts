/**
 * Audits some cuts of a date in a worker.
 *
 * @module
 */
import { serveJobs, sessionOf } from "../base/mod.ts";
import { auditCausality } from "./causality.ts";
import { bronzeBuilds, type CausalityJob, type CausalityResult } from "./causality_build.ts";

serveJobs<CausalityJob, CausalityResult>(async ({ lake, date, cuts }) => {
  const audit = await auditCausality(await bronzeBuilds({ root: lake }, date), cuts, sessionOf(date).startNs);
  return { columns: audit.columns, cuts: audit.cuts };
});
