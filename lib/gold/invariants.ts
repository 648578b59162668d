/**
 * Invariants of a Gold row: statements that hold on every row, each one line of a table.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  dateOfDay,
  f64,
  i32,
  i64,
  i8,
  NULL_I8,
  sessionOf,
  strings,
} from "../base/mod.ts";
import { eventId } from "./identity.ts";

/** A statement about one row. */
export interface Invariant {
  /** Id, `invariant.…`. */
  id: string;
  /** What holds. */
  meaning: string;
  /** Makes the test of one row: true where it holds. */
  on(rows: Batch, config: Config): (row: number) => boolean;
}

const near = (a: number, b: number, slack: number) => Math.abs(a - b) <= slack;
/** A statement about possibly-null numbers holds where one is null. */
const known = (...values: number[]) => !values.some(Number.isNaN);

function text(rows: Batch, name: string): (row: number) => string | undefined {
  const column = rows.columns[name];
  const { codes, values } = strings({ length: rows.length, columns: { [name]: column } }, name);
  return (row) => values[codes[row]];
}

function horizonInvariants(suffix: string, minutes: (config: Config) => number): Invariant[] {
  return [
    {
      id: `invariant.confirm${suffix}`,
      meaning: `confirm_ts_ns${suffix} = ts_ns + the horizon`,
      on(rows, config) {
        const ts = i64(rows, "ts_ns"), confirm = i64(rows, `confirm_ts_ns${suffix}`);
        const horizon = BigInt(minutes(config)) * 60_000_000_000n;
        return (i) => confirm[i] === ts[i] + horizon;
      },
    },
    {
      id: `invariant.strength${suffix}`,
      meaning: `strength_signed${suffix} = with − against and strength_abs${suffix} = the larger`,
      on(rows) {
        const withIt = f64(rows, `excursion_with${suffix}`),
          against = f64(rows, `excursion_against${suffix}`);
        const signed = f64(rows, `strength_signed${suffix}`), abs = f64(rows, `strength_abs${suffix}`);
        return (i) =>
          !known(withIt[i]) ||
          (signed[i] === withIt[i] - against[i] && abs[i] === Math.max(withIt[i], against[i]));
      },
    },
    ...([1, 2] as const).map((k): Invariant => ({
      id: `invariant.tradeable_${k}${suffix}`,
      meaning:
        `tradeable_${k}${suffix} ⇔ time_to_threshold_${k}${suffix} is known ⇔ strength_abs${suffix} ≥ $${k}`,
      on(rows, config) {
        const tradeable = i8(rows, `tradeable_${k}${suffix}`),
          time = f64(rows, `time_to_threshold_${k}${suffix}`);
        const abs = f64(rows, `strength_abs${suffix}`);
        return (i) =>
          tradeable[i] < 0 ? !known(time[i]) && !known(abs[i]) : (tradeable[i] === 1) === known(time[i]) &&
            (tradeable[i] === 1) === (abs[i] >= k - config.market.slack);
      },
    })),
    {
      id: `invariant.outcome${suffix}`,
      meaning: `outcome${suffix} agrees with the excursions`,
      on(rows, config) {
        const outcome = text(rows, `outcome${suffix}`);
        const withIt = f64(rows, `excursion_with${suffix}`),
          against = f64(rows, `excursion_against${suffix}`);
        const { threshold } = config.labels, { slack } = config.market;
        return (i) => {
          if (outcome(i) === "UNDEFINED") return !known(withIt[i]) && !known(against[i]);
          if (!known(withIt[i], against[i])) return false;
          const far = Math.max(withIt[i], against[i]) >= threshold - slack;
          if (outcome(i) === "CHOP") return !far;
          if (!far) return false;
          if (near(withIt[i], against[i], slack)) return true;
          // A break is the larger excursion; a bounce is a far excursion against, where no break is.
          const broke = withIt[i] >= threshold - slack && withIt[i] > against[i];
          return (outcome(i) === "BREAK") === broke;
        };
      },
    },
  ];
}

