/**
 * A small random market in Silver's columns: for tests that need events, not realism.
 *
 * @module
 */
import {
  absoluteNs,
  type Batch,
  dayNumber,
  MINUTE_NS,
  optionPrice,
  Random,
  repeatString,
  type Session,
  type Strings,
} from "../../lib/base/mod.ts";
import type { HourEvents } from "../../lib/gold/mod.ts";

const HOUR_NS = 60 * MINUTE_NS;

/** ES trades, books and 0DTE prints of one session from 08:00 to `until` Eastern minutes after the open. */
export function tinyMarket(session: Session, seed: number, minutes = 390): HourEvents[] {
  const random = new Random(seed);
  const open = Number(session.openNs - session.startNs), start = open - 90 * MINUTE_NS;
  const hours: HourEvents[] = [];
  let price = 6800;
  const firstHour = Math.floor(start / HOUR_NS),
    lastHour = Math.floor((open + minutes * MINUTE_NS - 1) / HOUR_NS);
  for (let hour = firstHour; hour <= lastHour; hour++) {
    const times = moments(
      random,
      Math.max(start, hour * HOUR_NS),
      Math.min((hour + 1) * HOUR_NS, open + minutes * MINUTE_NS),
      900,
    );
    const prices = times.map(() => price += 0.25 * (random.int(7) - 3));
    hours.push({
      hour: Number(session.startNs / BigInt(HOUR_NS)) + hour,
      trades: trades(random, session, times, prices),
      books: books(random, session, times, prices),
      options: prints(random, session, times, prices, open),
      scale: scale(session, open),
    });
  }
  return hours;
}

function moments(random: Random, from: number, to: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => Math.floor(from + random.uniform() * (to - from))).sort();
}

function codes(random: Random, n: number, values: string[]): Strings {
  return { codes: Int32Array.from({ length: n }, () => random.int(values.length)), values };
}

function trades(random: Random, session: Session, times: Float64Array, prices: Float64Array): Batch {
  const n = times.length;
  return {
    length: n,
    columns: {
      ts_event_ns: absoluteNs(times, session.startNs),
      price: Float64Array.from(prices),
      size: Uint32Array.from({ length: n }, () => 1 + random.geometric(0.4)),
      aggressor: Int8Array.from({ length: n }, () => random.int(3) - 1),
    },
  };
}

function books(random: Random, session: Session, times: Float64Array, prices: Float64Array): Batch {
  const n = times.length,
    columns: Batch["columns"] = {
      ts_event_ns: absoluteNs(times, session.startNs),
      action: codes(random, n, ["A", "C", "M", "T"]),
      side: codes(random, n, ["A", "B"]),
      price: Float64Array.from(prices),
      size: Uint32Array.from({ length: n }, () => 1 + random.int(5)),
      is_snapshot: new Int8Array(n),
      flags: new Uint8Array(n).fill(0x80),
    };
  for (let level = 1; level <= 10; level++) {
    columns[`bid_px_${level}`] = Float64Array.from(prices, (p) => p - 0.25 * level);
    columns[`ask_px_${level}`] = Float64Array.from(prices, (p) => p + 0.25 * (level - 1));
    columns[`bid_sz_${level}`] = Uint32Array.from({ length: n }, () => 1 + random.int(40));
    columns[`ask_sz_${level}`] = Uint32Array.from({ length: n }, () => 1 + random.int(40));
  }
  return { length: n, columns };
}

function prints(
  random: Random,
  session: Session,
  all: Float64Array,
  prices: Float64Array,
  open: number,
): Batch {
  const rows = [...all.keys()].filter((i) => all[i] >= open), n = rows.length;
  const spot = rows.map((i) => prices[i] * 0.1), iv = 0.15;
  const strike = spot.map((s) => Math.round(s) + random.int(7) - 3),
    call = rows.map(() => random.int(2) === 1);
  const years = rows.map((i) => Math.max(300, (23400e9 - (all[i] - open)) / 1e9) / (252 * 6.5 * 3600));
  return {
    length: n,
    columns: {
      ts_event_ns: absoluteNs(Float64Array.from(rows, (i) => all[i]), session.startNs),
      exp_date: new Int32Array(n).fill(dayNumber(session.date)),
      strike: Float64Array.from(strike),
      right: { codes: Int32Array.from(call, (c) => (c ? 0 : 1)), values: ["C", "P"] },
      price: Float64Array.from(spot, (s, k) => optionPrice(call[k], s, strike[k], years[k], iv)),
      size: Uint32Array.from({ length: n }, () => 1 + random.geometric(0.1)),
      aggressor: Int8Array.from({ length: n }, () => random.int(3) - 1),
      flow: new Int8Array(n).fill(1),
      iv: new Float64Array(n).fill(iv),
      iv_source: repeatString("trade", n),
      dealer_flow: Float64Array.from({ length: n }, () => 1000 * random.normal()),
    },
  };
}

function scale(session: Session, open: number): Batch {
  return {
    length: 2,
    columns: {
      ts_ns: BigInt64Array.from([session.startNs, session.startNs + BigInt(open + 10 * MINUTE_NS)]),
      contract: repeatString("ESZ5", 2),
      spy_per_es: Float64Array.from([0.1, 0.1001]),
      scale_source: { codes: Int32Array.from([0, 1]), values: ["previous", "parity"] },
      pairs: Int32Array.from([0, 25]),
    },
  };
}
