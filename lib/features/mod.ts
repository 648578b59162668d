/**
 * The past of a touch: pure functions of what happened before the bar's end.
 *
 * @module
 */
export * from "./approach.ts";
export * from "./attempts.ts";
export * from "./bar_context.ts";
export * from "./barrier.ts";
export * from "./book_ledger.ts";
export * from "./confluence.ts";
export * from "./context.ts";
export * from "./dealer_flow.ts";
export * from "./fuel.ts";
export * from "./moving_averages.ts";
export * from "./normalised.ts";
export * from "./pressure.ts";
export * from "./quotes.ts";
export * from "./runway.ts";
export * from "./scores.ts";
export * from "./sweeps.ts";
export * from "./tape.ts";
export * from "./touch_features.ts";
export * from "./volatility.ts";
