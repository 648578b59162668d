/**
 * Findings and checks as tables, the same on every page that has a verdict.
 *
 * @module
 */
import type { Check, Finding } from "../schema/mod.ts";
import type { TableView } from "./page.ts";

/**
 * Findings, worst first: what was found, where, and what to do.
 *
 * @param findings In order of severity.
 * @param options `counted`, what the counts are of; `examples`, how many places are named; defaults to rows and 2.
 */
export function findingsTable(
  findings: readonly Finding[],
  { counted = "rows", examples = 2 }: { counted?: string; examples?: number } = {},
): TableView {
  const dated = findings.some(({ date }) => date);
  return {
    caption: "Findings, worst first",
    head: ["severity", "check", ...(dated ? ["where"] : []), "found", counted, "examples", "what to do"],
    rows: findings.map((f, i) => [
      f.severity,
      f.check,
      ...(dated ? [[f.date, f.subject].filter(Boolean).join("\n") || null] : []),
      f.message,
      f.count,
      // The date stands beside them, and the hour says which of its two UTC days is meant.
      f.examples.slice(0, examples).map((e) => f.date ? e.replace(/^\d{4}-\d\d-\d\dT/, "") : e).join("\n") ||
      null,
      f.remedy === findings[i - 1]?.remedy ? "″" : f.remedy,
    ]),
  };
}

/**
 * Every check with its result.
 *
 * @param checks The declared table.
 * @param rows For each check its result and what is counted against it.
 * @param options Caption and what is counted.
 */
export function checksTable(
  checks: readonly Check[],
  result: (check: Check) => { status: string; count: number },
  { caption, counted }: { caption: string; counted: string },
): TableView {
  return {
    caption,
    head: ["result", "check", counted, "meaning", "allowed"],
    rows: checks.map((check) => {
      const { status, count } = result(check);
      return [status, check.id, count, check.meaning, check.threshold];
    }),
  };
}
