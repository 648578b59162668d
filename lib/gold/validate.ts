/**
 * Gold against features.json and its invariants: a verdict for a machine and the tables a page shows.
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
  isNullAt,
  isStrings,
  sessionOf,
  type Strings,
  strings,
  tradingDays,
} from "../base/mod.ts";
import {
  expectationOf,
  type Feature,
  FEATURES,
  type Finding,
  type Verdict,
  verdictOf,
} from "../schema/mod.ts";
import { GOLD_CHECKS } from "./checks.ts";
import { type ColumnShape, shapeFault, shapeOf } from "./column_shape.ts";
import { INVARIANTS } from "./invariants.ts";

/** What the page shows of one column. */
export interface ColumnProfile {
  /** The contract's entry. */
  feature: Feature;
  /** Share of nulls by date, in the order of {@linkcode GoldProfile.dates}. */
  nullShare: number[];
  /** Quantiles 0, 1, 5, 25, 50, 75, 95, 99, 100 % of the known values; empty for text. */
  quantiles: number[];
  /** Population stability index between the first and second half of the dates; NaN for text or fewer than 20 dates. */
  psi: number;
}

/** What validation saw, for the page. */
export interface GoldProfile {
  /** Rows in all. */
  rows: number;
  /** Dates present, ascending. */
  dates: string[];
  /** Rows by date. */
  rowsByDate: number[];
  /** Outcome counts by level kind: kind, outcome, rows. */
  outcomesByKind: { kind: string; outcome: string; rows: number }[];
  /** Outcome counts by Eastern hour from the open. */
  outcomesByHour: { hour: number; outcome: string; rows: number }[];
  /** Rows whose primary outcome is counted from a mid, and from a trade; UNDEFINED ones are neither. */
  anchors: { mid: number; trade: number };
  /** Each column. */
  columns: ColumnProfile[];
  /** Rows that break each check, by id. */
  broken: Record<string, number>;
}

/** Dates a side from which a distribution that moved is more than a few dates' weather. */
const DRIFT_DATES = 10;
/** Decided touches from which one side alone is no accident. */
const FEWEST_DECIDED = 60;
const HALF_HOUR_NS = 1_800_000_000_000n;

const QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

/**
 * Validates Gold rows.
 *
 * @param rows All columns of features.json; any number of dates, in time order.
 * @param config Thresholds and windows.
 * @returns The verdict and the page's tables.
 */
export function validateGold(rows: Batch, config: Config): { verdict: Verdict; profile: GoldProfile } {
  const days = i32(rows, "date"), dates = [...new Set(days)].sort((a, b) => a - b).map(dateOfDay);
  const dateIndex = Int32Array.from(
    days,
    ((index) => (d: number) => index.get(dateOfDay(d))!)(new Map(dates.map((d, i) => [d, i]))),
  );
  const tally = new Tally(rows);
  const columns = FEATURES.map((feature) => profileColumn(feature, rows, dateIndex, dates.length, tally));
  checkInvariants(rows, config, tally);
  checkIds(rows, tally);
  checkOrder(rows, tally);
  checkPrices(rows, config, tally);
  const rowsByDate = new Array<number>(dates.length).fill(0);
  for (const d of dateIndex) rowsByDate[d]++;
  checkDates(dates, rowsByDate, config, tally);
  checkHours(rows, dates, dateIndex, config, tally);
  const outcomes = countOutcomes(rows);
  checkBalance(rows, config, tally);
  const verdict = verdictOf(GOLD_CHECKS.length, tally.findings);
  return {
    verdict,
    profile: {
      rows: rows.length,
      dates,
      rowsByDate,
      outcomesByKind: outcomes.byKind,
      outcomesByHour: outcomes.byHour,
      anchors: countAnchors(rows),
      columns,
      broken: tally.broken,
    },
  };
}

/** Collects findings: one a check and subject. */
class Tally {
  readonly findings: Finding[] = [];
  readonly broken: Record<string, number> = Object.fromEntries(GOLD_CHECKS.map((c) => [c.id, 0]));
  readonly #ids: Strings;

  constructor(rows: Batch) {
    this.#ids = strings(rows, "event_id");
  }

