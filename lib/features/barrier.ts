/**
 * Barrier physics: what the liquidity that defends a level did during the bar that touched it.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import type { Touch } from "../levels/mod.ts";
import { type BookSide, visibleLimit } from "./_book_side.ts";
import { type BookMinute, type Ledger, minuteIndex } from "./book_ledger.ts";

/** What the defending liquidity did, in the order in which the states are tried. */
export type BarrierState = "VACUUM" | "CONSUMED" | "WALL" | "ABSORPTION" | "WEAK" | "NEUTRAL";

/** The Gold columns of the group `barrier`; NaN and null where unknown. Contracts unless said otherwise. */
export interface BarrierFeatures {
  /** State of the defending liquidity; null where θ or the flow is unknown or θ is 0. */
  barrier_state: BarrierState | null;
  /** Size traded against the defending side in the zone. */
  barrier_filled: number;
  /** Size added to it. */
  barrier_added: number;
  /** Size canceled from it. */
  barrier_canceled: number;
  /** Δ = added − canceled − filled. */
  barrier_delta_liq: number;
  /** added / (canceled + filled + 1e-6), a ratio. */
  replenishment_ratio: number;
  /** added + canceled + filled. */
  churn: number;
  /** Size shown in the zone at the bar's end. */
  depth_in_zone: number;
  /** Mean size per visible zone tick at the end over the trailing mean, a ratio. */
  wall_ratio: number;
  /** θ: a quarter of the trailing mean times the visible zone ticks. */
  barrier_theta: number;
}

/**
 * Barrier features of a touch (DOMAIN, *Barrier*): the zone is every tick within 8 ticks of the level, the
 * defending side the ask for UP and the bid for DOWN, the window the touch's bar.
 *
 * The trailing mean is Σ contracts listed ÷ Σ levels listed over the books after each event of the 30 minutes that
 * end with the bar, `[end − 30 min, end)`: whole numbers, so the order of adding cannot matter. The book at the end
 * is the one after the bar's last event. Without a book all is unknown, and so it is where the bar has no event: its
 * trades are events, so its books are lost. Where none of its events could be measured the flow is unknown; where no
 * zone tick lies between the side's best and tenth price at the end the depth, and so ratio, θ and state, are.
 *
 * @param ledger Books, closed up to the bar's end.
 * @param touch The touch.
 * @param config Zone, θ and window.
 * @throws {RangeError} If the touch's minute has not been closed.
 */
export function barrierFeatures(ledger: Ledger, touch: Touch, config: Config): BarrierFeatures {
  const at = minuteIndex(ledger, touch.ts), minute = Math.floor(touch.ts / MINUTE_NS);
  const last = ledger.minutes[at];
  if (last?.minute !== minute || last.book[0].levels + last.book[1].levels === 0) return { ...UNKNOWN };
  const side = touch.direction > 0 ? 1 : 0;
  const zone = zoneTicks(touch.levelEs, config);
  const { filled, added, canceled } = zoneFlow(last, side, zone);
  const delta = added - canceled - filled;
  const { depth, visible } = zoneDepth(last.book[side], side === 1 ? 1 : -1, zone);
  const mean = trailingMean(ledger.minutes, at, side, minute - config.barrier.trailingMinutes);
  const theta = visible > 0 ? config.barrier.thetaFraction * mean * visible : NaN;
  return {
    barrier_state: barrierState(theta, filled, added - canceled, depth),
    barrier_filled: filled,
    barrier_added: added,
    barrier_canceled: canceled,
    barrier_delta_liq: delta,
    replenishment_ratio: added / (canceled + filled + 1e-6),
    churn: added + canceled + filled,
    depth_in_zone: visible > 0 ? depth : NaN,
    wall_ratio: depth / visible / mean,
    barrier_theta: theta,
  };
}

const UNKNOWN: BarrierFeatures = {
  barrier_state: null,
  barrier_filled: NaN,
  barrier_added: NaN,
  barrier_canceled: NaN,
  barrier_delta_liq: NaN,
  replenishment_ratio: NaN,
  churn: NaN,
  depth_in_zone: NaN,
  wall_ratio: NaN,
  barrier_theta: NaN,
};

/** First and last tick within the zone's half-width of the level, which may lie between ticks. */
function zoneTicks(levelEs: number, config: Config): { first: number; last: number } {
  const { tickEs, slack } = config.market;
  const reach = config.barrier.zoneTicks * tickEs + slack;
  return { first: Math.ceil((levelEs - reach) / tickEs), last: Math.floor((levelEs + reach) / tickEs) };
}

function zoneFlow(minute: BookMinute, side: number, zone: { first: number; last: number }) {
  if (minute.measured === 0) return { filled: NaN, added: NaN, canceled: NaN };
  const sum = { filled: 0, added: 0, canceled: 0 };
  const { tick, filled, added, canceled } = minute.flows[side];
  let i = 0;
  for (let high = tick.length; i < high;) {
    const middle = (i + high) >>> 1;
    if (tick[middle] < zone.first) i = middle + 1;
    else high = middle;
  }
  for (; i < tick.length && tick[i] <= zone.last; i++) {
    sum.filled += filled[i];
    sum.added += added[i];
    sum.canceled += canceled[i];
  }
  return sum;
}

/**
 * Size shown in the zone, and how many of its ticks are visible: from the side's best price to its tenth. What lies
 * before the best is no empty part of the wall: counted as such, the ratio would only tell how far the level is.
 */
function zoneDepth(side: BookSide, sign: number, zone: { first: number; last: number }) {
  const best = side.levels > 0 ? sign * side.tick[0] : -Infinity, limit = visibleLimit(side, sign);
  const first = Math.max(zone.first, sign > 0 ? best : -limit);
  const last = Math.min(zone.last, sign > 0 ? limit : -best);
  let depth = 0;
  for (let k = 0; k < side.levels; k++) {
    if (side.tick[k] >= first && side.tick[k] <= last) depth += side.size[k];
  }
  return { depth, visible: Math.max(0, last - first + 1) };
}

/** Contracts a listed level over the events of minutes after `before`, up to index `at`; NaN without a level. */
function trailingMean(minutes: readonly BookMinute[], at: number, side: number, before: number): number {
  let sizes = 0, levels = 0;
  for (let i = at; i >= 0 && minutes[i].minute > before; i--) {
    sizes += minutes[i].sizes[side];
    levels += minutes[i].levels[side];
  }
  return sizes / levels;
}

/**
 * First state that holds.
 *
 * @param theta θ, contracts.
 * @param filled Traded against the side.
 * @param net A = added − canceled.
 * @param depth Shown at the end.
 */
function barrierState(theta: number, filled: number, net: number, depth: number): BarrierState | null {
  if (!(theta > 0) || Number.isNaN(filled)) return null;
  const delta = net - filled;
  if (delta <= -theta) return -net > filled ? "VACUUM" : "CONSUMED";
  if (delta >= theta) return "WALL";
  if (filled >= theta) return "ABSORPTION";
  return depth < theta ? "WEAK" : "NEUTRAL";
}
