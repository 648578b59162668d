/**
 * The JSON files beside models: what several of them share, and reading them with a message that says what to do.
 *
 * @module
 */
import { z } from "zod";
import { ModelError } from "../base/mod.ts";
import { type Lake, readJson } from "../lake/mod.ts";
import type { JudgedDifference, Verdict } from "./bootstrap.ts";
import type { Metrics } from "./metrics.ts";

const nullable = z.number().nullable();

/** Verdicts in a file. */
export const VERDICT_SHAPE: z.ZodType<Verdict> = z.enum(["beats", "no different", "worse", "insufficient"]);

/** Metrics in a file. */
export const METRICS_SHAPE: z.ZodType<Metrics> = z.object({
  accuracy: nullable,
  roc_auc: nullable,
  brier: nullable,
  log_loss: nullable,
  ece: nullable,
  mae: nullable,
  mse: nullable,
});

/** A comparison in a file. */
export const DIFFERENCE_SHAPE: z.ZodType<JudgedDifference> = z.object({
  difference: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  p: nullable,
  p_holm: nullable,
  dates: z.number(),
  verdict: VERDICT_SHAPE,
});

/**
 * Reads a JSON file that must be there.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @param shape What it must be.
 * @param again What to do when it is not there or not that, such as `run deno task train`.
 * @throws {ModelError} If it is not there, not JSON, or not of the shape.
 */
export async function readModelJson<T>(
  lake: Lake,
  path: string,
  shape: z.ZodType<T>,
  again: string,
): Promise<T> {
  const value = await readJson(lake, path, shape, { remedy: again, error: ModelError });
  if (value === undefined) throw new ModelError(`Cannot read "${path}": it is not there; ${again}`, path);
  return value;
}
