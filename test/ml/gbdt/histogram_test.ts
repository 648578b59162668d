import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import {
  addRows,
  countOf,
  createGradientGrid,
  FEATURE_STRIDE,
  type GradientGrid,
  QUAD_STRIDE,
  snapToGrid,
  subtractHistogram,
} from "../../../lib/ml/gbdt/histogram.ts";
import { naiveHistogram } from "../../reference/gbdt_histogram.ts";

/** Random words of four bins and snapped gradients. */
function makeGrid(n: number, seed: number): { words: Int32Array; grid: GradientGrid } {
  const random = new Random(seed);
  const grid = createGradientGrid(n);
  for (let i = 0; i < n; i++) {
    grid.gradients[i] = random.normal() * 10 ** random.int(4);
    grid.hessians[i] = random.uniform() ** 4;
  }
  snapToGrid(grid);
  return { words: Int32Array.from({ length: n }, () => random.uint32() | 0), grid };
}

/** The kernel over these rows, gradients gathered as it wants them. */
function build(words: Int32Array, grid: GradientGrid, rows: Int32Array): Float64Array {
  const out = new Float64Array(QUAD_STRIDE);
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]);
  addRows(words, rows, 0, rows.length, pick(grid.gradients), pick(grid.counted), out);
  return out;
}

Deno.test("addRows() equals the naive histogram to the bit", () => {
  for (const [n, seed] of [[1, 1], [2, 2], [333, 3], [5000, 4]]) {
    const { words, grid } = makeGrid(n, seed), random = new Random(seed);
    const rows = Int32Array.from({ length: n }, (_, i) => i).filter(() => random.uniform() < 0.7);
    const fast = build(words, grid, rows);
    for (let k = 0; k < 4; k++) {
      const slow = naiveHistogram((row) => words[row] >>> (8 * k) & 255, rows, grid.gradients, grid.counted);
      for (let bin = 0; bin < 256; bin++) {
        assert.equal(fast[k * FEATURE_STRIDE + 2 * bin], slow.gradient[bin]);
        assert.equal(fast[k * FEATURE_STRIDE + 2 * bin + 1], slow.counted[bin]);
      }
    }
  }
});

Deno.test("addRows() gives the same bits in any order of rows", () => {
  const { words, grid } = makeGrid(4000, 7);
  const rows = Int32Array.from({ length: 4000 }, (_, i) => i);
  const expected = build(words, grid, rows);
  for (let seed = 0; seed < 5; seed++) {
    assert.deepEqual(build(words, grid, new Random(seed).shuffle(rows.slice())), expected);
  }
});

Deno.test("subtractHistogram() gives the sibling's histogram to the bit", () => {
  const { words, grid } = makeGrid(3000, 8), random = new Random(9);
  const side = Uint8Array.from({ length: 3000 }, () => Number(random.uniform() < 0.2));
  const all = Int32Array.from({ length: 3000 }, (_, i) => i);
  const parent = build(words, grid, all);
  subtractHistogram(parent, build(words, grid, all.filter((row) => side[row] === 1)));
  assert.deepEqual(parent, build(words, grid, all.filter((row) => side[row] === 0)));
});

Deno.test("countOf() reads the number of rows out of any sum", () => {
  const { grid } = makeGrid(20_000, 10);
  let sum = 0;
  grid.counted.forEach((counted, i) => {
    sum += counted;
    if (i % 97 === 0) assert.equal(countOf(sum, grid.tick, grid.rounder), i + 1);
  });
  assert.equal(countOf(sum, grid.tick, grid.rounder), 20_000);
});

Deno.test("snapToGrid() moves gradients and hessians by less than their sums' precision", () => {
  const n = 16_000, random = new Random(11), grid = createGradientGrid(n);
  const gradients = Float64Array.from({ length: n }, () => random.normal());
  const hessians = Float64Array.from({ length: n }, () => random.uniform());
  grid.gradients.set(gradients);
  grid.hessians.set(hessians);
  snapToGrid(grid);
  for (let i = 0; i < n; i++) {
    assert(Math.abs(grid.gradients[i] - gradients[i]) < 1e-10);
    assert(Math.abs(grid.hessians[i] - hessians[i]) < 1e-10);
    assert(Math.abs(grid.counted[i] - hessians[i]) < 2e-7);
  }
});

Deno.test("snapToGrid() keeps equal hessians exact, and takes rounds in which every gradient is 0", () => {
  const grid = createGradientGrid(5);
  grid.hessians.fill(1);
  snapToGrid(grid);
  assert.deepEqual([...grid.gradients], [0, 0, 0, 0, 0]);
  assert.deepEqual([...grid.hessians], [1, 1, 1, 1, 1]);
  assert.equal(grid.counted[0], 1 + grid.tick);
});
