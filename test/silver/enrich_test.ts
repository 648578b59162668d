import assert from "node:assert/strict";
import {
  type Batch,
  concatBatches,
  CONFIG,
  f64,
  i16,
  i32,
  i64,
  i8,
  NULL_I16,
  optionDelta,
  optionGamma,
  optionPrice,
  Random,
  relativeNs,
  sessionOf,
  sliceBatch,
  strings,
  u32,
} from "../../lib/base/mod.ts";
import {
  advanceScale,
  enrich,
  finishScale,
  kindOfConditions,
  newEnricher,
  scaleAt,
  scaleRows,
} from "../../lib/silver/mod.ts";
import { optionMarket } from "../helpers/option_market.ts";
import { naiveEnrich, type NaivePrint, naiveScale } from "../reference/silver_naive.ts";
import { CLOSE, type Hand, near, OPEN, PREVIOUS, printsOf, run, SESSION, tapeOf, text } from "./_hands.ts";

const MINUTE = 60e9;

Deno.test("enrich() passes over ES trades and prints whose price is not above 0: they set nothing", () => {
  const calm: [number, number][] = [[-1, 6800], [2, 6805]];
  const hands = [{ at: 1, price: 2 }, { at: 3, price: 2.5 }, { at: 5, price: 2.6 }];
  const wanted = run(hands, calm);
  const found = run([hands[0]!, { at: 1.5, price: 0 }, { at: 2.5, price: -2 }, ...hands.slice(1)], [
    calm[0]!,
    [1.7, 0],
    calm[1]!,
    [2.2, -6805],
    [2.3, NaN],
  ]);
  assert.deepEqual([...i8(found, "aggressor")], [0, 0, 0, 1, 1]);
  for (const name of ["aggressor", "spot", "iv", "delta", "gamma"]) {
    const column = wanted.columns[name] as Float64Array, among = found.columns[name] as Float64Array;
    assert.deepEqual([0, 3, 4].map((row) => among[row]), [...column], name);
  }
});

Deno.test("kindOfConditions() reads cancels, late and multi-leg codes among several", () => {
  const cases: [string | null, boolean, boolean][] = [
    [null, true, true],
    ["209", true, true],
    ["209,227", true, true],
    ["201", false, true],
    ["209,207", false, true],
    ["202", true, false],
    ["219,208", true, false],
    ["232", true, false],
    ["247", true, false],
    ["231", true, true],
    ["248", true, true],
    ["232,205", false, false],
  ];
  for (const [codes, flow, singleLeg] of cases) {
    assert.deepEqual(kindOfConditions(codes, CONFIG.options), { flow, singleLeg }, String(codes));
  }
});

Deno.test("enrich() gives a print its spot, time, volatility and greeks", () => {
  // One hour to the close: 3600 of 5,896,800 trading seconds.
  const years = 3600 / (252 * 23_400), price = optionPrice(true, 681, 680, years, 0.15);
  const out = run([{ at: 330, price, size: 7 }], [[0, 6800], [330, 6810], [330.001, 6900]]);
  assert.equal(f64(out, "spy_per_es")[0], 0.1);
  assert.equal(f64(out, "spot")[0], 6810 * 0.1);
  near(f64(out, "t_years")[0]!, years, 1e-18);
  near(f64(out, "iv")[0]!, 0.15);
  assert.deepEqual(text(strings(out, "iv_source")), ["trade"]);
  near(f64(out, "delta")[0]!, optionDelta(true, 681, 680, years, 0.15));
  near(f64(out, "gamma")[0]!, optionGamma(681, 680, years, 0.15));
  assert.equal(i8(out, "aggressor")[0], 0);
  assert.ok(Object.is(f64(out, "dealer_flow")[0], 0));
});

Deno.test("enrich() counts trading time from the open to the close, at least five minutes", () => {
  const year = 252 * 23_400;
  const out = run([{ at: -30, price: 3 }, { at: 0, price: 3 }, { at: 387, price: 3 }, {
    at: 389.9,
    price: 3,
  }]);
  const wanted = [23_400 / year, 23_400 / year, 300 / year, 300 / year];
  wanted.forEach((years, i) => near(f64(out, "t_years")[i]!, years, 1e-18));
  const half = sessionOf("2025-11-28");
  const early = enrich(
    newEnricher(half, "ESZ5", undefined),
    printsOf([{ at: 150, price: 3 }], half),
    tapeOf([]),
  );
  near(f64(early, "t_years")[0]!, 3600 / year, 1e-18);
});

