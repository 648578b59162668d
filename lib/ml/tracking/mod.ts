/**
 * Experiment tracking: MLflow over REST, W&B as offline runs; both off unless configured.
 *
 * @module
 */
export * from "./configure.ts";
export { type MlflowOptions, mlflowTracker } from "./mlflow.ts";
export * from "./tracker.ts";
export { type WandbOptions, wandbTracker } from "./wandb_offline.ts";
