/**
 * Audits some cuts of a date in a worker.
 *
 * @module
 */
import { serveJobs, sessionOf } from "../base/mod.ts";
import { settled } from "../lake/mod.ts";
import { auditCausality } from "./causality.ts";
import { bronzeBuilds, type CausalityJob, type CausalityResult } from "./causality_build.ts";

serveJobs<CausalityJob, CausalityResult>(async ({ lake, date, cuts }) => {
  const audit = await settled(
    { root: lake },
    async (view) => auditCausality(await bronzeBuilds(view, date), cuts, sessionOf(date).startNs),
  );
  return { columns: audit.columns, cuts: audit.cuts };
});
