/**
 * Rows by hour of every session, with what is missing.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile, HourRows } from "../schema/mod.ts";
import { namedDates } from "./coverage_chart.ts";
import { type Chart, COLORS, drawPlot } from "./plot.ts";

const HOURS = 23, FIRST_HOUR = 18;
const MISSING = {
  domain: ["rows", "missing", "damaged file"],
  range: [COLORS.accent, COLORS.bad, COLORS.warm],
};

/** Eastern name of an hour of the session. */
export function hourName(hour: number): string {
  return String((FIRST_HOUR + hour) % 24).padStart(2, "0");
}

interface Cell extends HourRows {
  date: string;
  share: number;
}

/**
 * A heat map a table: sessions by Eastern hour; the stronger the more rows, red where rows are missing.
 *
 * @param days Sessions, ascending.
 */
export function hourRowsChart(days: readonly Pick<DayProfile, "date" | "hours">[]): Chart {
  const tables = [...new Set(days.flatMap((day) => day.hours.map(({ table }) => table)))];
  const most = new Map(
    tables.map((table) => [
      table,
      Math.max(1, ...days.flatMap((day) => day.hours.filter((h) => h.table === table).map((h) => h.rows))),
    ]),
  );
  const cells: Cell[] = days.flatMap(({ date, hours }) =>
    // Square roots: nights have a hundredth of the regular session's rows and must still be told from none.
    hours.map((h) => ({ ...h, date, share: Math.sqrt(h.rows / most.get(h.table)!) }))
  );
  const count = (state: HourRows["state"]) => cells.filter((cell) => cell.state === state).length;
  const bad = [[count("missing"), "missing"], [count("damaged"), "with a damaged file"]]
    .filter(([n]) => n).map(([n, what]) => `${n} ${what}`).join(", ");
  const row = days.length > 40 ? 9 : 20, dates = days.map(({ date }) => date);
  const title = (cell: Cell) =>
    `${cell.table} ${cell.date} ${hourName(cell.hour)}:00: ${
      cell.state === "missing" ? "missing" : `${cell.rows.toLocaleString("en-US")} rows`
    }${cell.state === "damaged" ? ", a file cannot be used" : ""}`;
  const at = { x: "hour", y: "date", fx: "table", inset: 0.6 } as const;
  const drawing = () =>
    drawPlot({
      height: days.length * row + 62,
      marginLeft: 78,
      marginRight: 6,
      marginTop: 34,
      marginBottom: 24,
      ariaLabel: "Rows by hour",
      fx: { domain: tables, label: null, padding: 0.04 },
      x: {
        type: "band",
        domain: Array.from({ length: HOURS }, (_, hour) => hour),
        label: null,
        tickSize: 0,
        ticks: [0, 4, 8, 12, 15.5, 16, 20],
        tickFormat: hourName,
        padding: 0,
      },
      y: {
        type: "band",
        domain: dates,
        label: null,
        tickSize: 0,
        ticks: namedDates(dates, 40),
        padding: 0,
      },
      marks: [
        Plot.cell(cells, { ...at, fill: "currentColor", fillOpacity: 0.05 }),
        Plot.cell(cells.filter(({ rows }) => rows > 0), {
          ...at,
          fill: COLORS.accent,
          fillOpacity: (cell: Cell) => 0.12 + 0.88 * cell.share,
          title,
        }),
        Plot.cell(cells.filter(({ state }) => state === "missing" || state === "damaged"), {
          ...at,
          fill: (cell: Cell) => cell.state === "missing" ? COLORS.bad : COLORS.warm,
          title,
        }),
      ],
    });
  return {
    title: `Rows by hour: ${bad ? `hours ${bad}` : "no hour is missing"}`,
    unit: "rows in each Eastern hour from 18:00 on; the stronger the more (square root, by table)",
    source: "bronze",
    legend: MISSING.domain.map((label, i) => ({ label, color: MISSING.range[i] })),
    svg: days.length === 0 ? "<p>no session</p>" : drawing(),
  };
}