Deno.test("enrich() leaves volatility and greeks null from the close on, without ES, and beyond today", () => {
  const hands: Hand[] = [{ at: 1, price: 3 }, { at: 2, price: 3, days: 3 }, { at: 390, price: 3 }];
  const out = run(hands, [[1.5, 6800]]);
  for (const name of ["iv", "delta", "gamma", "dealer_flow"]) {
    assert.deepEqual([...f64(out, name)], [NaN, NaN, NaN], name);
  }
  assert.deepEqual(text(strings(out, "iv_source")), [null, null, null]);
  assert.deepEqual([...f64(out, "spot")], [NaN, 680, 680]);
  assert.deepEqual([...f64(out, "t_years")].map(Number.isNaN), [false, true, true]);
});

Deno.test("enrich() keeps cancels out of the flow and late and multi-leg prints out of everything they could set", () => {
  const odd: Partial<Hand>[] = [
    { codes: "201" },
    { codes: "209,203" },
    { correction: 1 },
    { codes: "202" },
    { codes: "232" },
    { codes: "247" },
  ];
  for (const change of odd) {
    const hands: Hand[] = [{ at: 1, price: 2 }, { at: 1, price: 2.01 }, { at: 2, price: 9, ...change }, {
      at: 2,
      price: 2.02,
    }];
    const out = run(hands), without = run(hands.toSpliced(2, 1));
    assert.deepEqual([...i8(out, "aggressor")], [0, 1, 0, 1]);
    assert.equal(
      i8(out, "flow")[2],
      change.codes === "202" || change.codes === "232" || change.codes === "247" ? 1 : 0,
    );
    assert.equal(
      i8(out, "single_leg")[2],
      change.codes === "201" || change.codes === "209,203" || change.correction ? 1 : 0,
    );
    // Its volatility is another print's, its flow 0, and the print after it is as if it had not been.
    assert.deepEqual(text(strings(out, "iv_source"))[2], "surface");
    assert.equal(f64(out, "iv")[2], f64(out, "iv")[1]);
    assert.ok(Object.is(f64(out, "dealer_flow")[2], 0));
    for (const name of ["iv", "delta", "dealer_flow"]) assert.equal(f64(out, name)[3], f64(without, name)[2]);
  }
  const kept = run([{ at: 1, price: 2 }, { at: 1, price: 2.01, correction: 0 }]);
  assert.deepEqual([...i8(kept, "aggressor")], [0, 1]);
});

Deno.test("enrich() takes dealer flow as minus aggressor times size times gamma times 100", () => {
  const out = run([{ at: 1, price: 2 }, { at: 1, price: 2.05, size: 3 }, { at: 1, price: 2, size: 2 }]);
  assert.deepEqual([...i8(out, "aggressor")], [0, 1, -1]);
  near(f64(out, "dealer_flow")[1]!, -3 * f64(out, "gamma")[1]! * 100);
  near(f64(out, "dealer_flow")[2]!, 2 * f64(out, "gamma")[2]! * 100);
});

Deno.test("enrich() takes a print's own volatility from two cents of extrinsic value within the bounds", () => {
  const hands: Hand[] = [
    { at: 300, price: 10.02, strike: 670 },
    { at: 300, price: 10.019, strike: 670 },
    { at: 300, price: 10, strike: 670, right: "P" },
    { at: 300, price: 0.5, strike: 600, right: "P" },
    { at: 300, price: 9.9, strike: 670 },
  ];
  const out = run(hands);
  assert.deepEqual(text(strings(out, "iv_source")), ["trade", "surface", "trade", "trade", "other_right"]);
  const [first, second, , , last] = f64(out, "iv");
  assert.equal(second, first);
  assert.equal(last, f64(out, "iv")[2]);
  // An implied volatility beyond the bounds is not clipped: the print is left without its own.
  const wild = run([{ at: 389, price: 40, strike: 680 }]);
  assert.deepEqual([text(strings(wild, "iv_source"))[0], f64(wild, "iv")[0]], ["default", 0.2]);
});

