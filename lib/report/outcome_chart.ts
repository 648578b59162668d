/**
 * Shares of the outcomes within groups of touches.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type Chart, drawPlot, HALF_WIDTH, legendOf, ON_COLOR, OUTCOME_COLOR, percent } from "./plot.ts";

/** Touches of a group with one outcome. */
export interface OutcomeCount {
  /** The group's name. */
  group: string;
  /** BREAK, BOUNCE, CHOP or UNDEFINED. */
  outcome: string;
  /** Rows. */
  rows: number;
}

/** What is shown of {@linkcode outcomeChart}. */
export interface OutcomeChartOptions {
  /** Title. */
  title: string;
  /** What the groups are, for the unit line: `level kind`. */
  by: string;
  /** Order of the groups; `size` (default) the largest first, `name` by name. */
  order?: "size" | "name";
}

/**
 * Stacked bars of outcome shares, one a group, with the group's count.
 *
 * @param counts Counts; a group and outcome come at most once.
 * @param options Title, what the groups are, their order.
 */
export function outcomeChart(counts: readonly OutcomeCount[], options: OutcomeChartOptions): Chart {
  const { title, by, order = "size" } = options, total = new Map<string, number>();
  for (const { group, rows } of counts) total.set(group, (total.get(group) ?? 0) + rows);
  const groups = [...total.keys()].sort((a, b) =>
    order === "name" ? a.localeCompare(b) : total.get(b)! - total.get(a)! || a.localeCompare(b)
  );
  const segments = groups.flatMap((group) => {
    let at = 0;
    return OUTCOME_COLOR.domain.map((outcome, i) => {
      const rows = counts.find((c) => c.group === group && c.outcome === outcome)?.rows ?? 0;
      const share = rows / total.get(group)!, from = at;
      return { group, outcome, rows, share, from, to: at += share, color: OUTCOME_COLOR.range[i] };
    });
  }).filter((s) => s.rows > 0);
  const svg = drawPlot({
    width: HALF_WIDTH,
    height: groups.length * 21 + 30,
    marginLeft: 104,
    marginRight: 48,
    marginTop: 4,
    marginBottom: 26,
    ariaLabel: title,
    x: { domain: [0, 1], label: null, ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: percent },
    y: { domain: groups, label: null, tickSize: 0, padding: 0.16 },
    marks: [
      Plot.barX(segments, {
        x1: "from",
        x2: "to",
        y: "group",
        fill: "color",
        insetRight: 0.5,
        title: (s: typeof segments[number]) => `${s.group} ${s.outcome}: ${s.rows} rows, ${percent(s.share)}`,
      }),
      Plot.text(segments.filter((s) => s.share >= 0.12), {
        x: (s: typeof segments[number]) => (s.from + s.to) / 2,
        y: "group",
        text: (s: typeof segments[number]) => percent(s.share),
        fill: ON_COLOR,
        fontSize: 11,
      }),
      Plot.text(groups, {
        x: 1,
        y: (g: string) => g,
        text: (g: string) => total.get(g)!.toLocaleString("en-US"),
        dx: 6,
        textAnchor: "start",
        fillOpacity: 0.75,
      }),
    ],
  });
  return {
    title,
    unit: `share of touches by ${by}, with their number`,
    source: "gold signals",
    legend: legendOf(OUTCOME_COLOR),
    size: "half",
    svg,
  };
}
