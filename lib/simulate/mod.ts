/**
 * A market to try everything on: DBN and flat-file bytes, a truth table, faults on request. Pure and seeded.
 *
 * @module
 */
export { DEFAULT_EFFECTS, NULL_EFFECTS, type SimulatedEffects } from "./parameters.ts";
export { type Instrument, type Instruments, instrumentsOf } from "./instruments.ts";
export { bronzeOptions, flatFile, type OptionPrint } from "./prints.ts";
export type { Piece } from "./recorder.ts";
export { type SessionEnd, type SimulateOptions, simulateSession } from "./session.ts";
export type { PlantedFault, Truth } from "./truth.ts";
export { simulateDay, type SimulatedDay } from "./day.ts";
export {
  type SimulatedFile,
  simulateFiles,
  type SimulateFilesOptions,
  simulateUtcDate,
  symbologyJson,
  utcDatesOf,
} from "./files.ts";
export { type FaultKind, type FaultName, type FaultPlace, FAULTS, parseFaults } from "./faults.ts";
