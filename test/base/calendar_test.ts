import assert from "node:assert/strict";
import {
  CALENDAR_YEARS,
  easternNs,
  formatNs,
  holidays,
  isEarlyClose,
  isTradingDay,
  nextTradingDay,
  parseDates,
  previousTradingDay,
  sessionHours,
  sessionOf,
  tradeDateOf,
  tradingDays,
  UsageError,
  weekday,
} from "../../lib/base/mod.ts";
import { requires } from "../helpers/requires.ts";

Deno.test("isTradingDay() knows the golden dates", () => {
  const closed = [
    "2025-04-18",
    "2025-06-19",
    "2025-01-09",
    "2018-12-05",
    "2025-11-27",
    "2026-07-03",
    "2025-12-25",
  ];
  for (const date of closed) assert.equal(isTradingDay(date), false, date);
  const open = ["2025-07-03", "2025-11-28", "2021-06-18", "2021-12-31", "2025-10-13", "2025-11-11"];
  for (const date of open) assert.equal(isTradingDay(date), true, date);
});

Deno.test("isEarlyClose() knows the half-days", () => {
  for (const date of ["2025-07-03", "2025-11-28", "2025-12-24", "2023-07-03"]) {
    assert.equal(isEarlyClose(date), true, date);
  }
  for (const date of ["2025-07-02", "2021-12-23", "2022-12-23", "2025-12-26"]) {
    assert.equal(isEarlyClose(date), false, date);
  }
});

Deno.test("sessionOf() bounds a day in Eastern time on both sides of the clock changes", () => {
  assert.equal(formatNs(sessionOf("2025-03-07").openNs), "2025-03-07T14:30:00.000000000Z");
  assert.equal(formatNs(sessionOf("2025-03-10").openNs), "2025-03-10T13:30:00.000000000Z");
  assert.equal(formatNs(sessionOf("2025-10-31").closeNs), "2025-10-31T20:00:00.000000000Z");
  assert.equal(formatNs(sessionOf("2025-11-03").closeNs), "2025-11-03T21:00:00.000000000Z");
  assert.equal(formatNs(sessionOf("2025-11-28").closeNs), "2025-11-28T18:00:00.000000000Z");
  assert.equal(formatNs(sessionOf("2025-11-03").overnightNs), "2025-11-02T23:00:00.000000000Z");
  assert.throws(() => sessionOf("2025-12-25"), UsageError);
});

Deno.test("sessions tile all time and agree with tradeDateOf()", () => {
  const days = tradingDays("2024-12-20", "2025-04-30");
  for (let i = 1; i < days.length; i++) {
    const session = sessionOf(days[i]);
    assert.equal(session.startNs, sessionOf(days[i - 1]).endNs, days[i]);
    assert.equal(tradeDateOf(session.startNs), days[i]);
    assert.equal(tradeDateOf(session.endNs - 1n), days[i]);
    assert.equal(tradeDateOf(session.overnightNs), days[i]);
    const hours = sessionHours(session);
    assert.equal(BigInt(hours[0]) * 3_600_000_000_000n, session.startNs);
    assert.equal(BigInt(hours.at(-1)! + 1) * 3_600_000_000_000n, session.endNs);
  }
});

Deno.test("tradeDateOf() moves a holiday's and a weekend's Globex hours to the next trading day", () => {
  assert.equal(tradeDateOf(easternNs("2025-11-30", "19:00")), "2025-12-01");
  assert.equal(tradeDateOf(easternNs("2025-01-20", "11:00")), "2025-01-21");
  assert.equal(tradeDateOf(easternNs("2023-12-25", "18:30")), "2023-12-26");
  assert.equal(tradeDateOf(easternNs("2025-01-09", "08:00")), "2025-01-10");
});

Deno.test("nextTradingDay() and previousTradingDay() undo each other", () => {
  for (const date of tradingDays("2025-06-01", "2026-01-31")) {
    assert.equal(previousTradingDay(nextTradingDay(date)), date);
  }
});

Deno.test("holidays() never fall on a weekend", () => {
  for (let year = CALENDAR_YEARS[0]; year <= CALENDAR_YEARS[1]; year++) {
    for (const [date, name] of holidays(year)) assert.ok(![0, 6].includes(weekday(date)), `${date} ${name}`);
  }
});

Deno.test("parseDates() reads one date or a range and refuses the rest", () => {
  assert.deepEqual(parseDates("2025-11-26..2025-12-01"), ["2025-11-26", "2025-11-28", "2025-12-01"]);
  assert.deepEqual(parseDates("2025-12-16"), ["2025-12-16"]);
  for (
    const bad of ["2025-02-30", "today", "2025-12-02..2025-12-01", "2025-12-25", "2025-11-29..2025-11-30"]
  ) {
    assert.throws(() => parseDates(bad), UsageError, bad);
  }
});

Deno.test("isTradingDay() and isEarlyClose() agree with the NYSE calendar of exchange_calendars, 2015 to 2030", async () => {
  if (!requires("python:exchange_calendars", "NYSE calendar")) return;
  const script = `
import exchange_calendars as x, json
c = x.get_calendar("XNYS", start="2015-01-01", end="2030-12-31")
days = [d.strftime("%Y-%m-%d") for d in c.sessions]
early = [d.strftime("%Y-%m-%d") for d in c.early_closes]
print(json.dumps([days, early]))`;
  const out = await new Deno.Command("python3", { args: ["-c", script] }).output();
  const [days, early] = JSON.parse(new TextDecoder().decode(out.stdout)) as [string[], string[]];
  assert.deepEqual(tradingDays(days[0], days.at(-1)!), days);
  assert.deepEqual(days.filter(isEarlyClose), early);
  assert.equal(days.at(-1), "2030-12-31");
});
