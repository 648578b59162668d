import assert from "node:assert/strict";
import {
  CONFIG,
  dayNumber,
  easternNs,
  f64,
  i16,
  i32,
  i64,
  i8,
  impliedVol,
  MINUTE_NS,
  strings,
} from "../../lib/base/mod.ts";
import { flatFile, simulateDay, type SimulatedDay, simulateSession } from "../../lib/simulate/mod.ts";
import { yearsTo } from "../../lib/simulate/surface.ts";
import { enrichDay, timesOf } from "./_day.ts";

const DATE = "2025-11-12";
let made: SimulatedDay | undefined;
const dayOf = () => made ??= simulateDay({ date: DATE });

/** First condition code of each row. */
function codesOf(day: SimulatedDay): number[] {
  const { codes, values } = strings(day.options, "conditions");
  return Array.from(codes, (code) => Number(values[code].split(",")[0]));
}

/** True aggressor of each SPY row of the file. */
function trueSigns(day: SimulatedDay): Int8Array {
  const { options } = day.truth, signs = new Int8Array(day.options.length), sign = i8(options, "aggressor");
  i32(options, "spy_row").forEach((row, i) => {
    if (row >= 0) signs[row] = sign[i];
  });
  return signs;
}

Deno.test("simulateDay() prints options whose true sign Silver's rule finds where a tick rule fails", () => {
  const day = dayOf(), { rows, order } = enrichDay(day);
  const truth = trueSigns(day), codes = codesOf(day);
  const signed = i8(rows, "aggressor"),
    price = f64(rows, "price"),
    symbol = strings(rows, "option_symbol").codes;
  const last = new Map<number, { price: number; sign: number }>();
  let prints = 0, right = 0, rightByTick = 0;
  order.forEach((row, i) => {
    if (truth[row] === 0 || codes[row] < 209 || codes[row] > 231) return;
    const before = last.get(symbol[i]) ?? { price: price[i], sign: 0 };
    const sign = Math.sign(price[i] - before.price) || before.sign;
    last.set(symbol[i], { price: price[i], sign });
    if (i32(rows, "exp_date")[i] !== dayNumber(DATE)) return;
    prints++;
    if (signed[i] === truth[row]) right++;
    if (sign === truth[row]) rightByTick++;
  });
  assert.ok(prints > 5000);
  const share = right / prints, tickShare = rightByTick / prints;
  assert.ok(share > 0.82 && share < 0.92, `Silver's rule ${share}`);
  assert.ok(tickShare > 0.58 && tickShare < 0.8, `tick rule ${tickShare}`);
});

Deno.test("simulateDay() prints call and put pairs that give the scale within 3 cents from 09:45 on", () => {
  for (const [date, scale] of [[DATE, 1], ["2025-11-13", 0.1]] as const) {
    const day = scale === 1 ? dayOf() : simulateDay({ date, scale });
    const { state } = enrichDay(day);
    const from = Number(easternNs(date, "09:45") - day.session.startNs);
    const ts = timesOf(day, {
      ...day.truth.minutes,
      columns: { ts_event_ns: day.truth.minutes.columns.ts_ns },
    });
    const truth = f64(day.truth.minutes, "spy_per_es");
    const first = state.scaler.rows.find((r) => r.scale.source === "parity")!;
    assert.ok(first.ts <= from, "the first value comes by 09:45");
    const minute = ts.findIndex((t) => t + MINUTE_NS === from);
    const known = state.scaler.rows.findLast((r) => r.ts <= from)!;
    const miss = Math.abs(known.scale.spyPerEs - truth[minute]) * 6850;
    assert.ok(miss < 0.03, `${miss} dollars at scale ${scale}`);
  }
});

