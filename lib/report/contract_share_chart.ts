/**
 * Which contract leads each date, and what the three rules choose.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type ColorScale, contractColors } from "./contract_colors.ts";
import { namedDates } from "./coverage_chart.ts";
import { type Chart, drawPlot, legendOf, ON_COLOR, percent } from "./plot.ts";

const RULES = ["calendar", "prior", "session"];

/**
 * Shares of the volume by contract and date, and beside them the choice of each rule in the contract's colour.
 *
 * @param days Sessions, ascending.
 * @param colors Colours of the contracts; defaults to those of these sessions.
 */
export function contractShareChart(
  days: readonly Pick<DayProfile, "date" | "rules">[],
  colors: ColorScale = contractColors(days.flatMap(({ rules }) => Object.keys(rules.shares))),
): Chart {
  const color = (name: string) => colors.range[colors.domain.indexOf(name)] ?? "currentColor";
  const bars = days.flatMap(({ date, rules }) => {
    let at = 0;
    return colors.domain.filter((name) => rules.shares[name] > 0).map((contract) => {
      const share = rules.shares[contract], from = at, to = at += share;
      return { date, contract, share, from, to, panel: "share of the volume" };
    });
  });
  const choices = days.flatMap(({ date, rules }) =>
    rules.rules.map(({ rule, contract, decided, share }) => ({
      date,
      contract,
      at: RULES.indexOf(rule),
      title: `${date} ${rule}: ${contract} with ${percent(share)}${
        decided === rule ? "" : `, by ${decided}`
      }`,
    }))
  );
  type Choice = typeof choices[number];
  const odd = days.filter(({ rules }) => new Set(rules.rules.map(({ contract }) => contract)).size > 1);
  const row = days.length > 40 ? 9 : 22, dates = days.map(({ date }) => date);
  // The rules stand right of the bars on the same axis: 1.06 to 1.4 of a share.
  const place = (at: number) => 1.08 + 0.11 * at;
  const svg = days.length === 0 ? "<p>no session</p>" : drawPlot({
    height: days.length * row + 52,
    marginLeft: 78,
    marginRight: 8,
    marginTop: 22,
    marginBottom: 26,
    ariaLabel: "Contract shares and rules by date",
    x: { domain: [0, 1.36], label: null, ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: percent },
    y: { type: "band", domain: dates, label: null, tickSize: 0, ticks: namedDates(dates, 40), padding: 0.14 },
    marks: [
      Plot.barX(bars, {
        x1: "from",
        x2: "to",
        y: "date",
        fill: (b: typeof bars[number]) => color(b.contract),
        insetRight: 0.5,
        title: (b: typeof bars[number]) => `${b.date} ${b.contract}: ${percent(b.share)}`,
      }),
      Plot.text(row < 20 ? [] : bars.filter(({ share }) => share >= 0.08), {
        x: (b: typeof bars[number]) => (b.from + b.to) / 2,
        y: "date",
        text: (b: typeof bars[number]) => percent(b.share),
        fill: ON_COLOR,
        fontSize: 11,
      }),
      Plot.barX(choices, {
        x1: (c: Choice) => place(c.at) - 0.05,
        x2: (c: Choice) => place(c.at) + 0.05,
        y: "date",
        fill: (c: Choice) => color(c.contract),
        title: "title",
      }),
      Plot.text(row < 20 ? [] : choices, {
        x: (c: Choice) => place(c.at),
        y: "date",
        text: "contract",
        fill: ON_COLOR,
        fontSize: 11,
      }),
      Plot.text(RULES, {
        x: (rule: string) => place(RULES.indexOf(rule)),
        frameAnchor: "top",
        dy: -14,
        text: (rule: string) => rule,
        fillOpacity: 0.75,
      }),
    ],
  });
  return {
    title: odd.length === 0
      ? "Contracts: the three rules agree on every date"
      : `Contracts: the three rules disagree on ${odd.length} of ${days.length} dates`,
    unit: "share of the regular volume by contract, rows set aside included; right, what each rule chooses",
    source: "bronze and quarantine, futures trades",
    legend: legendOf(colors),
    svg,
  };
}
