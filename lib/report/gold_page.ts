/**
 * The page of Gold: prices, levels, touches, outcomes, and what the stages did to get there.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { Manifest } from "../lake/mod.ts";
import { outcomeChart } from "./outcome_chart.ts";
import { type PageHead, type PageVerdict, renderPage, type Section } from "./page.ts";
import { type Chart, OUTCOME_COLOR, percent } from "./plot.ts";
import { type GoldDay, priceChart } from "./price_chart.ts";
import {
  stageRowsChart,
  stageSecondsChart,
  type StageSummary,
  stageTable,
  summariseStages,
} from "./stages.ts";

/** What the page shows. */
export interface GoldPageData {
  /** How outcomes are defined. */
  labels: Pick<Config["labels"], "primary" | "forwardSeconds" | "threshold">;
  /** Rows in all dates. */
  rows: number;
  /** All dates built, ascending. */
  dates: readonly string[];
  /** The dates drawn in full, newest first. */
  days: readonly GoldDay[];
  /** Outcome counts of all dates by level kind. */
  outcomesByKind: readonly { kind: string; outcome: string; rows: number }[];
  /** Outcome counts of all dates by Eastern hour. */
  outcomesByHour: readonly { hour: number; outcome: string; rows: number }[];
  /** Rows of all dates whose outcome is counted from a mid, and from a trade. */
  anchors: { mid: number; trade: number };
  /** Run manifests of the lake, oldest first. */
  manifests: readonly Manifest[];
}

/** Charts of the outcome shares by kind of level and by hour, as this page and the validation's show them. */
export function outcomeCharts(data: Pick<GoldPageData, "outcomesByKind" | "outcomesByHour">): Chart[] {
  return [
    outcomeChart(data.outcomesByKind.map(({ kind, ...rest }) => ({ group: kind, ...rest })), {
      title: "Outcomes by kind of level",
      by: "kind of level",
    }),
    outcomeChart(
      data.outcomesByHour.map(({ hour, ...rest }) => ({
        group: `${String(hour).padStart(2, "0")}:00`,
        ...rest,
      })),
      { title: "Outcomes by hour", by: "Eastern hour of the touch", order: "name" },
    ),
  ];
}

/** What the outcomes mean and what they are counted from, in a few sentences. */
export function outcomeText(
  { labels, rows, anchors }: Pick<GoldPageData, "labels" | "rows" | "anchors">,
): string {
  const { primary, forwardSeconds, threshold } = labels;
  const share = (count: number) => percent(rows ? count / rows : 0);
  return `Anchor: the middle of the book ${primary} minutes after the bar's open (${
    share(anchors.mid)
  } of the touches), the last trade where there is no book (${
    share(anchors.trade)
  }). BREAK: within the next ${
    forwardSeconds / 60
  } minutes price went at least $${threshold} on in the direction of the approach; BOUNCE: at least $${threshold} back; CHOP: neither; UNDEFINED: no anchor, or trades are missing.`;
}

/** The one-line answer of the page. */
export function goldVerdict(data: GoldPageData): PageVerdict {
  return verdictOfStages(data, summariseStages(data.manifests));
}

function verdictOfStages(
  { rows, dates, outcomesByKind }: GoldPageData,
  stages: readonly StageSummary[],
): PageVerdict {
  const shares = OUTCOME_COLOR.domain.map((outcome) => {
    const count = outcomesByKind.filter((o) => o.outcome === outcome).reduce((sum, o) => sum + o.rows, 0);
    return count === 0 && outcome === "UNDEFINED" ? "" : `${percent(rows ? count / rows : 0)} ${outcome}`;
  }).filter(Boolean);
  const failed = stages.filter((s) => s.failed > 0).map((s) => `${s.failed} of ${s.stage}`);
  const made = `${rows.toLocaleString("en-US")} touches on ${dates.length} date${
    dates.length === 1 ? "" : "s"
  }: ${shares.join(", ")}.`;
  return failed.length > 0
    ? { status: "warn", text: `${made} Runs that failed and were not repeated: ${failed.join(", ")}.` }
    : { status: "info", text: made };
}

/**
 * The page of Gold.
 *
 * @param head Lake, dates, commit, inputs.
 * @param data Tables and counts.
 * @returns HTML.
 */
export function goldPage(head: PageHead, data: GoldPageData): string {
  const { rows, dates, days, outcomesByKind } = data, stages = summariseStages(data.manifests);
  const perDay = dates.length ? rows / dates.length : 0;
  const kinds = new Set(outcomesByKind.map((o) => o.kind)).size;
  const rest = dates.length - days.length;
  const sections: Section[] = [
    {
      stats: {
        "touches": rows,
        "dates": dates.length,
        "touches a date": Math.round(perDay),
        "kinds of level touched": kinds,
      },
    },
    {
      title: "Outcomes",
      text: outcomeText(data),
      charts: outcomeCharts(data),
    },
    {
      title: "Price, levels and touches",
      text:
        `Only levels inside a day's range are drawn; ROUND and STRIKE levels show by their touches alone.${
          rest > 0 ? ` The newest ${days.length} of ${dates.length} dates.` : ""
        }`,
      charts: days.map(priceChart),
    },
    {
      title: "Stages",
      text:
        "From source to touches. Rows left out on purpose are filtered; rows with a fault are quarantined.",
      charts: stages.length > 0 ? [stageRowsChart(stages), stageSecondsChart(stages)] : [],
      tables: [stageTable(stages)],
    },
  ];
  return renderPage(head, verdictOfStages(data, stages), sections);
}
