import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { CONFIG, optionGamma, sessionOf as calendarSession } from "../../lib/base/mod.ts";
import { dealerFlowFeatures, fuelFeatures, strikeFlows, strikeGammas } from "../../lib/features/mod.ts";
import { newBoard, newSession, type SessionState } from "../../lib/levels/mod.ts";
import { requires, shared } from "../helpers/requires.ts";
import { NO_HISTORY } from "../levels/_play.ts";
import { type FlowPrint, naiveFuel } from "../reference/fuel.ts";
import { assertColumns, handState, MINUTE } from "./_hand.ts";
import { appendFlowPrints } from "./_play.ts";

const NULLS = { gamma_exposure: NaN, gamma_norm: NaN, fuel_effect: null, gamma_bucket: "UNKNOWN" };

/** A print `minutes` after the open. */
function print(minutes: number, strike: number, side: number, size: number, iv: number, isCall = true) {
  return {
    ts: minutes * MINUTE,
    strike,
    isCall,
    size,
    aggressor: side,
    iv,
    dealerFlow: 0,
    ownIv: 1 as const,
  };
}

function sessionOf(prints: readonly FlowPrint[]): SessionState {
  const state = handState();
  appendFlowPrints(state, prints.map((p) => ({ ...p, ts: state.at.open + p.ts })));
  return state;
}

/** Fuel of a touch of `level` whose bar ends `minutes` after the open, spot 680. */
function fuelAt(state: SessionState, level: number, minutes: number) {
  const end = state.at.open + minutes * MINUTE;
  return fuelFeatures({ level }, strikeGammas(state, newBoard(), end, 680, CONFIG), CONFIG);
}

Deno.test("fuelFeatures() gives the values worked out by hand", () => {
  // An hour is left: τ = 1/1638; Γ(680, 680, τ, 0.20) = 0.1187207907, Γ(680, 681, τ, 0.25) = 0.0923944068.
  const state = sessionOf([
    print(1, 680, 1, 10, 0.3),
    print(2, 680, -1, 4, 0.2),
    print(3, 681, -1, 5, 0.25, false),
    print(4, 682.5, 1, 1000, 0.2),
    print(5, 677.5, -1, 1000, 0.2),
    print(330, 680, -1, 500, 0.9),
  ]);
  assertColumns(fuelAt(state, 680.25, 330), {
    gamma_exposure: -25.03527104209174,
    gamma_norm: -0.11786500596905311,
    fuel_effect: "AMPLIFY",
    gamma_bucket: "SHORT",
  });
});

Deno.test("fuelFeatures() takes strikes at exactly $2, bounds inclusive", () => {
  const state = sessionOf([print(1, 678, -1, 5, 0.2), print(1, 682, -1, 5, 0.2)]);
  assert.equal(fuelAt(state, 680, 10).gamma_norm, 1);
  assert.ok(fuelAt(state, 680, 10).gamma_exposure > fuelAt(state, 680.01, 10).gamma_exposure);
  assertColumns(fuelAt(state, 684.01, 10), NULLS);
});

Deno.test("fuelFeatures() names effect and bucket from norm and exposure", () => {
  const effect = (bought: number, sold: number, unsigned: number) => {
    const prints = [
      print(1, 680, 1, bought, 0.2),
      print(1, 680, -1, sold, 0.2),
      print(1, 680, 0, unsigned, 0.2),
    ];
    const { gamma_norm, fuel_effect, gamma_bucket } = fuelAt(sessionOf(prints), 680, 10);
    return [Math.round(gamma_norm * 1000) / 1000, fuel_effect, gamma_bucket];
  };
  assert.deepEqual(effect(56, 44, 0), [-0.12, "AMPLIFY", "SHORT"]);
  assert.deepEqual(effect(54, 46, 0), [-0.08, "NEUTRAL", "SHORT"]);
  assert.deepEqual(effect(50, 50, 0), [0, "NEUTRAL", "LONG"]);
  assert.deepEqual(effect(44, 56, 0), [0.12, "DAMPEN", "LONG"]);
  assert.deepEqual(effect(44, 56, 100), [0.06, "NEUTRAL", "LONG"]);
});

