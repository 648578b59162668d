/**
 * Where a fault is planted and what has been planted so far.
 *
 * @module
 */
import { MINUTE_NS, Random, type Session } from "../base/mod.ts";
import { type FaultName, FAULTS } from "./faults.ts";
import type { PlantedFault } from "./truth.ts";

const MORNING = { start: 10, end: 140 };

/** A fault at work. */
export class FaultPlan {
  /** Its name. */
  readonly kind: FaultName;
  /** First moment it may touch, ns UTC. */
  readonly startNs: bigint;
  /** Draws. */
  readonly random: Random;
  readonly #planted = new Map<string, PlantedFault>();

  /**
   * @param kind Its name.
   * @param session The session; faults share out 09:40 to 11:50 Eastern in the order of `FAULTS`.
   * @param seed The market's seed.
   */
  constructor(kind: FaultName, session: Session, seed: string) {
    const names = Object.keys(FAULTS), width = (MORNING.end - MORNING.start) / names.length;
    const minutes = Math.round(MORNING.start + width * names.indexOf(kind));
    this.kind = kind;
    this.startNs = session.openNs + BigInt(minutes * MINUTE_NS);
    this.random = new Random(`${seed}/${session.date}/${kind}`);
  }

  /**
   * Writes down rows that were touched.
   *
   * @param table Table or file.
   * @param tsNs Their times; for removed rows the times they had.
   */
  note(table: string, tsNs: readonly bigint[]): void {
    if (tsNs.length === 0) return;
    const known = this.#planted.get(table);
    const first = String(tsNs[0]), last = String(tsNs[tsNs.length - 1]);
    if (known) {
      known.count += tsNs.length;
      known.last_ts_ns = last;
    } else {
      const detail = FAULTS[this.kind].meaning;
      this.#planted.set(table, {
        kind: this.kind,
        table,
        count: tsNs.length,
        first_ts_ns: first,
        last_ts_ns: last,
        detail,
      });
    }
  }

  /** What was planted, a row a table. */
  planted(): PlantedFault[] {
    return [...this.#planted.values()];
  }
}
