/** Audits Bronze: every check of the declared table, a machine verdict, a page. @module */
import type { Effects } from "../lib/base/mod.ts";
import { auditChecks } from "../lib/bronze/mod.ts";
import { existingLake } from "../lib/lake/mod.ts";
import { auditVerdict } from "../lib/report/mod.ts";
import type { Check, Finding } from "../lib/schema/mod.ts";
import { auditAndWrite } from "./_audit_pages.ts";
import { type Args, config, DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";

function listed({ id, severity, meaning, threshold, remedy }: Check): string {
  return `${severity.padEnd(5)}${id}\n     ${meaning}\n     allowed: ${threshold}\n     else: ${remedy}`;
}

function lines({ severity, date, check, subject, message, examples, remedy }: Finding): string[] {
  const where = [date, subject].filter(Boolean).join(" ");
  return [
    `${severity.toUpperCase().padEnd(5)}${check}${where ? ` (${where})` : ""}: ${message}`,
    ...(examples.length > 0 ? [`     such as ${examples.join(", ")}`] : []),
    `     ${remedy}`,
  ];
}

async function run(args: Args, effects: Effects): Promise<Outcome> {
  if (args.list) {
    const checks = auditChecks(config);
    return { summary: checks.map(listed).join("\n"), json: { checks } };
  }
  const lake = await existingLake(String(args.lake), effects);
  const { report, page } = await auditAndWrite(lake, datesFrom(args), effects, {
    quick: args.quick === true,
  });
  const { verdict, dates, rows } = report, { text } = auditVerdict(report);
  effects.log(`page: ${page}`);
  return {
    summary: [...verdict.findings.flatMap(lines), `audit: ${verdict.status.toUpperCase()}: ${text}`].join(
      "\n",
    ),
    json: { ...verdict, dates, rows, page },
    exitCode: verdict.status === "fail" ? 1 : 0,
  };
}

await main({
  name: "audit",
  summary:
    "Audits Bronze by the declared table of checks: integrity, then what the numbers say, with a page.",
  options: {
    ...DATE_OPTIONS,
    quick: { help: "leave out the comparison of every byte with what was written" },
    list: { help: "print the table of checks and read nothing" },
  },
  examples: ["", "--date 2025-12-16 --json", "--list"],
  run,
});
