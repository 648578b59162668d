/**
 * What the audit's page shows of a trade date: counts and curves, no rows.
 *
 * @module
 */
import {
  dateOfDay,
  type Histogram,
  HOUR_NS,
  MINUTE_NS,
  quantileOf,
  SECOND_NS,
  sizeHistogram,
} from "../../base/mod.ts";
import type { BookChecks, ContractBooks } from "./books.ts";
import type {
  ContractProfile,
  ContractRow,
  DayProfile,
  HourRows,
  OptionProfile,
  RollProfile,
} from "../../schema/mod.ts";
import type { Gap } from "./coverage.ts";
import type { Day } from "./day.ts";
import { type OptionChecks, STRIKE_MINUTES } from "./options.ts";
import type { TableRows } from "./rows.ts";
import { type ContractTrades, meanAndSd, type TradeChecks } from "./trades.ts";

/** Everything a profile is made of. */
export interface ProfileInputs {
  /** The day. */
  day: Day;
  /** Rows by hour, by table. */
  tables: readonly TableRows[];
  /** Reported gaps, by table. */
  gaps: readonly { table: string; gaps: readonly Gap[] }[];
  /** Trades. */
  trades: TradeChecks;
  /** Books. */
  books: BookChecks;
  /** Options. */
  options: OptionChecks;
  /** ES/10 − SPY by minute of the session, dollars. */
  basis: Float64Array;
  /** Last ES price at each second of the session. */
  es: Float64Array;
  /** Share of the regular minutes with both. */
  overlap: number;
  /** Shares and rules. */
  rules: ContractProfile;
  /** Place in the roll calendar. */
  roll: RollProfile;
}

/** Cuts a session's arrays down to the date's own span. */
export function profileOf(inputs: ProfileInputs): DayProfile {
  const { day, trades, books, options, rules } = inputs;
  const from = day.parts[0].from / MINUTE_NS, to = day.parts[3].to / MINUTE_NS, minutes = to - from;
  const mainTrades = trades.contracts.get(rules.main), mainBooks = books.contracts.get(rules.main);
  const own = <T extends Float64Array | Uint32Array>(values: T): T => values.slice(from, to) as T;
  return {
    date: day.date,
    startNs: day.session.overnightNs,
    minutes,
    regular: [day.open / MINUTE_NS - from, day.close / MINUTE_NS - from],
    hours: inputs.tables.flatMap((rows) => hourRows(day, rows, inputs.gaps)),
    gaps: inputs.gaps.flatMap(({ table, gaps }) =>
      gaps.map((gap) => ({ table, from: gap.from / MINUTE_NS - from, to: gap.to / MINUTE_NS - from }))
    ),
    contracts: contractRows(trades, books),
    main: rules.main,
    paths: [...trades.contracts.values()].filter(({ kind }) => kind !== "spread").map((contract) => ({
      contract: contract.contract,
      prices: own(minutePrices(contract)),
    })),
    spreads: mainBooks?.spreads ?? new Float64Array(),
    best: mainBooks?.best ?? sizeHistogram(),
    depth: mainBooks ? mainBooks.depth.map((sum) => sum / mainBooks.events) : new Float64Array(),
    sizes: mainTrades?.sizes ?? sizeHistogram(),
    sides: (mainTrades?.sides ?? new Float64Array()).slice(3 * from / 60),
    delays: [
      delayRow("futures.trades", trades.late.delays),
      delayRow("futures.mbp10", books.late.delays),
    ],
    presence: [
      { table: "futures.trades", rows: own(trades.coverage.rows) },
      { table: "futures.mbp10", rows: own(books.coverage.rows) },
      { table: "options.trades", rows: own(options.coverage.rows) },
    ],
    overlap: inputs.overlap,
    basis: own(inputs.basis),
    spot: own(options.ratio.map((ratio, m) => ratio * inputs.es[m * 60 + 59])),
    ...(options.counts.rows > 0 ? { options: optionProfile(day, options) } : {}),
    rules,
    roll: inputs.roll,
  };
}

function hourRows(
  day: Day,
  { table: { name }, hours, damaged }: TableRows,
  gaps: ProfileInputs["gaps"],
): HourRows[] {
  const start = Number(day.session.overnightNs / BigInt(HOUR_NS)), offset = day.parts[0].from;
  const last = Math.ceil((day.parts[3].to - offset) / HOUR_NS);
  const own = gaps.filter(({ table }) => table === name).flatMap((entry) => entry.gaps);
  return Array.from({ length: last }, (_, hour) => {
    const rows = hours.get(start + hour) ?? 0, from = offset + hour * HOUR_NS;
    const silent = own.some((gap) => gap.from < from + HOUR_NS && gap.to > from);
    const state = damaged.has(start + hour) ? "damaged" : rows > 0 ? "there" : silent ? "missing" : "none";
    return { table: name, hour, rows, state };
  });
}

function contractRows(trades: TradeChecks, books: BookChecks): ContractRow[] {
  const names = new Set([...trades.contracts.keys(), ...books.contracts.keys()]);
  return [...names].map((contract) => {
    const t = trades.contracts.get(contract), b = books.contracts.get(contract);
    const { mean, sd } = t ? meanAndSd(t) : { mean: NaN, sd: NaN };
    const quantile = (share: number) => t ? quantileOf(t.sizes, share) : NaN;
    const row: ContractRow = {
      contract,
      kind: (t ?? b)!.kind,
      trades: t?.rows ?? 0,
      volume: t?.whole ?? 0,
      books: b?.rows ?? 0,
      mean,
      sd,
      sizes: [quantile(0.5), quantile(0.9), quantile(0.99)],
      oneTick: oneTickShare(b),
    };
    return row;
  }).sort((a, b) => b.trades + b.books - a.trades - a.books);
}

function oneTickShare(books: ContractBooks | undefined): number {
  return books && books.kind !== "spread" ? books.spreads[1] / books.events : NaN;
}

/** Last good price of each minute of the session. */
function minutePrices({ seconds }: ContractTrades): Float64Array {
  const perMinute = MINUTE_NS / SECOND_NS, out = new Float64Array(seconds.length / perMinute).fill(NaN);
  for (let s = 0; s < seconds.length; s++) {
    if (!Number.isNaN(seconds[s])) out[Math.floor(s / perMinute)] = seconds[s];
  }
  return out;
}

function delayRow(table: string, delays: Histogram): DayProfile["delays"][number] {
  return { table, delays, p50: quantileOf(delays, 0.5), p99: quantileOf(delays, 0.99) };
}

function optionProfile({ open, close }: Day, options: OptionChecks): OptionProfile {
  const first = open / MINUTE_NS, halves = Math.ceil((close - open) / MINUTE_NS / 30);
  const multiLeg = Float64Array.from({ length: halves }, (_, k) => {
    let prints = 0, multi = 0;
    for (let m = first + 30 * k; m < first + 30 * (k + 1); m++) {
      prints += options.coverage.rows[m];
      multi += options.multiLeg[m];
    }
    return multi / prints;
  });
  return {
    counts: options.counts,
    expirations: [...options.expirations].sort(([a], [b]) => a - b)
      .map(([day, volume]) => ({ date: dateOfDay(day), volume })),
    strikes: [...options.strikes].sort(([a], [b]) => a - b).map(([strike, cells]) => ({ strike, cells })),
    cellMinutes: STRIKE_MINUTES,
    multiLeg,
  };
}
