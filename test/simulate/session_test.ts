import assert from "node:assert/strict";
import { f64, HOUR_NS, i64, MINUTE_NS, strings, u8 } from "../../lib/base/mod.ts";
import { conform, FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import { simulateDay, simulateSession } from "../../lib/simulate/mod.ts";
import { type BookRow, bookRows, type Level } from "../helpers/books.ts";
import { leaderRows, timesOf } from "./_day.ts";

const DATE = "2025-11-12";
const day = simulateDay({ date: DATE, scale: 0.1 });
const records = bookRows(leaderRows(day, day.books), day.session.startNs);

/** Records grouped into events, each with the book before it. */
function events(): { before: BookRow; rows: BookRow[]; after: BookRow }[] {
  const groups: BookRow[][] = [];
  for (const row of records) {
    if (groups.at(-1)?.[0].ts === row.ts) groups.at(-1)!.push(row);
    else groups.push([row]);
  }
  return groups.slice(1).map((rows, i) => ({ before: groups[i].at(-1)!, rows, after: rows.at(-1)! }));
}

function sizeAt(levels: Level[], price: number): number {
  return levels.find(([p]) => p === price)?.[1] ?? 0;
}

Deno.test("simulateSession() gives the same rows for the same seed and others for another", () => {
  const again = simulateDay({ date: DATE, scale: 0.1 }),
    other = simulateDay({ date: DATE, scale: 0.1, seed: 2 });
  assert.deepEqual(again, day);
  assert.notDeepEqual(i64(other.trades, "ts_event_ns"), i64(day.trades, "ts_event_ns"));
});

Deno.test("simulateDay() has every column of Bronze", () => {
  for (const [table, batch] of [[FUTURES_TRADES, day.trades], [FUTURES_MBP10, day.books]] as const) {
    assert.deepEqual(Object.keys(conform(table, batch).columns), Object.keys(batch.columns));
    assert.deepEqual(i64(batch, "row"), BigInt64Array.from({ length: batch.length }, (_, i) => BigInt(i)));
  }
  assert.ok(conform(OPTIONS_TRADES, day.options).length > 5000);
});

Deno.test("simulateSession() never goes back in time, in receipt or in sequence", () => {
  for (const batch of [day.trades, day.books]) {
    for (const name of ["ts_event_ns", "ts_recv_ns", "seq"]) {
      const column = i64(batch, name);
      for (let i = 1; i < column.length; i++) assert.ok(column[i] >= column[i - 1], `${name} at ${i}`);
    }
  }
});

Deno.test("simulateSession() trades from 18:00 to 17:00 Eastern and to 13:15 on an early close", () => {
  for (const date of [DATE, "2025-11-28"]) {
    const { session, trades } = date === DATE ? day : simulateDay({ date, scale: 0.1 });
    const ts = i64(trades, "ts_event_ns");
    assert.ok(ts[0] >= session.overnightNs && ts[0] < session.overnightNs + 1_000_000n);
    assert.ok(ts.at(-1)! < session.globexCloseNs);
    assert.ok(ts.at(-1)! > session.globexCloseNs - BigInt(10 * MINUTE_NS), date);
  }
});

Deno.test("simulateSession() flags the last record of each event and opens with a clear and an auction", () => {
  const first = records.filter((r) => r.ts === records[0].ts);
  assert.deepEqual(first.map((r) => r.action), ["R", "T", ...new Array(20).fill("A")]);
  assert.equal(first[1].side, "N");
  assert.equal(first[1].bids.length + first[1].asks.length, 0);
  assert.equal(first.at(-1)!.bids.length, 10);
  for (const { rows } of events()) {
    // A snapshot shares the time of the event before it.
    if ((rows.at(-1)!.flags & 0x20) !== 0) continue;
    rows.forEach((row, i) => assert.equal((row.flags & 0x80) !== 0, i === rows.length - 1));
  }
});

Deno.test("simulateSession() writes a snapshot of each book at midnight UTC with an earlier event's time", () => {
  const flags = u8(day.books, "flags"),
    recv = i64(day.books, "ts_recv_ns"),
    ts = i64(day.books, "ts_event_ns");
  const rows = [...flags.keys()].filter((row) => (flags[row] & 0x20) !== 0);
  assert.equal(rows.length, 3);
  for (const row of rows) {
    assert.equal(recv[row] % BigInt(24 * HOUR_NS), 0n);
    assert.ok(ts[row] < recv[row]);
  }
  const pieces = [...simulateSession({ date: DATE, scale: 0.1 })];
  const second = pieces.find((p) => p.table === "mbp-10" && p.utcDate === DATE)!;
  assert.deepEqual([...u8(second.batch, "flags").subarray(0, 4)].map((f) => f & 0x20), [32, 32, 32, 0]);
});

Deno.test("simulateSession() shows the book before on a trade and what the trade took after it", () => {
  const { icebergs } = day.truth, reserve = new Map<string, number>();
  const times = timesOf(day, { ...icebergs, columns: { ts_event_ns: icebergs.columns.ts_ns } });
  const price = f64(icebergs, "price"), size = f64(icebergs, "size");
  times.forEach((ts, i) => reserve.set(`${ts} ${price[i]}`, size[i]));
  let trades = 0, refilled = 0, swept = 0;
  for (const { before, rows, after } of events()) {
    const prints = rows.filter((row) => row.action === "T");
    if (prints.length === 0) continue;
    trades++;
    if (prints.length > 1) swept++;
    const side = prints[0].side === "B" ? "asks" : "bids";
    for (const print of prints) {
      assert.deepEqual([print.bids, print.asks], [before.bids, before.asks]);
      const had = sizeAt(before[side], print.price), left = sizeAt(after[side], print.price);
      const hidden = reserve.get(`${print.ts} ${print.price}`) ?? 0;
      if (hidden > 0) refilled++;
      assert.equal(left, had - print.size + hidden);
    }
    assert.ok(rows.length > prints.length, "a trade is followed by the book after it");
  }
  assert.ok(trades > 2000 && refilled > 0 && swept > 10, `${trades} ${refilled} ${swept}`);
});

Deno.test("simulateSession() moves the price only when a best queue is used up or bettered", () => {
  let moves = 0;
  for (const { before, rows, after } of events()) {
    if ((after.flags & 0x20) !== 0) continue;
    for (const [book, sign] of [["asks", 1], ["bids", -1]] as const) {
      const was = before[book][0][0], is = after[book][0][0];
      if (is === was) continue;
      moves++;
      const names = rows.map((r) => r.action).join("");
      if (sign * is > sign * was) {
        assert.equal(sizeAt(after[book], was), 0);
        assert.match(names, /^(T+[CM]+|[CM])$/);
      } else {
        assert.equal(names, "A");
        assert.equal(rows[0].price, is);
      }
    }
  }
  assert.ok(moves > 1000);
});

Deno.test("simulateSession() keeps levels in order and every order count within its size", () => {
  for (const { bids, asks } of records.slice(22)) {
    assert.ok(bids[0][0] < asks[0][0]);
    for (let k = 1; k < 10; k++) assert.ok(bids[k][0] < bids[k - 1][0] && asks[k][0] > asks[k - 1][0]);
  }
  for (let k = 1; k <= 10; k++) {
    for (const side of ["bid", "ask"]) {
      const size = day.books.columns[`${side}_sz_${k}`] as Uint32Array;
      const count = day.books.columns[`${side}_ct_${k}`] as Uint32Array;
      for (let i = 0; i < size.length; i++) {
        assert.ok(count[i] <= size[i] && (count[i] > 0) === (size[i] > 0), `${side} ${k} row ${i}`);
      }
    }
  }
});

Deno.test("simulateSession() puts every trade into both tables alike", () => {
  const action = strings(day.books, "action"), code = action.values.indexOf("T");
  const rows = [...action.codes.keys()].filter((row) => action.codes[row] === code);
  assert.equal(rows.length, day.trades.length);
  for (const name of ["ts_event_ns", "ts_recv_ns", "seq", "price", "size", "instrument_id"]) {
    const books = day.books.columns[name] as Float64Array, trades = day.trades.columns[name] as Float64Array;
    assert.ok(rows.every((row, i) => books[row] === trades[i]), name);
  }
});