Deno.test("fuelFeatures() is null without a print before the bar's end or without a volatility", () => {
  assertColumns(fuelAt(sessionOf([]), 680, 10), NULLS);
  assertColumns(fuelAt(sessionOf([print(10, 680, 1, 5, 0.2)]), 680, 10), NULLS);
  assertColumns(fuelAt(sessionOf([print(1, 680, 1, 5, NaN)]), 680, 10), NULLS);
  const half = sessionOf([print(1, 680, 1, 5, NaN), print(1, 681, -1, 5, 0.2), print(2, 681, -1, 5, NaN)]);
  assert.equal(fuelAt(half, 680, 10).gamma_norm, 1, "a contract without a volatility does not count");
});

Deno.test("fuelFeatures() holds the time left at five minutes and revalues old flow at the bar's close", () => {
  const state = sessionOf([print(1, 680, -1, 5, 0.2)]);
  const exposures = [100, 300, 385, 389].map((minutes) => fuelAt(state, 680, minutes).gamma_exposure);
  assert.ok(exposures[0] < exposures[1] && exposures[1] < exposures[2]);
  assert.equal(exposures[2], exposures[3]);
});

/** The real prints of 12 November 2025, signed by a plain tick rule a contract, at one volatility and spot. */
function realPrints(startNs: bigint): FlowPrint[] {
  const [, ...lines] = new TextDecoder()
    .decode(gunzipSync(Deno.readFileSync(shared("real/spy-options-2025-11-12.csv.gz")))).trim().split("\n");
  const last = new Map<string, { price: number; sign: number }>();
  const prints = lines.map((line) => {
    const [ticker, , , , price, ns, size] = line.split(",");
    return { ticker, price: Number(price), ts: Number(BigInt(ns) - startNs), size: Number(size) };
  }).sort((a, b) => a.ts - b.ts);
  return prints.map(({ ticker, price, ts, size }) => {
    const strike = Number(ticker.slice(-8)) / 1000, before = last.get(ticker);
    const sign = before && price !== before.price ? Math.sign(price - before.price) : before?.sign ?? 0;
    last.set(ticker, { price, sign });
    const gamma = optionGamma(675, strike, 0.001, 0.2);
    const own = size % 2 as 0 | 1;
    return {
      ts,
      strike,
      isCall: true,
      size,
      aggressor: sign,
      iv: 0.2,
      dealerFlow: -sign * size * gamma,
      ownIv: own,
    };
  });
}

Deno.test("fuelFeatures() and dealerFlowFeatures() equal their naive twin on the real SPY prints", () => {
  if (!requires("shared", "fuel on the real SPY prints")) return;
  const session = calendarSession("2025-11-12"), state = newSession(session, NO_HISTORY), board = newBoard();
  const prints = realPrints(session.startNs), effects = new Set<string | null>();
  appendFlowPrints(state, prints);
  for (let ts = state.at.open; ts < state.at.close; ts += 3 * MINUTE) {
    const gammas = strikeGammas(state, board, ts + MINUTE, 675.1, CONFIG);
    const flows = strikeFlows(state, board, ts + MINUTE, CONFIG.fuel);
    for (const level of [670.25, 673, 674.5, 675]) {
      const fuel = fuelFeatures({ level }, gammas, CONFIG);
      const flow = dealerFlowFeatures({ level }, flows, fuel, CONFIG);
      assertColumns(
        { ...fuel, ...flow },
        naiveFuel(prints, state.at, { ts, level, spot: 675.1 }),
        `at ${ts}`,
      );
      effects.add(fuel.fuel_effect);
    }
  }
  assert.equal(prints.length, 1334);
  assert.ok(effects.size > 1);
});
