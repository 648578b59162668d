/**
 * The retrieval stage: an index of Gold beside a set of models, scored on the set's test rows.
 *
 * @module
 */
import { z } from "zod";
import { type Batch, type Config, i32, ModelError, strings, takeRows } from "../../base/mod.ts";
import { type Lake, runStage } from "../../lake/mod.ts";
import { FEATURES_VERSION } from "../../schema/mod.ts";
import { judgeDifferences } from "../bootstrap.ts";
import { columnsAt, type Dataset, DATASET_PATH, featureMatrix, featureNamed } from "../dataset.ts";
import type { Ablation, Stage } from "../feature_sets.ts";
import { DIFFERENCE_SHAPE, METRICS_SHAPE, readModelJson } from "../json_files.ts";
import { type ModelMetadata, predictionsPath, readMetadata } from "../model_store.ts";
import { type Predictions, readPredictionsOf, scoredRows } from "../predictions.ts";
import { estimate, type Estimates } from "./estimate.ts";
import { buildIndex, type FeatureColumns, fitScales, type RetrievalIndex } from "./index.ts";
import { searchParallel } from "./parallel.ts";
import { distanceFeatures } from "./scaling.ts";
import {
  answersTo,
  neighboursBehind,
  RETRIEVAL_KINDS,
  type RetrievalKind,
  type RetrievalScore,
  scoreRetrieval,
} from "./score.ts";
import { FILTER_COLUMNS, type FilterColumn, type Queries } from "./search.ts";
import { retrievalFolder, writeIndex } from "./store.ts";

const RetrievalFile = z.object({
  neighbours: z.number(),
  same: z.array(z.string()),
  heads: z.record(
    z.string(),
    z.object({
      rows: z.number(),
      unanswered: z.number(),
      metrics: z.object({
        base_rate: METRICS_SHAPE,
        trees: METRICS_SHAPE,
        retrieval: METRICS_SHAPE,
        ensemble: METRICS_SHAPE,
      }),
      against: z.object({
        base_rate_retrieval: DIFFERENCE_SHAPE,
        trees_retrieval: DIFFERENCE_SHAPE,
        base_rate_ensemble: DIFFERENCE_SHAPE,
        trees_ensemble: DIFFERENCE_SHAPE,
      }),
    }),
  ),
});

/** How a set's retrieval did, by head; each comparison is named after the two losses whose difference it is. */
export type RetrievalMetrics = z.infer<typeof RetrievalFile>;

/** What is asked for. */
export interface RetrievalOptions {
  /** Stage of the set. */
  stage: Stage;
  /** Ablation of the set. */
  ablation: Ablation;
  /** Neighbours a query. */
  neighbours: number;
  /** Columns in which a neighbour must equal the query. */
  same: readonly FilterColumn[];
  /** Primary horizon, epsilon, bins, bootstrap. */
  config: Pick<Config, "labels" | "training" | "retrieval">;
}

/**
 * Builds, scores and writes the index of a set of models.
 *
 * @param lake The lake.
 * @param dataset The Gold the set was trained on.
 * @param options What is asked for.
 * @throws {ModelError} If the set is not there, of another version, or trained on another Gold.
 */
export async function buildRetrieval(
  lake: Lake,
  dataset: Dataset,
  options: RetrievalOptions,
): Promise<RetrievalMetrics> {
  const { stage, ablation } = options;
  const asked = { stage, ablation, neighbours: options.neighbours, same: options.same };
  const { result } = await runStage(lake, "retrieval", asked, async ({ lake, manifest, tx }) => {
    const metadata = await readMetadata(lake, stage, ablation);
    if (metadata.dataset.sha256 !== dataset.hash) {
      throw new ModelError(
        `Cannot score retrieval: models ${stage}-${ablation} were trained on another Gold; run deno task train`,
        DATASET_PATH,
      );
    }
    const folder = retrievalFolder(stage, ablation), rows = dataset.batch.length;
    manifest.inputs = [{ path: DATASET_PATH, sha256: dataset.hash, rows }, {
      path: predictionsPath(stage, ablation),
    }];
    const wanted = distanceFeatures(metadata.features.map(({ name }) => featureNamed(name)));
    const features: FeatureColumns = featureMatrix(dataset.batch, wanted);
    const predictions = readPredictionsOf(lake, metadata);
    const found = await searchFolds(dataset, features, metadata, predictions, options);
    const metrics = scoreHeads(metadata, predictions, found.estimates, options);
    const { trained, index } = found;
    await writeIndex(tx, folder, { batch: dataset.batch, features }, {
      features_version: FEATURES_VERSION,
      dataset: dataset.hash,
      rows: index.squares.length,
      fitted_on: trained,
      scales: index.scales,
    });
    await tx.write(`${folder}/metrics.json`, JSON.stringify(metrics, null, 2) + "\n");
    manifest.facts = { rows: index.squares.length, features: index.scales.length };
    return metrics;
  });
  return result;
}

