import assert from "node:assert/strict";
import { ModelError, Random } from "../../../lib/base/mod.ts";
import { binOf, binTrainData, findCategoricalBins, findNumericBins } from "../../../lib/ml/gbdt/binning.ts";
import { makeData } from "./_data.ts";

Deno.test("findNumericBins() gives each of few values its own bin, with the bound halfway", () => {
  const bins = findNumericBins(Float64Array.of(3, 1, NaN, 1, 2, -4), 255, 1);
  assert.deepEqual([...bins.thresholds], [-1.5, 1.5, 2.5, 1e300]);
  assert.equal(bins.info, "[-4:3]");
  assert.deepEqual([-9, -1.5, -1, 1, 2, 99, NaN].map((x) => binOf(bins, x)), [0, 0, 1, 1, 2, 3, 255]);
});

Deno.test("findNumericBins() cuts many values into ranges of equal count and gives a frequent one a bin", () => {
  const random = new Random(1);
  const column = Float64Array.from({ length: 3000 }, (_, i) => i < 1000 ? 0.5 : random.uniform());
  const bins = findNumericBins(column, 21, 1);
  const counts = new Array(bins.numBins).fill(0);
  for (const x of column) counts[binOf(bins, x)]++;
  assert.equal(bins.numBins, 21);
  // What lies just below it joins it where it is less than half a bin.
  assert(counts[binOf(bins, 0.5)] >= 1000 && counts[binOf(bins, 0.5)] <= 1050, `${counts}`);
  counts.splice(binOf(bins, 0.5), 1);
  for (const count of counts) assert(count >= 60 && count <= 150, `${counts}`);
});

Deno.test("findNumericBins() puts a bound between neighbouring floats on the lower one", () => {
  const above = 1 + Number.EPSILON;
  const bins = findNumericBins(Float64Array.of(1, above), 255, 1);
  assert.equal(bins.thresholds[0], 1);
  assert.deepEqual([binOf(bins, 1), binOf(bins, above)], [0, 1]);
});

Deno.test("findNumericBins() does not depend on the order of rows, and samples many rows by seed", () => {
  const random = new Random(2);
  const column = Float64Array.from({ length: 5000 }, () => random.normal());
  const thresholds = findNumericBins(column, 255, 1).thresholds;
  assert.deepEqual(findNumericBins(random.shuffle(column.slice()), 255, 9).thresholds, thresholds);
  const long = Float64Array.from({ length: 250_000 }, () => random.normal());
  assert.deepEqual(findNumericBins(long, 63, 5), findNumericBins(long, 63, 5));
  assert.notDeepEqual(findNumericBins(long, 63, 5).thresholds, findNumericBins(long, 63, 6).thresholds);
});

Deno.test("findNumericBins() takes a column of one value, and one of none", () => {
  assert.deepEqual({ ...findNumericBins(Float64Array.of(7, 7), 255, 1) }, {
    categorical: false,
    numBins: 1,
    thresholds: Float64Array.of(1e300),
    categories: new Int32Array(0),
    info: "none",
  });
  assert.equal(findNumericBins(Float64Array.of(NaN, NaN), 255, 1).numBins, 0);
});

Deno.test("findCategoricalBins() gives the most frequent codes bins and the rest the missing one", () => {
  const bins = findCategoricalBins(Float64Array.of(5, 5, 5, 2, 9, 9, 2, 40, NaN), 3);
  assert.deepEqual([...bins.categories], [5, 2, 9]);
  assert.equal(bins.info, "5:2:9:40");
  assert.deepEqual([5, 2, 9, 40, 77, NaN].map((x) => binOf(bins, x)), [0, 1, 2, 255, 255, 255]);
});

Deno.test("binTrainData() packs the bin of every feature that varies, four a word", () => {
  const data = makeData({ n: 700, seed: 3 });
  const constant = new Float64Array(700).fill(4),
    half = Float64Array.from({ length: 700 }, (_, i) => i % 2 ? NaN : 1);
  data.features.unshift(constant, half);
  data.names.unshift("constant", "half");
  const matrix = binTrainData(data, 31, 1);
  assert.deepEqual([...matrix.slots], [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(matrix.words.length, 2);
  matrix.slots.forEach((f, slot) => {
    data.features[f].forEach((x, row) => {
      const bin = matrix.words[slot >> 2][row] >>> (8 * (slot & 3)) & 255;
      const { categorical, thresholds } = matrix.bins[f];
      assert.equal(bin, binOf(matrix.bins[f], x));
      if (categorical || bin === 255) return;
      assert(x <= thresholds[bin] && (bin === 0 || x > thresholds[bin - 1]));
    });
  });
});

Deno.test("binTrainData() refuses infinities and broken categories by feature and row", () => {
  const cases: [number, number, string][] = [
    [0, Infinity, 'feature "wide" is Infinity in row 3'],
    [0, -Infinity, 'feature "wide" is -Infinity in row 3'],
    [4, -1, 'category "kind" is -1 in row 3'],
    [4, 1.5, 'category "kind" is 1.5 in row 3'],
    [4, 2 ** 20, 'category "kind" is 1048576 in row 3'],
  ];
  for (const [feature, value, message] of cases) {
    const data = makeData({ n: 10, seed: 1 });
    data.features[feature][3] = value;
    assert.throws(
      () => binTrainData(data, 255, 1),
      (error) => error instanceof ModelError && error.message.includes(message),
    );
  }
});