/** Every invariant. */
export const INVARIANTS: readonly Invariant[] = [
  {
    id: "invariant.available",
    meaning: "available_ts_ns = ts_ns + 60 s, and ts_ns is a whole minute",
    on(rows) {
      const ts = i64(rows, "ts_ns"), available = i64(rows, "available_ts_ns");
      return (i) => available[i] === ts[i] + 60_000_000_000n && ts[i] % 60_000_000_000n === 0n;
    },
  },
  {
    id: "invariant.session",
    meaning: "the bar lies in its date's regular session with the forward window before the close",
    on(rows, config) {
      const ts = i64(rows, "ts_ns"), date = i32(rows, "date");
      const forward = BigInt(config.touches.forwardMinutes) * 60_000_000_000n;
      return (i) => {
        const { openNs, closeNs } = sessionOf(dateOfDay(date[i]));
        return ts[i] >= openNs && ts[i] + forward <= closeNs;
      };
    },
  },
  {
    id: "invariant.distance",
    meaning: "distance_signed = level − spot, and distance its size",
    on(rows) {
      const distance = f64(rows, "distance"), signed = f64(rows, "distance_signed");
      const level = f64(rows, "level"), spot = f64(rows, "spot");
      return (i) => signed[i] === level[i] - spot[i] && distance[i] === Math.abs(signed[i]);
    },
  },
  {
    id: "invariant.scale",
    meaning: "level = level_es × spy_per_es",
    on(rows, config) {
      const level = f64(rows, "level"), es = f64(rows, "level_es"), scale = f64(rows, "spy_per_es");
      return (i) => near(level[i], es[i] * scale[i], config.market.slack);
    },
  },
  {
    id: "invariant.direction",
    meaning:
      "direction is UP when the level is above the spot, DOWN when below, and direction_sign says the same",
    on(rows, config) {
      const direction = text(rows, "direction"), level = f64(rows, "level"), spot = f64(rows, "spot");
      const sign = i8(rows, "direction_sign");
      return (i) => {
        const gap = level[i] - spot[i];
        if (sign[i] !== (direction(i) === "UP" ? 1 : -1)) return false;
        return Math.abs(gap) <= config.market.slack || (direction(i) === "UP") === (gap > 0);
      };
    },
  },
  {
    id: "invariant.barrier",
    meaning: "barrier_delta_liq = added − canceled − filled and churn their sum",
    on(rows) {
      const [filled, added, canceled] = ["filled", "added", "canceled"].map((n) => f64(rows, `barrier_${n}`));
      const delta = f64(rows, "barrier_delta_liq"), churn = f64(rows, "churn");
      return (i) =>
        !known(filled[i]) ||
        (delta[i] === added[i] - canceled[i] - filled[i] && churn[i] === added[i] + canceled[i] + filled[i]);
    },
  },
  {
    id: "invariant.event_id",
    meaning: "event_id is the hash of date, ts_ns, kind, level and direction",
    on(rows) {
      const id = text(rows, "event_id"), kind = text(rows, "level_kind"), direction = text(rows, "direction");
      const date = i32(rows, "date"), ts = i64(rows, "ts_ns"), level = f64(rows, "level");
      return (i) => id(i) === eventId(dateOfDay(date[i]), ts[i], kind(i)!, level[i], direction(i)!);
    },
  },
  ...horizonInvariants("", (config) => config.labels.primary),
  ...([0, 1, 2] as const).flatMap((h) => {
    const suffix = (["_2m", "_4m", "_8m"] as const)[h];
    return horizonInvariants(suffix, (config) => config.labels.horizons[h]);
  }),
  {
    id: "invariant.passage",
    meaning: "fp_outcome is not 0 ⇔ fp_time_s is known; it is known ⇔ fp_anchor_source is",
    on(rows) {
      const outcome = i8(rows, "fp_outcome"), time = f64(rows, "fp_time_s");
      const source = text(rows, "fp_anchor_source");
      return (i) =>
        (outcome[i] === 1 || outcome[i] === -1) === known(time[i]) &&
        (outcome[i] === NULL_I8) === (source(i) === undefined);
    },
  },
];
