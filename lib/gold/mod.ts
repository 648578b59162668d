/**
 * One row a touch: sessions assembled from Silver or Bronze, consolidated, validated, audited for causality.
 *
 * @module
 */
export * from "./append.ts";
export * from "./assemble.ts";
export * from "./bronze_tier.ts";
export * from "./causality.ts";
export * from "./causality_build.ts";
export * from "./checks.ts";
export * from "./identity.ts";
export * from "./jobs.ts";
export * from "./session_builder.ts";
export * from "./silver_tier.ts";
export * from "./sources.ts";
export * from "./stage.ts";
export * from "./tier.ts";
export * from "./validate.ts";
