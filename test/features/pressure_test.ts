import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import { pressureFeatures, type PressureInputs } from "../../lib/features/mod.ts";
import { assertColumns } from "./_hand.ts";

const INPUTS: PressureInputs = {
  barrier_delta_liq: -40,
  barrier_theta: 20,
  wall_ratio: 1.2,
  tape_imbalance: 0.5,
  tape_price_velocity: 0.004,
  atr: 0.6,
  gamma_norm: -0.2,
  gamma_flow_accel_3m: 22.222222222222222,
  mean_reversion_pressure_200: -0.5,
  mean_reversion_pressure_400: -0.3,
  confluence_pressure: 0.1,
};

Deno.test("pressureFeatures() gives the values worked out by hand", () => {
  assertColumns(pressureFeatures(1, INPUTS, CONFIG.fuel), {
    liquidity_pressure: 0.5807970779778824,
    tape_pressure: 0.45,
    gamma_pressure: 0.9640275800758169,
    gamma_accel_pressure: -0.0004444444151805706,
    reversion_pressure: 0.3799489622552249,
    net_break_pressure: 0.4549547240617848,
  });
});

Deno.test("pressureFeatures() of the other direction turns tape and reversion only", () => {
  const up = pressureFeatures(1, INPUTS, CONFIG.fuel), down = pressureFeatures(-1, INPUTS, CONFIG.fuel);
  assertColumns(down, {
    liquidity_pressure: up.liquidity_pressure,
    tape_pressure: -up.tape_pressure,
    gamma_pressure: up.gamma_pressure,
    gamma_accel_pressure: up.gamma_accel_pressure,
    reversion_pressure: -up.reversion_pressure,
  });
});

Deno.test("pressureFeatures() passes nulls on, and the net pressure is the mean of the others", () => {
  const without = (nulls: Partial<PressureInputs>) =>
    pressureFeatures(1, { ...INPUTS, ...nulls }, CONFIG.fuel);
  assertColumns(without({ wall_ratio: NaN }), {
    liquidity_pressure: NaN,
    net_break_pressure: (0.45 + 0.9640275800758169 + 0.3799489622552249 - 0.1) / 4,
  });
  assertColumns(without({ mean_reversion_pressure_200: NaN }), { reversion_pressure: Math.tanh(0.3) });
  assertColumns(without({ wall_ratio: 8 }), { liquidity_pressure: (Math.tanh(1) - 1) / 2 });
  assertColumns(without({ barrier_theta: 0 }), { liquidity_pressure: NaN });
  assertColumns(without({ atr: 0 }), { tape_pressure: NaN });
  const nothing = Object.fromEntries(Object.keys(INPUTS).map((name) => [name, NaN]));
  const bare = without({ ...nothing, confluence_pressure: 0.25 });
  assertColumns(bare, { tape_pressure: NaN, gamma_pressure: NaN, net_break_pressure: -0.25 });
});

Deno.test("pressureFeatures() stays within [−1, 1] for any input", () => {
  const random = new Random(11);
  for (let i = 0; i < 2000; i++) {
    const inputs = { ...INPUTS };
    for (const name of Object.keys(inputs) as (keyof PressureInputs)[]) {
      inputs[name] = random.normal() * 10 ** (random.int(9) - 3);
    }
    inputs.confluence_pressure = random.uniform();
    const row = pressureFeatures(random.int(2) ? 1 : -1, inputs, CONFIG.fuel);
    for (const [name, value] of Object.entries(row)) assert.ok(Math.abs(value) <= 1, `${name} = ${value}`);
  }
});
