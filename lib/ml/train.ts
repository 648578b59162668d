/**
 * The training stage: the data set in; models, metadata, metrics and out-of-sample predictions out, as one.
 *
 * @module
 */
import { type Config, type Effects, jobError, ModelError, runJobs } from "../base/mod.ts";
import { type Lake, readText, runStage, toFrame, type Transaction, writeFrame } from "../lake/mod.ts";
import { FEATURES_VERSION, MODEL_PREDICTIONS } from "../schema/mod.ts";
import { type Dataset, DATASET_PATH } from "./dataset.ts";
import { type Ablation, featureSet, type Stage } from "./feature_sets.ts";
import { headJobs } from "./head_jobs.ts";
import { countVerdicts, judgeSets, scoredSet } from "./judge_heads.ts";
import { modelFolder, type ModelMetadata, type ModelMetrics } from "./model_store.ts";
import { type PlanOptions, planTraining, type TrainPlan } from "./plan.ts";
import { predictionRows } from "./prediction_rows.ts";
import type { HeadJob, HeadResult } from "./train_head.ts";

/** A stage and ablation of the features. */
export interface SetChoice {
  /** Stage of the features. */
  stage: Stage;
  /** Ablation of the features. */
  ablation: Ablation;
}

/** What to train. */
export interface TrainOptions extends PlanOptions {
  /** The sets of the run: verdicts are corrected over all of them. */
  sets: readonly SetChoice[];
  /** Commit of the code, for the metadata. */
  commit: string;
  /** Workers; defaults to the machine's cores. The result is the same for any number. */
  workers?: number;
  /** Horizons, thresholds, splits, trees. */
  config: Pick<Config, "labels" | "training" | "market">;
}

/** A trained set of models. */
export interface TrainedSet {
  /** Its folder, relative to the lake. */
  folder: string;
  /** How it was trained. */
  metadata: ModelMetadata;
  /** How it did. */
  metrics: ModelMetrics;
}

/**
 * Trains every head of some sets, judges them together and writes them. Nothing is written unless all is.
 *
 * @param lake The lake.
 * @param dataset The data set.
 * @param options What to train.
 * @param effects Progress and warnings.
 * @returns The sets, in the order asked for.
 * @throws {ModelError} If the plan cannot be carried out, or a head fails.
 */
export async function trainModels(
  lake: Lake,
  dataset: Dataset,
  options: TrainOptions,
  effects: Effects,
): Promise<TrainedSet[]> {
  const asked = {
    sets: options.sets.map(setName),
    valid: options.valid,
    test: options.test,
    heads: options.heads,
  };
  // Of the data set alone: where a set that is there changes meanwhile, it is replaced without training again.
  let training: Promise<HeadResult[][]> | undefined;
  const { result } = await runStage(lake, "train", asked, async ({ lake, manifest, tx }) => {
    manifest.inputs = [{ path: DATASET_PATH, sha256: dataset.hash, rows: dataset.batch.length }];
    const plan = planTraining(dataset, options);
    if (!training) {
      for (const { head, reason } of plan.skipped) effects.warn(`head ${head} left out: ${reason}`);
    }
    const results = await (training ??= trainSets(dataset, plan, options, effects));
    const metrics = judgeSets(
      options.sets.map((set, k) => scoredSet(setName(set), plan, results[k])),
      options.config,
    );
    const sets: TrainedSet[] = [];
    for (const [k, set] of options.sets.entries()) {
      const made = {
        dataset,
        plan,
        results: results[k],
        metrics: metrics[k],
        options: { ...options, ...set },
      };
      sets.push(await stageSet(lake, tx, made));
    }
    const rows = dataset.batch.length;
    manifest.rows = { in: rows, out: plan.used, filtered: rows - plan.used, quarantined: 0, duplicates: 0 };
    manifest.facts = {
      heads: plan.heads.length,
      skipped: plan.skipped.length,
      families: sets[0].metrics.families,
      verdicts: Object.fromEntries(
        sets.map(({ metrics }, k) => [setName(options.sets[k]), countVerdicts(metrics)]),
      ),
    };
    return sets;
  });
  return result;
}

