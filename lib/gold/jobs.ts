/**
 * Many dates at once: one job a date, one worker a core; a failing date fails alone.
 *
 * @module
 */
import { type JobResult, runJobs } from "../base/mod.ts";
import type { GoldResult } from "./stage.ts";

/** A date to build. */
export interface GoldJob {
  /** Folder of the lake. */
  lake: string;
  /** Trade date. */
  date: string;
  /** Where the events come from. */
  tier: "silver" | "bronze";
  /** Build even what is current. */
  force: boolean;
  /** Only say what would be built and why. */
  explain: boolean;
}

/**
 * Builds dates over both cores and yields each as it ends.
 *
 * @param jobs Dates to build.
 */
export function buildDates(
  jobs: readonly GoldJob[],
): AsyncGenerator<{ job: GoldJob; result: JobResult<GoldResult> }> {
  return runJobs<GoldJob, GoldResult>(new URL("./worker.ts", import.meta.url), jobs);
}
