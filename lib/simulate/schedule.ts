/**
 * When the messages of a minute come, and how much is left to trade in it.
 *
 * @module
 */
import { MINUTE_NS, type Random } from "../base/mod.ts";

/** A contract's messages of the minute at hand. */
export interface Schedule {
  /** Float64Array: times, ns since the session's start; the first `count` are valid. */
  times: Float64Array;
  /** Messages of the minute. */
  count: number;
  /** The next message. */
  next: number;
  /** Contracts still to trade by the minute's end; what a minute leaves is carried over. */
  volumeLeft: number;
  /** Trades expected in the minute. */
  trades: number;
}

/** A schedule with nothing in it. */
export function newSchedule(): Schedule {
  return { times: new Float64Array(64), count: 0, next: 0, volumeLeft: 0, trades: 0 };
}

/**
 * Draws a minute's messages: bursts of short gaps with long ones between, stretched over the minute.
 *
 * @param schedule Changed in place.
 * @param start The minute's start, ns since the session's start.
 * @param mean Expected number of messages.
 * @param random Draws.
 */
export function scheduleMinute(schedule: Schedule, start: number, mean: number, random: Random): void {
  const count = Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  if (schedule.times.length < count) schedule.times = new Float64Array(2 * count);
  const { times } = schedule;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += random.exponential(random.uniform() < 0.72 ? 0.02 : 3.5);
    times[i] = sum;
  }
  sum += random.exponential(1);
  for (let i = 0; i < count; i++) times[i] = start + Math.floor(times[i] / sum * MINUTE_NS);
  schedule.count = count;
  schedule.next = 0;
}

/**
 * Which schedule's next message comes first.
 *
 * @param schedules One a contract.
 * @returns Its number, −1 when all are done.
 */
export function earliest(schedules: readonly Schedule[]): number {
  let which = -1, time = Infinity;
  for (let i = 0; i < schedules.length; i++) {
    const { times, next, count } = schedules[i];
    if (next < count && times[next] < time) {
      time = times[next];
      which = i;
    }
  }
  return which;
}