/** A set's name, `b-full`. */
export function setName({ stage, ablation }: SetChoice): string {
  return `${stage}-${ablation}`;
}

/** One set of a run. */
type SetOptions = TrainOptions & SetChoice;

async function stageSet(
  lake: Lake,
  tx: Transaction,
  { dataset, plan, results, metrics, options }: {
    dataset: Dataset;
    plan: TrainPlan;
    results: HeadResult[];
    metrics: ModelMetrics;
    options: SetOptions;
  },
): Promise<TrainedSet> {
  const folder = modelFolder(options.stage, options.ablation);
  const metadata = metadataOf(dataset, plan, results, options);
  for (const result of results) await tx.write(`${folder}/${result.head}.txt`, result.model);
  await tx.write(`${folder}/metadata.json`, JSON.stringify(metadata, null, 2) + "\n");
  await tx.write(`${folder}/metrics.json`, JSON.stringify(metrics, null, 2) + "\n");
  const predictions = predictionRows(dataset, plan, results);
  writeFrame(await tx.stage(`${folder}/predictions.parquet`), toFrame(MODEL_PREDICTIONS, predictions));
  // What was made from an earlier set of models says nothing about this one.
  for (const file of await filesOfEarlierSet(lake, folder)) tx.remove(`${folder}/${file}`);
  return { folder, metadata, metrics };
}

async function trainSets(
  dataset: Dataset,
  plan: TrainPlan,
  options: TrainOptions,
  effects: Effects,
): Promise<HeadResult[][]> {
  const results: HeadResult[][] = [];
  for (const set of options.sets) {
    results.push(await trainHeads(dataset, plan, { ...options, ...set }, effects));
  }
  return results;
}

async function trainHeads(
  dataset: Dataset,
  plan: TrainPlan,
  options: SetOptions,
  effects: Effects,
): Promise<HeadResult[]> {
  const jobs = headJobs(dataset, plan, options, true);
  const done = new Map<string, HeadResult>();
  const progress = effects.progress(`train ${setName(options)}`, "heads", jobs.length);
  const worker = new URL("./worker.ts", import.meta.url);
  for await (const { job, result } of runJobs<HeadJob, HeadResult>(worker, jobs, options.workers)) {
    if (!result.ok) {
      const { name } = job.head;
      throw jobError(result, (why) => new ModelError(`Cannot train head "${name}": ${why}`, name));
    }
    done.set(job.head.name, result.value);
    progress.add(1);
  }
  progress.done();
  return plan.heads.map(({ head }) => done.get(head.name)!);
}

function metadataOf(
  dataset: Dataset,
  plan: TrainPlan,
  results: HeadResult[],
  options: SetOptions,
): ModelMetadata {
  const { stage, ablation, commit, config: { training } } = options;
  return {
    stage,
    ablation,
    features_version: FEATURES_VERSION,
    commit,
    dataset: {
      path: DATASET_PATH,
      sha256: dataset.hash,
      rows: dataset.batch.length,
      dates: dataset.dates,
    },
    splits: { embargo_sessions: training.embargoSessions, folds: plan.folds },
    features: featureSet(stage, ablation).map((f) => ({ name: f.name, categorical: f.dtype === "utf8" })),
    params: { ...training.boosting },
    seed: training.seed,
    heads: plan.heads.map(({ head, undecided }, k) => ({
      ...head,
      file: `${head.name}.txt`,
      undecided,
      folds: results[k].folds,
    })),
    skipped: plan.skipped,
  };
}

async function filesOfEarlierSet(lake: Lake, folder: string): Promise<string[]> {
  const files = ["calibration.json", "retrieval/metrics.json"];
  const text = await readText(lake, `${folder}/metadata.json`);
  // An earlier set may be of another version or cut short: whatever names its files is enough.
  for (const [, file] of text?.matchAll(/"file": "([\w.]+)"/g) ?? []) files.push(file);
  return files;
}