Deno.test("enrich() refuses prints that go back in time", () => {
  assert.throws(() => run([{ at: 2, price: 2 }, { at: 1, price: 2 }]), /Cannot enrich print 1/);
  const state = newEnricher(SESSION, "ESZ5", undefined), tape = tapeOf([[-1, 6800]]);
  enrich(state, printsOf([{ at: 2, price: 2 }]), tape);
  assert.throws(() => enrich(state, printsOf([{ at: 1, price: 2 }]), tape), RangeError);
});

const NUMBERS = ["spot", "spy_per_es", "t_years", "iv", "delta", "gamma", "dealer_flow"];
const CODES = ["aggressor", "flow", "single_leg"];

/** Everything computed, as exact values. */
function exact(out: Batch): unknown[] {
  return [
    ...NUMBERS.map((name) => [...new BigUint64Array(f64(out, name).slice().buffer)]),
    ...CODES.map((name) => [...i8(out, name)]),
    text(strings(out, "iv_source")),
    text(strings(out, "option_symbol")),
  ];
}

const scaleOf = (
  rows: Batch,
) => [[...i64(rows, "ts_ns")], [...f64(rows, "spy_per_es")], text(strings(rows, "scale_source"))];

Deno.test("enrich() gives the same bits in any chunks, with a tape that grows", () => {
  const { prints, tape } = optionMarket(SESSION, { seed: 7, prints: 6000, tradeSeconds: 3 });
  const whole = newEnricher(SESSION, "ESZ5", undefined), wanted = enrich(whole, prints, tape);
  const ts = relativeNs(i64(prints, "ts_event_ns"), SESSION.startNs), random = new Random(2);
  for (const most of [1, 40, 3000]) {
    const state = newEnricher(SESSION, "ESZ5", undefined), parts: Batch[] = [];
    for (let at = 0; at < prints.length;) {
      const end = Math.min(prints.length, at + 1 + random.int(most));
      // The least the tape must hold: the trades up to the chunk's last print.
      let length = 0;
      while (length < tape.length && tape.ts[length]! <= ts[end - 1]!) length++;
      parts.push(enrich(state, sliceBatch(prints, at, end), { ...tape, length }));
      at = end;
    }
    assert.deepEqual(exact(concatBatches(parts)), exact(wanted));
    assert.deepEqual(scaleOf(scaleRows(state.scaler)), scaleOf(scaleRows(whole.scaler)));
  }
});

Deno.test("enrich() and the scale see nothing of the future: a prefix gives the prefix", () => {
  const { prints, tape } = optionMarket(SESSION, { seed: 8, prints: 8000, tradeSeconds: 3 });
  const whole = newEnricher(SESSION, "ESZ5", PREVIOUS), wanted = enrich(whole, prints, tape);
  finishScale(whole.scaler, CONFIG.scale);
  const all = scaleOf(scaleRows(whole.scaler)), random = new Random(4);
  const ts = relativeNs(i64(prints, "ts_event_ns"), SESSION.startNs);
  for (let k = 0; k < 6; k++) {
    const cut = OPEN + Math.floor(random.uniform() * (CLOSE - OPEN));
    const n = ts.findIndex((t) => t >= cut), length = tape.ts.findIndex((t) => t >= cut);
    const state = newEnricher(SESSION, "ESZ5", PREVIOUS);
    const short = { length, ts: tape.ts.slice(0, length), price: tape.price.slice(0, length) };
    assert.deepEqual(exact(enrich(state, sliceBatch(prints, 0, n), short)), exact(sliceBatch(wanted, 0, n)));
    advanceScale(state.scaler, cut, CONFIG.scale);
    const rows = scaleOf(scaleRows(state.scaler)), known = rows[0]!.length;
    assert.deepEqual(rows, all.map((column) => column.slice(0, known)));
    assert.ok(known === all[0]!.length || (all[0]![known] as bigint) > SESSION.startNs + BigInt(cut));
  }
});

