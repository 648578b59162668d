import assert from "node:assert/strict";
import { CONFIG, f64, i32, i64, impliedVol, optionDelta, sessionOf, strings } from "../../lib/base/mod.ts";
import { conform, SILVER_SCALE } from "../../lib/schema/mod.ts";
import {
  advanceScale,
  finishScale,
  fixedScaleRows,
  newScaler,
  pairPrint,
  type Scale,
  scaleAt,
  type Scaler,
  scaleRows,
} from "../../lib/silver/mod.ts";

const SESSION = sessionOf("2025-12-16");
const OPEN = Number(SESSION.openNs - SESSION.startNs);
const OPTIONS = CONFIG.scale;
const YEARS = 0.003;
const MINUTE = 60e9;

function scaler(previous?: Scale, contract = "ESZ5"): Scaler {
  return newScaler(SESSION, contract, previous, OPTIONS);
}

function print(
  state: Scaler,
  side: "C" | "P",
  ts: number,
  price: number,
  more: Partial<{ es: number; strike: number }> = {},
) {
  advanceScale(state, ts, OPTIONS);
  const { es = 6800, strike = 680 } = more;
  pairPrint(state, { isCall: side === "C", strike, price, ts, es, years: YEARS }, CONFIG);
}

/** `count` pairs a second apart from `ts`, all with the ratio spot/6800. */
function pairs(state: Scaler, ts: number, count: number, spot: number): void {
  for (let k = 0; k < count; k++) {
    print(state, "C", ts + k * 1e9, 1.5 + spot - 678, { strike: 678 });
    print(state, "P", ts + k * 1e9 + 1, 1.5, { strike: 678 });
  }
}

const rowsOf = (state: Scaler) => {
  const rows = conform(SILVER_SCALE, scaleRows(state)), source = strings(rows, "scale_source");
  return Array.from({ length: rows.length }, (_, i) => [
    Number(i64(rows, "ts_ns")[i]! - SESSION.openNs) / MINUTE,
    Number(f64(rows, "spy_per_es")[i]!.toFixed(9)),
    source.values[source.codes[i]!],
    i32(rows, "pairs")[i],
  ]);
};
const START = -930;

Deno.test("pairPrint() values a pair by parity, ES at each print weighted by the call's delta", () => {
  const state = scaler();
  print(state, "C", OPEN, 1.75, { es: 6800 });
  print(state, "P", OPEN + 2e9, 1.25, { es: 6804 });
  const spot = 680 + 1.75 - 1.25;
  const delta = optionDelta(
    true,
    spot,
    680,
    YEARS,
    impliedVol(true, 1.75, spot, 680, YEARS, { min: 0.01, max: 5 }),
  );
  assert.ok(delta > 0.5 && delta < 0.7);
  assert.deepEqual(state.pairs.ts, [OPEN + 2e9]);
  assert.deepEqual(state.pairs.ratio, [spot / (delta * 6800 + (1 - delta) * 6804)]);
});

Deno.test("pairPrint() takes delta 0.5 where the call's price has no volatility", () => {
  const state = scaler();
  print(state, "P", OPEN, 0, { es: 6800 });
  print(state, "C", OPEN, 1, { es: 6802 });
  assert.deepEqual(state.pairs.ratio, [681 / 6801]);
});

Deno.test("pairPrint() pairs opposite rights of one strike within 3 s and $3, each print once", () => {
  const cases: [string, (state: Scaler) => void, number][] = [
    ["exactly 3 s", (s) => (print(s, "C", OPEN, 2), print(s, "P", OPEN + 3e9, 2)), 1],
    ["over 3 s", (s) => (print(s, "C", OPEN, 2), print(s, "P", OPEN + 3e9 + 1, 2)), 0],
    ["exactly $3", (s) => (print(s, "C", OPEN, 3.5), print(s, "P", OPEN, 0.5)), 1],
    ["over $3", (s) => (print(s, "C", OPEN, 3.51), print(s, "P", OPEN, 0.5)), 0],
    ["another strike", (s) => (print(s, "C", OPEN, 2), print(s, "P", OPEN, 2, { strike: 681 })), 0],
    ["the same right", (s) => (print(s, "C", OPEN, 2), print(s, "C", OPEN, 2)), 0],
    ["no ES yet", (s) => (print(s, "C", OPEN, 2, { es: NaN }), print(s, "P", OPEN, 2)), 0],
    ["a used print", (s) => (print(s, "C", OPEN, 2), print(s, "P", OPEN, 2), print(s, "P", OPEN, 2)), 1],
    ["an older unused one", (s) => {
      print(s, "C", OPEN, 2);
      print(s, "C", OPEN, 2);
      print(s, "P", OPEN, 2);
      print(s, "P", OPEN, 2);
    }, 1],
    ["one too far for the first, near enough for the next", (s) => {
      print(s, "C", OPEN, 9);
      print(s, "P", OPEN, 2);
      print(s, "C", OPEN, 2.5);
    }, 1],
  ];
  for (const [name, play, wanted] of cases) {
    const state = scaler();
    play(state);
    assert.equal(state.pairs.ts.length, wanted, name);
  }
});

