/**
 * Gradient-boosted trees: histogram trees over typed arrays, saved as LightGBM text.
 *
 * Read the files in the algorithm's order: common → binning → histogram → splitting → tree → grower → predictor →
 * objective → boosting; then checks, team (several threads), shap and lightgbm_text.
 *
 * @module
 */
export { trainGbdt } from "./boosting.ts";
export { checkModelFeatures } from "./checks.ts";
export {
  GBDT_DEFAULTS,
  type GbdtModel,
  type GbdtOptions,
  type GbdtParams,
  type Objective,
  type TrainData,
  type Tree,
} from "./common.ts";
export { readLightGbmText, writeLightGbmText } from "./lightgbm_text.ts";
export { predict, predictRaw } from "./predictor.ts";
export { featureImportance, shapContributions } from "./shap.ts";
