/**
 * What the trees are made of: shapes of data, parameters and models, and the constants of the kernels.
 *
 * @module
 */
import { ModelError } from "../../base/mod.ts";

/** Slots of a feature's histogram: 255 value bins and the missing one, so that a bin is one byte. */
export const BIN_SLOTS = 256;

/** Bin of missing values, and of categories too rare for a bin of their own. */
export const MISSING_BIN = 255;

/** Upper bound of a feature's last value bin: what LightGBM writes for infinity. */
export const TOP_THRESHOLD = 1e300;

/** Loss to be minimised. */
export type Objective = "binary" | "regression" | "quantile";

/** Rows to learn from or to be judged on. */
export interface TrainData {
  /** One column a feature, each n long; NaN is missing; a declared category is a non-negative integer code. */
  features: Float64Array[];
  /** Feature names, in the order of {@linkcode features}. */
  names: string[];
  /** The categorical features: a set of names, or a flag a feature. */
  categorical: ReadonlySet<string> | readonly boolean[];
  /** Labels, n long: 0 or 1 for `binary`, any finite number otherwise. */
  labels: Float64Array;
  /** Row weights, n long, finite and not negative; all 1 when absent. */
  weights?: Float64Array;
  /** What the labels are called in error messages; defaults to `labels`. */
  subject?: string;
}

/** How to train. Names and defaults are LightGBM's where it has the parameter. */
export interface GbdtParams {
  /** Loss: `binary` logistic, `regression` squared error, `quantile` pinball at {@linkcode alpha}. */
  objective: Objective;
  /** Level of the quantile, in (0, 1); defaults to 0.5. */
  alpha: number;
  /** Trees at most; defaults to 100. */
  numTrees: number;
  /** Shrinkage of each tree; defaults to 0.1. */
  learningRate: number;
  /** Leaves of a tree at most; defaults to 31. */
  numLeaves: number;
  /** Depth of a leaf at most, the root being 0; no limit at 0 or below; defaults to -1. */
  maxDepth: number;
  /** L2 penalty on leaf values; defaults to 0. */
  lambdaL2: number;
  /** Fewest rows of a leaf; defaults to 20. */
  minDataInLeaf: number;
  /** Smallest sum of hessians of a leaf; defaults to 0.001. */
  minSumHessian: number;
  /** Gain a split must exceed; defaults to 0. */
  minSplitGain: number;
  /** Share of rows drawn, without replacement, for each tree; defaults to 1. */
  baggingFraction: number;
  /** Share of features drawn for each tree; defaults to 1. */
  featureFraction: number;
  /** Value bins of a feature at most, 2 to 255; defaults to 255. */
  maxBins: number;
  /** Rounds without a better validation loss after which training stops; 0 never; defaults to 0. */
  earlyStoppingRounds: number;
  /** Added to a category's hessian when categories are ordered, and the fewest rows of one that is; defaults to 10. */
  catSmooth: number;
  /** Extra L2 penalty of a split of many categories against many; defaults to 10. */
  catL2: number;
  /** Features of at most so many categories are split one against the rest; defaults to 4. */
  maxCatToOnehot: number;
  /** Categories on the smaller side of a split at most; defaults to 32. */
  maxCatThreshold: number;
  /** Fewest rows between two tried splits of a categorical feature; defaults to 100. */
  minDataPerGroup: number;
  /** Seed of row and feature sampling; defaults to 1. */
  seed: number;
  /** Threads at work on one model, to be had from a process of few models; the model is the same; defaults to 1. */
  threads: number;
}

/** What a caller gives: the objective, and whatever differs from the defaults. */
export type GbdtOptions = Pick<GbdtParams, "objective"> & Partial<GbdtParams>;

/** The defaults of every parameter but the objective. */
export const GBDT_DEFAULTS: Omit<GbdtParams, "objective"> = {
  alpha: 0.5,
  numTrees: 100,
  learningRate: 0.1,
  numLeaves: 31,
  maxDepth: -1,
  lambdaL2: 0,
  minDataInLeaf: 20,
  minSumHessian: 1e-3,
  minSplitGain: 0,
  baggingFraction: 1,
  featureFraction: 1,
  maxBins: 255,
  earlyStoppingRounds: 0,
  catSmooth: 10,
  catL2: 10,
  maxCatToOnehot: 4,
  maxCatThreshold: 32,
  minDataPerGroup: 100,
  seed: 1,
  threads: 1,
};

/**
 * A tree in LightGBM's layout: m − 1 internal nodes, m leaves, node 0 the root.
 * A child is a node when not negative, else leaf `~child`.
 */
