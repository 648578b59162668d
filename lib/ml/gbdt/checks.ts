/**
 * What training refuses, by name: before anything is computed.
 *
 * @module
 */
import { ModelError } from "../../base/mod.ts";
import { type GbdtModel, type GbdtParams, isCategorical, type TrainData } from "./common.ts";

/** Characters LightGBM's text format and its JSON cannot hold in a feature's name. */
const UNFIT_NAME = /[\s",:[\]{}]|^$/;

/**
 * Checks the shape of training data, its labels and weights.
 *
 * @throws {ModelError} If lengths differ, a name is unfit or used twice, a label is not finite, a binary label
 * is not 0 or 1 or only one class is there, or a weight is negative or not finite.
 */
export function checkTrainData(data: TrainData, params: GbdtParams): void {
  checkRows(data, params, "Cannot train");
  if (params.objective === "binary") {
    let positive = 0, negative = 0;
    data.labels.forEach((label, i) => {
      if ((data.weights?.[i] ?? 1) <= 0) return;
      if (label > 0) positive++;
      else negative++;
    });
    if (positive > 0 && negative > 0) return;
    refuse(
      "Cannot train",
      data,
      `only class ${positive > 0 ? 1 : 0} in ${data.labels.length} rows, wanted both`,
    );
  }
}

/**
 * Checks validation data: as training data, with the same features, but one class will do.
 *
 * @throws {ModelError} As {@linkcode checkTrainData}, or if the features differ from the training data's.
 */
export function checkValidData(valid: TrainData, train: TrainData, params: GbdtParams): void {
  checkRows(valid, params, "Cannot validate");
  checkNames(train.names, valid.names, "validation data");
  train.names.forEach((name, f) => {
    if (isCategorical(train, f) === isCategorical(valid, f)) return;
    throw new ModelError(`Cannot validate: feature "${name}" is categorical in one set only`, name);
  });
}

/**
 * Checks that a model was trained on these features, in this order.
 *
 * @param model The model.
 * @param names Names of the columns at hand.
 * @param source Where the model is from, for the message.
 * @throws {ModelError} If the features differ, naming the first that does.
 */
export function checkModelFeatures(model: GbdtModel, names: readonly string[], source: string): void {
  checkNames(names, model.featureNames, source);
}

function checkNames(wanted: readonly string[], found: readonly string[], source: string): void {
  if (found.length !== wanted.length) {
    throw new ModelError(
      `Cannot use "${source}": it has ${found.length} features, wanted ${wanted.length}`,
      source,
    );
  }
  const at = wanted.findIndex((name, f) => name !== found[f]);
  if (at < 0) return;
  throw new ModelError(
    `Cannot use "${source}": feature ${at} is "${found[at]}", wanted "${wanted[at]}"`,
    source,
  );
}

function checkRows(data: TrainData, params: GbdtParams, action: string): void {
  const { features, names, labels, weights } = data, n = labels.length;
  if (n === 0) refuse(action, data, "no rows");
  if (names.length !== features.length) {
    refuse(action, data, `${names.length} names for ${features.length} features`);
  }
  const seen = new Set<string>();
  names.forEach((name, f) => {
    if (UNFIT_NAME.test(name)) {
      throw new ModelError(`${action}: feature name "${name}" has a space or one of ",:[]{} in it`, name);
    }
    if (seen.has(name)) throw new ModelError(`${action}: feature "${name}" is there twice`, name);
    seen.add(name);
    if (features[f].length !== n) {
      const found = `${features[f].length} rows, wanted ${n} as there are labels`;
      throw new ModelError(`${action}: feature "${name}" has ${found}`, name);
    }
  });
  if (weights && weights.length !== n) {
    refuse(action, data, `${weights.length} weights, wanted ${n} as there are labels`);
  }
  for (let i = 0; i < n; i++) {
    const label = labels[i];
    if (!Number.isFinite(label)) refuse(action, data, `label ${label} in row ${i}, wanted a finite number`);
    if (params.objective === "binary" && label !== 0 && label !== 1) {
      refuse(action, data, `label ${label} in row ${i}, wanted 0 or 1`);
    }
  }
  let total = 0;
  weights?.forEach((weight, i) => {
    if (!(weight >= 0 && weight < Infinity)) {
      refuse(action, data, `weight ${weight} in row ${i}, wanted a finite number not below 0`);
    }
    total += weight;
  });
  if (weights && !(total > 0)) refuse(action, data, "no weight above 0");
}

function refuse(action: string, data: TrainData, found: string): never {
  const subject = data.subject ?? "labels";
  throw new ModelError(`${action} on "${subject}": ${found}`, subject);
}
