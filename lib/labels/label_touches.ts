/**
 * The label columns of Gold.
 *
 * @module
 */
import {
  absoluteNs,
  type Batch,
  type Column,
  type Config,
  type Dtype,
  MINUTE_NS,
  NULL_I8,
  nullColumn,
  SECOND_NS,
  uniqueness,
} from "../base/mod.ts";
import { lowerBound, type Mids, type Touch } from "../levels/mod.ts";
import { ANCHOR_SOURCES, anchorAt } from "./anchor.ts";
import { firstPassage, passageBarrier, type Trades } from "./first_passage.ts";
import { type Forward, lookForward, outcomeOf, OUTCOMES } from "./outcomes.ts";

/** The part of the config that labels read. */
export type LabelConfig = Pick<Config, "labels" | "market">;

/** What labels need besides touches and trades. */
export interface LabelOptions {
  /** Float64Array (n): σ of each touch, sd of one-minute changes known at the bar's close, dollars; NaN unknown. */
  sigma: Float64Array;
  /** First moment of the session, ns UTC: the origin of all offsets. */
  startNs: bigint;
  /** Everything before this has been seen, ns since session start; defaults to the last trade's time. */
  knownUntil?: number;
  /** Windows and thresholds. */
  config: LabelConfig;
}

/** Columns of one horizon, in order; `_2m`, `_4m`, `_8m` follow the name, the primary horizon's also stand without. */
const HORIZON_COLUMNS: readonly (readonly [string, Dtype])[] = [
  ["outcome", "utf8"],
  ["anchor_spot", "f64"],
  ["anchor_source", "utf8"],
  ["excursion_with", "f64"],
  ["excursion_against", "f64"],
  ["strength_signed", "f64"],
  ["strength_abs", "f64"],
  ["tradeable_1", "bool"],
  ["tradeable_2", "bool"],
  ["time_to_threshold_1", "f64"],
  ["time_to_threshold_2", "f64"],
  ["future_price", "f64"],
  ["confirm_ts_ns", "i64"],
];

/**
 * Labels of touches of one date. They depend on each row's anchors, on the trades after them and on the date's other
 * touches (`label_weight`), on nothing else. Null where UNDEFINED, `confirm_ts_ns` apart.
 *
 * @param touches Touches of the date, in time order.
 * @param trades The session's trades, or as many as there are yet.
 * @param mids Mids of the session's sound books, or as many as there are yet.
 * @returns Columns in the order of features.json: the primary horizon, each horizon, first passage, end, weight.
 */
export function labelTouches(
  touches: readonly Touch[],
  trades: Trades,
  mids: Mids,
  options: LabelOptions,
): Batch {
  const { horizons, primary } = options.config.labels;
  const known = options.knownUntil ?? (trades.length > 0 ? trades.ts[trades.length - 1] : -Infinity);
  const columns: Record<string, Column> = {};
  const byHorizon = horizons.map((minutes) => ({
    minutes,
    columns: labelHorizon(touches, { trades, mids }, minutes, known, options),
  }));
  const first = byHorizon.find(({ minutes }) => minutes === primary)!;
  Object.assign(columns, first.columns);
  for (const horizon of byHorizon) {
    for (const [name, column] of Object.entries(horizon.columns)) {
      columns[`${name}_${horizon.minutes}m`] = column;
    }
  }
  Object.assign(columns, labelPassage(touches, { trades, mids }, known, options));
  const span = Math.max(...horizons) * MINUTE_NS + options.config.labels.forwardSeconds * SECOND_NS;
  const start = Float64Array.from(touches, (touch) => touch.ts);
  const end = start.map((ts) => ts + span);
  columns.label_end_ts_ns = absoluteNs(end, options.startNs);
  columns.label_weight = uniqueness(start, end);
  return { length: touches.length, columns };
}

/** What labels are measured on. */
interface Prices {
  trades: Trades;
  mids: Mids;
}

