/**
 * What was known on a day and is not a rule: closings announced shortly before, halts, outages, and how expirations were
 * dated once. One dated table, each entry with its source.
 *
 * @module
 */
import { isTradingDay } from "./calendar.ts";
import { addDays, easternNs, weekday } from "./time.ts";

/** A closing that no calendar had: until it was announced, expirations were listed for the day. */
interface Closing {
  date: string;
  announced: string;
  source: string;
}

const CLOSINGS: readonly Closing[] = [
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

/** A span in which a market stood still. */
export interface Halt {
  /** First ns UTC. */
  startNs: bigint;
  /** One past the last ns UTC. */
  endNs: bigint;
  /** What it was. */
  what: string;
  /** Where that is told. */
  source: string;
  /** Whose trading stood still. */
  of: "futures" | "all";
}

interface DatedHalt {
  from: [date: string, time: string];
  to: [date: string, time: string];
  what: string;
  source: string;
  of: Halt["of"];
}

const SEC = "SEC and CFTC staff reports on market-wide circuit breakers, March 2020; NYSE halt history";
const BREAKER = "market-wide circuit breaker, level 1";

const HALTS: readonly DatedHalt[] = [
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

/** Until this trade date equity futures paused from 16:15 to 16:30 Eastern (CME Group notice of June 2021). */
const PAUSE_UNTIL = "2021-06-28";

/**
 * The halts of a trade date.
 *
 * @param date Trade date.
 * @returns In time order; the daily pause of former years included.
 */
export function haltsOf(date: string): Halt[] {
  const found = HALTS.filter(({ to: [day] }) => day === date).map(({ from, to, ...halt }): Halt => ({
    ...halt,
    startNs: easternNs(...from),
    endNs: easternNs(...to),
  }));
  if (date < PAUSE_UNTIL) {
    found.push({
      startNs: easternNs(date, "16:15"),
      endNs: easternNs(date, "16:30"),
      what: "daily pause",
      source: "CME Group notice of June 2021, which ended it on 28 June 2021",
      of: "futures",
    });
  }
  return found;
}

/** From this date on monthly options expire on their last trading day (OCC, effective 1 February 2015). */
const FRIDAYS_FROM = "2015-02-01";

/**
 * Whether an option could be listed with an expiration, as known on a day: a trading day; one closed since by an
 * announcement; until February 2015 the Saturday after a trading Friday.
 *
 * @param expiration The expiration, `YYYY-MM-DD`.
 * @param known The day of the print, `YYYY-MM-DD`.
 */
export function couldExpire(expiration: string, known: string): boolean {
  if (isTradingDay(expiration)) return true;
  if (CLOSINGS.some(({ date, announced }) => date === expiration && known <= announced)) return true;
  return expiration < FRIDAYS_FROM && weekday(expiration) === 6 && isTradingDay(addDays(expiration, -1));
}
