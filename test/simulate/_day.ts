/**
 * Parts of a simulated day that several tests look at.
 *
 * @module
 */
import { type Batch, CONFIG, f64, i64, relativeNs, takeRows, u32 } from "../../lib/base/mod.ts";
import { enrich, type Enricher, finishScale, newEnricher } from "../../lib/silver/mod.ts";
import { instrumentsOf, type SimulatedDay } from "../../lib/simulate/mod.ts";

/** The leading contract of a day. */
export function leaderOf({ session }: SimulatedDay) {
  const { all, leader } = instrumentsOf(session.date);
  return all[leader];
}

/** Rows of the leading contract. */
export function leaderRows(day: SimulatedDay, batch: Batch): Batch {
  const { id } = leaderOf(day), ids = u32(batch, "instrument_id");
  return takeRows(batch, Uint32Array.from(ids.keys()).filter((row) => ids[row] === id));
}

/** Times of a batch, ns since the session's start. */
export function timesOf(day: SimulatedDay, batch: Batch): Float64Array {
  return relativeNs(i64(batch, "ts_event_ns"), day.session.startNs);
}

/** The options in time order, enriched as Silver does; `order` tells each row's place in the file. */
export function enrichDay(day: SimulatedDay): { state: Enricher; rows: Batch; order: Uint32Array } {
  const ts = timesOf(day, day.options);
  const order = Uint32Array.from(ts.keys()).sort((a, b) => ts[a] - ts[b] || a - b);
  const trades = leaderRows(day, day.trades);
  const tape = { length: trades.length, ts: timesOf(day, trades), price: f64(trades, "price") };
  const state = newEnricher(day.session, leaderOf(day).name, undefined);
  const rows = enrich(state, takeRows(day.options, order), tape);
  finishScale(state.scaler, CONFIG.scale);
  return { state, rows, order };
}
