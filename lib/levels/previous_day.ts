/**
 * PD_HIGH, PD_LOW and PD_CLOSE: the previous regular session's high, low and last price.
 *
 * @module
 */
import type { SessionState } from "./state.ts";

/** Previous regular session's high in this contract's prices, ES points; NaN where unknown. */
export function previousHigh(state: SessionState): number {
  return state.history.previous.high;
}

/** Previous regular session's low in this contract's prices, ES points; NaN where unknown. */
export function previousLow(state: SessionState): number {
  return state.history.previous.low;
}

/** Previous regular session's last price in this contract's prices, ES points; NaN where unknown. */
export function previousClose(state: SessionState): number {
  return state.history.previous.close;
}
