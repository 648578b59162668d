/**
 * What the audit saw of a trade date: counts and curves that its page and notebooks show, no rows.
 *
 * @module
 */
import type { Histogram } from "../base/mod.ts";

/** What a contract's name says it is. */
export type ContractKind = "outright" | "spread" | "unnamed" | "other";

/** What a rule chooses on a date. */
export interface RuleChoice {
  /** The rule asked for. */
  rule: string;
  /** The rule that decided: a fallback where that had nothing to go by. */
  decided: string;
  /** The contract. */
  contract: string;
  /** Its share. */
  share: number;
}

/** The price of one contract over another at the end of a session. */
export interface RollSpread {
  /** The leading contract. */
  from: string;
  /** The other. */
  to: string;
  /** Median of to − from, ES points. */
  points: number;
  /** Common minutes in the median. */
  minutes: number;
  /** Recorded by the filter, or measured here. */
  origin: "recorded" | "measured";
}

/** A date's place in the roll calendar. */
export interface RollProfile {
  /** Front contract by the calendar. */
  front: string;
  /** Its expiry. */
  expiry: string;
  /** First date on which the next one is the front. */
  rolls: string;
  /** Whether a roll is so near that two contracts share the volume. */
  near: boolean;
  /** Spreads known on the date. */
  spreads: RollSpread[];
}

/** What is known of a date's contracts. */
export interface ContractProfile {
  /** The contract that statistics are of: the calendar's, or the one with most rows. */
  main: string;
  /** Shares of the contracts that belong here, largest first. */
  shares: Record<string, number>;
  /** What each rule chooses. */
  rules: RuleChoice[];
}

/** Rows of a table in one hour of a session. */
export interface HourRows {
  /** Table name. */
  table: string;
  /** Hour of the session's own span: 0 begins at 18:00 Eastern. */
  hour: number;
  /** Rows. */
  rows: number;
  /** `missing` within a reported gap, `damaged` by a file that cannot be used. */
  state: "there" | "none" | "missing" | "damaged";
}

/** One contract's numbers. */
export interface ContractRow {
  /** Name. */
  contract: string;
  /** What the name says it is. */
  kind: ContractKind;
  /** Trades. */
  trades: number;
  /** Contracts traded. */
  volume: number;
  /** Book records. */
  books: number;
  /** Mean and standard deviation of its prices, NaN without trades. */
  mean: number;
  /** See `mean`. */
  sd: number;
  /** Trade sizes: median, 90th and 99th percentile. */
  sizes: [number, number, number];
  /** Ends of events one tick wide, share; NaN without books. */
  oneTick: number;
}

/** A date's options. */
export interface OptionProfile {
  /** Prints by what they are. */
  counts: { rows: number; calls: number; zeroDte: number; multiLeg: number; late: number; cancelled: number };
  /** Contracts printed by expiration. */
  expirations: { date: string; volume: number }[];
  /** Same-day contracts by strike and quarter of an hour from the open. */
  strikes: { strike: number; cells: Float64Array }[];
  /** Minutes of a cell. */
  cellMinutes: number;
  /** Share of multi-leg prints by half-hour from the open; Float64Array. */
  multiLeg: Float64Array;
}

/** What the page shows of a trade date. Minute arrays begin at 18:00 Eastern, the session's own evening. */
export interface DayProfile {
  /** Trade date. */
  date: string;
  /** ns UTC of 18:00 Eastern. */
  startNs: bigint;
  /** Minutes from there to the Globex close. */
  minutes: number;
  /** Regular session: minutes of its open and close. */
  regular: [number, number];
  /** Rows by hour. */
  hours: HourRows[];
  /** Reported gaps by table, minutes. */
  gaps: { table: string; from: number; to: number }[];
  /** Contracts, most rows first. */
  contracts: ContractRow[];
  /** The contract that the statistics are of. */
  main: string;
  /** Last price of each minute, by outright contract. */
  paths: { contract: string; prices: Float64Array }[];
  /** Ends of events by spread, ticks: 0 locked … 20 and more. */
  spreads: Float64Array;
  /** Best sizes. */
  best: Histogram;
  /** Mean size by level: ten bids, ten asks. */
  depth: Float64Array;
  /** Trade sizes. */
  sizes: Histogram;
  /** Volume by hour from 18:00: buyers, sellers, neither. */
  sides: Float64Array;
  /** Receive delays in milliseconds, by table. */
  delays: { table: string; delays: Histogram; p50: number; p99: number }[];
  /** Rows in each minute, by table. */
  presence: { table: string; rows: Uint32Array }[];
  /** Share of the regular minutes with both ES and options. */
  overlap: number;
  /** ES/10 − SPY, dollars, NaN without pairs. */
  basis: Float64Array;
  /** SPY price by parity at each minute, NaN without pairs. */
  spot: Float64Array;
  /** Options, if there are any. */
  options?: OptionProfile;
  /** Shares and rules. */
  rules: ContractProfile;
  /** Place in the roll calendar. */
  roll: RollProfile;
}
