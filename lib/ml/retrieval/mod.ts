/**
 * Retrieval: past touches most like one at hand, and what came of them.
 *
 * @module
 */
export * from "./estimate.ts";
export * from "./index.ts";
export * from "./parallel.ts";
export * from "./scaling.ts";
export * from "./score.ts";
export * from "./search.ts";
export * from "./stage.ts";
export * from "./store.ts";
