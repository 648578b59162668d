/**
 * What happened to the market and follows from no rule: closings announced shortly before, halts, outages. One dated
 * table, each entry with its source; the calendar, the audit and {@linkcode couldExpire} read it.
 *
 * @module
 */

/** A closing that no calendar had: until it was announced, expirations were listed for the day. */
export interface Closing {
  /** The day. */
  date: string;
  /** When it was announced. */
  announced: string;
  /** Where that is told. */
  source: string;
}

/** The days on which the NYSE was closed outside its rules. */
export const CLOSINGS: readonly Closing[] = [
  {
    date: "2018-12-05",
    announced: "2018-12-01",
    source: "NYSE notice of 1 December 2018: mourning for G. H. W. Bush",
  },
  {
    date: "2025-01-09",
    announced: "2024-12-30",
    source: "NYSE notice of 30 December 2024: mourning for J. Carter",
  },
];

/** A span of Eastern time in which a market stood still. */
export interface DatedHalt {
  /** Eastern date and time of its first moment. */
  from: [date: string, time: string];
  /** And one past its last; its date is the trade date. */
  to: [date: string, time: string];
  /** What it was. */
  what: string;
  /** Where that is told. */
  source: string;
  /** Whose trading stood still. */
  of: "futures" | "all";
}

const SEC = "SEC and CFTC staff reports on market-wide circuit breakers, March 2020; NYSE halt history";
const BREAKER = "market-wide circuit breaker, level 1";

/** The halts, in time order. */
export const HALTS: readonly DatedHalt[] = [
  { from: ["2020-03-09", "09:34:13"], to: ["2020-03-09", "09:49:13"], what: BREAKER, source: SEC, of: "all" },
  { from: ["2020-03-12", "09:35:44"], to: ["2020-03-12", "09:50:44"], what: BREAKER, source: SEC, of: "all" },
  { from: ["2020-03-16", "09:30:01"], to: ["2020-03-16", "09:45:01"], what: BREAKER, source: SEC, of: "all" },
  { from: ["2020-03-18", "12:56:17"], to: ["2020-03-18", "13:11:17"], what: BREAKER, source: SEC, of: "all" },
  {
    from: ["2025-11-27", "21:40"],
    to: ["2025-11-28", "08:30"],
    what: "outage of the exchange's data centre",
    source: "CME Group notices of 27 and 28 November 2025",
    of: "futures",
  },
];

/** Until this trade date equity futures paused daily from 16:15 to 16:30 Eastern (CME Group notice of June 2021). */
export const PAUSE_UNTIL = "2021-06-28";

/** From this date on monthly options expire on their last trading day (OCC, effective 1 February 2015). */
export const FRIDAYS_FROM = "2015-02-01";
