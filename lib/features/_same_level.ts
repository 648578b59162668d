/**
 * When two touches are of one level: dollars for dollar kinds, ES points for the rest.
 *
 * @module
 */
import { kindCode, type Touch } from "../levels/mod.ts";

const DOLLAR_KINDS = [kindCode("ROUND"), kindCode("STRIKE"), kindCode("CALL_WALL"), kindCode("PUT_WALL")];

/**
 * Distance in SPY $ of an earlier level of the same kind. Kinds that are SPY dollars themselves compare as dollars;
 * the others compare in ES points at this touch's scale, or a moving scale would part a level from itself.
 *
 * @param touch The touch.
 * @param level The earlier level, SPY $.
 * @param levelEs The earlier level, ES points.
 */
export function levelGap(
  touch: Pick<Touch, "kind" | "level" | "levelEs" | "scale">,
  level: number,
  levelEs: number,
): number {
  if (DOLLAR_KINDS.includes(touch.kind)) return Math.abs(touch.level - level);
  return Math.abs(touch.levelEs - levelEs) * touch.scale;
}
