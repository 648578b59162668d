import assert from "node:assert/strict";
import { type Batch, type Column, CONFIG, f64, isStrings, sessionOf, takeRows } from "../../lib/base/mod.ts";
import { type HourEvents, playSession } from "../../lib/gold/mod.ts";
import { tinyMarket } from "../helpers/tiny_market.ts";

const SESSION = sessionOf("2025-12-16");
const HISTORY = { closes: new Float64Array(0), previous: { high: 6825, low: 6780, close: 6802 } };

async function tablesOf(hours: readonly HourEvents[]) {
  async function* feed(): AsyncGenerator<HourEvents> {
    yield* hours;
  }
  const inputs = { session: SESSION, contract: "ESH6", history: HISTORY, config: CONFIG };
  return (await playSession(inputs, feed())).builder.tables();
}

/** Every seventh trade comes a second time, at a price that no outright has. */
function damaged(trades: Batch): Batch {
  const rows = Array.from({ length: trades.length }, (_, i) => i).flatMap((i) => i % 7 === 0 ? [i, i] : [i]);
  const out = takeRows(trades, Uint32Array.from(rows)), price = f64(out, "price");
  rows.forEach((row, i) => {
    if (row !== rows[i - 1] || i === 0) return;
    price[i] = [0, -price[i], NaN][row % 3];
  });
  return out;
}

const cells = (column: Column) =>
  isStrings(column) ? Array.from(column.codes, (code) => column.values[code]) : [...column];

Deno.test("playSession() makes no bar, level, feature or label of trades at a price not above 0", async () => {
  const hours = tinyMarket(SESSION, 5, 90);
  const clean = await tablesOf(hours);
  const found = await tablesOf(hours.map((events) => ({ ...events, trades: damaged(events.trades) })));
  assert.ok(clean.signals.length > 20);
  for (const table of ["signals", "bars", "levels"] as const) {
    for (const [name, column] of Object.entries(clean[table].columns)) {
      assert.deepEqual(cells(found[table].columns[name]), cells(column), `${table}.${name}`);
    }
  }
});