/** A batch as the plain objects of the naive twin. */
function plain(prints: Batch): NaivePrint[] {
  const ts = relativeNs(i64(prints, "ts_event_ns"), SESSION.startNs),
    codes = text(strings(prints, "conditions"));
  const symbol = text(strings(prints, "option_symbol")), right = text(strings(prints, "right"));
  return Array.from(ts, (t, i) => ({
    ts: t,
    symbol: symbol[i]!,
    isCall: right[i] === "C",
    strike: f64(prints, "strike")[i]!,
    expDay: i32(prints, "exp_date")[i]!,
    price: f64(prints, "price")[i]!,
    size: u32(prints, "size")[i]!,
    conditions: codes[i] ? codes[i]!.split(",").map(Number) : [],
    correction: i16(prints, "correction")[i] === NULL_I16 ? null : i16(prints, "correction")[i]!,
  }));
}

Deno.test("enrich() and the scale equal their naive twins to the bit", () => {
  const windows = [[OPEN - 5 * MINUTE, OPEN + 40 * MINUTE], [
    CLOSE - 20 * MINUTE,
    CLOSE + 5 * MINUTE,
  ]] as const;
  for (const [k, [from, to]] of windows.entries()) {
    const { prints, tape } = optionMarket(SESSION, {
      seed: 20 + k,
      prints: 2500,
      from,
      to,
      tradeSeconds: 20,
      multiLeg: 0.2,
    });
    tape.price[3] = NaN;
    const state = newEnricher(SESSION, "ESZ5", { ...PREVIOUS, spyPerEs: 0.0994 });
    const out = enrich(state, prints, tape), rows = plain(prints);
    finishScale(state.scaler, CONFIG.scale);
    const scale = naiveScale(SESSION, rows, tape, { value: 0.0994, source: "previous" }),
      found = scaleRows(state.scaler);
    assert.ok(scale.length > 3, "the window is long enough for a scale");
    assert.deepEqual(
      scaleOf(found),
      [
        scale.map((r) => SESSION.startNs + BigInt(r.ts)),
        scale.map((r) => r.value),
        scale.map((r) => r.source),
      ],
    );
    assert.deepEqual([...i32(found, "pairs")], scale.map((r) => r.pairs));
    const twin = naiveEnrich(SESSION, rows, tape, scale),
      column = (name: keyof typeof twin[0]) => twin.map((r) => r[name]);
    assert.deepEqual([...i8(out, "aggressor")], column("aggressor").map((a) => Number(a) + 0));
    assert.deepEqual([...i8(out, "flow")], column("flow").map(Number));
    assert.deepEqual([...i8(out, "single_leg")], column("singleLeg").map(Number));
    assert.deepEqual(text(strings(out, "iv_source")), column("ivSource"));
    const names = ["spot", "scale", "years", "iv", "delta", "gamma", "dealerFlow"] as const;
    const stored = ["spot", "spy_per_es", "t_years", "iv", "delta", "gamma", "dealer_flow"];
    names.forEach((name, c) => assert.deepEqual([...f64(out, stored[c]!)], column(name), name));
    assert.ok(new Set(column("ivSource")).size >= 4, "the market uses most sources");
  }
});

Deno.test("the scale finds the true one by 09:45 and signs find the true aggressors", () => {
  for (const seed of [1, 2, 3]) {
    const market = optionMarket(SESSION, { seed, prints: 60_000, tradeSeconds: 1 });
    const state = newEnricher(SESSION, "ESZ5", undefined), out = enrich(state, market.prints, market.tape);
    finishScale(state.scaler, CONFIG.scale);
    const rows = scaleRows(state.scaler);
    for (let minute = 15; minute <= 390; minute += 15) {
      const ts = OPEN + minute * MINUTE, { spyPerEs, source } = scaleAt(rows, SESSION.startNs + BigInt(ts));
      assert.equal(source, "parity");
      const miss = (spyPerEs - market.scaleAt(ts)) * 6800;
      assert.ok(Math.abs(miss) < 0.01, `minute ${minute}: the scale is $${miss.toFixed(4)} off`);
    }
    let right = 0, all = 0;
    const sign = i8(out, "aggressor"), single = i8(out, "single_leg"), flow = i8(out, "flow");
    for (let i = 0; i < out.length; i++) {
      if (!single[i] || !flow[i]) continue;
      all++;
      if (sign[i] === market.aggressor[i]) right++;
    }
    assert.ok(right / all > 0.8, `${right} of ${all} signs are right`);
  }
});