Deno.test("advanceScale() takes the median of the 15 minutes before a minute, from 20 pairs on", () => {
  const state = scaler();
  pairs(state, OPEN, 19, 676.6);
  advanceScale(state, OPEN + 10 * MINUTE, OPTIONS);
  assert.deepEqual(rowsOf(state), [[START, 0.1, "fixed", 0]]);
  // The twentieth pair is completed in minute 10: it counts from minute 11 on, until minute 15 loses the first 19.
  pairs(state, OPEN + 10 * MINUTE, 1, 679.32);
  finishScale(state, OPTIONS);
  assert.deepEqual(rowsOf(state), [[START, 0.1, "fixed", 0], [11, 0.0995, "parity", 20]]);
});

Deno.test("advanceScale() counts a pair completed at the minute's first ns only from the next minute", () => {
  const state = scaler();
  pairs(state, OPEN, 19, 676.6);
  print(state, "C", OPEN + MINUTE - 1e9, 1.5);
  print(state, "P", OPEN + MINUTE, 1.5);
  assert.equal(state.pairs.ts.length, 20);
  advanceScale(state, OPEN + 2 * MINUTE - 1, OPTIONS);
  assert.equal(state.now.source, "fixed");
  advanceScale(state, OPEN + 2 * MINUTE, OPTIONS);
  assert.equal(state.now.source, "parity");
});

Deno.test("advanceScale() averages the middle two of an even number and drops pairs older than the window", () => {
  const state = scaler();
  pairs(state, OPEN, 20, 676.6);
  pairs(state, OPEN + 5 * MINUTE, 20, 679.32);
  finishScale(state, OPTIONS);
  const middle = Number(((676.6 / 6800 + 679.32 / 6800) / 2).toFixed(9));
  assert.deepEqual(rowsOf(state), [
    [START, 0.1, "fixed", 0],
    [1, 0.0995, "parity", 20],
    [6, middle, "parity", 40],
    // Minute 15's window still begins with the pair at minute 0; minute 16's holds the second twenty alone.
    [16, 0.0999, "parity", 20],
  ]);
});

Deno.test("newScaler() starts from the same contract's previous session, else from the fixed scale", () => {
  const previous: Scale = { contract: "ESZ5", spyPerEs: 0.0991, source: "parity" };
  assert.deepEqual(rowsOf(scaler(previous)), [[START, 0.0991, "previous", 0]]);
  assert.deepEqual(rowsOf(scaler({ ...previous, source: "previous" })), [[START, 0.0991, "previous", 0]]);
  assert.deepEqual(rowsOf(scaler({ ...previous, source: "fixed" })), [[START, 0.1, "fixed", 0]]);
  assert.deepEqual(rowsOf(scaler(previous, "ESH6")), [[START, 0.1, "fixed", 0]]);
  assert.deepEqual(rowsOf(scaler()), [[START, 0.1, "fixed", 0]]);
});

Deno.test("scaleAt() gives the last row at or before a moment", () => {
  const state = scaler();
  pairs(state, OPEN, 20, 676.6);
  finishScale(state, OPTIONS);
  const rows = scaleRows(state), minute = SESSION.openNs + 60_000_000_000n;
  assert.equal(scaleAt(rows, SESSION.startNs - 1n).source, "fixed");
  assert.equal(scaleAt(rows, minute - 1n).source, "fixed");
  const { spyPerEs, ...rest } = scaleAt(rows, minute);
  assert.deepEqual(rest, { contract: "ESZ5", source: "parity" });
  assert.ok(Math.abs(spyPerEs - 0.0995) < 1e-12);
  assert.deepEqual(scaleAt(rows, SESSION.endNs), scaleAt(rows, minute));
});

Deno.test("fixedScaleRows() is one row of the fixed scale", () => {
  const rows = conform(SILVER_SCALE, fixedScaleRows(SESSION, "ESZ5", OPTIONS));
  assert.equal(rows.length, 1);
  assert.deepEqual(scaleAt(rows, SESSION.openNs), { contract: "ESZ5", spyPerEs: 0.1, source: "fixed" });
});
