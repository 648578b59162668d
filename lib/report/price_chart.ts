/**
 * A day's price with its levels and the touches of them.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type Batch, f64, i64, type Session, sessionOf, strings } from "../base/mod.ts";
import { dodge } from "./dodge.ts";
import { type Chart, drawPlot, easternTick, legendOf, millisOf, OUTCOME_COLOR } from "./plot.ts";

/** A built date: rows of Gold's three tables, of that date only and in time order. */
export interface GoldDay {
  /** Trade date. */
  date: string;
  /** Rows of `gold.bars`: `ts_ns`, `spy_per_es`, `high`, `low`, `close`. */
  bars: Batch;
  /** Rows of `gold.levels`: `ts_ns`, `level_kind`, `level`. */
  levels: Batch;
  /** Rows of `gold.signals`: `ts_ns`, `level_kind`, `level`, `direction`, `outcome`, `strength_signed`. */
  signals: Batch;
}

/** Kinds that come by the dozen: their touches are shown, their lines are not. */
const GRID_KINDS = ["ROUND", "STRIKE"];

/** Colours of the families of levels, by how a kind's name begins. */
const FAMILY_COLOR: Record<string, string> = {
  PM: "#c98a2b",
  OR: "#8f7bd6",
  SESSION: "#3f9e92",
  SMA: "#c4639a",
  VWAP: "#5a86d8",
  PD: "#8a9a3f",
  ON: "#7f8fa3",
  CALL: "#c0554f",
  PUT: "#c0554f",
};

const HEIGHT = 400, MARGIN = { marginTop: 12, marginBottom: 30, marginLeft: 56, marginRight: 116 };
/** Room between labels and between line ends and labels, px of the drawing. */
const LABEL_GAP = 13, LEADER_MINUTES = 7;
const MINUTE_MS = 60_000;
/** A scale that differs by more from the day's median is a stand-in from before the first option pairs. */
const SCALE_DRIFT = 0.002;
/** A line is not drawn across a longer gap, nor across a wall's jump to another strike, dollars. */
const LONGEST_GAP_MS = 10 * MINUTE_MS, WALL_JUMP = 0.25;

interface Point {
  ms: number;
  value: number;
  kind: string;
  /** Points of one run are joined by a line. */
  run: string;
}

function familyColor(kind: string): string {
  return FAMILY_COLOR[kind.split("_")[0]];
}

interface Bar {
  ms: number;
  high: number;
  low: number;
  close: number;
}

/** The session's bars in SPY $; those before the day's scale was known are `unsettled` and would distort the picture. */
function barsOf(day: GoldDay, session: Session): { bars: Bar[]; unsettled: Set<number> } {
  const ts = i64(day.bars, "ts_ns"), ms = millisOf(ts), scale = f64(day.bars, "spy_per_es");
  const [high, low, close] = ["high", "low", "close"].map((name) => f64(day.bars, name));
  const rows = [...ms.keys()].filter((i) => ts[i] >= session.openNs && ts[i] < session.closeNs);
  const median = rows.map((i) => scale[i]).sort((a, b) => a - b)[rows.length >> 1];
  const isSettled = (i: number) => Math.abs(scale[i] / median - 1) <= SCALE_DRIFT;
  const bars = rows.filter(isSettled).map((i) => ({
    ms: ms[i],
    high: high[i] * scale[i],
    low: low[i] * scale[i],
    close: close[i] * scale[i],
  }));
  return { bars, unsettled: new Set(rows.filter((i) => !isSettled(i)).map((i) => ms[i])) };
}

/** Levels inside the picture; a run ends where the level leaves it, is not offered, or jumps to another strike. */
function levelPoints(levels: Batch, low: number, high: number, skip: ReadonlySet<number>): Point[] {
  const ms = millisOf(i64(levels, "ts_ns")),
    value = f64(levels, "level"),
    kind = strings(levels, "level_kind");
  const kinds = new Map<string, { runs: number; last: Point; previous?: Point | undefined }>();
  const points: Point[] = [];
  for (let i = 0; i < levels.length; i++) {
    const name = kind.values[kind.codes[i]], v = value[i];
    if (GRID_KINDS.includes(name) || !(v >= low && v <= high) || skip.has(ms[i])) continue;
    const { runs = 0, last, previous } = kinds.get(name) ?? {};
    const jumps = last && name.endsWith("_WALL") && Math.abs(last.value - v) > WALL_JUMP;
    const joined = last && !jumps && ms[i] - last.ms <= LONGEST_GAP_MS;
    // Inside a flat stretch only its two ends are drawn: most levels stand still for hours.
    if (joined && last.value === v && previous?.run === last.run && previous.value === v) {
      last.ms = ms[i];
      continue;
    }
    const point = { ms: ms[i], value: v, kind: name, run: `${name} ${joined ? runs : runs + 1}` };
    kinds.set(name, { runs: joined ? runs : runs + 1, last: point, previous: last });
    points.push(point);
  }
  return points;
}

/** Names at the right edge, moved apart where levels crowd, each with a leader to its line's end. */
function endLabels(points: readonly Point[], endMs: number, low: number, high: number) {
  const ends = [...new Map(points.map((point) => [point.kind, point])).values()];
  const atEdge = ends.filter((end) => endMs - end.ms <= LONGEST_GAP_MS);
  const perPixel = (high - low) / (HEIGHT - MARGIN.marginTop - MARGIN.marginBottom);
  const placed = dodge(atEdge.map((end) => end.value), LABEL_GAP * perPixel, low, high);
  return {
    edge: atEdge.map((end, i) => ({ ...end, to: placed[i] })),
    inside: ends.filter((end) => endMs - end.ms > LONGEST_GAP_MS),
  };
}

