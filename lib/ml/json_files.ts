/**
 * The JSON files beside models: what several of them share, and reading them with a message that says what to do.
 *
 * @module
 */
import { z } from "zod";
import { ModelError } from "../base/mod.ts";
import { type Lake, readText } from "../lake/mod.ts";
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
 * Reads a JSON file of the lake.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @param shape What it must be.
 * @param again What to do when it is not there or not that, such as `run deno task train`.
 * @throws {ModelError} If it is not there, not JSON, or not of the shape.
 */
export async function readJson<T>(lake: Lake, path: string, shape: z.ZodType<T>, again: string): Promise<T> {
  const text = await readText(lake, path);
  if (text === undefined) throw new ModelError(`Cannot read "${path}": it is not there; ${again}`, path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(`Cannot read "${path}": not JSON; ${again}`, path, { cause });
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelError(`Cannot read "${path}": ${issue.message} at ${issue.path.join(".")}; ${again}`, path);
}
