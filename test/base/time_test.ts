import assert from "node:assert/strict";
import {
  absoluteNs,
  addDays,
  dateOfDay,
  dayNumber,
  easternClock,
  easternDate,
  easternNs,
  formatNs,
  hourOfPartition,
  hoursOf,
  parseDate,
  partitionOfHour,
  Random,
  relativeNs,
  UsageError,
  utcDate,
  weekday,
} from "../../lib/base/mod.ts";

Deno.test("relativeNs() and absoluteNs() are inverse and exact to the nanosecond", () => {
  const random = new Random("time");
  const origin = 1_765_749_600_123_456_789n;
  const ts = BigInt64Array.from(
    { length: 5000 },
    () => origin + BigInt(Math.floor((random.uniform() - 0.2) * 9e15)),
  );
  const offsets = relativeNs(ts, origin);
  ts.forEach((t, i) => assert.equal(BigInt(offsets[i]), t - origin));
  assert.deepEqual(absoluteNs(offsets, origin), ts);
});

Deno.test("hoursOf() floors across the epoch, across far timestamps and at the last nanosecond of an hour", () => {
  const hour = 3_600_000_000_000n;
  const ts = [
    0n,
    -1n,
    hour - 1n,
    hour,
    1_765_800_000_000_000_000n - 1n,
    4_102_444_800_000_000_000n,
    -(2n ** 62n),
  ];
  const floor = (t: bigint) => Number((t - ((t % hour) + hour) % hour) / hour);
  assert.deepEqual([...hoursOf(BigInt64Array.from(ts))], ts.map(floor));
});

Deno.test("partitionOfHour() and hourOfPartition() are inverse", () => {
  for (const hour of [0, 490499, 490500, 263000]) {
    const { date, hour: hh } = partitionOfHour(hour);
    assert.equal(hourOfPartition(date, hh), hour);
  }
});

Deno.test("Eastern conversions do not depend on the machine's time zone", async () => {
  const url = new URL("../../lib/base/mod.ts", import.meta.url);
  const code = `const b = await import(${JSON.stringify(url.href)});
    const n = b.easternNs("2025-03-09", "18:00");
    console.log(b.formatNs(n), b.easternDate(n), b.easternClock(n), b.dayNumber("2025-12-16"), b.dateOfDay(20438), b.weekday("2025-12-16"), b.tradeDateOf(n), b.addDays("2025-11-01", 2));`;
  const outputs = await Promise.all(["UTC", "Australia/Sydney", "America/New_York"].map(async (zone) => {
    const run = await new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      env: { TZ: zone, NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(run.stdout);
  }));
  assert.equal(
    outputs[0],
    "2025-03-09T22:00:00.000000000Z 2025-03-09 18:00:00 20438 2025-12-16 2 2025-03-10 2025-11-03\n",
  );
  assert.deepEqual(new Set(outputs).size, 1);
});

Deno.test("dates convert to day numbers and back", () => {
  assert.equal(dayNumber("1970-01-01"), 0);
  assert.equal(dateOfDay(dayNumber("2024-02-29")), "2024-02-29");
  assert.equal(addDays("2024-02-28", 2), "2024-03-01");
  assert.equal(weekday("2026-11-24"), 2);
  assert.equal(utcDate(1_765_799_999_999_999_999n), "2025-12-15");
  assert.equal(easternDate(easternNs("2025-12-16", "23:59")), "2025-12-16");
  assert.equal(easternClock(easternNs("2025-07-03", "09:30")), "09:30:00");
  assert.equal(formatNs(1n), "1970-01-01T00:00:00.000000001Z");
});

Deno.test("parseDate() refuses what is no date and names the option", () => {
  assert.equal(parseDate("2025-12-16", "--date"), "2025-12-16");
  assert.throws(
    () => parseDate("16.12.2025", "--date"),
    (e: Error) => e instanceof UsageError && e.message.includes("--date"),
  );
});
