/**
 * Findings and verdicts: what a check says, for a machine and for a person.
 *
 * @module
 */

/** How bad a finding is: `fail` makes the verdict fail, `warn` and `info` do not. */
export type Severity = "fail" | "warn" | "info";

/** A declared check. */
export interface Check {
  /** Id, such as `integrity.rows`. */
  id: string;
  /** What it looks at, in one sentence. */
  meaning: string;
  /** What is still good, with its unit. */
  threshold: string;
  /** Severity of its findings. */
  severity: Severity;
  /** What to do about a finding. */
  remedy: string;
}

/** One thing a check found. */
export interface Finding {
  /** Id of the check. */
  check: string;
  /** Severity of this finding. */
  severity: Severity;
  /** Trade date concerned, if one. */
  date?: string;
  /** Table or column concerned, if one. */
  subject?: string;
  /** What was found, in one sentence with its numbers. */
  message: string;
  /** How many rows, minutes or files it concerns. */
  count: number;
  /** A few places: timestamps, files or rows. */
  examples: string[];
  /** What to do. */
  remedy: string;
}

/** The answer of a set of checks. */
export interface Verdict {
  /** `pass` without findings, `warn` with warnings only, `fail` otherwise. */
  status: "pass" | "warn" | "fail";
  /** Checks that ran. */
  checks: number;
  /** What they found, worst first. */
  findings: Finding[];
}

const ORDER: Record<Severity, number> = { fail: 0, warn: 1, info: 2 };

/**
 * The verdict of findings.
 *
 * @param checks Number of checks that ran.
 * @param findings What they found, in any order.
 */
export function verdictOf(checks: number, findings: readonly Finding[]): Verdict {
  const sorted = findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const worst = sorted[0]?.severity;
  return { status: worst === "fail" ? "fail" : worst === "warn" ? "warn" : "pass", checks, findings: sorted };
}
