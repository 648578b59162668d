/**
 * Gold rows without a market: random features, labels that follow from a volatility and, if wanted, one feature.
 *
 * @module
 */
import {
  type Batch,
  type Column,
  CONFIG,
  dayNumber,
  NULL_I8,
  nullColumn,
  Random,
  sessionOf,
  stringsOf,
  tradingDays,
} from "../../lib/base/mod.ts";
import { type Lake, openLake, tableFolder, toFrame, writeFrame } from "../../lib/lake/mod.ts";
import { type Feature, FEATURES, GOLD_SIGNALS } from "../../lib/schema/mod.ts";

/** The feature that says where the price goes, when it does. */
export const PLANTED = "tape_imbalance";

/** What rows are made. */
export interface GoldRowsOptions {
  /** Session dates. */
  dates: number;
  /** Touches a date. */
  perDate: number;
  /** Same seed, same rows. */
  seed: number;
  /** Weight of the planted feature in the log-odds of a break; 0 is a market without direction. */
  signal: number;
}

/** Rows of GOLD_SIGNALS, by date and time. */
export function goldRows(options: GoldRowsOptions): Batch {
  const dates = tradingDays("2025-01-02", "2026-12-31").slice(0, options.dates);
  const n = dates.length * options.perDate, random = new Random(options.seed);
  const columns: Record<string, Column> = {};
  for (const feature of FEATURES) columns[feature.name] = randomColumn(feature, n, random);
  const minute = 60_000_000_000n, ts = new BigInt64Array(n);
  for (let i = 0; i < n; i++) {
    const k = i % options.perDate, date = dates[Math.floor(i / options.perDate)];
    ts[i] = sessionOf(date).openNs + BigInt(Math.floor(k * 370 / options.perDate)) * minute;
    (columns.date as Int32Array)[i] = dayNumber(date);
    (columns.bars_since_open as Int32Array)[i] = Math.floor(k * 370 / options.perDate);
    (columns.attempt_cluster as Int32Array)[i] = 1 + Math.floor(k / 7);
  }
  const later = (minutes: bigint) => ts.map((t) => t + minutes * minute);
  columns.ts_ns = ts;
  columns.available_ts_ns = later(1n);
  columns.label_end_ts_ns = later(16n);
  for (const name of ["confirm_ts_ns", "confirm_ts_ns_2m", "confirm_ts_ns_4m", "confirm_ts_ns_8m"]) {
    columns[name] = later(1n);
  }
  columns.event_id = stringsOf(Array.from({ length: n }, (_, i) => i.toString(16).padStart(16, "0")));
  columns.label_weight = Float64Array.from({ length: n }, () => 0.05 + 0.9 * random.uniform());
  plantLabels(columns, n, options.signal, random);
  return { length: n, columns: Object.fromEntries(FEATURES.map(({ name }) => [name, columns[name]])) };
}

function randomColumn(feature: Feature, n: number, random: Random): Column {
  const column = nullColumn(feature.dtype, n), missing = () => feature.nullable && random.uniform() < 0.05;
  const [low, high] = feature.range ?? [null, null];
  if ("codes" in column) {
    const values = feature.values ?? ["ESZ5"];
    const codes = column.codes.map(() => missing() ? -1 : random.int(values.length));
    return { codes, values: [...values] };
  }
  if (column instanceof BigInt64Array) return column;
  for (let i = 0; i < n; i++) {
    if (missing()) continue;
    if (feature.dtype === "bool") column[i] = random.int(2);
    else if (feature.dtype === "f64") {
      const x = random.normal();
      column[i] = low !== null && high !== null
        ? low + (high - low) * random.uniform()
        : low !== null
        ? low + Math.abs(x)
        : x;
    } else column[i] = (low ?? 0) + random.int((high ?? 20) - (low ?? 0) + 1);
  }
  return column;
}

/** Moves grow with atr, so that volatility alone foretells their size; the planted feature foretells their side. */
function plantLabels(columns: Record<string, Column>, n: number, signal: number, random: Random): void {
  const atr = columns.atr as Float64Array, planted = columns[PLANTED] as Float64Array;
  const size = Float64Array.from(
    atr,
    (a) => (Number.isNaN(a) ? 0.8 : a) * Math.exp(0.6 * random.normal()) * 2,
  );
  const up = Float64Array.from(planted, (x) => {
    const p = 1 / (1 + Math.exp(-signal * (Number.isNaN(x) ? 0 : x)));
    return random.uniform() < p ? 1 : 0;
  });
  for (const minutes of CONFIG.labels.horizons) {
    plantHorizon(columns, `_${minutes}m`, size.map((s) => s * Math.exp(0.3 * random.normal())), up, random);
  }
  const primary = `_${CONFIG.labels.primary}m`;
  for (const name of Object.keys(columns)) {
    if (`${name}${primary}` in columns) columns[name] = columns[`${name}${primary}`];
  }
  const outcome = new Int8Array(n), time = new Float64Array(n).fill(NaN);
  for (let i = 0; i < n; i++) {
    if (random.uniform() < 0.2) continue;
    outcome[i] = random.uniform() < 0.02 ? NULL_I8 : up[i] ? 1 : -1;
    if (outcome[i] !== NULL_I8) time[i] = 480 * random.uniform();
  }
  columns.fp_outcome = outcome;
  columns.fp_time_s = time;
}

function plantHorizon(
  columns: Record<string, Column>,
  suffix: string,
  size: Float64Array,
  up: Float64Array,
  random: Random,
): void {
  const n = size.length,
    put = (name: string, value: (row: number) => number) => {
      const out = columns[`${name}${suffix}`] as Float64Array;
      for (let i = 0; i < n; i++) out[i] = known[i] ? value(i) : name.startsWith("tradeable") ? NULL_I8 : NaN;
    };
  const known = Uint8Array.from(size, () => random.uniform() < 0.98 ? 1 : 0);
  const least = size.map((s) => Math.min(0.9, s * 0.4 * random.uniform()));
  const withIt = size.map((s, i) => up[i] ? s : least[i]), against = size.map((s, i) => up[i] ? least[i] : s);
  put("excursion_with", (i) => withIt[i]);
  put("excursion_against", (i) => against[i]);
  put("strength_signed", (i) => withIt[i] - against[i]);
  put("strength_abs", (i) => size[i]);
  put("tradeable_1", (i) => size[i] >= 1 ? 1 : 0);
  put("tradeable_2", (i) => size[i] >= 2 ? 1 : 0);
  const speed = size.map(() => 480 * random.uniform());
  put("time_to_threshold_1", (i) => size[i] >= 1 ? speed[i] / size[i] : NaN);
  put("time_to_threshold_2", (i) => size[i] >= 2 ? 2 * speed[i] / size[i] : NaN);
  const values = ["BREAK", "BOUNCE", "CHOP", "UNDEFINED"];
  columns[`outcome${suffix}`] = {
    codes: Int32Array.from(size, (s, i) => !known[i] ? 3 : s < 2 ? 2 : up[i] ? 0 : 1),
    values,
  };
}

/** A lake in a temporary folder with nothing but the consolidated Gold. */
export async function goldLake(batch: Batch): Promise<Lake> {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-gold-" }));
  await Deno.mkdir(`${lake.root}/${tableFolder(GOLD_SIGNALS)}`, { recursive: true });
  writeFrame(`${lake.root}/${tableFolder(GOLD_SIGNALS)}/signals.parquet`, toFrame(GOLD_SIGNALS, batch));
  return lake;
}
