/**
 * The exchange calendar: NYSE trading days and early closes, and the CME Globex sessions around them.
 *
 * Rules: NYSE Rule 7.2 and its published holiday and early-close lists; special closings are listed by date.
 *
 * @module
 */
import { CLOSINGS } from "./dated_events.ts";
import { UsageError } from "./errors.ts";
import {
  addDays,
  dateOfDay,
  dayNumber,
  easternDate,
  easternNs,
  HOUR_NS,
  parseDate,
  weekday,
} from "./time.ts";

/** A trade date and the moments that bound it, all ns UTC. */
export interface Session {
  /** Trade date, `YYYY-MM-DD`. */
  date: string;
  /** First moment of the trade date: 18:00 Eastern of the previous trading day. Sessions tile all time. */
  startNs: bigint;
  /** Globex open: 18:00 Eastern of the evening before `date`. */
  overnightNs: bigint;
  /** Premarket start, 04:00 Eastern. */
  premarketNs: bigint;
  /** Regular session open, 09:30 Eastern. */
  openNs: bigint;
  /** Regular session close, 16:00 Eastern, 13:00 on early closes. */
  closeNs: bigint;
  /** Globex close: 17:00 Eastern, 13:15 on early closes. */
  globexCloseNs: bigint;
  /** One past the trade date: 18:00 Eastern of `date`. */
  endNs: bigint;
  /** Whether the regular session closes at 13:00. */
  earlyClose: boolean;
}

/** First and last year the rules are checked for. */
export const CALENDAR_YEARS = [2015, 2030] as const;

/** Whether a date lies in the years that the calendar knows. */
export function isInCalendar(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return year >= CALENDAR_YEARS[0] && year <= CALENDAR_YEARS[1];
}

/**
 * Dates that all lie in the calendar's years.
 *
 * @param dates `YYYY-MM-DD`.
 * @param what What they are of, for the message.
 * @throws {UsageError} If one does not, by its name.
 */
export function calendarDates(dates: string[], what: string): string[] {
  const outside = dates.find((date) => !isInCalendar(date));
  if (outside === undefined) return dates;
  throw new UsageError(
    `Cannot use ${what}: the exchange calendar covers ${CALENDAR_YEARS.join(" to ")}, not ${outside}`,
  );
}

/**
 * Names of the NYSE's holidays that close it, by date, for one year.
 *
 * @param year Calendar year.
 */
export function holidays(year: number): Map<string, string> {
  const days = new Map<string, string>();
  const add = (date: string, name: string) => days.set(date, name);
  // A New Year's Day on a Saturday is not made up for: the Friday is the year's last trading day.
  if (weekday(`${year}-01-01`) !== 6) add(observed(`${year}-01-01`), "New Year's Day");
  add(nthWeekday(year, 1, 1, 3), "Martin Luther King Jr. Day");
  add(nthWeekday(year, 2, 1, 3), "Washington's Birthday");
  add(addDays(easter(year), -2), "Good Friday");
  add(addDays(nthWeekday(year, 6, 1, 1), -7), "Memorial Day");
  if (year >= 2022) add(observed(`${year}-06-19`), "Juneteenth");
  add(observed(`${year}-07-04`), "Independence Day");
  add(nthWeekday(year, 9, 1, 1), "Labor Day");
  add(nthWeekday(year, 11, 4, 4), "Thanksgiving Day");
  add(observed(`${year}-12-25`), "Christmas Day");
  for (const { date } of CLOSINGS) if (date.startsWith(`${year}-`)) add(date, "Day of mourning");
  return days;
}

/** Whether the NYSE opens on a date. */
export function isTradingDay(date: string): boolean {
  const day = weekday(date);
  return day !== 0 && day !== 6 && !holidaysOf(Number(date.slice(0, 4))).has(date);
}

/** Whether the NYSE closes at 13:00 Eastern on a date: the day before Independence Day and Christmas, the day after Thanksgiving. */
export function isEarlyClose(date: string): boolean {
  if (!isTradingDay(date)) return false;
  const year = Number(date.slice(0, 4));
  return date === `${year}-07-03` || date === `${year}-12-24` ||
    date === addDays(nthWeekday(year, 11, 4, 4), 1);
}

