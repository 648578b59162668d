import assert from "node:assert/strict";
import { CONFIG, SECOND_NS } from "../../lib/base/mod.ts";
import { type DealerFlowFeatures, dealerFlowFeatures, strikeFlows } from "../../lib/features/mod.ts";
import { advanceBoard, newBoard } from "../../lib/levels/mod.ts";
import { assertColumns, handState, MINUTE } from "./_hand.ts";
import { appendFlowPrints } from "./_play.ts";

/** Flow near 680 of prints `[seconds before the bar's end, dealer flow, strike, own volatility]`, oldest first. */
function flowOf(prints: [number, number, number?, (0 | 1)?][], exposure = 1): DealerFlowFeatures {
  const state = handState(), end = state.at.open + 60 * MINUTE, board = newBoard();
  appendFlowPrints(
    state,
    prints.map(([seconds, dealerFlow, strike = 680, ownIv = 1]) => ({
      ts: end - seconds * SECOND_NS,
      strike,
      isCall: true,
      size: 1,
      aggressor: 0,
      iv: 0.2,
      dealerFlow,
      ownIv,
    })),
  );
  advanceBoard(board, state, end);
  const flows = strikeFlows(state, board, end, CONFIG.fuel);
  return dealerFlowFeatures({ level: 680 }, flows, { gamma_exposure: exposure }, CONFIG);
}

Deno.test("dealerFlowFeatures() gives the values worked out by hand", () => {
  const flow = flowOf([
    [1200.5, 5000],
    [1200, 40],
    [600, 1000],
    [300, 150],
    [299, 300, 682],
    [200, 50, 678, 0],
    [200, 7777, 682.5],
    [150, -100],
    [120, NaN, 680, 0],
    [90, 200],
    [30, 600, 681],
    [0, 9999],
  ]);
  assertColumns(flow, {
    gamma_flow_velocity: (150 + 300 + 50 - 100 + 200 + 600) / 5,
    gamma_flow_impulse: (240 - 112) / (240 + 112),
    gamma_flow_accel_1m: 600 - 200,
    gamma_flow_accel_3m: (700 / 3 - 500 / 3) / 3,
    dealer_pressure: -0.0047999631363397355,
    dealer_pressure_accel: -0.007999829337702288,
    iv_trade_share: 5 / 7,
  });
});

Deno.test("dealerFlowFeatures() is 0 in a quiet window, and without prints there is no share", () => {
  assertColumns(flowOf([[1300, 500]]), {
    gamma_flow_velocity: 0,
    gamma_flow_impulse: 0,
    gamma_flow_accel_1m: 0,
    gamma_flow_accel_3m: 0,
    dealer_pressure: 0,
    dealer_pressure_accel: 0,
    iv_trade_share: NaN,
  });
  assert.equal(flowOf([[600, 500]]).gamma_flow_impulse, -1);
});

Deno.test("dealerFlowFeatures() is null where the exposure is", () => {
  for (const value of Object.values(flowOf([[30, 500]], NaN))) assert.equal(value, NaN);
});

Deno.test("dealerFlowFeatures() turns its sign with the flow, its impulse within [−1, 1]", () => {
  const prints: [number, number][] = [[900, -30], [250, 120], [170, -60], [80, 400], [20, -250]];
  const flow = flowOf(prints), turned = flowOf(prints.map(([s, x]) => [s, -x]));
  for (const [name, value] of Object.entries(flow)) {
    assertColumns(turned, { [name]: name === "iv_trade_share" ? value : -value });
  }
  assert.ok(Math.abs(flow.gamma_flow_impulse) <= 1);
});
