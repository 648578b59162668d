import assert from "node:assert/strict";
import {
  type Batch,
  easternNs,
  f64,
  i64,
  MINUTE_NS,
  strings,
  u32,
  u8,
  UsageError,
} from "../../lib/base/mod.ts";
import {
  type FaultName,
  FAULTS,
  parseFaults,
  type PlantedFault,
  simulateDay,
  type SimulatedDay,
} from "../../lib/simulate/mod.ts";
import { leaderRows } from "./_day.ts";

const DATE = "2025-11-12";
const clean = simulateDay({ date: DATE, scale: 0.1 });

function planted(name: FaultName): { day: SimulatedDay; faults: Record<string, PlantedFault> } {
  const day = simulateDay({ date: DATE, scale: 0.1, faults: [name] });
  assert.ok(day.truth.faults.every((f) => f.kind === name));
  return { day, faults: Object.fromEntries(day.truth.faults.map((f) => [f.table, f])) };
}

/** Steps back of an i64 column. */
function decreases(batch: Batch, name: string): number {
  const column = i64(batch, name);
  return column.reduce((n, value, i) => n + (i > 0 && value < column[i - 1] ? 1 : 0), 0);
}

function count(batch: Batch, wanted: (row: number) => boolean): number {
  let n = 0;
  for (let row = 0; row < batch.length; row++) if (wanted(row)) n++;
  return n;
}

/** Rows equal in every column but `row` to the one before them. */
function repeats(batch: Batch): number {
  const columns = Object.entries(batch.columns).filter(([name]) => name !== "row")
    .map(([, c]) => "codes" in c ? c.codes : c);
  return count(batch, (row) => row > 0 && columns.every((c) => Object.is(c[row], c[row - 1])));
}

/** Rows that repeat another one, wherever it is: prints of one moment may lie between them. */
function copies(batch: Batch): number {
  const columns = Object.entries(batch.columns).filter(([name]) => name !== "row")
    .map(([, c]) => "codes" in c ? c.codes : c);
  const seen = new Set(
    Array.from({ length: batch.length }, (_, row) => columns.map((c) => c[row]).join(" ")),
  );
  return batch.length - seen.size;
}

Deno.test("simulateDay() without faults has none of them", () => {
  assert.deepEqual(clean.truth.faults, []);
  for (const batch of [clean.trades, clean.books]) {
    assert.equal(repeats(batch), 0);
    for (const name of ["ts_event_ns", "ts_recv_ns", "seq"]) assert.equal(decreases(batch, name), 0);
  }
  assert.equal(count(clean.books, (row) => (u8(clean.books, "flags")[row] & 4) !== 0), 0);
});

Deno.test("duplicates: each row of the run comes twice", () => {
  const { day, faults } = planted("duplicates");
  assert.equal(day.trades.length, clean.trades.length + faults.trades.count);
  assert.equal(day.books.length, clean.books.length + faults["mbp-10"].count);
  assert.equal(repeats(day.trades), faults.trades.count);
  assert.equal(repeats(day.books), faults["mbp-10"].count);
});

Deno.test("out-of-order: time goes back once a table and no row is lost", () => {
  const { day, faults } = planted("out-of-order");
  for (const [name, batch] of [["trades", day.trades], ["mbp-10", day.books]] as const) {
    assert.equal(decreases(batch, "ts_event_ns"), 1);
    assert.equal(faults[name].count, 60);
  }
  assert.deepEqual(i64(day.books, "seq").toSorted(), i64(clean.books, "seq").toSorted());
});

Deno.test("crossed-books and level-inversion change as many books as they say", () => {
  const crossed = planted("crossed-books"), books = crossed.day.books;
  const isCrossed = (row: number) => f64(books, "bid_px_1")[row] >= f64(books, "ask_px_1")[row];
  assert.equal(count(books, isCrossed), crossed.faults["mbp-10"].count);
  const inverted = planted("level-inversion"), levels = inverted.day.books;
  const isInverted = (row: number) => f64(levels, "bid_px_3")[row] < f64(levels, "bid_px_4")[row];
  assert.equal(count(levels, isInverted), inverted.faults["mbp-10"].count);
  assert.ok(inverted.faults["mbp-10"].count > 0.01 * levels.length);
});

Deno.test("sequence-decrease: five rows, each in order of time", () => {
  const { day, faults } = planted("sequence-decrease");
  assert.equal(decreases(day.books, "seq"), 5);
  assert.equal(decreases(day.books, "ts_event_ns"), 0);
  assert.equal(faults["mbp-10"].count, 5);
});

Deno.test("silence, missing-hour and half-day drop rows and say how many", () => {
  for (const name of ["silence", "missing-hour", "half-day"] as const) {
    const { day, faults } = planted(name);
    assert.equal(day.trades.length, clean.trades.length - faults.trades.count, name);
    assert.equal(day.books.length, clean.books.length - faults["mbp-10"].count, name);
    const ts = i64(day.books, "ts_event_ns");
    const from = BigInt(faults["mbp-10"].first_ts_ns), to = BigInt(faults["mbp-10"].last_ts_ns);
    assert.equal(ts.filter((t) => t >= from && t <= to).length, 0, name);
    assert.equal(decreases(day.books, "ts_event_ns"), 0);
  }
  const { day } = planted("half-day");
  assert.ok(i64(day.options, "ts_event_ns").every((t) => t < easternNs(DATE, "12:45")));
});

