import assert from "node:assert/strict";
import {
  CALENDAR_YEARS,
  easternClock,
  globexSpan,
  globexSpans,
  holidays,
  sessionOf,
  tradingDays,
} from "../../lib/base/mod.ts";
import { requires } from "../helpers/requires.ts";

/** Eastern clock of a day's open and close; undefined where there is no session. */
function clocks(day: string): [string, string] | undefined {
  const span = globexSpan(day);
  return span && [easternClock(span.openNs), easternClock(span.closeNs)];
}

Deno.test("globexSpan() knows the golden dates", () => {
  const closes: Record<string, string | undefined> = {
    "2025-07-03": "13:15:00",
    "2025-07-04": "13:00:00",
    "2025-11-27": "13:00:00",
    "2025-11-28": "13:15:00",
    "2025-12-24": "13:15:00",
    "2025-12-25": undefined,
    "2026-01-01": undefined,
    "2025-06-19": "13:00:00",
    "2025-01-20": "13:00:00",
    "2025-01-09": "09:30:00",
    "2018-12-05": "09:30:00",
    "2025-04-18": undefined,
    "2026-04-03": "09:15:00",
    "2026-07-03": "13:00:00",
    "2025-03-10": "17:00:00",
    "2025-11-03": "17:00:00",
    "2025-11-29": undefined,
  };
  for (const [day, close] of Object.entries(closes)) {
    assert.deepEqual(clocks(day), close && ["18:00:00", close], day);
  }
});

Deno.test("globexSpans() gives a date its own session last and those of the holidays before it", () => {
  const of = (date: string) => globexSpans(sessionOf(date)).map(({ day, holiday }) => [day, holiday]);
  assert.deepEqual(of("2025-12-16"), [["2025-12-16", undefined]]);
  assert.deepEqual(of("2025-01-21"), [["2025-01-20", "Martin Luther King Jr. Day"], [
    "2025-01-21",
    undefined,
  ]]);
  assert.deepEqual(of("2023-12-26"), [["2023-12-26", undefined]]);
  assert.deepEqual(of("2025-01-10"), [["2025-01-09", "Day of mourning"], ["2025-01-10", undefined]]);
  assert.deepEqual(of("2026-04-06"), [["2026-04-03", "Good Friday"], ["2026-04-06", undefined]]);
});

Deno.test("globexSpans() lies inside its session and ends with the session's own bounds", () => {
  for (const date of tradingDays("2024-11-20", "2026-01-31")) {
    const session = sessionOf(date), spans = globexSpans(session);
    assert.ok(spans[0].openNs >= session.startNs, date);
    assert.equal(spans.at(-1)!.openNs, session.overnightNs, date);
    assert.equal(spans.at(-1)!.closeNs, session.globexCloseNs, date);
    for (let i = 1; i < spans.length; i++) assert.ok(spans[i].openNs >= spans[i - 1].closeNs, date);
  }
});

Deno.test("globexSpan() agrees with the CME Globex calendar of pandas_market_calendars, 2015 to 2030", async () => {
  if (!requires("python:pandas_market_calendars", "CME Globex calendar")) return;
  const script = `
import json, pandas_market_calendars as m
s = m.get_calendar("CME Globex Equity").schedule("2015-01-01", "2030-12-31")
ny = lambda c: s[c].dt.tz_convert("America/New_York").dt.strftime("%H:%M:%S")
print(json.dumps(dict(zip(s.index.strftime("%Y-%m-%d"), zip(ny("market_open"), ny("market_close"))))))`;
  const out = await new Deno.Command("python3", { args: ["-c", script] }).output();
  const known = JSON.parse(new TextDecoder().decode(out.stdout)) as Record<string, [string, string]>;
  const [first, last] = CALENDAR_YEARS;
  const unlike: string[] = [];
  for (let t = Date.UTC(first, 0, 1); t < Date.UTC(last + 1, 0, 1); t += 86_400_000) {
    const day = new Date(t).toISOString().slice(0, 10);
    if (String(clocks(day)) !== String(known[day])) unlike.push(day);
  }
  // It has an early session on every Good Friday from 2024 on, the CME only on those of an employment report; and it
  // does not know the days of mourning.
  const expected = [];
  for (let year = first; year <= last; year++) {
    for (const [day, name] of holidays(year)) {
      const disputed = name === "Good Friday" && year >= 2024 && Number(day.slice(8)) > 7;
      if (disputed || name === "Day of mourning") expected.push(day);
    }
  }
  assert.deepEqual(unlike, expected.sort());
});

Deno.test("globexSpan() agrees with the CMES calendar of exchange_calendars, 2015 to 2030, but where that is coarse", async () => {
  if (!requires("python:exchange_calendars", "CMES calendar")) return;
  const script = `
import json, exchange_calendars as x
s = x.get_calendar("CMES", start="2015-01-01", end="2030-12-31").schedule
ny = lambda c: s[c].dt.tz_convert("America/New_York").dt.strftime("%H:%M:%S")
print(json.dumps(dict(zip(s.index.strftime("%Y-%m-%d"), zip(ny("open"), ny("close"))))))`;
  const out = await new Deno.Command("python3", { args: ["-c", script] }).output();
  const known = JSON.parse(new TextDecoder().decode(out.stdout)) as Record<string, [string, string]>;
  const [first, last] = CALENDAR_YEARS, unlike: string[] = [];
  // It has all CME products in one: no pause from 17:00 on, 13:00 for 13:15, and it knows neither the equity products'
  // halts on Juneteenth and before Independence Day nor the short sessions of Good Fridays and days of mourning.
  const coarse = (day: string, own: string | undefined) => {
    const name = holidays(Number(day.slice(0, 4))).get(day);
    if (name === "Good Friday" || name === "Day of mourning") return undefined;
    if (name === "Juneteenth" || own && day.endsWith("-07-03") && !name) return "18:00:00";
    return own === "17:00:00" ? "18:00:00" : own === "13:15:00" ? "13:00:00" : own;
  };
  for (let t = Date.UTC(first, 0, 1); t < Date.UTC(last + 1, 0, 1); t += 86_400_000) {
    const day = new Date(t).toISOString().slice(0, 10), own = clocks(day);
    const close = coarse(day, own?.[1]);
    if (String(close && ["18:00:00", close]) !== String(known[day])) {
      unlike.push(`${day} ${own} ${known[day]}`);
    }
  }
  assert.deepEqual(unlike, []);
  assert.ok(Object.keys(known).length > 4000);
});
