/**
 * When CME Globex trades equity-index futures: the evening session of every weekday, holidays' short sessions,
 * early closes and the days on which it stays shut.
 *
 * Where the CME differs from the NYSE: on the NYSE's holidays it trades until 13:00 Eastern, but is shut on New Year's
 * Day and Christmas Day; it ends at 13:15 where the NYSE closes at 13:00; on Good Friday it is shut too, but for a session
 * until 09:15 when the employment report falls on it (2015, 2021, 2023, 2026); on days of mourning (2018-12-05,
 * 2025-01-09) it trades until 09:30 Eastern. A holiday's session belongs to the next trade date.
 *
 * Rules: CME Group's published Globex holiday hours for equity products. The quarter-hour halt at 16:15, in force until
 * June 2021, is inside a span.
 *
 * @module
 */
import { holidays, isEarlyClose, isTradingDay, type Session } from "./calendar.ts";
import { addDays, dateOfDay, dayNumber, easternNs, weekday } from "./time.ts";

/** A span in which Globex trades. */
export interface GlobexSpan {
  /** The CME's trading day, `YYYY-MM-DD`; an exchange holiday where the NYSE is closed. */
  day: string;
  /** 18:00 Eastern of the evening before. */
  openNs: bigint;
  /** One past the last moment. */
  closeNs: bigint;
  /** Name of the exchange holiday, of a day on which the NYSE is closed. */
  holiday?: string;
}

/** Holidays without any session: the market is shut from the close before to 18:00 Eastern of the day. */
const SHUT = ["New Year's Day", "Christmas Day"];

/** Days of mourning have a session up to the NYSE's usual open. */
const MOURNING_CLOSE = "09:30";

/**
 * Good Friday has no session, but on the Friday of the employment report (the month's first) one until 09:15.
 *
 * @param date A Good Friday.
 */
function goodFridayClose(date: string): string | undefined {
  return Number(date.slice(8)) <= 7 ? "09:15" : undefined;
}

/** Eastern time at which a weekday's Globex session ends; undefined where there is none. */
function closingTime(day: string, holiday: string | undefined): string | undefined {
  if (holiday === undefined) return isEarlyClose(day) ? "13:15" : "17:00";
  if (SHUT.includes(holiday)) return undefined;
  if (holiday === "Good Friday") return goodFridayClose(day);
  return holiday === "Day of mourning" ? MOURNING_CLOSE : "13:00";
}

/**
 * The Globex session of a calendar day, which opens on the evening before.
 *
 * @param day `YYYY-MM-DD`.
 * @returns Undefined on weekends and on the days the market is shut.
 */
export function globexSpan(day: string): GlobexSpan | undefined {
  if (weekday(day) === 0 || weekday(day) === 6) return undefined;
  const holiday = isTradingDay(day) ? undefined : holidays(Number(day.slice(0, 4))).get(day);
  const closes = closingTime(day, holiday);
  if (closes === undefined) return undefined;
  const span = { day, openNs: easternNs(addDays(day, -1), "18:00"), closeNs: easternNs(day, closes) };
  return holiday === undefined ? span : { ...span, holiday };
}

/**
 * The spans of a trade date, the holidays' in front of it included, in time order: the last is the date's own.
 *
 * @param session The trade date.
 */
export function globexSpans(session: Session): GlobexSpan[] {
  const spans: GlobexSpan[] = [];
  // A trade date that follows closed days begins on the evening of the last trading day before them.
  const last = dayNumber(session.date);
  for (let day = last;; day--) {
    const date = dateOfDay(day);
    if (day < last && isTradingDay(date)) return spans;
    const span = globexSpan(date);
    if (span) spans.unshift(span);
  }
}