/** The first trading day after a date. */
export function nextTradingDay(date: string): string {
  let next = addDays(date, 1);
  while (!isTradingDay(next)) next = addDays(next, 1);
  return next;
}

/** The last trading day before a date. */
export function previousTradingDay(date: string): string {
  let previous = addDays(date, -1);
  while (!isTradingDay(previous)) previous = addDays(previous, -1);
  return previous;
}

/**
 * The trade date of a moment: the Eastern date six hours later, moved to the next trading day if the exchange is closed.
 *
 * @param ns ns UTC.
 */
export function tradeDateOf(ns: bigint): string {
  const eastern = easternDate(ns);
  const date = ns >= easternNs(eastern, "18:00") ? addDays(eastern, 1) : eastern;
  return isTradingDay(date) ? date : nextTradingDay(date);
}

const sessions = new Map<string, Session>();

/**
 * The session of a trade date.
 *
 * @param date A trading day.
 * @throws {UsageError} If the exchange is closed on it.
 */
export function sessionOf(date: string): Session {
  const known = sessions.get(date);
  if (known) return known;
  if (!isTradingDay(date)) {
    throw new UsageError(`Cannot use ${date}: the exchange is closed, wanted a trading day`);
  }
  const earlyClose = isEarlyClose(date);
  const session: Session = {
    date,
    startNs: easternNs(previousTradingDay(date), "18:00"),
    overnightNs: easternNs(addDays(date, -1), "18:00"),
    premarketNs: easternNs(date, "04:00"),
    openNs: easternNs(date, "09:30"),
    closeNs: easternNs(date, earlyClose ? "13:00" : "16:00"),
    globexCloseNs: easternNs(date, earlyClose ? "13:15" : "17:00"),
    endNs: easternNs(date, "18:00"),
    earlyClose,
  };
  sessions.set(date, session);
  return session;
}

/** Trading days from `first` to `last`, both included. */
export function tradingDays(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = dayNumber(first); day <= dayNumber(last); day++) {
    const date = dateOfDay(day);
    if (isTradingDay(date)) days.push(date);
  }
  return days;
}

/**
 * Trading days named by `--date D` or `--dates A..B`.
 *
 * @param text `YYYY-MM-DD` or `YYYY-MM-DD..YYYY-MM-DD`.
 * @param option Where it was given, for the message.
 * @throws {UsageError} If it cannot be read, runs backwards, leaves the calendar's years or holds no trading day.
 */
export function parseDates(text: string, option = "--dates"): string[] {
  const [first, last = first] = text.split("..").map((part) => parseDate(part, option));
  if (first > last) throw new UsageError(`Cannot read ${option} "${text}": the first date is after the last`);
  calendarDates([first, last], `${option} "${text}"`);
  const days = tradingDays(first, last);
  if (days.length === 0) {
    throw new UsageError(`Cannot use ${option} "${text}": the exchange is closed on all of it`);
  }
  return days;
}

/** UTC hour numbers of a session's Bronze partitions, first to last; session bounds fall on whole hours. */
export function sessionHours(session: Session): number[] {
  const first = Number(session.startNs / BigInt(HOUR_NS));
  const last = Number(session.endNs / BigInt(HOUR_NS));
  return Array.from({ length: last - first }, (_, i) => first + i);
}

const holidayCache = new Map<number, Map<string, string>>();
function holidaysOf(year: number): Map<string, string> {
  let days = holidayCache.get(year);
  if (!days) holidayCache.set(year, days = holidays(year));
  return days;
}

function observed(date: string): string {
  const day = weekday(date);
  return day === 6 ? addDays(date, -1) : day === 0 ? addDays(date, 1) : date;
}

function nthWeekday(year: number, month: number, day: number, nth: number): string {
  const first = `${year}-${String(month).padStart(2, "0")}-01`;
  return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (nth - 1));
}

/** Easter Sunday, Gregorian (Meeus, Astronomical Algorithms, chapter 8). */
function easter(year: number): string {
  const a = year % 19, b = Math.floor(year / 100), c = year % 100;
  const d = Math.floor(b / 4), e = b % 4, f = Math.floor((b + 8) / 25), g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30, i = Math.floor(c / 4), k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7, m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return `${year}-${String(Math.floor(n / 31)).padStart(2, "0")}-${String((n % 31) + 1).padStart(2, "0")}`;
}
