/**
 * Quarterly futures contracts: names, expiries and which one is the front by the calendar.
 *
 * @module
 */
import { addDays, weekday } from "./time.ts";

const QUARTERLY = { H: 3, M: 6, U: 9, Z: 12 } as const;

/** A quarterly contract such as `ESZ5`. */
export interface Contract {
  /** Name with a one-digit year, as Databento writes it: `ESZ5`. */
  name: string;
  /** Expiry: the third Friday of its month, `YYYY-MM-DD`. */
  expiry: string;
}

function thirdFriday(year: number, month: number): string {
  const first = `${year}-${String(month).padStart(2, "0")}-01`;
  return addDays(first, ((5 - weekday(first) + 7) % 7) + 14);
}

/**
 * The quarterly contracts that expire on or after a date, nearest first.
 *
 * @param root Product, such as `ES`.
 * @param date `YYYY-MM-DD`.
 * @param count How many.
 */
export function quarterlies(root: string, date: string, count: number): Contract[] {
  const found: Contract[] = [];
  for (let year = Number(date.slice(0, 4)); found.length < count; year++) {
    for (const [letter, month] of Object.entries(QUARTERLY)) {
      const expiry = thirdFriday(year, month);
      if (expiry >= date && found.length < count) {
        found.push({ name: `${root}${letter}${year % 10}`, expiry });
      }
    }
  }
  return found;
}

/**
 * The front contract of a trade date by the calendar rule: a quarterly until the Friday before its expiry
 * week, the next one from that week's Monday. Known in advance.
 *
 * @param root Product, such as `ES`.
 * @param date Trade date, `YYYY-MM-DD`.
 */
export function calendarContract(root: string, date: string): string {
  const [near, next] = quarterlies(root, date, 2);
  return date >= addDays(near.expiry, -4) ? next.name : near.name;
}

/** Whether a name is an outright quarterly contract of a product (`ESZ5`, `ESZ25`), not a spread or a stray. */
export function isOutright(root: string, name: string): boolean {
  return name.startsWith(root) && /^[HMUZ]\d{1,2}$/.test(name.slice(root.length));
}
