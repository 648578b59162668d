/**
 * Runway: the room beyond the level, in the break direction.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { type Level, LEVEL_KINDS, type LevelKind, type Touch } from "../levels/mod.ts";

/** Columns of the group `runway`. */
export interface RunwayFeatures {
  /** From the touched level to the next level but ROUND, $; null without one. */
  runway_distance: number;
  /** Kind of that level; of several at one price the lowest code. */
  runway_kind: LevelKind | null;
  /** OBSTRUCTED if a wall, PM or SESSION level lies within $1 beyond, else CLEAR. */
  runway_quality: "CLEAR" | "OBSTRUCTED";
}

const OBSTACLES: readonly LevelKind[] = [
  "PM_HIGH",
  "PM_LOW",
  "SESSION_HIGH",
  "SESSION_LOW",
  "CALL_WALL",
  "PUT_WALL",
];

/**
 * Room beyond a touched level. A level lies beyond when it is further in the break direction by more than the slack.
 *
 * @param touch The touch.
 * @param levels Levels offered to the bar.
 * @param config Distance of an obstruction and slack.
 */
export function runwayFeatures(
  touch: Pick<Touch, "level" | "direction">,
  levels: readonly Level[],
  config: Pick<Config, "context" | "market">,
): RunwayFeatures {
  const { slack } = config.market;
  let next: Level | undefined, obstructed = false;
  const beyond = (level: Level) => touch.direction * (level.level - touch.level);
  for (const level of levels) {
    const kind = LEVEL_KINDS[level.kind], distance = beyond(level);
    if (kind === "ROUND" || !(distance > slack)) continue;
    if (OBSTACLES.includes(kind) && distance <= config.context.runwayDistance + slack) obstructed = true;
    const lead = next === undefined ? -Infinity : distance - beyond(next);
    if (lead < -slack || (lead <= slack && level.kind < next!.kind)) next = level;
  }
  return {
    runway_distance: next === undefined ? NaN : beyond(next),
    runway_kind: next === undefined ? null : LEVEL_KINDS[next.kind],
    runway_quality: obstructed ? "OBSTRUCTED" : "CLEAR",
  };
}