  /** Records what a check found; nothing when `count` is 0. */
  add(
    id: string,
    count: number,
    message: string,
    more: { rows?: number[]; subject?: string; date?: string } = {},
  ): void {
    if (count === 0) return;
    const check = GOLD_CHECKS.find((c) => c.id === id)!;
    this.broken[id] += count;
    this.findings.push({
      check: id,
      severity: check.severity,
      message,
      count,
      examples: (more.rows ?? []).slice(0, 5).map((row) =>
        `event_id ${this.#ids.values[this.#ids.codes[row]]}`
      ),
      remedy: check.remedy,
      ...(more.subject ? { subject: more.subject } : {}),
      ...(more.date ? { date: more.date } : {}),
    });
  }
}

function profileColumn(
  feature: Feature,
  rows: Batch,
  dateIndex: Int32Array,
  dates: number,
  tally: Tally,
): ColumnProfile {
  const column = rows.columns[feature.name], isNull = isNullAt(column, feature.dtype);
  const nulls = new Array<number>(dates).fill(0), total = new Array<number>(dates).fill(0);
  const nullRows: number[] = [], outside: number[] = [];
  const [low, high] = feature.range ?? [null, null];
  const numbers = isStrings(column) || column instanceof BigInt64Array ? undefined : column;
  const first: number[] = [], second: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const d = dateIndex[i];
    total[d]++;
    if (isNull(i)) {
      nulls[d]++;
      if (!feature.nullable) nullRows.push(i);
      continue;
    }
    if (!numbers) continue;
    const value = numbers[i];
    if ((low !== null && value < low) || (high !== null && value > high) || !Number.isFinite(value)) {
      outside.push(i);
    }
    (d < dates / 2 ? first : second).push(value);
  }
  const { name } = feature;
  tally.add("schema.nulls", nullRows.length, `${nullRows.length} nulls in ${name}`, {
    rows: nullRows,
    subject: name,
  });
  tally.add("schema.range", outside.length, `${outside.length} values of ${name} outside [${low}, ${high}]`, {
    rows: outside,
    subject: name,
  });
  if (isStrings(column)) checkValues(feature, column, tally);
  const shape = shapeOf(column, isNull);
  checkShape(feature, shape, tally);
  if (rows.length > 0 && nulls.every((n, d) => n === total[d])) {
    tally.add("nulls.empty", 1, `${name} is null on every row`, { subject: name });
  }
  if (feature.group === "pressure" || name === "confluence_pressure") {
    checkPressure(name, [...first, ...second], tally);
  }
  const psi = feature.available === "label" || dates < 2 * DRIFT_DATES || feature.stage === null
    ? NaN
    : stability(first, second);
  if (psi > 0.5) tally.add("dates.drift", 1, `${name} drifts: PSI ${psi.toFixed(2)}`, { subject: name });
  const { sorted } = shape;
  return {
    feature,
    nullShare: nulls.map((n, d) => (total[d] ? n / total[d] : 0)),
    quantiles: sorted.length ? QUANTILES.map((q) => sorted[Math.round(q * (sorted.length - 1))]) : [],
    psi,
  };
}

/** Texts without declared values are names, which may well be all the same. */
function checkShape(feature: Feature, shape: ColumnShape, tally: Tally): void {
  if (feature.dtype === "utf8" && !feature.values) return;
  const fault = shapeFault(shape, expectationOf(feature));
  if (fault) tally.add(fault.check, 1, `${feature.name} ${fault.text}`, { subject: feature.name });
}

function checkValues(feature: Feature, column: Strings, tally: Tally): void {
  if (!feature.values) return;
  const bad = column.values.map((v) => !feature.values!.includes(v));
  const rows: number[] = [];
  column.codes.forEach((code, i) => code >= 0 && bad[code] && rows.push(i));
  const found = column.values.filter((_, i) => bad[i]).join(", ");
  tally.add("schema.values", rows.length, `${rows.length} values of ${feature.name} not allowed: ${found}`, {
    rows,
    subject: feature.name,
  });
}