Deno.test("flagged-gap: five seconds gone, one book flagged after them", () => {
  const { day, faults } = planted("flagged-gap"), books = leaderRows(day, day.books);
  const flags = u8(books, "flags"), ts = i64(books, "ts_event_ns");
  const rows = [...flags.keys()].filter((row) => (flags[row] & 4) !== 0);
  assert.deepEqual(rows.map((row) => String(ts[row])), [faults["mbp-10"].first_ts_ns]);
  assert.ok(ts[rows[0]] - ts[rows[0] - 1] > 4_000_000_000n);
});

Deno.test("second-scale and bad-price change prices of trades only", () => {
  const scaled = planted("second-scale"), price = f64(leaderRows(scaled.day, scaled.day.trades), "price");
  assert.equal(price.filter((p) => p < 100).length, scaled.faults.trades.count);
  const bad = planted("bad-price");
  const wrong = f64(leaderRows(bad.day, bad.day.trades), "price").filter((p) => p <= 0);
  assert.equal(wrong.length, 10);
  assert.equal(bad.faults.trades.count, 10);
  assert.ok(wrong.includes(0) && wrong.some((p) => p < -1000));
  assert.deepEqual(bad.day.books, clean.books);
});

Deno.test("stale-book: the same levels for three minutes, while trades go on", () => {
  const { day, faults } = planted("stale-book"), books = leaderRows(day, day.books);
  const ts = i64(books, "ts_event_ns"), bid = f64(books, "bid_px_1"), size = u32(books, "ask_sz_4");
  const from = BigInt(faults["mbp-10"].first_ts_ns), to = BigInt(faults["mbp-10"].last_ts_ns);
  const rows = [...ts.keys()].filter((row) => ts[row] >= from && ts[row] <= to);
  assert.equal(rows.length, faults["mbp-10"].count);
  assert.ok(to - from > BigInt(2.5 * MINUTE_NS));
  assert.equal(new Set(rows.map((row) => `${bid[row]} ${size[row]}`)).size, 1);
});

Deno.test("slow-feed: rows are received five seconds late", () => {
  const { day, faults } = planted("slow-feed");
  const late = (batch: Batch) =>
    count(batch, (row) =>
      i64(batch, "ts_recv_ns")[row] - i64(batch, "ts_event_ns")[row] > 4_000_000_000n &&
      (u8(batch, "flags")[row] & 0x20) === 0);
  assert.equal(late(day.trades), faults.trades.count);
  assert.equal(late(day.books), faults["mbp-10"].count);
});

Deno.test("stray-contract: an unknown contract with enough volume to matter", () => {
  const { day, faults } = planted("stray-contract");
  const contract = strings(day.trades, "contract");
  const stray = count(day.trades, (row) => contract.values[contract.codes[row]].startsWith("ES_"));
  assert.equal(stray, faults.trades.count);
  assert.ok(stray > 0.15 * day.trades.length);
  assert.equal(decreases(day.trades, "ts_event_ns"), 0);
});

Deno.test("option faults rewrite, repeat or drop as many prints as they say", () => {
  const spy = (day: SimulatedDay) => strings(day.options, "option_symbol");
  const strikes = planted("other-root");
  assert.equal(
    f64(strikes.day.options, "strike").filter((k) => k > 2000).length,
    strikes.faults.options.count,
  );
  const expired = planted("expired-options"), today = Date.parse(DATE) / 86_400_000;
  const old = (expired.day.options.columns.exp_date as Int32Array).filter((d) => d < today).length;
  assert.equal(old, expired.faults.options.count);
  const twice = planted("option-duplicates");
  assert.equal(spy(twice.day).codes.length, clean.options.length + twice.faults.options.count);
  assert.equal(copies(twice.day.options) - copies(clean.options), twice.faults.options.count);
  const gap = planted("option-gap");
  assert.equal(gap.day.truth.options.length, clean.truth.options.length - gap.faults.options.count);
});

Deno.test("swapped-right: prints below what their option is worth at once", () => {
  const { day, faults } = planted("swapped-right");
  const below = (d: SimulatedDay) => {
    const spot = f64(d.truth.options, "spot"), rows = d.truth.options.columns.spy_row as Int32Array;
    const price = f64(d.options, "price"),
      strike = f64(d.options, "strike"),
      right = strings(d.options, "right");
    return count(d.truth.options, (i) => {
      const row = rows[i];
      if (row < 0) return false;
      const sign = right.values[right.codes[row]] === "C" ? 1 : -1;
      return sign * (spot[i] - strike[row]) - price[row] > 1;
    });
  };
  assert.ok(faults.options.count > 10);
  assert.equal(below(day), faults.options.count);
  assert.equal(below(clean), 0);
});

Deno.test("parseFaults() takes names and all, and refuses others by name", () => {
  assert.deepEqual(parseFaults(""), []);
  assert.deepEqual(parseFaults("silence, duplicates"), ["silence", "duplicates"]);
  assert.deepEqual(parseFaults("all"), Object.keys(FAULTS));
  assert.ok(Object.keys(FAULTS).length >= 20);
  assert.throws(
    () => parseFaults("silence,nonsense"),
    (error) => error instanceof UsageError && error.message.includes('"nonsense"'),
  );
});
