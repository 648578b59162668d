/**
 * Models: trees, splits, heads, honest metrics, calibration, retrieval, tracking.
 *
 * @module
 */
export * from "./baselines.ts";
export * from "./bootstrap.ts";
export * from "./calibrate.ts";
export * from "./calibration.ts";
export * from "./dataset.ts";
export * from "./feature_sets.ts";
export * from "./gbdt/mod.ts";
export * from "./head_jobs.ts";
export * from "./head_weights.ts";
export * from "./heads.ts";
export * from "./judge_heads.ts";
export * from "./learning_curve.ts";
export * from "./metrics.ts";
export {
  type Families,
  type HeadMetrics,
  modelFolder,
  type ModelMetadata,
  type ModelMetrics,
  predictionsPath,
  readMetadata,
  readMetrics,
  readModel,
  readModelSet,
} from "./model_store.ts";
export * from "./monotonicity.ts";
export * from "./plan.ts";
export * from "./prediction_rows.ts";
export * from "./predictions.ts";
export * from "./retrieval/mod.ts";
export * from "./splits.ts";
export * from "./train.ts";
export * from "./train_head.ts";
export * from "./tracking/mod.ts";
export * from "./verdict_text.ts";
