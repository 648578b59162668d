/**
 * What a model page shows of one set of models, read from the lake.
 *
 * @module
 */
import { type Config, dateOfDay, f64, i32, strings } from "../base/mod.ts";
import { type Lake, readText } from "../lake/mod.ts";
import {
  type Ablation,
  type Calibration,
  calibrationError,
  columnsAt,
  type Dataset,
  featureImportance,
  type FeatureMatrix,
  featureMatrix,
  featureNamed,
  type GbdtModel,
  type LearningCurve,
  learningCurve,
  modelFolder,
  type ModelMetadata,
  type ModelMetrics,
  predict,
  type Predictions,
  readCalibration,
  readModel,
  readModelSet,
  readPredictionsOf,
  reliabilityCurve,
  rowLosses,
  scoredRows,
  shapContributions,
  type Stage,
} from "../ml/mod.ts";
import { type GroupGain, groupGains } from "./gain_chart.ts";
import type { Explained } from "./importance_chart.ts";
import { chosenHeads, harderBaseline } from "./model_heads.ts";
import { type RuleCatch, ruleCatches } from "./model_rule.ts";
import type { Reliability } from "./reliability_chart.ts";
import type { HeadRows } from "./roc_chart.ts";

/** A set of models: how it was trained, and how it did. */
export interface ModelSet {
  /** How it was trained. */
  metadata: ModelMetadata;
  /** How it did on its test dates. */
  metrics: ModelMetrics;
}

/** One set of models with its evidence. */
export interface ModelView extends ModelSet {
  /** Test rows of the heads drawn in detail. */
  rows: HeadRows[];
  /** Reliability of these heads. */
  reliability: Reliability[];
  /** Loss saved by these heads by test date. */
  byDate: GroupGain[];
  /** Loss saved by these heads by kind of level. */
  byKind: GroupGain[];
  /** What the models made of their features on test rows; none when Gold has changed since. */
  explained: Explained[];
  /** What fixed rules would have caught; none when Gold has changed since. */
  rules: RuleCatch[];
  /** Test dates of the rules: those of the last fold, which the saved models have not seen. */
  ruleDates: string[];
  /** Loss of one head by training dates; absent when it was not asked for or cannot be drawn. */
  learning?: LearningCurve;
}

/** Test rows whose contributions are computed, at most; taken evenly. */
const EXPLAINED_ROWS = 300;
/** Heads whose features are shown. */
const EXPLAINED_HEADS = 2;
/** Points of a learning curve. */
const LEARNING_STEPS = 5;

/** What to read. */
export interface ModelViewOptions {
  /** Stage of the set. */
  stage: Stage;
  /** Ablation of the set. */
  ablation: Ablation;
  /** The data set; without it, or with another than the models were trained on, nothing is explained. */
  dataset?: Dataset;
  /** Whether to train a head anew on fewer dates; defaults to false. */
  learning?: boolean;
  /** Horizons, bins and thresholds. */
  config: Pick<Config, "labels" | "training" | "market">;
}

/**
 * Reads a set of models and what a page shows of it.
 *
 * @param lake The lake.
 * @param options Which set.
 * @throws {ModelError} If the set is not there, cannot be read, or is of another version of the features.
 */
export async function readModelView(lake: Lake, options: ModelViewOptions): Promise<ModelView> {
  const { stage, ablation, config, dataset } = options, { training, labels } = config;
  const { metadata, metrics } = await readModelSet(lake, stage, ablation);
  const predictions = readPredictionsOf(lake, metadata), heads = chosenHeads(metadata, labels.primary);
  const calibration = await calibrationOf(lake, stage, ablation);
  const rows = heads.map((head) => ({
    head,
    scored: scoredRows(predictions.batch, predictions.rowsOf(head, "test")),
  }));
  const same = dataset?.hash === metadata.dataset.sha256 ? dataset : undefined;
  const inside = same && await lookInside(lake, same, metadata, config);
  const learning = same && options.learning ? learningOf(same, metadata, heads[0], config) : undefined;
  return {
    metadata,
    metrics,
    rows,
    reliability: rows.map((r) => reliabilityOf(r, calibration, training.calibrationBins)),
    ...gainsOf(predictions, metrics, heads),
    explained: inside?.explained ?? [],
    rules: inside?.rules ?? [],
    ruleDates: metadata.splits.folds.at(-1)?.test ?? [],
    ...(learning ? { learning } : {}),
  };
}

