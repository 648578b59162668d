/**
 * Experiment tracking: what a run tells, and telling it without ever failing the run.
 *
 * @module
 */
import type { Effects } from "../../base/mod.ts";

/** What is known of a finished run. */
export interface TrackedRun {
  /** Experiment (MLflow) or project (W&B) it belongs to. */
  experiment: string;
  /** Its name. */
  name: string;
  /** Settings it ran with. */
  params: Record<string, string>;
  /** Finite numbers it came to. */
  metrics: Record<string, number>;
  /** What it is found by: dataset hash, commit, features version, stage, ablation. */
  tags: Record<string, string>;
  /** Files to keep with it. */
  artifacts: { path: string; bytes: Uint8Array }[];
  /** Start, ms since 1970. */
  startMs: number;
  /** End, ms since 1970. */
  endMs: number;
}

/** Somewhere runs are told to. */
export interface Tracker {
  /** Name for messages. */
  name: string;
  /** Tells a run; returns where it can be seen. */
  log(run: TrackedRun): Promise<string>;
}

/** What telling a run came to. */
export interface Tracked {
  /** Name of the tracker. */
  tracker: string;
  /** Where the run can be seen, where it was told. */
  where?: string;
  /** Why it was not. */
  error?: string;
}

/**
 * Tells a run to every tracker. A tracker that fails is warned of and changes nothing else.
 *
 * @param trackers Where to.
 * @param run The run.
 * @param effects For the warnings.
 */
export async function track(
  trackers: readonly Tracker[],
  run: TrackedRun,
  effects: Effects,
): Promise<Tracked[]> {
  const told: Tracked[] = [];
  for (const tracker of trackers) {
    try {
      told.push({ tracker: tracker.name, where: await tracker.log(run) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      effects.warn(`run ${run.name} was not told to ${tracker.name}: ${message}; its models are safe`);
      told.push({ tracker: tracker.name, error: message });
    }
  }
  return told;
}
