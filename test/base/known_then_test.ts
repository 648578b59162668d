import assert from "node:assert/strict";
import { couldExpire, formatNs, haltsOf, parseDates, tradingDaysKnown } from "../../lib/base/mod.ts";

Deno.test("couldExpire() knows what was known then: closings announced later, Saturdays until February 2015", () => {
  // 2025-01-09 was a listed expiration until the closing was announced on 2024-12-30.
  assert.equal(couldExpire("2025-01-09", "2024-12-27"), true);
  assert.equal(couldExpire("2025-01-09", "2024-12-30"), true);
  assert.equal(couldExpire("2025-01-09", "2024-12-31"), false);
  assert.equal(couldExpire("2018-12-05", "2018-11-30"), true);
  // Monthly options of January 2015 expired on Saturday the 17th; from February on on Fridays.
  assert.equal(couldExpire("2015-01-17", "2015-01-05"), true);
  assert.equal(couldExpire("2015-01-18", "2015-01-05"), false);
  assert.equal(couldExpire("2015-02-21", "2015-02-02"), false);
  assert.equal(couldExpire("2015-02-20", "2015-02-02"), true);
  assert.equal(couldExpire("2025-12-25", "2025-12-01"), false);
});

Deno.test("tradingDaysKnown() counts a day whose closing was not announced yet", () => {
  // 8, 9 and 10 January 2025; the 9th was closed.
  assert.equal(tradingDaysKnown("2025-01-08", "2025-01-10", "2024-12-30"), 3);
  assert.equal(tradingDaysKnown("2025-01-08", "2025-01-10", "2024-12-31"), 2);
  assert.equal(tradingDaysKnown("2025-01-09", "2025-01-09", "2024-12-27"), 1);
  assert.equal(tradingDaysKnown("2025-01-13", "2025-01-17", "2024-12-27"), 5);
});

Deno.test("haltsOf() tells the daily pause until June 2021, the circuit breakers of March 2020 and the outage of 2025", () => {
  const told = (date: string) =>
    haltsOf(date).map(({ startNs, endNs, of }) =>
      `${formatNs(startNs).slice(11, 19)}-${formatNs(endNs).slice(11, 19)} ${of}`
    );
  assert.deepEqual(told("2021-06-25"), ["20:15:00-20:30:00 futures"]);
  assert.deepEqual(told("2021-06-28"), []);
  assert.deepEqual(told("2020-03-16"), ["13:30:01-13:45:01 all", "20:15:00-20:30:00 futures"]);
  assert.deepEqual(told("2025-11-28"), ["02:40:00-13:30:00 futures"]);
  assert.ok(haltsOf("2020-03-18").every(({ source }) => source.length > 10));
});

Deno.test("parseDates() refuses dates outside the calendar's years by name", () => {
  assert.throws(
    () => parseDates("2014-12-30..2015-01-05"),
    /the exchange calendar covers 2015 to 2030, not 2014-12-30/,
  );
  assert.throws(() => parseDates("2031-01-02", "--date"), /--date.*not 2031-01-02/);
  assert.deepEqual(parseDates("2015-01-02..2015-01-05"), ["2015-01-02", "2015-01-05"]);
});
