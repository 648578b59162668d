/**
 * Where: the session so far, bars, the kinds of levels and their touches.
 *
 * @module
 */
export * from "./atr.ts";
export * from "./bars.ts";
export * from "./history.ts";
export * from "./moving_average.ts";
export * from "./opening_range.ts";
export * from "./option_board.ts";
export * from "./overnight.ts";
export * from "./premarket.ts";
export * from "./previous_day.ts";
export * from "./session_extremes.ts";
export * from "./state.ts";
export * from "./touches.ts";
export * from "./universe.ts";
export * from "./vwap.ts";
