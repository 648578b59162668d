/**
 * The audit of Bronze: a declared table of checks, findings with places and remedies, and what a page shows.
 *
 * @module
 */
export { auditLake, type AuditOptions, type AuditReport } from "./audit.ts";
export { auditChecks, type CheckId } from "./checks.ts";
