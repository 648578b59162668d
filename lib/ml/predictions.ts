/**
 * Out-of-sample predictions as training left them, by head.
 *
 * @module
 */
import { type Batch, f64, i32, ModelError, strings } from "../base/mod.ts";
import { type Lake, readBatch } from "../lake/mod.ts";
import { MODEL_PREDICTIONS } from "../schema/mod.ts";
import type { Ablation, Stage } from "./feature_sets.ts";
import type { Scored } from "./metrics.ts";
import { type ModelMetadata, predictionsPath } from "./model_store.ts";

/** Predictions of one set of models. */
export interface Predictions {
  /** All rows. */
  batch: Batch;
  /** Row numbers by head, fold and part. */
  rowsOf(head: string, part: "valid" | "test", fold?: number): Uint32Array;
}

/**
 * Reads the predictions of a set of models.
 *
 * @throws {LakeError} If they are not there or cannot be read.
 * @throws {SchemaError} If the file is of another schema.
 */
export function readPredictions(lake: Lake, stage: Stage, ablation: Ablation): Predictions {
  return indexPredictions(readBatch(lake, MODEL_PREDICTIONS, [predictionsPath(stage, ablation)]));
}

/**
 * Reads the predictions of a set of models whose metadata is at hand.
 *
 * @param lake The lake.
 * @param metadata What the predictions must be of.
 * @throws {LakeError} If they are not there or cannot be read.
 * @throws {SchemaError} If the file is of another schema.
 * @throws {ModelError} If they are not of the metadata's heads and folds.
 */
export function readPredictionsOf(lake: Lake, metadata: ModelMetadata): Predictions {
  const { stage, ablation, heads, splits } = metadata, found = readPredictions(lake, stage, ablation);
  const last = i32(found.batch, "fold").reduce((most, fold) => Math.max(most, fold), -1);
  const without = heads.find(({ name }) => found.rowsOf(name, "test").length === 0);
  if (last < splits.folds.length && !without) return found;
  const path = predictionsPath(stage, ablation);
  throw new ModelError(
    `Cannot use "${path}": ${
      without ? `no test row of head ${without.name}` : `fold ${last} of ${splits.folds.length}`
    }, which metadata.json has otherwise; run deno task train --stage ${stage} --ablation ${ablation}`,
    path,
  );
}

/** Predictions of rows at hand. */
export function indexPredictions(batch: Batch): Predictions {
  const head = strings(batch, "head"), part = strings(batch, "part"), folds = i32(batch, "fold");
  return {
    batch,
    rowsOf(wanted, wantedPart, fold) {
      const h = head.values.indexOf(wanted), p = part.values.indexOf(wantedPart);
      return Uint32Array.from(head.codes.keys()).filter((i) =>
        head.codes[i] === h && part.codes[i] === p && (fold === undefined || folds[i] === fold)
      );
    },
  };
}

/** Some rows' labels, weights and one column of predictions, copied. */
export function scoredRows(
  batch: Batch,
  rows: Uint32Array,
  column: "prediction" | "base_rate" | "volatility" = "prediction",
): Scored {
  const pick = (name: string) => {
    const values = f64(batch, name);
    return Float64Array.from(rows, (row) => values[row]);
  };
  return { labels: pick("label"), predictions: pick(column), weights: pick("weight") };
}
