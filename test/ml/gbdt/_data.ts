/** Data sets for the tests of the trees, made from a seed. */
import { Random } from "../../../lib/base/mod.ts";
import type { TrainData } from "../../../lib/ml/gbdt/mod.ts";

/** What a made data set looks like. */
export interface DataShape {
  /** Rows. */
  n: number;
  /** Seed. */
  seed: number;
  /** 0/1 labels rather than real ones. */
  binary?: boolean;
  /** Share of missing values in the numeric columns `gap` and `kind`; defaults to 0.15. */
  missing?: number;
  /** Whether rows have weights. */
  weighted?: boolean;
  /** Largest code of `kind`, exclusive; defaults to 12. */
  codes?: number;
}

/**
 * Six columns: `wide` normal, `gap` normal with missing values, `few` integers 0–9, `sparse` mostly zero,
 * `kind` a categorical of which odd codes raise the label, `pair` a categorical of three codes.
 */
export function makeData(shape: DataShape): TrainData {
  const { n, missing = 0.15, codes = 12 } = shape;
  const random = new Random(shape.seed);
  const make = (value: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => value(i));
  const wide = make(() => random.normal());
  const gap = make(() => random.uniform() < missing ? NaN : random.normal());
  const few = make(() => random.int(10));
  const sparse = make(() => random.uniform() < 0.6 ? 0 : random.normal());
  const kind = make(() => random.uniform() < missing / 3 ? NaN : random.int(codes));
  const pair = make(() => random.int(3));
  const signal = make((i) =>
    wide[i] + (gap[i] !== gap[i] ? 0.8 : gap[i] * gap[i] / 2) + (few[i] > 6 ? 1 : 0) - sparse[i] +
    (kind[i] % 2 === 1 ? 1 : 0) + (pair[i] === 1 ? -0.7 : 0) - 1
  );
  const labels = make((i) =>
    shape.binary
      ? Number(random.uniform() < 1 / (1 + Math.exp(-2 * signal[i])))
      : signal[i] + 0.3 * random.normal()
  );
  return {
    features: [wide, gap, few, sparse, kind, pair],
    names: ["wide", "gap", "few", "sparse", "kind", "pair"],
    categorical: new Set(["kind", "pair"]),
    labels,
    ...(shape.weighted ? { weights: make(() => 0.2 + 2 * random.uniform()) } : {}),
  };
}

/** The same data with its rows picked and ordered by `rows`. */
export function takeRows(data: TrainData, rows: ArrayLike<number>): TrainData {
  const take = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]);
  return {
    ...data,
    features: data.features.map(take),
    labels: take(data.labels),
    ...(data.weights ? { weights: take(data.weights) } : {}),
  };
}
