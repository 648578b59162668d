/**
 * Attempts: repeated tests of one level, and how they differ from the first.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { lowerBound, reserve, type Touch } from "../levels/mod.ts";
import { levelGap } from "./_same_level.ts";

/** The session's touches so far, in time order; arrays may be longer than `length`. */
export interface TouchLog {
  /** Touches so far. */
  length: number;
  /** Float64Array: bar open, ns since session start. */
  ts: Float64Array;
  /** Int8Array: kind code. */
  kind: Int8Array;
  /** Int8Array: +1 UP, −1 DOWN. */
  direction: Int8Array;
  /** Float64Array: level, SPY $. */
  level: Float64Array;
  /** Float64Array: level, ES points. */
  levelEs: Float64Array;
  /** Int32Array: `attempt_cluster`. */
  cluster: Int32Array;
  /** Float64Array: `replenishment_ratio`. */
  replenishment: Float64Array;
  /** Float64Array: `barrier_delta_liq`. */
  deltaLiq: Float64Array;
  /** Float64Array: `tape_velocity`. */
  tapeVelocity: Float64Array;
  /** Float64Array: `tape_imbalance`. */
  tapeImbalance: Float64Array;
}

/** What is followed from attempt to attempt; NaN is null. */
export interface AttemptValues {
  /** Of the barrier. */
  replenishment_ratio: number;
  /** Of the barrier, contracts. */
  barrier_delta_liq: number;
  /** Of the tape, trades/s. */
  tape_velocity: number;
  /** Of the tape. */
  tape_imbalance: number;
}

/** Columns of the group `attempts`. */
export interface AttemptFeatures {
  /** Number of this touch in its cluster, from 1. */
  attempt_index: number;
  /** Number of the cluster within (date, kind, direction), from 1. */
  attempt_cluster: number;
  /** replenishment_ratio − the first touch's; 0 at the first, null where either is. */
  replenishment_trend: number;
  /** barrier_delta_liq − the first touch's. */
  delta_liq_trend: number;
  /** tape_velocity − the first touch's. */
  tape_velocity_trend: number;
  /** tape_imbalance − the first touch's. */
  tape_imbalance_trend: number;
}

/** An empty log. */
export function newTouchLog(): TouchLog {
  const column = () => new Float64Array(256);
  return {
    length: 0,
    ts: column(),
    kind: new Int8Array(256),
    direction: new Int8Array(256),
    level: column(),
    levelEs: column(),
    cluster: new Int32Array(256),
    replenishment: column(),
    deltaLiq: column(),
    tapeVelocity: column(),
    tapeImbalance: column(),
  };
}

/**
 * Which attempt a touch is. It joins the cluster of the latest touch of an earlier bar that has its kind and
 * direction and lies within 15 minutes and $0.10, bounds inclusive; else it opens the next cluster. Touches of one
 * kind and direction in one bar cannot share a cluster number: they would lie within $0.25, and levels of one kind
 * stand further apart.
 *
 * @param log The session's touches; those from `touch.ts` on are not looked at.
 * @param touch The touch.
 * @param values Its physics.
 * @param config Time, distance and slack.
 */
export function attemptFeatures(
  log: TouchLog,
  touch: Touch,
  values: AttemptValues,
  config: Pick<Config, "context" | "market">,
): AttemptFeatures {
  const earliest = touch.ts - config.context.attemptMinutes * MINUTE_NS;
  const reach = config.context.attemptBand + config.market.slack;
  let joined = 0, clusters = 0;
  const rows: number[] = [];
  for (let row = lowerBound(log.ts, touch.ts, log.length) - 1; row >= 0; row--) {
    if (log.kind[row] !== touch.kind || log.direction[row] !== touch.direction) continue;
    rows.push(row);
    clusters = Math.max(clusters, log.cluster[row]);
    if (joined > 0 || log.ts[row] < earliest) continue;
    if (levelGap(touch, log.level[row], log.levelEs[row]) <= reach) joined = log.cluster[row];
  }
  const members = rows.filter((row) => log.cluster[row] === joined);
  const first = members.at(-1);
  const trend = (value: number, column: Float64Array) =>
    value - (first === undefined ? value : column[first]);
  return {
    attempt_index: members.length + 1,
    attempt_cluster: joined > 0 ? joined : clusters + 1,
    replenishment_trend: trend(values.replenishment_ratio, log.replenishment),
    delta_liq_trend: trend(values.barrier_delta_liq, log.deltaLiq),
    tape_velocity_trend: trend(values.tape_velocity, log.tapeVelocity),
    tape_imbalance_trend: trend(values.tape_imbalance, log.tapeImbalance),
  };
}

/**
 * Remembers a touch for the attempts after it.
 *
 * @param log IN/OUT: grows by one.
 * @param touch The touch, not before the log's last.
 * @param values Its physics.
 * @param cluster Its `attempt_cluster`.
 * @throws {RangeError} If it is earlier than the last touch of the log.
 */
export function appendTouch(log: TouchLog, touch: Touch, values: AttemptValues, cluster: number): void {
  if (log.length > 0 && touch.ts < log.ts[log.length - 1]) {
    throw new RangeError(
      `Cannot append the touch at ${touch.ts}: the log's last is at ${log.ts[log.length - 1]}`,
    );
  }
  reserve(log, 1);
  const row = log.length++;
  log.ts[row] = touch.ts;
  log.kind[row] = touch.kind;
  log.direction[row] = touch.direction;
  log.level[row] = touch.level;
  log.levelEs[row] = touch.levelEs;
  log.cluster[row] = cluster;
  log.replenishment[row] = values.replenishment_ratio;
  log.deltaLiq[row] = values.barrier_delta_liq;
  log.tapeVelocity[row] = values.tape_velocity;
  log.tapeImbalance[row] = values.tape_imbalance;
}