Deno.test("simulateDay() prints several expirations, both rights, and every kind of condition", () => {
  const day = dayOf(), { options } = day, n = options.length;
  const expirations = new Set(i32(options, "exp_date"));
  assert.ok(expirations.size >= 5);
  const today = i32(options, "exp_date").filter((e) => e === dayNumber(DATE)).length / n;
  assert.ok(today > 0.5 && today < 0.75, String(today));
  const calls =
    strings(options, "right").codes.filter((c) => strings(options, "right").values[c] === "C").length;
  assert.ok(calls > 0.4 * n && calls < 0.6 * n);
  const codes = codesOf(day), share = (wanted: (code: number) => boolean) => codes.filter(wanted).length / n;
  const [low, high] = CONFIG.options.multiLeg;
  const multi = share((c) => c >= low && c <= high);
  assert.ok(multi > 0.3 && multi < 0.5, String(multi));
  assert.ok(share((c) => CONFIG.options.late.includes(c)) > 0.005);
  assert.ok(share((c) => CONFIG.options.cancelled.includes(c)) > 0.001);
  assert.ok(i16(options, "correction").some((c) => c !== 0));
  const ts = i64(options, "ts_event_ns"), close = day.session.closeNs;
  assert.ok(ts.filter((t) => t % 1_000_000n === 0n).length > 0.2 * n, "whole milliseconds");
  assert.ok(ts.every((t) => t >= day.session.openNs && t < close + BigInt(15 * MINUTE_NS)));
  assert.ok(ts.some((t) => t >= close));
});

Deno.test("simulateDay() prices options by their true volatility, half a spread apart", () => {
  const day = dayOf(), { options } = day.truth;
  const spyRow = i32(options, "spy_row"), iv = f64(options, "iv"), spot = f64(options, "spot");
  const price = f64(day.options, "price"), strike = f64(day.options, "strike");
  const right = strings(day.options, "right"), expiry = i32(day.options, "exp_date"), truth = trueSigns(day);
  const closeT = Number(day.session.closeNs - day.session.overnightNs);
  const surface = { closeT, level: 0, phase: 0, openSpot: 0 };
  const ts = i64(options, "ts_event_ns");
  let checked = 0, far = 0;
  spyRow.forEach((row, i) => {
    if (row < 0 || truth[row] === 0 || expiry[row] !== dayNumber(DATE)) return;
    if (Math.abs(strike[row] - spot[i]) > 2) return;
    const t = Number(ts[i] - day.session.overnightNs), years = yearsTo(surface, t, 0);
    if (years * CONFIG.options.yearSeconds < 3600) return;
    const isCall = right.values[right.codes[row]] === "C";
    const found = impliedVol(isCall, price[row], spot[i], strike[row], years, CONFIG.options.ivBounds);
    checked++;
    if (!(Math.abs(found / iv[i] - 1) < 0.15)) far++;
  });
  assert.ok(checked > 1000 && far < 0.05 * checked, `${far} of ${checked}`);
});

Deno.test("flatFile() writes SPY among other roots, sorted as asked, with quoted conditions", () => {
  const texts = (["ticker", "time"] as const).map((sort) => {
    const run = simulateSession({ date: DATE, scale: 0.05, sort });
    let step = run.next();
    while (!step.done) step = run.next();
    const chunks = [...flatFile(step.value.prints, 0n)];
    return chunks.map((c) => new TextDecoder().decode(c)).join("");
  });
  const [byTicker, byTime] = texts.map((text) => text.trimEnd().split("\n"));
  assert.equal(byTicker[0], "ticker,conditions,correction,exchange,price,sip_timestamp,size");
  assert.deepEqual(byTicker.toSorted(), byTime.toSorted());
  const tickers = byTicker.slice(1).map((line) => line.split(",")[0]);
  assert.deepEqual(tickers, tickers.toSorted());
  const stamps = byTime.slice(1).map((line) => Number(line.split(",").at(-2)));
  assert.ok(stamps.every((s, i) => i === 0 || s >= stamps[i - 1]));
  assert.ok(byTicker.some((line) => line.includes(',"209,219",')));
  const roots = new Set(tickers.map((ticker) => ticker.slice(2, -15)));
  assert.ok(["SPY", "SPYG", "QQQ", "AAPL"].every((root) => roots.has(root)), [...roots].join());
});
