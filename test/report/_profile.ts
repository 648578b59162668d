/** A little audited day by hand, for charts: two contracts, a gap, options on three strikes. */
import { addTo, newHistogram, sessionOf, sizeHistogram } from "../../lib/base/mod.ts";
import type { DayProfile } from "../../lib/schema/mod.ts";

const MINUTES = 1380, OPEN = 930, CLOSE = 1320;

/** Minutes in which the little day is silent. */
export const GAP = [1080, 1140] as const;

function minutes(value: (minute: number) => number): Float64Array {
  return Float64Array.from({ length: MINUTES }, (_, minute) => value(minute));
}

const silent = (minute: number) => minute >= GAP[0] && minute < GAP[1];
const regular = (minute: number) => minute >= OPEN && minute < CLOSE;

/** An audited day. */
export function littleProfile(date = "2025-12-15"): DayProfile {
  const price = (offset: number) =>
    minutes((m) => silent(m) || m % 7 === 3 ? NaN : 6800 + offset + 20 * Math.sin(m / 90));
  const sizes = sizeHistogram(), best = sizeHistogram(), delays = newHistogram(1e-3, 10, 9);
  for (let i = 0; i < 600; i++) {
    addTo(sizes, 1 + (i % 10 < 6 ? 0 : i % 13));
    addTo(best, 1 + i % 40);
    addTo(delays, 0.05 * (1 + i % 9));
  }
  const rows = (of: (m: number) => number) =>
    Uint32Array.from({ length: MINUTES }, (_, m) => silent(m) ? 0 : of(m));
  const tables = { "futures.trades": rows((m) => m % 3), "futures.mbp10": rows(() => 9) };
  const options = rows((m) => regular(m) ? 4 : 0);
  const presence = [
    ...Object.entries(tables).map(([table, counts]) => ({ table, rows: counts })),
    { table: "options.trades", rows: options },
  ];
  return {
    date,
    startNs: sessionOf(date).overnightNs,
    minutes: MINUTES,
    regular: [OPEN, CLOSE],
    hours: presence.flatMap(({ table, rows }) =>
      Array.from({ length: 23 }, (_, hour) => {
        const count = rows.subarray(60 * hour, 60 * hour + 60).reduce((a, b) => a + b, 0);
        const gap = silent(60 * hour) && table !== "options.trades";
        const state = gap
          ? "missing" as const
          : hour === 5
          ? "damaged" as const
          : count
          ? "there" as const
          : "none" as const;
        return { table, hour, rows: count, state };
      })
    ),
    gaps: [{ table: "futures.trades", from: GAP[0], to: GAP[1] }, {
      table: "futures.mbp10",
      from: GAP[0],
      to: GAP[1],
    }],
    contracts: [{
      contract: "ESH6",
      kind: "outright",
      trades: 900,
      volume: 2400,
      books: 11_880,
      mean: 6801.25,
      sd: 14.1,
      sizes: [1.33, 4.2, 17.8],
      oneTick: 0.92,
    }],
    main: "ESH6",
    paths: [{ contract: "ESZ5", prices: price(-60) }, { contract: "ESH6", prices: price(0) }],
    spreads: Float64Array.from({ length: 21 }, (_, ticks) => [0, 920, 70, 9, 1][ticks] ?? 0),
    best,
    depth: Float64Array.from({ length: 20 }, (_, k) => 8 + (k % 10)),
    sizes,
    sides: Float64Array.from({ length: 69 }, (_, k) => [50 + k % 7, 48, k < 6 ? 3 : 0][k % 3]),
    delays: [
      { table: "futures.trades", delays, p50: 0.25, p99: 0.5 },
      { table: "futures.mbp10", delays, p50: 0.2, p99: 0.4 },
    ],
    presence,
    overlap: 330 / 390,
    basis: minutes((m) => regular(m) && m % 2 ? 7.1 + 0.05 * Math.sin(m / 30) : NaN),
    spot: minutes((m) => regular(m) ? 673 + Math.sin(m / 60) : NaN),
    options: {
      counts: { rows: 1320, calls: 700, zeroDte: 900, multiLeg: 462, late: 3, cancelled: 1 },
      expirations: [{ date, volume: 5000 }, { date: "2025-12-19", volume: 1000 }],
      strikes: [672, 673, 674].map((strike, k) => ({
        strike,
        cells: Float64Array.from({ length: 27 }, (_, cell) => (cell + k) % 3 ? 10 * (cell % 5) : 0),
      })),
      cellMinutes: 15,
      multiLeg: Float64Array.from({ length: 13 }, (_, k) => 0.3 + 0.01 * k),
    },
    rules: {
      main: "ESH6",
      shares: { ESH6: 0.66, ESZ5: 0.28, "ESZ5-ESH6": 0.06 },
      rules: [
        { rule: "calendar", decided: "calendar", contract: "ESH6", share: 0.66 },
        { rule: "prior", decided: "prior", contract: "ESZ5", share: 0.28 },
        { rule: "session", decided: "session", contract: "ESH6", share: 0.66 },
      ],
    },
    roll: {
      front: "ESH6",
      expiry: "2026-03-20",
      rolls: "2026-03-16",
      near: true,
      spreads: [{ from: "ESH6", to: "ESZ5", points: -59.75, minutes: 30, origin: "measured" }],
    },
  };
}