async function calibrationOf(lake: Lake, stage: Stage, ablation: Ablation): Promise<Calibration | undefined> {
  const there = await readText(lake, `${modelFolder(stage, ablation)}/calibration.json`) !== undefined;
  return there ? await readCalibration(lake, stage, ablation) : undefined;
}

function reliabilityOf(
  { head, scored }: HeadRows,
  calibration: Calibration | undefined,
  bins: number,
): Reliability {
  const judged = calibration?.heads[head];
  if (judged) return { head, curves: { raw: judged.raw, Platt: judged.platt, isotonic: judged.isotonic } };
  const curve = reliabilityCurve(scored, bins);
  return { head, curves: { raw: { curve, ece: calibrationError(curve) } } };
}

function gainsOf({ batch, rowsOf }: Predictions, { heads }: ModelMetrics, names: readonly string[]) {
  const days = i32(batch, "date"), kinds = strings(batch, "level_kind");
  const gains = (groupOf: (row: number) => string) =>
    names.flatMap((head) => {
      const rows = rowsOf(head, "test"), { labels, weights, predictions } = scoredRows(batch, rows);
      const baseline = f64(batch, harderBaseline(heads[head]));
      return groupGains(head, Array.from(rows, groupOf), weights, {
        model: rowLosses("binary", labels, predictions),
        baseline: rowLosses("binary", labels, Float64Array.from(rows, (row) => baseline[row])),
      });
    });
  return {
    byDate: gains((row) => dateOfDay(days[row])),
    byKind: gains((row) => kinds.values[kinds.codes[row]]),
  };
}

function learningOf(
  dataset: Dataset,
  { stage, ablation, splits }: ModelMetadata,
  head: string | undefined,
  config: ModelViewOptions["config"],
): LearningCurve | undefined {
  const { folds } = splits, dates = folds.at(-1)?.train.length ?? 0;
  if (!head || dates < 2) return undefined;
  const valid = folds[0].valid.length, test = folds.reduce((n, fold) => n + fold.test.length, 0);
  return learningCurve(dataset, { stage, ablation, head, valid, test, steps: LEARNING_STEPS, config });
}

/** Models are the last fold's, so only its test rows are unseen. */
async function lookInside(
  lake: Lake,
  dataset: Dataset,
  metadata: ModelMetadata,
  { labels, training }: ModelViewOptions["config"],
): Promise<{ explained: Explained[]; rules: RuleCatch[] }> {
  const { features, heads, splits } = metadata, dates = splits.folds.at(-1)?.test ?? [];
  const unseen = new Set(dates.map((date) => dataset.dates.indexOf(date)));
  const rows = Uint32Array.from(dataset.dateIndex.keys()).filter((row) => unseen.has(dataset.dateIndex[row]));
  const matrix = featureMatrix(dataset.batch, features.map(({ name }) => featureNamed(name)));
  const some = evenly(rows, EXPLAINED_ROWS), explained: Explained[] = [];
  for (const head of chosenHeads(metadata, labels.primary).slice(0, EXPLAINED_HEADS)) {
    explained.push(explainModel(head, await readModel(lake, metadata, head), matrix, some));
  }
  const all = columnsAt(matrix, rows);
  const said = async (name: string) =>
    heads.some((h) => h.name === name) ? predict(await readModel(lake, metadata, name), all) : undefined;
  const direction = await said(`direction_${labels.primary}m`), passage = await said("fp_outcome");
  const tradeable = await said(`tradeable_2_${labels.primary}m`);
  const rules = ruleCatches({
    batch: dataset.batch,
    rows,
    horizon: labels.primary,
    threshold: training.ruleProbability,
    ...(direction ? { direction } : {}),
    ...(tradeable ? { tradeable } : {}),
    ...(passage ? { passage } : {}),
  });
  return { explained, rules };
}

/**
 * What a model made of its features on some rows.
 *
 * @param head The head's name.
 * @param model Its model.
 * @param matrix Columns of the model's features, in its order.
 * @param rows Rows of the matrix, best ones the model has not seen.
 */
export function explainModel(
  head: string,
  model: GbdtModel,
  matrix: FeatureMatrix,
  rows: Uint32Array,
): Explained {
  const values = columnsAt(matrix, rows);
  return {
    head,
    features: matrix.names,
    gain: featureImportance(model, "gain"),
    contributions: shapContributions(model, values).slice(0, -1),
    values,
  };
}

function evenly(rows: Uint32Array, most: number): Uint32Array {
  if (rows.length <= most) return rows;
  return Uint32Array.from({ length: most }, (_, k) => rows[Math.floor(k * rows.length / most)]);
}
