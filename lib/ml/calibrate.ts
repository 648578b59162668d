/**
 * The calibration stage: reliability of every probability head on its test dates, before and after calibrators that
 * saw the validation dates only.
 *
 * @module
 */
import { z } from "zod";
import type { Config } from "../base/mod.ts";
import { type Lake, runStage } from "../lake/mod.ts";
import {
  applyIsotonic,
  applyPlatt,
  fitIsotonic,
  fitPlatt,
  type IsotonicCalibrator,
  type PlattCalibrator,
} from "./calibration.ts";
import type { Ablation, Stage } from "./feature_sets.ts";
import { readModelJson } from "./json_files.ts";
import {
  brierParts,
  calibrationError,
  logLoss,
  reliabilityCurve,
  type Scored,
  squaredError,
} from "./metrics.ts";
import { modelFolder, predictionsPath, readMetadata } from "./model_store.ts";
import { type Predictions, readPredictionsOf, scoredRows } from "./predictions.ts";

const Judged = z.object({
  brier: z.number(),
  reliability: z.number(),
  resolution: z.number(),
  uncertainty: z.number(),
  within: z.number(),
  ece: z.number(),
  log_loss: z.number(),
  curve: z.array(z.object({
    predicted: z.number(),
    observed: z.number(),
    weight: z.number(),
    rows: z.number(),
  })),
});
const HeadCalibrationFile = z.object({
  rows: z.object({ valid: z.number(), test: z.number() }),
  calibrators: z.array(z.object({
    platt: z.object({ slope: z.number(), intercept: z.number() }),
    isotonic: z.object({ x: z.array(z.number()), y: z.array(z.number()), margin: z.number() }),
  })),
  base_rate: Judged,
  raw: Judged,
  platt: Judged,
  isotonic: Judged,
});
const CalibrationFile = z.object({
  weighted_by: z.literal("uniqueness"),
  dataset: z.string(),
  heads: z.record(z.string(), HeadCalibrationFile),
});

/** How far one set of probabilities can be believed: Brier score and its parts, ECE, log loss, reliability curve. */
export type JudgedProbabilities = z.infer<typeof Judged>;

/** A head before and after calibration; one pair of calibrators a fold, the last one goes with the saved model. */
export type HeadCalibration = z.infer<typeof HeadCalibrationFile>;

/** Calibration of a set of models, by head; `dataset` is the sha256 of the Gold it was trained on. */
export type Calibration = z.infer<typeof CalibrationFile>;

/**
 * Judges probabilities.
 *
 * @param scored Rows; at least one.
 * @param bins Quantile bins.
 */
export function judgeProbabilities(scored: Scored, bins: number): JudgedProbabilities {
  const curve = reliabilityCurve(scored, bins);
  return {
    brier: squaredError(scored),
    ...brierParts(scored, curve),
    ece: calibrationError(curve),
    log_loss: logLoss(scored),
    curve,
  };
}

/**
 * Calibrates one head fold by fold and judges the test rows of all folds together.
 *
 * @param predictions Out-of-sample predictions.
 * @param head Name of the head.
 * @param folds Number of folds.
 * @param bins Quantile bins.
 */
export function calibrateHead(
  predictions: Predictions,
  head: string,
  folds: number,
  bins: number,
): HeadCalibration {
  const { batch } = predictions;
  const calibrators: { platt: PlattCalibrator; isotonic: IsotonicCalibrator }[] = [];
  const test = predictions.rowsOf(head, "test"), raw = scoredRows(batch, test);
  const platt = new Float64Array(test.length), isotonic = new Float64Array(test.length);
  const place = new Map(Array.from(test, (row, i) => [row, i]));
  let valid = 0;
  for (let fold = 0; fold < folds; fold++) {
    const seen = scoredRows(batch, predictions.rowsOf(head, "valid", fold));
    const fitted = { platt: fitPlatt(seen), isotonic: fitIsotonic(seen) };
    calibrators.push(fitted);
    valid += seen.labels.length;
    const rows = predictions.rowsOf(head, "test", fold), { predictions: ps } = scoredRows(batch, rows);
    const byPlatt = applyPlatt(fitted.platt, ps), byIsotonic = applyIsotonic(fitted.isotonic, ps);
    rows.forEach((row, i) => {
      platt[place.get(row)!] = byPlatt[i];
      isotonic[place.get(row)!] = byIsotonic[i];
    });
  }
  return {
    rows: { valid, test: test.length },
    calibrators,
    base_rate: judgeProbabilities(scoredRows(batch, test, "base_rate"), bins),
    raw: judgeProbabilities(raw, bins),
    platt: judgeProbabilities({ ...raw, predictions: platt }, bins),
    isotonic: judgeProbabilities({ ...raw, predictions: isotonic }, bins),
  };
}

/**
 * Calibrates every probability head of a set of models and writes `calibration.json` beside them.
 *
 * @param lake The lake.
 * @param set Stage and ablation of the set.
 * @param config Bins.
 * @throws {ModelError} If the set is not there or of another version of the features.
 */
export async function calibrateModels(
  lake: Lake,
  set: { stage: Stage; ablation: Ablation },
  config: Pick<Config, "training">,
): Promise<Calibration> {
  const { stage, ablation } = set;
  const { result } = await runStage(lake, "calibrate", set, async ({ lake, manifest, tx }) => {
    const metadata = await readMetadata(lake, stage, ablation);
    const predictions = readPredictionsOf(lake, metadata);
    manifest.inputs = [{ path: predictionsPath(stage, ablation), rows: predictions.batch.length }];
    const folds = metadata.splits.folds.length, bins = config.training.calibrationBins;
    const heads = metadata.heads.filter((head) => head.objective === "binary")
      .map(({ name }) => [name, calibrateHead(predictions, name, folds, bins)]);
    const calibration: Calibration = {
      weighted_by: "uniqueness",
      dataset: metadata.dataset.sha256,
      heads: Object.fromEntries(heads),
    };
    await tx.write(
      `${modelFolder(stage, ablation)}/calibration.json`,
      JSON.stringify(calibration, null, 2) + "\n",
    );
    manifest.facts = { heads: heads.length };
    return calibration;
  });
  return result;
}

/** Reads the calibration of a set of models. @throws {ModelError} If it is not there or cannot be read. */
export async function readCalibration(lake: Lake, stage: Stage, ablation: Ablation): Promise<Calibration> {
  const again = `run deno task calibrate --stage ${stage} --ablation ${ablation}`;
  return await readModelJson(
    lake,
    `${modelFolder(stage, ablation)}/calibration.json`,
    CalibrationFile,
    again,
  );
}