export interface Tree {
  /** Feature of each node, (m − 1). */
  splitFeature: Int32Array;
  /** Loss reduction of each node, (m − 1). */
  splitGain: Float64Array;
  /** Numeric node: values at most this go left. Categorical node: index into {@linkcode catBoundaries}. (m − 1). */
  threshold: Float64Array;
  /** Bit 0 categorical, bit 1 missing goes left, bits 2–3 what is missing: 0 nothing, 1 zero and NaN, 2 NaN. (m − 1). */
  decisionType: Uint8Array;
  /** Left child of each node, (m − 1). */
  leftChild: Int32Array;
  /** Right child of each node, (m − 1). */
  rightChild: Int32Array;
  /** Value a node would have as a leaf, (m − 1). */
  internalValue: Float64Array;
  /** Sum of hessians in each node, (m − 1). */
  internalWeight: Float64Array;
  /** Training rows in each node, (m − 1). */
  internalCount: Int32Array;
  /** Raw score each leaf adds, shrinkage included, (m). */
  leafValue: Float64Array;
  /** Sum of hessians in each leaf, (m). */
  leafWeight: Float64Array;
  /** Training rows in each leaf, (m). */
  leafCount: Int32Array;
  /** Word ranges of the categorical nodes' bit sets in {@linkcode catThreshold}: set k is [k], [k + 1]. */
  catBoundaries: Int32Array;
  /** Bit sets of the category codes that go left, 32 codes a word. */
  catThreshold: Uint32Array;
  /** Shrinkage the leaf values were multiplied by. */
  shrinkage: number;
}

/** A trained model: raw score = sum of the trees. The first tree's leaves hold the start value. */
export interface GbdtModel {
  /** Loss it was trained on. */
  objective: Objective;
  /** Steepness of the logistic link (`binary`). */
  sigmoid: number;
  /** Feature names in column order. */
  featureNames: string[];
  /** Range `[min:max]`, categories `a:b:c`, or `none` of each feature, as LightGBM writes them. */
  featureInfos: string[];
  /** The trees, in the order they were grown. */
  trees: Tree[];
  /** Training parameters under LightGBM's names. */
  parameters: Record<string, string>;
  /** Validation loss after each round, those after the best one included; empty without validation or when read from a file. */
  validLoss: Float64Array;
}

/**
 * Fills in the defaults and checks every parameter.
 *
 * @throws {ModelError} If a parameter is out of its range.
 */
export function resolveParams(options: GbdtOptions): GbdtParams {
  const params = { ...GBDT_DEFAULTS, ...options };
  const check = (name: keyof GbdtParams, min: number, max: number, integer: boolean) => {
    const value = params[name] as number;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) return;
    const wanted = `${integer ? "an integer" : "a number"} from ${min} to ${max}`;
    throw new ModelError(`Cannot train: ${name} is ${value}, wanted ${wanted}`, name);
  };
  if (!["binary", "regression", "quantile"].includes(params.objective)) {
    throw new ModelError(
      `Cannot train: objective is "${params.objective}", wanted binary, regression or quantile`,
      "objective",
    );
  }
  check("alpha", Number.MIN_VALUE, 1 - 2 ** -53, false);
  check("numTrees", 1, 1e6, true);
  check("learningRate", Number.MIN_VALUE, 1e6, false);
  check("numLeaves", 2, 131072, true);
  check("maxDepth", -Infinity, Infinity, false);
  check("lambdaL2", 0, Number.MAX_VALUE, false);
  check("minDataInLeaf", 1, 2 ** 31, true);
  check("minSumHessian", 0, Number.MAX_VALUE, false);
  check("minSplitGain", 0, Number.MAX_VALUE, false);
  check("baggingFraction", Number.MIN_VALUE, 1, false);
  check("featureFraction", Number.MIN_VALUE, 1, false);
  check("maxBins", 2, MISSING_BIN, true);
  check("earlyStoppingRounds", 0, 1e6, true);
  check("catSmooth", 0, Number.MAX_VALUE, false);
  check("catL2", 0, Number.MAX_VALUE, false);
  check("maxCatToOnehot", 1, MISSING_BIN, true);
  check("maxCatThreshold", 1, MISSING_BIN, true);
  check("minDataPerGroup", 1, 2 ** 31, true);
  check("seed", -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true);
  check("threads", 1, 64, true);
  return params;
}

/** Whether feature `f` of the data is categorical. */
export function isCategorical(data: TrainData, f: number): boolean {
  const { categorical } = data;
  return "has" in categorical ? categorical.has(data.names[f]!) : categorical[f] === true;
}
