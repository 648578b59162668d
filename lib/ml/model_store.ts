/**
 * Trained models in the lake: where they lie, what is written beside them, and reading them back.
 *
 * @module
 */
import { z } from "zod";
import { ModelError } from "../base/mod.ts";
import { type Lake, readText } from "../lake/mod.ts";
import { FEATURES_VERSION } from "../schema/mod.ts";
import type { Ablation, Stage } from "./feature_sets.ts";
import { DIFFERENCE_SHAPE, METRICS_SHAPE, readModelJson, VERDICT_SHAPE } from "./json_files.ts";
import { checkModelFeatures, type GbdtModel, readLightGbmText } from "./gbdt/mod.ts";

const Fold = z.object({ train: z.array(z.string()), valid: z.array(z.string()), test: z.array(z.string()) });

const count = z.number().int().nonnegative();
const Metadata = z.object({
  stage: z.enum(["a", "b"]),
  ablation: z.enum(["full", "ta", "mechanics"]),
  features_version: z.string(),
  commit: z.string(),
  dataset: z.object({ path: z.string(), sha256: z.string(), rows: count, dates: z.array(z.string()) }),
  splits: z.object({ embargo_sessions: count, folds: z.array(Fold).min(1) }),
  features: z.array(z.object({ name: z.string(), categorical: z.boolean() })),
  params: z.record(z.string(), z.number()),
  seed: z.number(),
  heads: z.array(z.object({
    // Files and columns are called so.
    name: z.string().regex(/^[a-z]+_\w+$/, "no head's name"),
    kind: z.enum(["tradeable", "direction", "strength", "reach", "first_passage"]),
    objective: z.enum(["binary", "regression"]),
    horizon: z.number().optional(),
    dollars: z.number().optional(),
    seconds: z.number().optional(),
    file: z.string().regex(/^\w+\.txt$/, "no model's file"),
    undecided: count,
    folds: z.array(z.object({
      rows: z.object({ train: count, valid: count, test: count }),
      base_rate: z.number(),
      trees: count,
      baseline_trees: count,
    })),
  })),
  skipped: z.array(z.object({ head: z.string(), reason: z.string() })),
});

/** What a set of models was trained on and how. */
export type ModelMetadata = z.infer<typeof Metadata>;

const HeadMetricsSchema = z.object({
  rows: z.number(),
  dates: z.number(),
  event_dates: z.number(),
  model: METRICS_SHAPE,
  baselines: z.object({ base_rate: METRICS_SHAPE, volatility: METRICS_SHAPE }),
  against: z.object({ base_rate: DIFFERENCE_SHAPE, volatility: DIFFERENCE_SHAPE }),
  family: z.enum(["primary", "other"]),
  verdict: VERDICT_SHAPE,
});
const Family = z.object({
  heads: z.array(z.string()),
  sets: z.array(z.string()),
  asked: count,
  judged: count,
});
const MetricsFile = z.object({
  weighted_by: z.literal("uniqueness"),
  families: z.object({ primary: Family, other: Family }),
  heads: z.record(z.string(), HeadMetricsSchema),
  monotonicity: z.array(z.object({
    harder: z.string(),
    easier: z.string(),
    by: z.enum(["seconds", "dollars"]),
    rows: z.number(),
    violations: z.number(),
    mean_excess: z.number(),
  })),
});

/** How a set of models did on its test dates, by head. */
export type ModelMetrics = z.infer<typeof MetricsFile>;

/**
 * Which verdicts of a run were corrected together: the heads of the declared family, and all others, over every set;
 * tests that were asked for, and those of them that could be judged and so count.
 */
export type Families = ModelMetrics["families"];

/** One head's metrics beside its baselines', with verdicts. */
export type HeadMetrics = z.infer<typeof HeadMetricsSchema>;

/** Folder of a stage's and ablation's models, relative to the lake. */
export function modelFolder(stage: Stage, ablation: Ablation): string {
  return `models/${stage}-${ablation}`;
}

/** Out-of-sample predictions of a set of models, relative to the lake. */
export function predictionsPath(stage: Stage, ablation: Ablation): string {
  return `${modelFolder(stage, ablation)}/predictions.parquet`;
}

/**
 * Reads the metadata of a set of models.
 *
 * @param lake The lake.
 * @param stage Stage of the set.
 * @param ablation Ablation of the set.
 * @throws {ModelError} If it is not there, cannot be read, or is of another version of the features.
 */
export async function readMetadata(lake: Lake, stage: Stage, ablation: Ablation): Promise<ModelMetadata> {
  const path = `${modelFolder(stage, ablation)}/metadata.json`;
  const shape = Metadata.extend({ stage: z.literal(stage), ablation: z.literal(ablation) });
  const metadata = await readModelJson(lake, path, shape, retrain(stage, ablation));
  if (metadata.features_version !== FEATURES_VERSION) {
    throw new ModelError(
      `Cannot use "${path}": trained on features.json ${metadata.features_version}, wanted ${FEATURES_VERSION}; ` +
        retrain(stage, ablation),
      path,
    );
  }
  return metadata;
}

/** Reads the metrics of a set of models. @throws {ModelError} If they are not there or cannot be read. */
export async function readMetrics(lake: Lake, stage: Stage, ablation: Ablation): Promise<ModelMetrics> {
  const path = `${modelFolder(stage, ablation)}/metrics.json`;
  return await readModelJson(lake, path, MetricsFile, retrain(stage, ablation));
}

/**
 * Reads a set of models' metadata and metrics.
 *
 * @param lake The lake.
 * @param stage Stage of the set.
 * @param ablation Ablation of the set.
 * @throws {ModelError} As {@linkcode readMetadata}, or if the two are not of the same heads.
 */
export async function readModelSet(
  lake: Lake,
  stage: Stage,
  ablation: Ablation,
): Promise<{ metadata: ModelMetadata; metrics: ModelMetrics }> {
  const metadata = await readMetadata(lake, stage, ablation),
    metrics = await readMetrics(lake, stage, ablation);
  const names = metadata.heads.map((head) => head.name).sort(), judged = Object.keys(metrics.heads).sort();
  const path = `${modelFolder(stage, ablation)}/metrics.json`, again = retrain(stage, ablation);
  if (names.join() === judged.join()) return { metadata, metrics };
  throw new ModelError(
    `Cannot use "${path}": it is of heads ${judged.join(", ")}, metadata.json of ${
      names.join(", ")
    }; ${again}`,
    path,
  );
}

/**
 * Reads one head's model.
 *
 * @param lake The lake.
 * @param metadata Metadata of its set.
 * @param head Name of the head.
 * @throws {ModelError} If there is no such head, or its file cannot be read or has other features.
 */
export async function readModel(lake: Lake, metadata: ModelMetadata, head: string): Promise<GbdtModel> {
  const entry = metadata.heads.find((h) => h.name === head);
  const path = `${modelFolder(metadata.stage, metadata.ablation)}/${entry?.file ?? `${head}.txt`}`;
  const text = entry && await readText(lake, path);
  if (text === undefined) {
    throw new ModelError(`Cannot read model "${path}": it is not there; run deno task train`, path);
  }
  const model = readLightGbmText(text, path);
  checkModelFeatures(model, metadata.features.map((f) => f.name), path);
  return model;
}

function retrain(stage: Stage, ablation: Ablation): string {
  return `run deno task train --stage ${stage} --ablation ${ablation}`;
}
