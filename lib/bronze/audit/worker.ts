/**
 * Audits dates in workers, over both cores.
 *
 * @module
 */
import { CONFIG, serveJobs } from "../../base/mod.ts";
import { auditDate, type AuditJob, type DateAudit } from "./date.ts";

serveJobs<AuditJob, DateAudit>((job) => auditDate(job, CONFIG));