/** Confluence is absent from most touches by its nature: only its upper side counts. */
function checkPressure(name: string, values: number[], tally: Tally): void {
  const saturated = values.filter((v) => Math.abs(v) > 0.95).length;
  const dead = name === "confluence_pressure" ? 0 : values.filter((v) => Math.abs(v) < 0.01).length;
  for (const [count, word] of [[saturated, "saturated"], [dead, "dead"]] as const) {
    if (count > values.length / 2) {
      tally.add("pressure.alive", count, `${name} is ${word} on ${count} of ${values.length} rows`, {
        subject: name,
      });
    }
  }
}

/** Population stability index over ten quantile bins of the first sample. */
function stability(first: number[], second: number[]): number {
  if (first.length < 100 || second.length < 100) return NaN;
  const sorted = Float64Array.from(first).sort();
  const edges = [
    ...new Set(Array.from({ length: 9 }, (_, i) => sorted[Math.floor(((i + 1) / 10) * sorted.length)])),
  ];
  const share = (values: number[]) => {
    const counts = new Array<number>(edges.length + 1).fill(0);
    for (const v of values) counts[edges.findLastIndex((e) => v >= e) + 1]++;
    return counts.map((c) => (c + 0.5) / (values.length + 0.5 * counts.length));
  };
  const p = share(first), q = share(second);
  return p.reduce((sum, x, i) => sum + (x - q[i]) * Math.log(x / q[i]), 0);
}

function checkInvariants(rows: Batch, config: Config, tally: Tally): void {
  for (const invariant of INVARIANTS) {
    const holds = invariant.on(rows, config);
    const broken: number[] = [];
    for (let i = 0; i < rows.length; i++) if (!holds(i)) broken.push(i);
    tally.add(invariant.id, broken.length, `${broken.length} rows break: ${invariant.meaning}`, {
      rows: broken,
    });
  }
}

function checkIds(rows: Batch, tally: Tally): void {
  const { codes, values } = strings(rows, "event_id");
  const seen = new Set<string>(), copies: number[] = [];
  codes.forEach((code, i) => seen.has(values[code]) ? copies.push(i) : seen.add(values[code]));
  tally.add("ids.unique", copies.length, `${copies.length} rows repeat an event_id`, { rows: copies });
}

function checkOrder(rows: Batch, tally: Tally): void {
  const ts = i64(rows, "ts_ns"), back: number[] = [];
  for (let i = 1; i < ts.length; i++) if (ts[i] < ts[i - 1]) back.push(i);
  tally.add("order.time", back.length, `${back.length} rows are earlier than the row before them`, {
    rows: back,
  });
}

function checkDates(dates: string[], rowsByDate: number[], config: Config, tally: Tally): void {
  if (dates.length === 0) return;
  const missing = tradingDays(dates[0], dates.at(-1)!).filter((d) => !dates.includes(d));
  tally.add("dates.coverage", missing.length, `no rows on ${missing.slice(0, 10).join(", ")}`);
  const median = rowsByDate.toSorted((a, b) => a - b)[Math.floor(dates.length / 2)];
  const [low, high] = config.audit.rowsRatio;
  dates.forEach((date, i) => {
    const ratio = rowsByDate[i] / median;
    if (ratio < low || ratio > high) {
      tally.add("dates.balance", 1, `${date} has ${rowsByDate[i]} rows, the median date ${median}`, { date });
    }
  });
}

/** A date whose touches stop at noon has rows enough and lacks half its market. */
function checkHours(rows: Batch, dates: string[], dateIndex: Int32Array, config: Config, tally: Tally): void {
  const ts = i64(rows, "ts_ns"), seen = dates.map(() => new Set<number>());
  const sessions = dates.map(sessionOf);
  for (let i = 0; i < ts.length; i++) {
    const d = dateIndex[i];
    seen[d].add(Number((ts[i] - sessions[d].openNs) / HALF_HOUR_NS));
  }
  const forward = BigInt(config.touches.forwardMinutes) * 60_000_000_000n;
  dates.forEach((date, d) => {
    const { openNs, closeNs } = sessions[d],
      all = Math.ceil(Number(closeNs - forward - openNs) / Number(HALF_HOUR_NS));
    if (seen[d].size >= all / 2) return;
    tally.add("dates.hours", 1, `${date} has touches in ${seen[d].size} of its ${all} half-hours`, { date });
  });
}

