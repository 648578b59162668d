/**
 * Silver: compact, deduplicate, enrich; the enrichment as pure functions that grow with the session.
 *
 * @module
 */
export {
  allFiles,
  type BronzeSession,
  bronzeSession,
  bronzeTape,
  type HourFiles,
  sessionContract,
} from "./bronze_session.ts";
export { buildSilver, SILVER_STAGE, SILVER_VERSION, type SilverOptions, type SilverReport } from "./build.ts";
export { compactFrame, type CompactHour, compactHour, readBronze } from "./compact.ts";
export { isUncorrected, kindOfConditions, type PrintKind } from "./conditions.ts";
export { enrich, type Enricher, type FuturesTape, newEnricher } from "./enrich.ts";
export { bronzeScale, silverScale } from "./previous_scale.ts";
export {
  advanceScale,
  finishScale,
  fixedScaleRows,
  newScaler,
  pairPrint,
  type ParityPrint,
  type Scale,
  SCALE_SOURCES,
  scaleAt,
  type Scaler,
  scaleRows,
  type ScaleSource,
} from "./scale.ts";
export { IV_SOURCES } from "./surface.ts";
