/**
 * Every level offered to a bar: its value from events before the bar's open.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { movingAverage } from "./moving_average.ts";
import { openingRangeHigh, openingRangeLow } from "./opening_range.ts";
import { advanceBoard, type OptionBoard, yearsToClose } from "./option_board.ts";
import { overnightHigh, overnightLow } from "./overnight.ts";
import { premarketHigh, premarketLow } from "./premarket.ts";
import { previousClose, previousHigh, previousLow } from "./previous_day.ts";
import { roundLevels } from "./round.ts";
import { sessionHigh, sessionLow } from "./session_extremes.ts";
import { kindCode, type Level, LEVEL_KINDS, type LevelKind, lowerBound, type SessionState } from "./state.ts";
import { strikeLevels } from "./strike.ts";
import { vwap } from "./vwap.ts";
import { walls } from "./walls.ts";

/** The part of the config that levels read. */
export type LevelConfig = Pick<Config, "levels" | "options" | "market">;

/**
 * Levels offered to the bar that opens at `ts`, by kind code and then price. What `state` holds from `ts` on is not
 * looked at; bars and two-minute closes before `ts` must be closed.
 *
 * @param state The session so far.
 * @param board The session's option board, advanced to `ts`.
 * @param ts Bar open, a whole minute, ns since session start.
 * @param scale SPY per ES, the last known at `ts`.
 */
export function levelsAt(
  state: SessionState,
  board: OptionBoard,
  ts: number,
  scale: number,
  config: LevelConfig,
): Level[] {
  advanceBoard(board, state, ts);
  const values = futuresLevels(state, ts, config.levels);
  const dollars = dollarLevels(state, board, ts, scale, config);
  const levels: Level[] = [];
  for (const kind of LEVEL_KINDS) {
    const code = kindCode(kind), es = values[kind];
    if (es !== undefined && !Number.isNaN(es * scale)) {
      levels.push({ kind: code, level: es * scale, levelEs: es });
    }
    for (const level of dollars[kind] ?? []) levels.push({ kind: code, level, levelEs: level / scale });
  }
  return levels;
}

/** Levels that live in ES points. */
function futuresLevels(
  state: SessionState,
  ts: number,
  config: Config["levels"],
): Partial<Record<LevelKind, number>> {
  return {
    PM_HIGH: premarketHigh(state, ts),
    PM_LOW: premarketLow(state, ts),
    OR_HIGH: openingRangeHigh(state, ts, config.openingRangeMinutes),
    OR_LOW: openingRangeLow(state, ts, config.openingRangeMinutes),
    SESSION_HIGH: sessionHigh(state, ts),
    SESSION_LOW: sessionLow(state, ts),
    SMA_200: movingAverage(state.closes, config.smaBars[0], ts),
    VWAP: vwap(state, ts),
    SMA_400: movingAverage(state.closes, config.smaBars[1], ts),
    PD_HIGH: previousHigh(state),
    PD_LOW: previousLow(state),
    PD_CLOSE: previousClose(state),
    ON_HIGH: overnightHigh(state, ts),
    ON_LOW: overnightLow(state, ts),
  };
}

/** Levels that are SPY dollars themselves. */
function dollarLevels(
  state: SessionState,
  board: OptionBoard,
  ts: number,
  scale: number,
  config: LevelConfig,
): Partial<Record<LevelKind, number[]>> {
  const last = lowerBound(state.tape.ts, ts, state.tape.length) - 1;
  if (last < 0 || Number.isNaN(scale)) return {};
  const spot = state.tape.price[last] * scale;
  const { slack } = config.market;
  const strikes = strikeLevels(board, {
    volume: config.levels.strikeVolume,
    medianRatio: config.levels.strikeMedianRatio,
    neighbourhood: config.levels.strikeNeighbourhood,
    slack,
  });
  const round = roundLevels(spot, {
    step: config.levels.roundStep,
    distance: config.levels.roundDistance,
    slack,
  });
  const { call, put } = walls(board, spot, yearsToClose(state.at, ts, config.options), slack);
  return {
    ROUND: round.filter((level) => !strikes.some((strike) => Math.abs(strike - level) <= slack)),
    STRIKE: strikes,
    CALL_WALL: Number.isNaN(call) ? [] : [call],
    PUT_WALL: Number.isNaN(put) ? [] : [put],
  };
}
