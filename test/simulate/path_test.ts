import assert from "node:assert/strict";
import { addDays, f64, sessionOf, tradingDays } from "../../lib/base/mod.ts";
import { instrumentsOf, simulateDay } from "../../lib/simulate/mod.ts";
import { dayPath, spyPerPoint } from "../../lib/simulate/path.ts";
import { leaderRows } from "./_day.ts";

Deno.test("dayPath() leads from each session's open to the next one's", () => {
  const dates = tradingDays("2025-11-20", "2025-12-19");
  const paths = dates.map((date) => dayPath("7", date));
  for (let i = 1; i < paths.length; i++) {
    assert.equal(paths[i].open, paths[i - 1].next);
    assert.ok(Math.abs(Math.log(paths[i].open / paths[i - 1].open)) < 0.06);
  }
  assert.equal(dayPath("7", "2025-12-01").open, dayPath("8", "2025-12-01").open);
  assert.notEqual(dayPath("7", "2025-12-02").open, dayPath("8", "2025-12-02").open);
  assert.deepEqual(dayPath("7", "2025-11-28").volatility.length, 19 * 60 + 15);
});

Deno.test("simulateDay() ends a session near the next one's start, within an overnight's noise", () => {
  const [first, second] = ["2025-11-12", "2025-11-13"].map((date) => simulateDay({ date, scale: 0.3 }));
  const last = f64(leaderRows(first, first.trades), "price").at(-1)!;
  const next = f64(leaderRows(second, second.trades), "price")[0];
  assert.ok(Math.abs(last - next) < 10, `${last} ${next}`);
});

Deno.test("spyPerPoint() moves within the day by cents and slowly, and jumps at a roll", () => {
  const path = dayPath("1", "2025-11-12"), minute = 60e9;
  let low = Infinity, high = -Infinity;
  for (let m = 0; m < 1380; m++) {
    const at = spyPerPoint(path, "2025-11-12", "2025-12-19", m * minute);
    const later = spyPerPoint(path, "2025-11-12", "2025-12-19", (m + 15) * minute);
    assert.ok(Math.abs(later - at) * 6850 < 0.05);
    low = Math.min(low, at * 6850);
    high = Math.max(high, at * 6850);
  }
  assert.ok(high - low > 0.04 && high - low < 0.25, String(high - low));
  const near = spyPerPoint(path, "2025-12-15", "2025-12-19", 0);
  const far = spyPerPoint(path, "2025-12-15", "2026-03-20", 0);
  assert.ok(Math.abs(near / far - 1.009) < 0.0005);
});

Deno.test("instrumentsOf() moves volume to the next quarterly around the Monday of the expiry week", () => {
  const share = (date: string, name: string) =>
    instrumentsOf(date).all.find((i) => i.name === name)?.share ?? 0;
  assert.ok(share("2025-11-12", "ESZ5") > 0.92);
  assert.ok(share("2025-12-12", "ESZ5") > 0.6 && share("2025-12-12", "ESH6") > 0.1);
  assert.ok(share("2025-12-15", "ESH6") > 0.6);
  assert.ok(share("2025-12-18", "ESH6") > 0.85);
  for (const date of tradingDays("2025-12-01", "2025-12-31")) {
    const { all, leader } = instrumentsOf(date);
    const total = all.reduce((sum, i) => sum + i.share, 0);
    assert.ok(Math.abs(total - 1) < 1e-12);
    assert.equal(all[leader].name, date < "2025-12-15" ? "ESZ5" : "ESH6");
  }
  assert.equal(instrumentsOf(addDays("2025-12-19", 3)).all[1].name, "ESM6");
  assert.equal(instrumentsOf("2025-12-01").all[0].id, 294973);
});

Deno.test("sessions tile: a holiday's evening belongs to the next trading day", () => {
  const session = sessionOf("2025-12-26");
  const { trades } = simulateDay({ date: "2025-12-26", scale: 0.05 });
  assert.ok((trades.columns.ts_event_ns as BigInt64Array)[0] >= session.overnightNs);
});
