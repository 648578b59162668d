import assert from "node:assert/strict";
import { CONFIG, f64, i8, optionPrice, strings } from "../../lib/base/mod.ts";
import { enrich, newEnricher } from "../../lib/silver/mod.ts";
import { optionMarket } from "../helpers/option_market.ts";
import { addSigns, assertFair, type SignBuckets } from "../helpers/sign_buckets.ts";
import { type Hand, near, printsOf, run, SESSION, tapeOf, text } from "./_hands.ts";

Deno.test("enrich() signs a print by what is left of its change once time and the underlying are repriced", () => {
  // At the money the value goes with the root of the time left: 80 cents with an hour to go are 80·√(55/60) = 76.6
  // five minutes later. A cent and a half below that is a sale, above a purchase though the price has fallen.
  const decayed = (price: number) => i8(run([{ at: 330, price: 0.8 }, { at: 335, price }]), "aggressor")[1];
  assert.deepEqual([0.75, 0.76, 0.77, 0.78].map(decayed), [-1, -1, 0, 1]);
  const tape: [number, number][] = [[-1, 6800], [1.5, 6810], [3.5, 6790]];
  const iv = f64(run([{ at: 1, price: 2 }], tape), "iv")[0]!;
  const signs = (...rest: Hand[]) => [...i8(run([{ at: 1, price: 2 }, ...rest], tape), "aggressor")];
  // ES +10 is SPY +$1, one minute on.
  const fair = optionPrice(true, 681, 680, 388 * 60 / CONFIG.options.yearSeconds, iv);
  assert.ok(fair > 2.4 && fair < 2.6);
  assert.deepEqual(signs({ at: 2, price: fair + 0.0051 }), [0, 1]);
  assert.deepEqual(signs({ at: 2, price: fair - 0.0051 }), [0, -1]);
  assert.deepEqual(signs({ at: 2, price: fair + 0.0049 }), [0, 0]);
  // Within the threshold the last sign stays, and the print still becomes the one to compare with.
  assert.deepEqual(
    signs({ at: 1, price: 2.01 }, { at: 1, price: 2.012 }, { at: 1, price: 2.016 }, { at: 1, price: 2 }),
    [
      0,
      1,
      1,
      1,
      -1,
    ],
  );
  // Each contract has its own memory.
  assert.deepEqual(
    signs({ at: 1, price: 2.01, right: "P" }, { at: 1, price: 2.01, strike: 681 }, { at: 1, price: 2.01 }),
    [
      0,
      0,
      0,
      1,
    ],
  );
});

Deno.test("enrich() reprices later expirations at the volatility of their own price", () => {
  const tape: [number, number][] = [[-1, 6800], [1.5, 6810]];
  // Three trading days after today and what is left of it. A price below parity has no volatility: 0.2 then.
  const years = (minute: number) => ((390 - minute) * 60 + 3 * 23_400) / (252 * 23_400);
  for (const [strike, vol] of [[680, 0.11], [670, NaN]] as const) {
    const known = Number.isNaN(vol) ? 0.2 : vol, then = optionPrice(true, 680, strike, years(1), known);
    const first = Number.isNaN(vol) ? 9.5 : then;
    const fair = first + optionPrice(true, 681, strike, years(61), known) - then;
    for (const [price, sign] of [[fair + 0.006, 1], [fair - 0.006, -1], [fair + 0.004, 0]] as const) {
      const hands = [{ at: 1, price: first, strike, days: 3 }, { at: 61, price, strike, days: 3 }];
      assert.deepEqual([...i8(run(hands, tape), "aggressor")], [0, sign]);
    }
  }
});

Deno.test("enrich() reprices a print of a cent by its own price, not by another strike's volatility", () => {
  // The penny has no iv of its own; at its neighbours' it would be worth $2 and lose two and a half cents a minute.
  const hands: Hand[] = [{ at: 300, price: 2.4, strike: 680 }, { at: 300, price: 2.4, strike: 700 }];
  const pennies: Hand[] = [{ at: 300, price: 0.01, strike: 690 }, { at: 301, price: 0.01, strike: 690 }];
  const out = run([...hands, ...pennies]);
  assert.deepEqual(text(strings(out, "iv_source")), ["trade", "trade", "surface", "surface"]);
  assert.deepEqual([...i8(out, "aggressor")], [0, 0, 0, 0]);
});

Deno.test("enrich() does not take the step to the first parity scale for a move of the market", () => {
  // Before the open no time passes. Twenty pairs say that SPY is 676.6, while the fixed scale makes it 680.
  const pairs = Array.from({ length: 20 }, (_, k): Hand[] => [
    { at: -20 + k / 10, price: 2.6, strike: 677 },
    { at: -20 + k / 10, price: 3, strike: 677, right: "P" },
  ]).flat();
  const own: Hand = { at: -25, price: 4, strike: 675 };
  const state = newEnricher(SESSION, "ESZ5", undefined);
  const out = enrich(state, printsOf([own, ...pairs, { ...own, at: -10 }]), tapeOf([[-30, 6800]]));
  near(f64(out, "spot")[0]!, 680);
  near(f64(out, "spot")[41]!, 676.6);
  assert.deepEqual([i8(out, "aggressor")[0], i8(out, "aggressor")[41]], [0, 0]);
});

/** What the sign of ΔP − δ·ΔS got right of the same prints. */
const LINEAR = { "0-1 s": 0.915, "1-5 s": 0.892, "5-60 s": 0.858, "60-300 s": 0.736, "300 s-": 0.596 };

Deno.test("enrich() leans to neither side, however long ago the contract's last print is", () => {
  const buckets: SignBuckets = new Map();
  for (const seed of [1, 2, 3]) {
    const market = optionMarket(SESSION, { seed, prints: 60_000, tradeSeconds: 1 });
    const out = enrich(newEnricher(SESSION, "ESZ5", undefined), market.prints, market.tape);
    addSigns(buckets, out, market.aggressor, SESSION);
  }
  // This market's volatility hangs on the moneyness, which nobody knows of: the simulated days judge by moneyness.
  assertFair(new Map([...buckets].filter(([name]) => name in LINEAR)), LINEAR);
});
