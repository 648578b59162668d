/**
 * The page of a repair of Bronze: what was there before, what is there after, why the rest went, and how it comes back.
 *
 * @module
 */
import { type ColorScale, contractColors } from "./contract_colors.ts";
import { type PageHead, type PageVerdict, renderPage, type Section, type TableView } from "./page.ts";
import { COLORS, compact, someOf } from "./plot.ts";
import { repairChart, type RepairRow } from "./repair_chart.ts";

/** A date's part of a repair. */
export interface RepairDate {
  /** Trade date. */
  date: string;
  /** `pass`, `warn` or `fail`, where the repair judges the date. */
  status?: "pass" | "warn" | "fail";
  /** What was decided on the date, in a few words. */
  note?: string;
  /** Rows by table and group: a contract or an ingest. */
  stock: readonly { table: string; group: string; came: number; stands: number }[];
}

/** Everything the page is made of. */
export interface RepairPageData {
  /** What the groups are. */
  groups: "contract" | "ingest";
  /** Reason that the rows set aside bear. */
  reason: string;
  /** The command, without options. */
  task: string;
  /** Dates, ascending. */
  dates: readonly RepairDate[];
}

const COPIES = { domain: ["stays", "copy of another ingest"], range: [COLORS.accent, COLORS.warm] };

function totals(dates: readonly RepairDate[]): { came: number; stands: number } {
  const all = dates.flatMap(({ stock }) => stock);
  return {
    came: all.reduce((n, { came }) => n + came, 0),
    stands: all.reduce((n, { stands }) => n + stands, 0),
  };
}

/** The one-line answer of a repair. */
export function repairVerdict({ dates }: Pick<RepairPageData, "dates">): PageVerdict {
  const { came, stands } = totals(dates), count = (n: number) => n.toLocaleString("en-US");
  const of = (status: RepairDate["status"]) =>
    dates.filter((date) => date.status === status).map((d) => d.date);
  const fail = of("fail"), warn = of("warn");
  const told = [
    came === stands
      ? `all ${count(came)} rows of ${dates.length} dates stand as they came`
      : `${count(came)} rows of ${dates.length} dates came, ${count(stands)} stand, ${
        count(came - stands)
      } are set aside`,
    ...(warn.length > 0 ? [`look at ${someOf(warn)}`] : []),
    ...(fail.length > 0 ? [`do not use ${someOf(fail)}`] : []),
  ];
  return {
    status: fail.length > 0 ? "fail" : warn.length > 0 ? "warn" : "pass",
    text: told.join("; ") + ".",
  };
}

/** Rows of a table as the chart wants them: by contract, or by whether they stay. */
function chartRows(table: string, { dates, groups }: RepairPageData): RepairRow[] {
  return dates.flatMap(({ date, stock }) =>
    stock.filter((one) => one.table === table).flatMap(({ group, came, stands }) =>
      groups === "contract" ? [{ date, group, came, stands }] : [
        { date, group: COPIES.domain[0], came: stands, stands },
        { date, group: COPIES.domain[1], came: came - stands, stands: 0 },
      ]
    )
  );
}

function decisionTable({ dates, groups }: RepairPageData): TableView[] {
  if (!dates.some(({ note }) => note)) return [];
  return [{
    caption: "Decisions",
    head: ["result", "date", groups === "contract" ? "contract, rule and share" : "what was found"],
    rows: dates.map(({ date, status, note }) => [status ?? null, date, note ?? null]),
  }];
}

function stockTable({ dates, groups }: RepairPageData): TableView {
  return {
    caption: `Rows by date, table and ${groups}: as they came, as they stand, set aside`,
    head: ["date", "table", groups, "came", "stand", "set aside"],
    rows: dates.flatMap(({ date, stock }) =>
      stock.map(({ table, group, came, stands }) => [date, table, group, came, stands, came - stands])
    ),
  };
}

/**
 * The page of a repair.
 *
 * @param head Lake, dates, commit, inputs.
 * @param data Rows before and after.
 * @returns HTML.
 */
export function repairPage(head: PageHead, data: RepairPageData): string {
  const { dates, groups, reason, task } = data, { came, stands } = totals(dates);
  const tables = [...new Set(dates.flatMap(({ stock }) => stock.map(({ table }) => table)))];
  const colors: ColorScale = groups === "contract"
    ? contractColors(dates.flatMap(({ stock }) => stock.map(({ group }) => group)))
    : COPIES;
  const sections: Section[] = [
    {
      stats: {
        "dates": dates.length,
        "rows came": compact(came),
        "rows stand": compact(stands),
        "rows set aside": compact(came - stands),
      },
    },
    {
      title: "Before and after",
      text:
        `Nothing is lost: rows set aside lie under quarantine/ with the reason "${reason}", and ${task} --restore brings every one of them back.`,
      charts: tables.map((table) => repairChart(chartRows(table, data), { table, colors })),
      tables: [...decisionTable(data), stockTable(data)],
    },
  ];
  return renderPage(head, repairVerdict(data), sections);
}
