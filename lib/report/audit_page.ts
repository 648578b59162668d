/**
 * The page of the audit: whether each day can be used, which checks say so, and how the days look.
 *
 * @module
 */
import { quantileOf } from "../base/mod.ts";
import type { Check, DayProfile, Finding, Severity, Verdict } from "../schema/mod.ts";
import { aggressorChart } from "./aggressor_chart.ts";
import { basisChart } from "./basis_chart.ts";
import { type ColorScale, contractColors } from "./contract_colors.ts";
import { contractPathChart } from "./contract_path_chart.ts";
import { contractShareChart } from "./contract_share_chart.ts";
import { depthChart } from "./depth_chart.ts";
import { checksTable, findingsTable } from "./findings_table.ts";
import { histogramChart } from "./histogram_chart.ts";
import { hourRowsChart } from "./hour_rows_chart.ts";
import { multiLegChart } from "./multi_leg_chart.ts";
import { type PageHead, type PageVerdict, renderPage, type Section, type TableView } from "./page.ts";
import { type Chart, compact, someOf } from "./plot.ts";
import { presenceChart } from "./presence_chart.ts";
import { rollChart } from "./roll_chart.ts";
import { spreadChart } from "./spread_chart.ts";
import { strikeMap } from "./strike_map.ts";

/** Dates drawn in full. */
const FULL_DAYS = 6;

/** Everything the page is made of. */
export interface AuditPageData {
  /** The answer. */
  verdict: Verdict;
  /** The table of checks. */
  checks: readonly Check[];
  /** Rows by date and table name. */
  rows: readonly { date: string; rows: Record<string, number> }[];
  /** What the audit saw, by date, ascending. */
  days: readonly DayProfile[];
  /** The product. */
  symbol: string;
  /** Buyers' shares of the volume between which a day is balanced. */
  buyShare: readonly [number, number];
}

const SEVERITIES: readonly Severity[] = ["fail", "warn", "info"];

function worst(findings: readonly Finding[]): "pass" | Severity {
  return SEVERITIES.find((severity) => findings.some((f) => f.severity === severity)) ?? "pass";
}

/** The one-line answer of the audit. */
export function auditVerdict(
  { verdict, rows }: Pick<AuditPageData, "verdict" | "rows">,
): PageVerdict {
  const dates = rows.map(({ date }) => date);
  const of = (date: string) => worst(verdict.findings.filter((f) => f.date === date));
  const good = dates.filter((date) => of(date) === "pass" || of(date) === "info");
  const bad = dates.filter((date) => of(date) === "fail"),
    watch = dates.filter((date) => of(date) === "warn");
  const parts = [
    `${good.length} of ${dates.length} dates can be used as they are`,
  ];
  if (watch.length > 0) parts.push(`look at ${someOf(watch)}`);
  if (bad.length > 0) parts.push(`do not use ${someOf(bad)} before mending`);
  const general = verdict.findings.filter((f) => !f.date && f.severity !== "info").map((f) => f.message);
  return { status: verdict.status, text: [...parts, ...general].join("; ") + "." };
}

function checked({ checks, verdict }: AuditPageData): TableView {
  return checksTable(
    checks,
    ({ id }) => {
      const findings = verdict.findings.filter((f) => f.check === id);
      return { status: worst(findings), count: findings.reduce((sum, f) => sum + f.count, 0) };
    },
    { caption: "The checklist: every check and the rows, minutes or files against it", counted: "found" },
  );
}

/** Charts of one session, as the page and the notebook show them. */
export function auditDayCharts(
  day: DayProfile,
  { buyShare, colors }: { buyShare: readonly [number, number]; colors?: ColorScale },
): Chart[] {
  const { sizes, best, delays } = day, known = delays.filter(({ p50 }) => !Number.isNaN(p50));
  const delayText = known.map(({ table, p50, p99 }) =>
    `${table.slice(table.indexOf(".") + 1)} half within ${compact(p50)}, 99 % within ${compact(p99)} ms`
  );
  return [
    contractPathChart(day, colors),
    presenceChart(day),
    aggressorChart(day, buyShare),
    histogramChart([{ name: "trades", histogram: sizes }], {
      title: `Trade sizes: half up to ${whole(quantileOf(sizes, 0.5))}, 99 % up to ${
        whole(quantileOf(sizes, 0.99))
      }`,
      unit: "share of trades by size in contracts, logarithmic",
      source: "bronze futures trades",
    }),
    spreadChart(day),
    histogramChart([{ name: "best prices", histogram: best }], {
      title: `Best sizes: half up to ${whole(quantileOf(best, 0.5))}, 99 % up to ${
        whole(quantileOf(best, 0.99))
      }`,
      unit: "share of best bids and asks by size in contracts, logarithmic",
      source: "bronze futures mbp10",
    }),
    depthChart(day),
    histogramChart(delays.map(({ table, delays }) => ({ name: table, histogram: delays })), {
      title: `Receive delay: ${delayText.join("; ") || "not known"}`,
      unit: "share of records by milliseconds from event to receipt, logarithmic; snapshots apart",
      source: "bronze futures",
    }),
    strikeMap(day),
    basisChart(day),
    multiLegChart(day),
  ];
}