function labelHorizon(
  touches: readonly Touch[],
  { trades, mids }: Prices,
  minutes: number,
  known: number,
  options: LabelOptions,
): Record<string, Column> {
  const n = touches.length, { config } = options;
  const column: Record<string, Column> = {};
  for (const [name, dtype] of HORIZON_COLUMNS) column[name] = nullColumn(dtype, n);
  const outcome = new Int32Array(n).fill(OUTCOMES.indexOf("UNDEFINED"));
  const source = new Int32Array(n).fill(-1);
  const t1 = Float64Array.from(touches, (touch) => touch.ts + minutes * MINUTE_NS);
  let forward: Forward | undefined;
  for (let i = 0; i < n; i++) {
    const { ts, scale, direction } = touches[i];
    // Touches of one bar share the window, which is most of the cost.
    if (i === 0 || ts !== touches[i - 1].ts || scale !== touches[i - 1].scale) {
      forward = lookForward(trades, anchorAt(trades, mids, t1[i], config), t1[i], scale, known, config);
    }
    if (!forward) continue;
    source[i] = ANCHOR_SOURCES.indexOf(forward.source);
    outcome[i] = outcomeOf(forward, direction, config.labels.threshold, config.market.slack);
    write(column, i, forward, direction);
  }
  column.outcome = { codes: outcome, values: [...OUTCOMES] };
  column.anchor_source = { codes: source, values: [...ANCHOR_SOURCES] };
  column.confirm_ts_ns = absoluteNs(t1, options.startNs);
  return column;
}

function write(column: Record<string, Column>, row: number, forward: Forward, direction: 1 | -1): void {
  const { up, down, lowTime, time } = forward;
  const withIt = direction > 0 ? up : down, against = direction > 0 ? down : up;
  const values: Record<string, number> = {
    anchor_spot: forward.anchor,
    excursion_with: withIt,
    excursion_against: against,
    strength_signed: withIt - against,
    strength_abs: Math.max(withIt, against),
    tradeable_1: Number.isNaN(lowTime) ? 0 : 1,
    tradeable_2: Number.isNaN(time) ? 0 : 1,
    time_to_threshold_1: lowTime,
    time_to_threshold_2: time,
    future_price: forward.last,
  };
  for (const [name, value] of Object.entries(values)) (column[name] as Float64Array)[row] = value;
}

/** First passage from the moment the row is available; null without σ or when input ends early. */
function labelPassage(
  touches: readonly Touch[],
  { trades, mids }: Prices,
  known: number,
  options: LabelOptions,
): Record<string, Column> {
  const { labels, market: { slack } } = options.config;
  const outcome = new Int8Array(touches.length).fill(NULL_I8);
  const time = new Float64Array(touches.length).fill(NaN);
  const source = new Int32Array(touches.length).fill(-1);
  const barrier = options.sigma.map((sigma) => passageBarrier(sigma, labels));
  for (let i = 0; i < touches.length; i++) {
    const { ts, scale, direction } = touches[i];
    const available = ts + MINUTE_NS, end = available + labels.forwardSeconds * SECOND_NS;
    const at = anchorAt(trades, mids, available, options.config);
    if (!at || end >= known || Number.isNaN(barrier[i])) continue;
    const first = lowerBound(trades.ts, available + 1, trades.length);
    const last = lowerBound(trades.ts, end + 1, trades.length), anchor = at.price;
    source[i] = ANCHOR_SOURCES.indexOf(at.source);
    const hit = firstPassage(trades, first, last, { anchor, distance: barrier[i], scale, slack });
    outcome[i] = hit.side * direction;
    if (hit.row >= 0) time[i] = (trades.ts[hit.row] - available) / SECOND_NS;
  }
  const fp_anchor_source = { codes: source, values: [...ANCHOR_SOURCES] };
  return { fp_outcome: outcome, fp_time_s: time, fp_barrier: barrier, fp_anchor_source };
}
