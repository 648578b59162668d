/**
 * Silver columns into the session's append-only columns.
 *
 * @module
 */
import { type Batch, dayNumber, f64, i32, i64, i8, relativeNs, strings, u32 } from "../base/mod.ts";
import { reserve, type SessionState } from "../levels/mod.ts";

/** Columns of Silver trades that Gold reads. */
export const TRADE_COLUMNS = ["ts_event_ns", "price", "size", "aggressor"] as const;

/** Columns of enriched option prints that Gold reads. */
export const OPTION_COLUMNS = [
  "ts_event_ns",
  "exp_date",
  "strike",
  "right",
  "size",
  "aggressor",
  "flow",
  "iv",
  "iv_source",
  "dealer_flow",
] as const;

/**
 * Appends ES trades; trades without a price above 0 are no trades of an outright and are passed over: the audit names them.
 *
 * @param state The session; `tape` grows.
 * @param trades Rows with {@linkcode TRADE_COLUMNS}, in time order, after those appended before.
 */
export function appendTrades(state: SessionState, trades: Batch): void {
  const { tape } = state;
  const ts = relativeNs(i64(trades, "ts_event_ns"), state.session.startNs);
  const price = f64(trades, "price"), size = u32(trades, "size"), aggressor = i8(trades, "aggressor");
  reserve(tape, trades.length);
  for (let i = 0; i < trades.length; i++) {
    if (!(price[i] > 0)) continue;
    const row = tape.length++;
    tape.ts[row] = ts[i];
    tape.price[row] = price[i];
    tape.size[row] = size[i];
    tape.aggressor[row] = aggressor[i];
  }
}

/**
 * Appends the option prints that expire on the session's date and count in the flow.
 *
 * @param state The session; `options` grows.
 * @param prints Rows with {@linkcode OPTION_COLUMNS}, in time order, after those appended before.
 */
export function appendOptions(state: SessionState, prints: Batch): void {
  const { options, session } = state;
  const ts = relativeNs(i64(prints, "ts_event_ns"), session.startNs), today = dayNumber(session.date);
  const expiry = i32(prints, "exp_date"), strike = f64(prints, "strike"), right = strings(prints, "right");
  const size = u32(prints, "size"), aggressor = i8(prints, "aggressor"), flow = i8(prints, "flow");
  const iv = f64(prints, "iv"), source = strings(prints, "iv_source"), dealer = f64(prints, "dealer_flow");
  const call = right.values.indexOf("C"), own = source.values.indexOf("trade");
  reserve(options, prints.length);
  for (let i = 0; i < prints.length; i++) {
    if (expiry[i] !== today || flow[i] !== 1) continue;
    const row = options.length++;
    options.ts[row] = ts[i];
    options.strike[row] = strike[i];
    options.isCall[row] = right.codes[i] === call ? 1 : 0;
    options.size[row] = size[i];
    options.aggressor[row] = aggressor[i];
    options.iv[row] = iv[i];
    options.ownIv[row] = own >= 0 && source.codes[i] === own ? 1 : 0;
    options.dealerFlow[row] = dealer[i];
  }
}