/** A quantile is the upper bound of its bin: the last whole number below it. */
function whole(bound: number): string {
  return Number.isNaN(bound) ? "–" : compact(Math.max(1, Math.ceil(bound) - 1));
}

function contractTable({ contracts }: DayProfile): TableView {
  return {
    caption: "Contracts of the date",
    head: [
      "contract",
      "kind",
      "trades",
      "volume",
      "books",
      "mean price",
      "sd",
      "size p50",
      "p90",
      "p99",
      "one tick wide, %",
    ],
    rows: contracts.map(({ contract, kind, trades, volume, books, mean, sd, sizes, oneTick }) => [
      contract,
      kind,
      trades,
      volume,
      books,
      round(mean),
      round(sd),
      ...sizes.map((bound) => Number.isNaN(bound) ? NaN : Math.max(1, Math.ceil(bound) - 1)),
      Math.round(1000 * oneTick) / 10,
    ]),
  };
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}

function expirationTable({ options }: DayProfile): TableView[] {
  if (!options) return [];
  const { expirations, counts } = options, all = expirations.reduce((sum, { volume }) => sum + volume, 0);
  const percent = (n: number, of: number) => Math.round(1000 * n / of) / 10;
  return [{
    caption: `Options: ${percent(counts.calls, counts.rows)} % calls, ${
      percent(counts.zeroDte, counts.rows)
    } % expire on the date, ${counts.late} late, ${counts.cancelled} cancelled`,
    head: ["expiration", "contracts", "share, %"],
    rows: expirations.slice(0, 8).map(({ date, volume }) => [date, volume, percent(volume, all)]),
  }];
}

function daySection(day: DayProfile, data: AuditPageData, colors: ColorScale): Section {
  const findings = data.verdict.findings.filter(({ date }) => date === day.date);
  const rows = data.rows.find(({ date }) => date === day.date)?.rows ?? {};
  const count = (severity: Severity) => findings.filter((f) => f.severity === severity).length;
  const found = SEVERITIES.map((severity) => [count(severity), severity] as const).filter(([n]) => n > 0);
  return {
    title: `${day.date}: ${worst(findings)}`,
    text: found.length === 0
      ? "No check found anything on this date."
      : `Findings: ${found.map(([n, severity]) => `${n} ${severity}`).join(", ")}.`,
    stats: rows,
    charts: auditDayCharts(day, { buyShare: data.buyShare, colors }),
    tables: [contractTable(day), ...expirationTable(day)],
  };
}

/**
 * The page of the audit.
 *
 * @param head Lake, dates, commit, inputs.
 * @param data Verdict, checks, what was seen.
 * @returns HTML.
 */
export function auditPage(head: PageHead, data: AuditPageData): string {
  const { verdict, days, rows, symbol } = data;
  const colors = contractColors(days.flatMap(({ rules, paths }) => [
    ...Object.keys(rules.shares),
    ...paths.map(({ contract }) => contract),
  ]));
  const shown = days.slice(-FULL_DAYS).reverse(), rest = days.length - shown.length;
  const total = rows.reduce((sum, day) => sum + Object.values(day.rows).reduce((a, b) => a + b, 0), 0);
  const count = (severity: Severity) => verdict.findings.filter((f) => f.severity === severity).length;
  const sections: Section[] = [
    {
      stats: {
        "dates": rows.length,
        "rows read": compact(total),
        "checks": verdict.checks,
        "fail": count("fail"),
        "warn": count("warn"),
        "info": count("info"),
      },
    },
    { title: "Checks", tables: [checked(data)] },
  ];
  if (verdict.findings.length > 0) {
    sections.push({
      title: "Findings",
      text: "Each with its severity, its number of rows, minutes or files, a few places, and what to do.",
      tables: [findingsTable(verdict.findings, { counted: "count", examples: 4 })],
    });
  }
  sections.push({
    title: "All sessions",
    text:
      "Red hours should have rows and have none. The filter's three rules should agree but for the days around a roll.",
    charts: [hourRowsChart(days), contractShareChart(days, colors), rollChart(days, { symbol, colors })],
  });
  sections.push(...shown.map((day) => daySection(day, data, colors)));
  if (rest > 0) {
    sections.push({
      title: "Other dates",
      text:
        `The newest ${shown.length} of ${days.length} dates are drawn in full; audit the others with --date.`,
    });
  }
  return renderPage(head, auditVerdict(data), sections);
}
