import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import { averageOfBar } from "../../lib/features/mod.ts";
import { naiveSma } from "../reference/context.ts";
import { handState, MINUTE, pushBars } from "./_hand.ts";

Deno.test("averageOfBar() equals the means before and after on random closes of any length", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed), n = 2 + random.int(12);
    const history = Array.from({ length: random.int(30) }, () => 6000 + random.int(40) / 4);
    const state = handState(history), count = 1 + random.int(60);
    const closes = Array.from({ length: count }, () => random.int(7) ? 6000 + random.int(40) / 4 : undefined);
    pushBars(state, state.at.open, [6000, ...closes]);
    const known = Array.from(state.closes.close.subarray(0, state.closes.length), (close, i) => ({
      close,
      end: state.closes.end[i],
    }));
    for (let bar = 0; bar < state.bars.length; bar++) {
      const ts = state.bars.ts[bar], now = naiveSma(known, n, ts), then = ts - 10 * MINUTE;
      const from = state.bars.ts.subarray(0, bar).findLastIndex((open) => open <= then);
      const gap = state.bars.close[bar] - now;
      const before = from < 0 ? NaN : state.bars.close[from] - naiveSma(known, n, then);
      const found = averageOfBar(state, bar, n, 0.1, CONFIG.context);
      for (
        const [name, want] of [
          ["value", now / 10],
          ["slope", (now - naiveSma(known, n, ts - 20 * MINUTE)) / 200],
          ["slopeBars", (now - naiveSma(known, n, ts, 5)) / 100],
          ["reversionVelocity", (gap - before) / 100],
        ] as const
      ) {
        const same = Number.isNaN(want) ? Number.isNaN(found[name]) : Math.abs(found[name] - want) < 1e-10;
        assert.ok(same, `${name} of bar ${bar}, seed ${seed}: found ${found[name]}, wanted ${want}`);
      }
    }
  }
});
