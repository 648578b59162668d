/**
 * A simulated session in memory, as Bronze would hold it.
 *
 * @module
 */
import { type Batch, concatBatches, type Session, sessionOf } from "../base/mod.ts";
import { bronzeOptions } from "./prints.ts";
import { type SimulateOptions, simulateSession } from "./session.ts";
import type { Truth } from "./truth.ts";

/** A session in memory. */
export interface SimulatedDay {
  /** Its bounds. */
  session: Session;
  /** Futures trades of every contract, columns of `futures.trades.v1`. */
  trades: Batch;
  /** Books of every contract, columns of `futures.mbp10.v1`. */
  books: Batch;
  /** SPY option prints in the order of the flat file, columns of `options.trades.v1`. */
  options: Batch;
  /** What really happened. */
  truth: Truth;
}

/**
 * Simulates a whole session into memory; at scale 0.1 in a fraction of a second.
 *
 * @param options What to simulate.
 */
export function simulateDay(options: SimulateOptions): SimulatedDay {
  const run = simulateSession(options);
  const trades: Batch[] = [], books: Batch[] = [];
  for (;;) {
    const step = run.next();
    if (step.done) {
      const session = sessionOf(options.date);
      const { prints, truth } = step.value;
      const ingest = `simulated-${options.date}`;
      return {
        session,
        trades: concatBatches(trades),
        books: concatBatches(books),
        options: bronzeOptions(prints, { originNs: session.overnightNs, ingest }),
        truth,
      };
    }
    (step.value.table === "trades" ? trades : books).push(step.value.batch);
  }
}
