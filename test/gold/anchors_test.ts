import assert from "node:assert/strict";
import {
  absoluteNs,
  type Batch,
  concatBatches,
  CONFIG,
  f64,
  i64,
  MINUTE_NS,
  relativeNs,
  sessionOf,
  strings,
  takeRows,
  u8,
} from "../../lib/base/mod.ts";
import { type HourEvents, playSession, type SessionBuilder } from "../../lib/gold/mod.ts";
import { bookRows } from "../helpers/books.ts";
import { tinyMarket } from "../helpers/tiny_market.ts";
import { cell } from "../labels/_rows.ts";
import { naiveLabel, naiveMids, naivePassage, type Trade } from "../reference/labels_naive.ts";

const SESSION = sessionOf("2025-12-16");
const OPEN = Number(SESSION.openNs - SESSION.startNs);
const MARKET = tinyMarket(SESSION, 5, 150);

const offsets = (batch: Batch) => relativeNs(i64(batch, "ts_event_ns"), SESSION.startNs);

function keep(batch: Batch, wanted: (ts: number) => boolean): Batch {
  const ts = offsets(batch);
  return takeRows(batch, Uint32Array.from(ts.keys()).filter((i) => wanted(ts[i])));
}

/** Minutes since the open. */
const minuteOf = (ts: number) => Math.floor((ts - OPEN) / MINUTE_NS);

async function play(hours: readonly HourEvents[]): Promise<SessionBuilder> {
  async function* feed(): AsyncGenerator<HourEvents> {
    yield* hours;
  }
  const history = {
    closes: new Float64Array(420).fill(6800),
    previous: { high: 6825, low: 6780, close: 6802 },
  };
  const inputs = { session: SESSION, contract: "ESH6", history, config: CONFIG };
  return (await playSession(inputs, feed())).builder;
}

/** Hours whose books go missing or bad for minutes on end, and whose trades pause for two. */
function patchy(): HourEvents[] {
  return MARKET.map((events) => {
    const books = keep(events.books, (ts) => minuteOf(ts) % 20 < 11), at = offsets(books);
    books.columns.flags = u8(books, "flags").map((flags, i) =>
      minuteOf(at[i]) % 20 === 7 || minuteOf(at[i]) % 20 === 8 ? flags | 0x04 : flags
    );
    const trades = keep(events.trades, (ts) => minuteOf(ts) % 40 !== 18 && minuteOf(ts) % 40 !== 19);
    return { ...events, books, trades };
  });
}

Deno.test("Gold's anchors, outcomes and first passages are those of its books and trades by definition", async () => {
  const hours = patchy(), builder = await play(hours), labels = builder.labels();
  const mids = naiveMids(hours.flatMap(({ books }) => bookRows(books, SESSION.startNs)));
  const trades: Trade[] = hours.flatMap(({ trades }) => {
    const ts = offsets(trades), price = f64(trades, "price");
    return Array.from(ts, (t, i) => ({ ts: t, price: price[i] }));
  });
  const known = trades.at(-1)!.ts, sources = new Set<unknown>();
  assert.ok(builder.touches.length > 200);
  builder.touches.forEach((touch, row) => {
    const wanted: [string, unknown][] = CONFIG.labels.horizons.flatMap((minutes) => {
      const twin = naiveLabel(touch, trades, mids, minutes, known);
      sources.add(twin.anchor_source);
      return Object.entries(twin).map(([name, value]): [string, unknown] => [`${name}_${minutes}m`, value]);
    });
    wanted.push(...Object.entries(naivePassage(touch, trades, mids, builder.sigma[row], known)));
    for (const [name, value] of wanted) {
      const found = cell(labels, name, row);
      const same = typeof found === "number" && typeof value === "number"
        ? Math.abs(found - value) < 1e-9 * Math.max(1, Math.abs(value))
        : found === value;
      assert.ok(same, `${name} of row ${row}: ${found}, wanted ${value}`);
    }
  });
  assert.deepEqual(sources, new Set(["mid", "trade", null]));
});

/** The market with a print every second, alternately at the bid and at the ask of the last book. */
function bounced(first: 0 | 1): HourEvents[] {
  return MARKET.map((events) => {
    const from = offsets(events.books),
      ask = f64(events.books, "ask_px_1"),
      bid = f64(events.books, "bid_px_1");
    const ts: number[] = [], price: number[] = [];
    for (let t = from[0], i = 0; t < from[from.length - 1]; t += 1e9) {
      while (i + 1 < from.length && from[i + 1] <= t) i++;
      price.push((ts.length + first) % 2 === 0 ? ask[i] : bid[i]);
      ts.push(t);
    }
    const prints: Batch = {
      length: ts.length,
      columns: {
        ts_event_ns: absoluteNs(Float64Array.from(ts), SESSION.startNs),
        price: Float64Array.from(price),
        size: new Uint32Array(ts.length).fill(1),
        aggressor: Int8Array.from(price, (_, k) => (k + first) % 2 === 0 ? 1 : -1),
      },
    };
    const joined = concatBatches([events.trades, prints]), time = offsets(joined);
    const order = Uint32Array.from(time.keys()).sort((a, b) => time[a] - time[b]);
    return { ...events, trades: takeRows(joined, order) };
  });
}

Deno.test("Gold's anchors do not change by prints alternating at bid and ask", async () => {
  const anchorsOf = async (hours: HourEvents[]) => {
    const builder = await play(hours), { signals } = builder.tables(), { tape } = builder.state;
    const source = strings(signals, "anchor_source"), spot = f64(signals, "anchor_spot");
    const last = (moment: number) =>
      tape.price[tape.ts.subarray(0, tape.length).findLastIndex((t) => t <= moment)];
    return new Map(builder.touches.map((touch, row) => {
      const by = source.codes[row] < 0 ? null : source.values[source.codes[row]];
      return [touch.ts, { by, spot: spot[row], last: last(touch.ts + 4 * MINUTE_NS) * touch.scale }];
    }));
  };
  const [plain, asks, bids] = await Promise.all([MARKET, bounced(0), bounced(1)].map(anchorsOf));
  let compared = 0, moved = 0;
  for (const [ts, a] of asks) {
    for (const b of [bids.get(ts), plain.get(ts)]) {
      if (!b || a.by === null || b.by === null) continue;
      assert.deepEqual([b.by, b.spot], ["mid", a.spot]);
      compared++;
      if (a.last !== b.last) moved++;
    }
  }
  assert.ok(compared > 100, String(compared));
  assert.ok(moved > compared / 4, "the last trade would have told another price");
});
