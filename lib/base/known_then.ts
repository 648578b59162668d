/**
 * What was known on a day: its halts, and which expirations could be listed.
 *
 * @module
 */
import { isTradingDay, tradingDays } from "./calendar.ts";
import { CLOSINGS, FRIDAYS_FROM, HALTS, PAUSE_UNTIL } from "./dated_events.ts";
import { addDays, easternNs, weekday } from "./time.ts";

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

/**
 * How many trading days a span has by what was known on a day: one that was closed later by an announcement counts.
 *
 * @param first First date, `YYYY-MM-DD`.
 * @param last Last date, included.
 * @param known The day on which that is asked.
 */
export function tradingDaysKnown(first: string, last: string, known: string): number {
  const closed = CLOSINGS.filter(({ date, announced }) =>
    first <= date && date <= last && known <= announced
  );
  return tradingDays(first, last).length + closed.length;
}

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
