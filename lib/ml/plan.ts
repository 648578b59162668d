/**
 * What a training run will do, checked before anything is computed: folds, rows, and which heads can be trained.
 *
 * @module
 */
import { type Config, ModelError } from "../base/mod.ts";
import type { Dataset } from "./dataset.ts";
import { headWeights } from "./head_weights.ts";
import { allHeads, type Head, headLabels } from "./heads.ts";
import { assertPurged, defaultSpans, type Fold, walkForward } from "./splits.ts";
import type { FoldRows } from "./train_head.ts";

/** What is asked for. */
export interface PlanOptions {
  /** Validation dates of each fold; a share of the dates by default. */
  valid?: number;
  /** Test dates over all folds; by default a share of the dates, or what a verdict wants. */
  test?: number;
  /** Names of the wanted heads; all by default. */
  heads?: readonly string[];
  /** Leave out heads that cannot be trained, instead of refusing; defaults to false. */
  skip?: boolean;
  /** Horizons, thresholds, splits. */
  config: Pick<Config, "labels" | "training" | "market">;
}

/** A head that can be trained, with its labels and rows. */
export interface PlannedHead {
  /** The head. */
  head: Head;
  /** Float64Array (n): labels; NaN where the question does not arise. */
  labels: Float64Array;
  /** Float64Array (n): weights among the head's own rows; NaN where the question does not arise. */
  weights: Float64Array;
  /** Tradeable rows left out since both sides were reached. */
  undecided: number;
  /** Rows with a label, by fold. */
  folds: FoldRows[];
}

/** A run in the making. */
export interface TrainPlan {
  /** Dates of each fold. */
  folds: Fold[];
  /** Rows of the data set that lie in some part of some fold. */
  used: number;
  /** Heads to train, in order. */
  heads: PlannedHead[];
  /** Heads left out, and why. */
  skipped: { head: string; reason: string }[];
}

/**
 * Splits the dates, purges, and labels the rows of every head.
 *
 * @param dataset The data set.
 * @param options What is asked for.
 * @throws {ModelError} If there are too few dates, a label span crosses a split, a head is unknown, or one cannot be
 * trained (a part without rows, training rows of one class) and `skip` is off.
 */
export function planTraining(dataset: Dataset, options: PlanOptions): TrainPlan {
  const { config } = options, { training } = config, { dates } = dataset;
  const spans = defaultSpans(dates.length, config);
  const folds = walkForward(dates, {
    valid: options.valid ?? spans.valid,
    test: options.test ?? spans.test,
    foldDates: training.foldDates,
    embargo: training.embargoSessions,
  });
  const rows = folds.map((fold) => rowsOfFold(dataset, fold));
  rows.forEach((fold) => assertFoldPurged(dataset, fold));
  const threshold = { dollars: config.labels.threshold, slack: config.market.slack };
  const heads: PlannedHead[] = [], skipped: TrainPlan["skipped"] = [];
  for (const head of wantedHeads(options)) {
    const { labels, undecided } = headLabels(head, dataset.batch, threshold);
    const mine = rows.map((fold) => labelled(fold, labels));
    const reason = mine.map((fold, k) => faultOf(head, labels, fold, folds[k])).find((f) => f !== undefined);
    if (reason === undefined) {
      const weights = headWeights(head, dataset, labels, config);
      heads.push({ head, labels, weights, undecided, folds: mine });
    } else skipped.push({ head: head.name, reason });
  }
  if (skipped.length > 0 && (!options.skip || heads.length === 0)) refuse(skipped);
  const used = new Set(rows.flatMap((fold) => [...fold.train, ...fold.valid, ...fold.test])).size;
  return { folds, used, heads, skipped };
}

function refuse(skipped: TrainPlan["skipped"]): never {
  const [first, ...others] = skipped;
  const more = others.length > 0 ? `, nor ${others.map((s) => s.head).join(", ")}` : "";
  throw new ModelError(
    `Cannot train head "${first.head}": ${first.reason}${more}; add dates, name the --heads wanted, or give --skip to ` +
      "leave out those that cannot be trained",
    first.head,
  );
}

function wantedHeads({ heads, config }: PlanOptions): Head[] {
  const all = allHeads(config);
  const unknown = heads?.find((name) => !all.some((head) => head.name === name));
  if (unknown !== undefined) {
    throw new ModelError(
      `Cannot train head "${unknown}": no such head; wanted some of ${all.map((h) => h.name).join(", ")}`,
      unknown,
    );
  }
  return heads ? all.filter((head) => heads.includes(head.name)) : all;
}

/** Rows of a fold's dates, ascending. */
function rowsOfFold({ dates, dateIndex }: Dataset, fold: Fold): FoldRows {
  const rowsOf = (wanted: string[]) => {
    const set = new Set(wanted.map((date) => dates.indexOf(date)));
    return Uint32Array.from(dateIndex.keys()).filter((row) => set.has(dateIndex[row]));
  };
  return { train: rowsOf(fold.train), valid: rowsOf(fold.valid), test: rowsOf(fold.test) };
}

function assertFoldPurged({ startNs, endNs }: Dataset, { train, valid, test }: FoldRows): void {
  const spans = (rows: Uint32Array) => ({ rows, startNs, endNs });
  assertPurged(spans(train), spans(valid), "training");
  assertPurged(spans(train), spans(test), "training");
  assertPurged(spans(valid), spans(test), "validation");
}

function labelled(fold: FoldRows, labels: Float64Array): FoldRows {
  const keep = (rows: Uint32Array) => rows.filter((row) => !Number.isNaN(labels[row]));
  return { train: keep(fold.train), valid: keep(fold.valid), test: keep(fold.test) };
}

/** Why a head cannot be trained on a fold, if so. */
function faultOf(head: Head, labels: Float64Array, rows: FoldRows, fold: Fold): string | undefined {
  for (const part of ["train", "valid", "test"] as const) {
    if (rows[part].length === 0) {
      const name = { train: "training", valid: "validation", test: "test" }[part];
      return `no row with this label on the ${name} dates ${fold[part][0]}..${fold[part].at(-1)}`;
    }
  }
  const first = labels[rows.train[0]];
  if (head.objective === "regression" || rows.train.some((row) => labels[row] !== first)) return undefined;
  return `only label ${first} in ${rows.train.length} training rows of ${fold.train[0]}..${
    fold.train.at(-1)
  }`;
}