function touchesOf(signals: Batch) {
  const ms = millisOf(i64(signals, "ts_ns")), level = f64(signals, "level");
  const strength = f64(signals, "strength_signed");
  const text = (name: string) => {
    const { codes, values } = strings(signals, name);
    return (i: number) => values[codes[i]];
  };
  const [kind, direction, outcome] = ["level_kind", "direction", "outcome"].map(text);
  return Array.from(ms, (at, i) => ({
    ms: at,
    level: level[i],
    outcome: outcome(i),
    direction: direction(i),
    title: `${easternTick(at)} ${kind(i)} ${level[i].toFixed(2)} from ${
      direction(i) === "UP" ? "below" : "above"
    }: ${outcome(i)}${Number.isNaN(strength[i]) ? "" : `, ${strength[i].toFixed(2)} $ with the approach`}`,
  }));
}

function outcomeIndex({ outcome }: { outcome: string }): number {
  return OUTCOME_COLOR.domain.indexOf(outcome as "BREAK");
}

/** Full Eastern hours inside the session, for ticks. */
function hourTicks(session: Session): number[] {
  const hour = 60 * MINUTE_MS, open = Number(session.openNs / 1_000_000n);
  const close = Number(session.closeNs / 1_000_000n), ticks = [];
  for (let at = Math.ceil(open / hour) * hour; at <= close; at += hour) ticks.push(at);
  return ticks;
}

/**
 * Price of the regular session with the levels that lie in its range, and every touch coloured by its outcome.
 *
 * @param day Gold's rows of one date.
 */
export function priceChart(day: GoldDay): Chart {
  const session = sessionOf(day.date), { bars, unsettled } = barsOf(day, session);
  const all = touchesOf(day.signals);
  // Breaks and bounces are drawn over the many chops.
  const touches = all.filter((t) => !unsettled.has(t.ms)).sort((a, b) => outcomeIndex(b) - outcomeIndex(a));
  const openMs = Number(session.openNs / 1_000_000n), closeMs = Number(session.closeNs / 1_000_000n);
  const lowest = Math.min(...bars.map((b) => b.low), ...touches.map((t) => t.level));
  const highest = Math.max(...bars.map((b) => b.high), ...touches.map((t) => t.level));
  const pad = (highest - lowest) * 0.03 + 0.02, low = lowest - pad, high = highest + pad;
  const points = levelPoints(day.levels, low, high, unsettled);
  // A day that is cut short has its labels where it ends.
  const endMs = (bars.at(-1)?.ms ?? openMs) + MINUTE_MS, leaderMs = endMs + LEADER_MINUTES * MINUTE_MS;
  const labels = endLabels(points, endMs, low, high);
  const svg = bars.length === 0 ? "<p>no bars in the regular session</p>" : drawPlot({
    height: HEIGHT,
    ...MARGIN,
    ariaLabel: `Price, levels and touches of ${day.date}`,
    x: {
      type: "linear",
      domain: [openMs, closeMs + LEADER_MINUTES * MINUTE_MS],
      ticks: hourTicks(session),
      tickFormat: easternTick,
      label: null,
    },
    y: { domain: [low, high], grid: true, label: null, tickFormat: (v: number) => v.toFixed(2), ticks: 7 },
    marks: [
      Plot.areaY(bars, { x: "ms", y1: "low", y2: "high", fill: "currentColor", fillOpacity: 0.16 }),
      Plot.line(points, {
        x: "ms",
        y: "value",
        z: "run",
        stroke: (p: Point) => familyColor(p.kind),
        curve: "step-after",
        strokeWidth: 1.3,
        strokeDasharray: "5 2",
      }),
      Plot.line(bars, { x: "ms", y: "close", stroke: "currentColor", strokeWidth: 1.2 }),
      Plot.dot(touches, {
        x: "ms",
        y: "level",
        fill: (t: { outcome: string }) => OUTCOME_COLOR.range[outcomeIndex(t)],
        symbol: "triangle",
        rotate: (t: { direction: string }) => t.direction === "UP" ? 0 : 180,
        r: 3.6,
        stroke: "var(--plot-background, white)",
        strokeWidth: 0.7,
        title: "title",
      }),
      Plot.link(labels.edge, {
        x1: "ms",
        y1: "value",
        x2: leaderMs,
        y2: "to",
        stroke: (p: Point) => familyColor(p.kind),
        strokeOpacity: 0.6,
      }),
      Plot.text(labels.edge, {
        x: leaderMs,
        y: "to",
        text: "kind",
        dx: 4,
        textAnchor: "start",
        fill: (p: Point) => familyColor(p.kind),
      }),
      Plot.text(labels.inside, {
        x: "ms",
        y: "value",
        text: "kind",
        dx: 3,
        dy: -7,
        textAnchor: "start",
        fill: (p: Point) => familyColor(p.kind),
        stroke: "var(--plot-background, white)",
      }),
    ],
  });
  return {
    title: `${day.date}: ${all.length} touches${
      unsettled.size === 0
        ? ""
        : `, ${all.length - touches.length} of them not drawn: ${unsettled.size} bars had no SPY scale yet`
    }`,
    unit:
      "SPY $ by Eastern time; line the one-minute close, band its low to high, dashes the levels, ▲ tested from below, ▼ from above",
    source: "gold bars, levels and signals",
    legend: legendOf(OUTCOME_COLOR),
    svg,
  };
}
