/**
 * The future: outcomes, horizons, tradeability. Looks only forwards.
 *
 * @module
 */
export * from "./anchor.ts";
export * from "./first_passage.ts";
export * from "./label_touches.ts";
export { OUTCOMES } from "./outcomes.ts";
