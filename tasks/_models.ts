/**
 * What the commands of models share: stage and ablation, the commit, tracking.
 *
 * @module
 */
import { type Effects, UsageError } from "../lib/base/mod.ts";
import {
  ABLATIONS,
  type SetChoice,
  STAGES,
  track,
  type Tracked,
  type TrackedRun,
  type Tracker,
  trackersOf,
  TRACKING_VARIABLES,
} from "../lib/ml/mod.ts";
import type { Args, Option } from "./_cli.ts";

/** The options that choose sets of models. */
export const SET_OPTIONS: Record<string, Option> = {
  stage: {
    value: "S",
    help: "a: without the bar's order flow; b: with it; both",
    default: "both",
  },
  ablation: {
    value: "A",
    help: "full, ta (technical), mechanics (book, tape, dealers), or all three",
    default: "full",
  },
};

/**
 * The sets of models that were asked for.
 *
 * @throws {UsageError} If a name is unknown.
 */
export function setsFrom(args: Args): SetChoice[] {
  const stages = choose("stage", args, STAGES, "both"),
    ablations = choose("ablation", args, ABLATIONS, "all");
  return stages.flatMap((stage) => ablations.map((ablation) => ({ stage, ablation })));
}

function choose<T extends string>(name: string, args: Args, known: readonly T[], all: string): readonly T[] {
  const value = args[name];
  if (value === all) return known;
  const found = known.find((k) => k === value);
  if (found === undefined) {
    throw new UsageError(`Cannot read --${name} "${value}": wanted ${[...known, all].join(", ")}`);
  }
  return [found];
}

/** The commit of the code, from `.git` beside the tasks; `unknown` where there is none. */
export async function currentCommit(): Promise<string> {
  const top = new URL("../", import.meta.url);
  // Of a worktree `.git` is a file that says where its state lies, and that in turn where the repository does.
  const link = /^gitdir: (.+)$/.exec(await readSmall(new URL(".git", top)))?.[1];
  const own = new URL(link ? `${link}/` : ".git/", top);
  const common = new URL(`${await readSmall(new URL("commondir", own)) || "."}/`, own);
  const head = await readSmall(new URL("HEAD", own)), ref = /^ref: (.+)$/.exec(head)?.[1];
  if (!ref) return head || "unknown";
  const packed = async () => {
    const lines = (await readSmall(new URL("packed-refs", common))).split("\n");
    return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
  };
  return (await readSmall(new URL(ref, common))) || (await packed()) || "unknown";
}

/** A small file's trimmed text; empty where there is none. */
async function readSmall(url: URL): Promise<string> {
  try {
    return (await Deno.readTextFile(url)).trim();
  } catch (error) {
    const { NotFound, NotADirectory, IsADirectory } = Deno.errors;
    if ([NotFound, NotADirectory, IsADirectory].some((kind) => error instanceof kind)) return "";
    throw error;
  }
}

/**
 * The trackers the environment turns on.
 *
 * @param lake Folder of the lake.
 * @throws {UsageError} If a setting cannot be used.
 */
export function trackersFrom(lake: string): Tracker[] {
  const allowed = (name: string) => {
    if (!(name in TRACKING_VARIABLES)) {
      throw new UsageError(`Cannot read ${name}: not a variable of tracking`);
    }
    return Deno.env.get(name);
  };
  return trackersOf(allowed, `${lake}/models`);
}

/** Tells a run to the trackers and says where it can be seen. */
export async function tell(
  trackers: readonly Tracker[],
  run: TrackedRun,
  effects: Effects,
): Promise<Tracked[]> {
  const told = await track(trackers, run, effects);
  for (const { tracker, where } of told) if (where) effects.log(`${run.name}: ${tracker} ${where}`);
  return told;
}
