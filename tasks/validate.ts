/** Validates Gold against features.json and its invariants: findings, a machine verdict, a page. @module */
import type { Effects } from "../lib/base/mod.ts";
import { existingLake, settled } from "../lib/lake/mod.ts";
import { verdictLine } from "../lib/report/mod.ts";
import type { Finding } from "../lib/schema/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";
import { validateLake, writeValidatePage } from "./_gold_pages.ts";

function lines(finding: Finding): string[] {
  const { severity, check, message, examples, remedy } = finding;
  return [
    `${severity.toUpperCase().padEnd(5)}${check}: ${message}`,
    ...(examples.length > 0 ? [`     such as ${examples.slice(0, 3).join(", ")}`] : []),
    `     ${remedy}`,
  ];
}

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const lake = await existingLake(String(args.lake), effects);
  const { validated, page } = await settled(lake, async (view) => {
    const validated = await validateLake(view, datesFrom(args));
    return { validated, page: await writeValidatePage(view, validated) };
  });
  const { verdict, profile } = validated, dates = profile?.dates ?? [];
  effects.log(`page: ${page}`);
  const { text } = verdictLine(verdict, profile?.rows ?? 0, dates.length);
  return {
    summary: [...verdict.findings.flatMap(lines), `validate: ${verdict.status.toUpperCase()}: ${text}`].join(
      "\n",
    ),
    json: { ...verdict, rows: profile?.rows ?? 0, dates, page },
    exitCode: verdict.status === "fail" ? 1 : 0,
  };
}

await main({
  name: "validate",
  summary:
    "Checks Gold against features.json and its invariants: the consolidated data set, or the parts of the given dates.",
  options: DATE_OPTIONS,
  examples: ["", "--date 2025-12-16 --json"],
  run,
});
