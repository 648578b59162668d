/**
 * The roll calendar: when each contract is the front, when it expires, and what the next one cost over it.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { addDays, quarterlies } from "../base/mod.ts";
import type { DayProfile } from "../schema/mod.ts";
import { type ColorScale, contractColors } from "./contract_colors.ts";
import { type Chart, drawPlot, ON_COLOR } from "./plot.ts";

/** Days shown on either side of the sessions. */
const MARGIN_DAYS = 35;

const dayMs = (date: string) => Date.parse(date);

/**
 * A bar for the time in which each contract is the front by the calendar, ticks for the sessions at hand.
 *
 * @param days Sessions, ascending.
 * @param options `symbol`, the product; `colors` of the contracts, by default those on the chart.
 */
export function rollChart(
  days: readonly Pick<DayProfile, "date" | "roll">[],
  { symbol, colors }: { symbol: string; colors?: ColorScale },
): Chart {
  const chart = {
    unit:
      "front contract by calendar date: from the Monday of its predecessor's expiry week; ◆ expiry, ticks the sessions",
    source: "the roll calendar; futures rolls",
  };
  if (days.length === 0) return { ...chart, title: "Rolls: no session", svg: "<p>no session</p>" };
  const first = addDays(days[0].date, -MARGIN_DAYS), last = addDays(days.at(-1)!.date, MARGIN_DAYS);
  const found = quarterlies(symbol, addDays(first, -120), 60)
    .map((contract, i, all) => ({
      ...contract,
      from: i === 0 ? "" : addDays(all[i - 1].expiry, -4),
      to: addDays(contract.expiry, -4),
    })).filter(({ from, to }) => from !== "" && from < last && to > first);
  const scale = colors ?? contractColors(found.map(({ name }) => name));
  const color = (name: string) => scale.range[scale.domain.indexOf(name)] ?? "#9a9a9a";
  const domain = [dayMs(first), dayMs(last)];
  const bars = found.map(({ name, from, to }) => ({
    name,
    from: Math.max(domain[0], dayMs(from)),
    to: Math.min(domain[1], dayMs(to)),
  }));
  const spreads = lastSpreads(days);
  const rolls = [...new Set(days.map(({ roll }) => roll.rolls))].filter((date) => date <= days.at(-1)!.date);
  const svg = drawPlot({
    height: found.length * 34 + 56,
    marginLeft: 56,
    marginRight: 16,
    marginTop: 8,
    marginBottom: 40,
    ariaLabel: "Roll calendar",
    x: { type: "utc", domain, label: null, ticks: 6 },
    y: { type: "band", domain: found.map(({ name }) => name), label: null, tickSize: 0, padding: 0.3 },
    marks: [
      Plot.barX(bars, { x1: "from", x2: "to", y: "name", fill: (b: typeof bars[number]) => color(b.name) }),
      Plot.text(found.filter(({ expiry }) => expiry <= last), {
        x: (c: typeof found[number]) => dayMs(c.expiry),
        y: "name",
        text: () => "◆",
        fontSize: 13,
        title: (c: typeof found[number]) => `${c.name} expires on ${c.expiry}`,
      }),
      Plot.tickX(days, {
        x: (d: typeof days[number]) => dayMs(d.date),
        y: (d: typeof days[number]) => d.roll.front,
        stroke: ON_COLOR,
        strokeWidth: days.length > 60 ? 1 : 2,
        insetTop: 4,
        insetBottom: 4,
        title: (d: typeof days[number]) => `${d.date}: ${d.roll.front}`,
      }),
      Plot.text(spreads, {
        x: (s: typeof spreads[number]) => dayMs(s.expiry),
        y: "from",
        dx: 12,
        textAnchor: "start",
        text: "text",
        fillOpacity: 0.8,
      }),
    ],
  });
  return {
    ...chart,
    title: rolls.length > 0
      ? `Rolls: ${rolls.join(", ")} within these sessions`
      : `Rolls: none within these sessions, the next on ${days.at(-1)!.roll.rolls}`,
    svg,
  };
}

/** The last known spread of each pair of contracts. */
function lastSpreads(
  days: readonly Pick<DayProfile, "roll">[],
): { from: string; expiry: string; text: string }[] {
  const last = new Map<string, { from: string; expiry: string; text: string }>();
  for (const { roll: { front, expiry, spreads } } of days) {
    for (const { from, to, points, origin } of spreads) {
      if (from !== front) continue;
      const sign = points < 0 ? "−" : "+";
      last.set(from, { from, expiry, text: `${to} ${sign}${Math.abs(points)} points, ${origin}` });
    }
  }
  return [...last.values()];
}
