import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { findIv, IV_SOURCES, newSurface, noteIv, type Surface } from "../../lib/silver/surface.ts";

const NOW = 60_000e9, MINUTE = 60e9;

function find(surface: Surface, strike: number, isCall: boolean, ts = NOW): [number, string] {
  const { iv, source } = findIv(surface, strike, isCall, ts, CONFIG.options);
  return [Number(iv.toFixed(12)), IV_SOURCES[source]!];
}

Deno.test("findIv() prefers the other right of the strike, while it is fresh", () => {
  const surface = newSurface();
  noteIv(surface, 679, true, NOW - MINUTE, 0.3);
  noteIv(surface, 680, false, NOW - MINUTE, 0.1);
  noteIv(surface, 681, true, NOW - MINUTE, 0.2);
  assert.deepEqual(find(surface, 680, true), [0.1, "other_right"]);
  assert.deepEqual(find(surface, 680, true, NOW + 4 * MINUTE), [0.1, "other_right"]);
});

Deno.test("findIv() interpolates between the nearest fresh strikes", () => {
  const surface = newSurface();
  noteIv(surface, 676, false, NOW - MINUTE, 0.18);
  noteIv(surface, 682, true, NOW - 2 * MINUTE, 0.12);
  noteIv(surface, 679, true, NOW - 6 * MINUTE, 0.9);
  assert.deepEqual(find(surface, 680, true), [0.14, "surface"]);
  assert.deepEqual(find(surface, 678, false), [0.16, "surface"]);
  assert.deepEqual(find(surface, 676, false), [0.18, "surface"]);
});

Deno.test("findIv() takes the later right of a neighbouring strike", () => {
  const surface = newSurface();
  noteIv(surface, 679, true, NOW - 2 * MINUTE, 0.3);
  noteIv(surface, 679, false, NOW - MINUTE, 0.1);
  noteIv(surface, 681, false, NOW - MINUTE, 0.2);
  assert.deepEqual(find(surface, 680, true), [0.15, "surface"]);
});

Deno.test("findIv() never extrapolates: it carries the contract's own, else takes the default", () => {
  const surface = newSurface();
  noteIv(surface, 680, true, NOW - 60 * MINUTE, 0.11);
  noteIv(surface, 679, true, NOW - MINUTE, 0.3);
  assert.deepEqual(find(surface, 680, true), [0.11, "carried"]);
  assert.deepEqual(find(surface, 680, false), [0.2, "default"]);
  assert.deepEqual(find(surface, 690, true), [0.2, "default"]);
  assert.deepEqual(find(newSurface(), 680, true), [0.2, "default"]);
});