/** Rows by outcome of a horizon. */
function outcomesOf(rows: Batch, name: string): Map<string, number> {
  const { codes, values } = strings(rows, name), total = new Map<string, number>();
  for (const code of codes) total.set(values[code], (total.get(values[code]) ?? 0) + 1);
  return total;
}

function countOutcomes(rows: Batch) {
  const outcome = strings(rows, "outcome"), kind = strings(rows, "level_kind");
  const since = i32(rows, "bars_since_open"), ts = i64(rows, "ts_ns");
  const byKind = new Map<string, number>(), byHour = new Map<string, number>();
  const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (let i = 0; i < ts.length; i++) {
    const name = outcome.values[outcome.codes[i]];
    add(byKind, `${kind.values[kind.codes[i]]}|${name}`);
    add(byHour, `${Math.floor((since[i] + 30) / 60) + 9}|${name}`);
  }
  return {
    byKind: [...byKind].map(([key, n]) => ({ kind: key.split("|")[0], outcome: key.split("|")[1], rows: n })),
    byHour: [...byHour].map(([key, n]) => ({
      hour: Number(key.split("|")[0]),
      outcome: key.split("|")[1],
      rows: n,
    })),
  };
}

function countAnchors(rows: Batch): { mid: number; trade: number } {
  const { codes, values } = strings(rows, "anchor_source");
  const count = (source: string) => codes.filter((code) => values[code] === source).length;
  return { mid: count("mid"), trade: count("trade") };
}

/** ATR and excursions that no market that trades can have: one wrong price makes false levels, ranges and labels. */
function checkPrices(rows: Batch, config: Config, tally: Tally): void {
  const spot = f64(rows, "spot"), suffixes = config.labels.horizons.map((minutes) => `_${minutes}m`);
  const moves = ["atr", ...suffixes.map((suffix) => `strength_abs${suffix}`)].map((name) => f64(rows, name));
  const halted: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (moves.some((move) => move[i] > config.audit.haltMove * spot[i])) halted.push(i);
  }
  const percent = 100 * config.audit.haltMove;
  tally.add("prices.halt", halted.length, `${halted.length} rows move by more than ${percent.toFixed(0)} %`, {
    rows: halted,
  });
}

function checkBalance(rows: Batch, config: Config, tally: Tally): void {
  // The primary horizon's outcome also stands without its minutes.
  const others = config.labels.horizons.filter((minutes) => minutes !== config.labels.primary);
  for (const name of ["outcome", ...others.map((minutes) => `outcome_${minutes}m`)]) {
    const total = outcomesOf(rows, name), all = [...total.values()].reduce((a, b) => a + b, 0);
    const count = (outcome: string) => total.get(outcome) ?? 0, defined = all - count("UNDEFINED");
    if (name === "outcome") {
      if (count("UNDEFINED") > 0.05 * all) {
        const found = `${count("UNDEFINED")} of ${all} outcomes are UNDEFINED`;
        tally.add("labels.undefined", count("UNDEFINED"), found);
      }
      for (const outcome of ["BREAK", "BOUNCE", "CHOP"]) {
        if (defined === 0 || count(outcome) >= 0.02 * defined) continue;
        const found = `${outcome} is ${count(outcome)} of ${defined} outcomes`;
        tally.add("labels.balance", 1, found, { subject: outcome });
      }
    }
    checkSides(name, count("BREAK"), count("BOUNCE"), tally);
  }
  const passage = i8(rows, "fp_outcome"), count = (side: number) => passage.filter((x) => x === side).length;
  checkSides("fp_outcome", count(1), count(-1), tally);
}

/** A market goes both ways: labels that do not are wrong, and nothing can be learned from them. */
function checkSides(name: string, breaks: number, bounces: number, tally: Tally): void {
  const decided = breaks + bounces, fewer = Math.min(breaks, bounces);
  if (decided < FEWEST_DECIDED || fewer >= 0.05 * decided) return;
  const found = `${name}: ${breaks} of ${decided} went beyond the level, ${bounces} back`;
  tally.add("labels.one_sided", 1, found, { subject: name });
}
