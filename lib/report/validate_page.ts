/**
 * The page of validation: the verdict, what broke, and how the table looks.
 *
 * @module
 */
import type { Batch } from "../base/mod.ts";
import { type Check, type Feature, FEATURE_GROUPS, type Finding, type Verdict } from "../schema/mod.ts";
import { coverageChart } from "./coverage_chart.ts";
import { distributionOf } from "./distribution.ts";
import { distributionChart } from "./distribution_chart.ts";
import { type Drift, driftChart } from "./drift_chart.ts";
import { checksTable, findingsTable } from "./findings_table.ts";
import { outcomeCharts } from "./gold_page.ts";
import { nullMatrix } from "./null_matrix.ts";
import { type PageHead, type PageVerdict, renderPage, type Section, type TableView } from "./page.ts";

/** What the page shows; a validated table's profile has this shape. */
export interface ValidationProfile {
  /** Rows in all. */
  rows: number;
  /** Dates present, ascending. */
  dates: readonly string[];
  /** Rows by date. */
  rowsByDate: readonly number[];
  /** Outcome counts by level kind. */
  outcomesByKind: readonly { kind: string; outcome: string; rows: number }[];
  /** Outcome counts by Eastern hour. */
  outcomesByHour: readonly { hour: number; outcome: string; rows: number }[];
  /** Each column: its contract, null shares by date, stability index. */
  columns: readonly { feature: Feature; nullShare: readonly number[]; psi: number }[];
  /** Rows that break each check, by id. */
  broken: Readonly<Record<string, number>>;
}

/** Everything the page is made of. */
export interface ValidationData {
  /** The answer. */
  verdict: Verdict;
  /** The checks that ran. */
  checks: readonly Check[];
  /** What was seen; absent when the table could not be read. */
  profile?: ValidationProfile;
  /** The rows themselves, for their distributions. */
  rows?: Batch;
}

/** The one-line answer of a verdict. */
export function verdictLine(verdict: Verdict, rows: number, dates: number): PageVerdict {
  const count = (severity: Finding["severity"]) =>
    verdict.findings.filter((f) => f.severity === severity).length;
  const found = (["fail", "warn", "info"] as const).map((s) => [count(s), s] as const).filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s}`).join(", ");
  const rowText = `${rows.toLocaleString("en-US")} rows of ${dates} date${dates === 1 ? "" : "s"}`;
  return {
    status: verdict.status,
    text: `${rowText}, ${verdict.checks} checks: ${found ? `findings ${found}` : "nothing found"}.`,
  };
}

/** Every check with the rows, columns or days that break it. */
function checked({ checks, profile }: ValidationData): TableView {
  const broken = profile?.broken ?? {};
  return checksTable(
    checks,
    ({ id, severity }) => ({ status: (broken[id] ?? 0) === 0 ? "pass" : severity, count: broken[id] ?? 0 }),
    { caption: "Every check and the rows, columns or days that break it", counted: "broken" },
  );
}

/** Ids and times have no distribution; labels of the other horizons repeat the primary one's shapes. */
const isShown = (f: Feature) =>
  f.group !== "identity" && f.dtype !== "i64" && !(f.available === "label" && /_\dm$/.test(f.name));

/** Groups drawn first: the ones that summarise the others. */
const FIRST_GROUPS = ["pressure", "score"];

function distributionSection(rows: Batch, profile: ValidationProfile): Section {
  const features = profile.columns.map((c) => c.feature).filter(isShown);
  const groups = [...new Set([...FIRST_GROUPS, ...features.map((f) => f.group)])];
  return {
    title: "Distributions",
    text:
      "One small drawing a column, by group: bins equally wide, the outer 1 % of the values on each side in the edge bins, dashed at zero. A spike alone or an empty middle deserves a look.",
    charts: groups.map((group) =>
      distributionChart(
        `${group}: ${FEATURE_GROUPS[group] ?? ""}`,
        features.filter((f) => f.group === group).map((f) => distributionOf(rows, f)),
      )
    ),
  };
}

function driftsOf({ columns }: ValidationProfile, { findings }: Verdict): Drift[] {
  const reported = new Set(findings.filter((f) => f.check === "dates.drift").map((f) => f.subject));
  return columns.map(({ feature: { name }, psi }) => ({ column: name, psi, reported: reported.has(name) }));
}

/**
 * The page of validation.
 *
 * @param head Lake, dates, commit, inputs.
 * @param data Verdict, checks, profile, rows.
 * @returns HTML.
 */
export function validatePage(head: PageHead, data: ValidationData): string {
  const { verdict, profile, rows } = data;
  const answer = verdictLine(verdict, profile?.rows ?? 0, profile?.dates.length ?? 0);
  const sections: Section[] = [];
  if (verdict.findings.length > 0) {
    sections.push({ title: "Findings", tables: [findingsTable(verdict.findings)] });
  }
  if (profile && profile.rows > 0) {
    sections.push(
      { title: "Outcomes", charts: outcomeCharts(profile) },
      {
        title: "Coverage and nulls",
        charts: [
          coverageChart(profile.dates, profile.rowsByDate),
          nullMatrix(
            profile.columns.map(({ feature, nullShare }) => ({ column: feature.name, share: nullShare })),
            profile.dates,
          ),
        ],
      },
    );
  }
  if (profile) sections.push({ title: "Checks", tables: [checked(data)] });
  if (profile && rows && profile.rows > 0) {
    sections.push({
      title: "Drift",
      charts: [driftChart(driftsOf(profile, verdict))],
    }, distributionSection(rows, profile));
  }
  return renderPage(head, answer, sections);
}