/** Estimates of every test row, by event: each fold's scales know its training dates only. */
async function searchFolds(
  dataset: Dataset,
  features: FeatureColumns,
  metadata: ModelMetadata,
  predictions: Predictions,
  options: RetrievalOptions,
) {
  const { batch, dates, dateIndex } = dataset, estimates = new Map<string, { at: number; of: Estimates }>();
  const rowOf = new Map<string, number>(), ids = strings(batch, "event_id");
  ids.codes.forEach((code, row) => rowOf.set(ids.values[code], row));
  let index: RetrievalIndex | undefined, trained: string[] = [];
  for (const [k, fold] of metadata.splits.folds.entries()) {
    const mine = new Set(fold.train.map((date) => dates.indexOf(date)));
    const fitted = Uint32Array.from(dateIndex.keys()).filter((row) => mine.has(dateIndex[row]));
    index = buildIndex(batch, features, fitScales(features, fitted));
    trained = fold.train;
    const asked = testEvents(predictions, metadata, k);
    const rows = Uint32Array.from(asked, (id) => rowOf.get(id) ?? unknownEvent(id, metadata));
    const found = await searchParallel(index, queriesAt(dataset, features, rows), options);
    const of = estimate(index, found, options.config.retrieval.epsilon);
    asked.forEach((id, at) => estimates.set(id, { at, of }));
  }
  return { index: index!, trained, estimates };
}

function unknownEvent(id: string, { stage, ablation }: ModelMetadata): never {
  const path = predictionsPath(stage, ablation);
  throw new ModelError(`Cannot use "${path}": Gold has no event ${id}; run deno task train`, path);
}

/**
 * Rows of the data set as queries at the moment their features are known.
 *
 * @param dataset The data set.
 * @param features Columns of its rows' features.
 * @param rows Rows to ask about.
 */
export function queriesAt(
  { batch, availableNs }: Dataset,
  features: FeatureColumns,
  rows: Uint32Array,
): Queries {
  const filters = Object.fromEntries(FILTER_COLUMNS.map((name) => [name, batch.columns[name]]));
  const is: Batch = takeRows({ length: batch.length, columns: filters }, rows);
  return {
    features: { names: features.names, columns: columnsAt(features, rows) },
    atNs: BigInt64Array.from(rows, (row) => availableNs[row]),
    is: Object.fromEntries(FILTER_COLUMNS.map((name) => [name, strings(is, name)])),
  };
}

/** Event ids of a fold's test rows of all heads, each once. */
function testEvents(predictions: Predictions, metadata: ModelMetadata, fold: number): string[] {
  const { codes, values } = strings(predictions.batch, "event_id"), found = new Set<string>();
  for (const { name } of metadata.heads) {
    for (const row of predictions.rowsOf(name, "test", fold)) found.add(values[codes[row]]);
  }
  return [...found];
}

function scoreHeads(
  metadata: ModelMetadata,
  predictions: Predictions,
  estimates: Map<string, { at: number; of: Estimates }>,
  options: RetrievalOptions,
): RetrievalMetrics {
  const { training, labels } = options.config, bootstrap = { ...training.bootstrap, seed: training.seed };
  const scores: [string, RetrievalScore][] = [];
  for (const kind of RETRIEVAL_KINDS) {
    const head = metadata.heads.find((h) => h.kind === kind && h.horizon === labels.primary);
    if (!head) continue;
    const rows = scoreRowsOf(kind, predictions, predictions.rowsOf(head.name, "test"), estimates);
    scores.push([head.name, scoreRetrieval(head.objective, rows, bootstrap, training.calibrationBins)]);
  }
  const judged = (name: keyof RetrievalScore["against"]) =>
    judgeDifferences(scores.map(([, { against }]) => against[name]), bootstrap);
  const byPair = {
    base_rate_retrieval: judged("base_rate_retrieval"),
    trees_retrieval: judged("trees_retrieval"),
    base_rate_ensemble: judged("base_rate_ensemble"),
    trees_ensemble: judged("trees_ensemble"),
  };
  return {
    neighbours: options.neighbours,
    same: [...options.same],
    heads: Object.fromEntries(scores.map(([name, score], k) => [name, {
      ...score,
      against: {
        base_rate_retrieval: byPair.base_rate_retrieval[k],
        trees_retrieval: byPair.trees_retrieval[k],
        base_rate_ensemble: byPair.base_rate_ensemble[k],
        trees_ensemble: byPair.trees_ensemble[k],
      },
    }])),
  };
}

function scoreRowsOf(
  kind: RetrievalKind,
  { batch }: Predictions,
  rows: Uint32Array,
  estimates: Map<string, { at: number; of: Estimates }>,
) {
  const { labels, weights, predictions: trees } = scoredRows(batch, rows);
  const { codes, values } = strings(batch, "event_id"), days = i32(batch, "date");
  const answers = new Map<Estimates, Float64Array>();
  const places = Array.from(rows, (row) => estimates.get(values[codes[row]])!);
  for (const { of } of places) if (!answers.has(of)) answers.set(of, answersTo(kind, of));
  return {
    labels,
    weights,
    trees,
    baseRate: scoredRows(batch, rows, "base_rate").predictions,
    dates: Int32Array.from(rows, (row) => days[row]),
    answers: Float64Array.from(places, ({ at, of }) => answers.get(of)![at]),
    neighbours: Int32Array.from(places, ({ at, of }) => neighboursBehind(kind, of)[at]),
  };
}

/** Reads how a set's retrieval did. @throws {ModelError} If that is not there or cannot be read. */
export async function readRetrievalMetrics(
  lake: Lake,
  stage: Stage,
  ablation: Ablation,
): Promise<RetrievalMetrics> {
  const again = `run deno task retrieval --stage ${stage} --ablation ${ablation}`;
  return await readModelJson(lake, `${retrievalFolder(stage, ablation)}/metrics.json`, RetrievalFile, again);
}
