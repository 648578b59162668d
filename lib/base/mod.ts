/**
 * The floor: time, calendar, config, errors, columns, option mathematics, seeded random, effects.
 *
 * @module
 */
export * from "./black_scholes.ts";
export * from "./calendar.ts";
export * from "./columns.ts";
export * from "./config.ts";
export * from "./contract_months.ts";
export * from "./effects.ts";
export * from "./errors.ts";
export * from "./globex.ts";
export * from "./histogram.ts";
export * from "./instruments.ts";
export * from "./known_then.ts";
export * from "./pool.ts";
export * from "./random.ts";
export * from "./shown.ts";
export * from "./system_files.ts";
export * from "./time.ts";
export * from "./uniqueness.ts";
