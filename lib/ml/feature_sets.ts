/**
 * Feature sets: which Gold columns a stage and an ablation may learn from. Taken from features.json's `stage`
 * and `group` alone; identity and label columns have no stage and so can never be in one.
 *
 * @module
 */
import { type Feature, FEATURES } from "../schema/mod.ts";

/** `a`: without the touched bar's order flow; `b`: with barrier, tape and what derives from them. */
export type Stage = "a" | "b";

/** Which part of a stage's features: all, the technical ones, or the mechanics of book, tape and dealers. */
export type Ablation = "full" | "ta" | "mechanics";

/** The stages. */
export const STAGES: readonly Stage[] = ["a", "b"];

/** The ablations. */
export const ABLATIONS: readonly Ablation[] = ["full", "ta", "mechanics"];

const MECHANICS_GROUPS = new Set(["barrier", "quotes", "tape", "fuel", "sparse", "pressure", "score"]);

/** Whether a feature tells of book, tape or dealers. Only those are of stage b: trends of attempts among them. */
function isMechanics(feature: Feature): boolean {
  return feature.stage === "b" || MECHANICS_GROUPS.has(feature.group);
}

/**
 * The features of a stage and ablation, in file order. `ta` and `mechanics` together are `full`, and share none.
 *
 * @param stage The stage.
 * @param ablation The ablation.
 */
export function featureSet(stage: Stage, ablation: Ablation): Feature[] {
  return FEATURES.filter((feature) => {
    if (feature.stage === null || (feature.stage === "b" && stage === "a")) return false;
    return ablation === "full" || isMechanics(feature) === (ablation === "mechanics");
  });
}
