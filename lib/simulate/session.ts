/**
 * A session of the simulated market with its faults and its truth.
 *
 * @module
 */
import { plantPrints } from "./fault_prints.ts";
import { RowFaults } from "./fault_rows.ts";
import type { FaultName } from "./faults.ts";
import { SimulatedMarket } from "./market.ts";
import { DEFAULT_EFFECTS, type SimulatedEffects } from "./parameters.ts";
import { type OptionPrint, printTruth, sortPrints } from "./prints.ts";
import type { Piece } from "./recorder.ts";
import { MINUTE_KEYS, REFILL_KEYS, TOUCH_KEYS, type Truth, truthBatch } from "./truth.ts";

/** What to simulate. */
export interface SimulateOptions {
  /** Trade date. */
  date: string;
  /** Same seed, same bytes; defaults to 1. */
  seed?: number | string;
  /** Intensity of activity: 1 is about 340,000 books, 26,000 trades and 22,000 option prints; defaults to 1. */
  scale?: number;
  /** What follows touches; defaults to {@linkcode DEFAULT_EFFECTS}. */
  effects?: SimulatedEffects;
  /** Order of the option file; defaults to `ticker`. */
  sort?: "ticker" | "time";
  /** Faults to plant, keys of `FAULTS`; those of files are planted by `simulateFiles` only. Defaults to none. */
  faults?: readonly FaultName[];
}

/** What a session leaves behind when its last batch was taken. */
export interface SessionEnd {
  /** Option prints of every underlying, in the order of the flat file. */
  prints: OptionPrint[];
  /** What really happened. */
  truth: Truth;
}

/**
 * Simulates the session of a trade date: batches of trades and books in the order of the feed, then the rest.
 *
 * @param options What to simulate.
 * @returns A generator of batches of at most 8,192 rows (a little more where faults add some), which returns option
 *   prints and truth.
 */
export function* simulateSession(options: SimulateOptions): Generator<Piece, SessionEnd> {
  const { date, scale = 1, effects = DEFAULT_EFFECTS, sort = "ticker", faults = [] } = options;
  const seed = String(options.seed ?? 1);
  const market = new SimulatedMarket(date, { seed, scale, effects });
  const { session } = market;
  const rows = new RowFaults(faults, session, seed);
  for (let minute = 0; minute < market.minutes; minute++) {
    for (const piece of market.minute(minute)) {
      const planted = rows.apply(piece);
      if (planted) yield planted;
    }
  }
  const optionFaults = plantPrints(market.options.prints, faults, { session, seed });
  const prints = sortPrints(optionFaults.prints, sort), origin = session.overnightNs;
  const truth = {
    touches: truthBatch(market.touches.truth, TOUCH_KEYS, origin),
    minutes: truthBatch(market.minuteTruth, MINUTE_KEYS, origin),
    icebergs: truthBatch(market.refills, REFILL_KEYS, origin),
    options: printTruth(prints, origin),
    faults: [...rows.planted(), ...optionFaults.planted],
  };
  return { prints, truth };
}
