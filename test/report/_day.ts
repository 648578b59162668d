/** A drawn-by-hand day of Gold's tables, for charts. */
import { type Batch, sessionOf, stringsOf } from "../../lib/base/mod.ts";
import type { GoldDay } from "../../lib/report/mod.ts";

/** Minutes of the little day. */
export const MINUTES = 120;

interface Row {
  minute: number;
  kind: string;
  level: number;
}

/** SPY price at a minute: up and down between 678 and 682. */
export function priceAt(minute: number): number {
  return 680 + 2 * Math.sin(minute / 15);
}

function at(date: string, minute: number): bigint {
  return sessionOf(date).openNs + BigInt(minute) * 60_000_000_000n;
}

function bars(date: string): Batch {
  // From an hour before the open: those are not drawn.
  const minutes = Array.from({ length: MINUTES + 60 }, (_, i) => i - 60);
  const es = (offset: number) => Float64Array.from(minutes, (m) => (priceAt(m) + offset) * 10);
  return {
    length: minutes.length,
    columns: {
      ts_ns: BigInt64Array.from(minutes, (m) => at(date, m)),
      spy_per_es: new Float64Array(minutes.length).fill(0.1),
      close: es(0),
      high: es(0.3),
      low: es(-0.3),
    },
  };
}

function levels(date: string, rows: Row[]): Batch {
  return {
    length: rows.length,
    columns: {
      ts_ns: BigInt64Array.from(rows, (r) => at(date, r.minute)),
      level_kind: stringsOf(rows.map((r) => r.kind)),
      level: Float64Array.from(rows, (r) => r.level),
    },
  };
}

function signals(date: string, rows: (Row & { direction: string; outcome: string })[]): Batch {
  const batch = levels(date, rows);
  batch.columns.direction = stringsOf(rows.map((r) => r.direction));
  batch.columns.outcome = stringsOf(rows.map((r) => r.outcome));
  batch.columns.strength_signed = Float64Array.from(rows, (r) => (r.outcome === "UNDEFINED" ? NaN : 1.25));
  return batch;
}

/** Five kinds of level: flat, moving, out of range, a grid and a wall that jumps; four touches, one an outcome. */
export function littleDay(date = "2025-12-16"): GoldDay {
  const offered: Row[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    offered.push(
      { minute, kind: "PM_HIGH", level: 681.5 },
      { minute, kind: "VWAP", level: 680 + 0.01 * minute },
      { minute, kind: "PD_LOW", level: 600 },
      { minute, kind: "ROUND", level: 680 },
      { minute, kind: "CALL_WALL", level: minute < 60 ? 681 : 679 },
    );
  }
  return {
    date,
    bars: bars(date),
    levels: levels(date, offered),
    signals: signals(date, [
      { minute: 5, kind: "ROUND", level: 681, direction: "UP", outcome: "BREAK" },
      { minute: 30, kind: "PM_HIGH", level: 681.5, direction: "DOWN", outcome: "BOUNCE" },
      { minute: 60, kind: "CALL_WALL", level: 679, direction: "DOWN", outcome: "CHOP" },
      { minute: 90, kind: "VWAP", level: 680.9, direction: "UP", outcome: "UNDEFINED" },
    ]),
  };
}
