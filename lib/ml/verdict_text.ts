/**
 * What a run's verdicts come to, in the words that the command, the pages and the notebook share.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { Verdict } from "./bootstrap.ts";
import type { Families, HeadMetrics, ModelMetrics } from "./model_store.ts";

/** Metrics of a set, by its name. */
export interface NamedMetrics {
  /** Name of the set, `b-full`. */
  set: string;
  /** Its metrics, judged within its run. */
  metrics: Pick<ModelMetrics, "families" | "heads">;
}

/** An answer in words. */
export interface SaidVerdict {
  /** `pass`: something beats both baselines; `info`: nothing does; `warn`: nobody can say. */
  status: "pass" | "info" | "warn";
  /** What the primary family says, in one or two sentences. */
  text: string;
  /** Which tests were corrected together, and how many; belongs wherever a verdict stands. */
  family: string;
}

/**
 * What sets of one run say: the primary family decides, all other heads are counted beside it.
 *
 * @param sets Sets of one run, or one of them.
 * @param config Counts under which there is no verdict.
 */
export function sayVerdict(
  sets: readonly NamedMetrics[],
  { training: { bootstrap } }: Pick<Config, "training">,
): SaidVerdict {
  const said = (family: HeadMetrics["family"], verdict?: Verdict) =>
    sets.flatMap(({ set, metrics }) =>
      Object.entries(metrics.heads)
        .filter(([, head]) => head.family === family && (verdict === undefined || head.verdict === verdict))
        .map(([name]) => sets.length > 1 ? `${name} (${set})` : name)
    );
  const { families } = sets[0].metrics, asked = said("primary"), beats = said("primary", "beats");
  const few = said("primary", "insufficient"), worse = said("primary", "worse");
  const because =
    `fewer than ${bootstrap.minDates} test dates, or than ${bootstrap.minEventDates} with the rarer ` +
    "label";
  const rest = [
    worse.length > 0 ? `worse than a baseline: ${worse.join(", ")}` : "",
    few.length > 0 ? `without a verdict (${because}): ${few.join(", ")}` : "",
  ].filter(Boolean).map((part) => `; ${part}`).join("");
  const others = said("other", "beats").length;
  const family = `${familyText("primary", families.primary)}${
    families.other.asked > 0
      ? `; ${familyText("other", families.other)}, of which ${others} beat both${
        sets.length < families.other.sets.length ? " in this set" : ""
      }`
      : ""
  }`;
  if (asked.length === 0) {
    return { status: "warn", text: "No head of the primary family was trained: nothing decides", family };
  }
  if (few.length === asked.length) {
    return {
      status: "warn",
      text: `Insufficient: no head of the primary family can be judged, ${because}`,
      family,
    };
  }
  if (beats.length === 0) {
    return {
      status: "info",
      text: `Nothing found: no head of the primary family beats both baselines${rest}`,
      family,
    };
  }
  return {
    status: "pass",
    text: `${beats.join(", ")} ${beats.length === 1 ? "beats" : "beat"} both baselines${rest}`,
    family,
  };
}

/** `Primary family fp_outcome, direction_4m in 2 sets: Holm over the 4 of 4 that can be judged`. */
function familyText(name: "primary" | "other", { heads, sets, asked, judged }: Families["primary"]): string {
  const what = name === "primary"
    ? `Primary family ${heads.join(", ") || "without a head"}`
    : `${heads.length} other head${heads.length === 1 ? "" : "s"}`;
  const where = `in ${sets.length} set${sets.length === 1 ? "" : "s"}`;
  return `${what} ${where}: Holm over the ${judged} of ${asked} that can be judged`;
}
