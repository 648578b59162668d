/**
 * Plants faults in the rows of trades and books.
 *
 * @module
 */
import {
  type Batch,
  concatBatches,
  easternNs,
  f64,
  i64,
  MINUTE_NS,
  type Numbers,
  quarterlies,
  SECOND_NS,
  type Session,
  strings,
  takeRows,
  u32,
  u8,
} from "../base/mod.ts";
import { BOOK_LEVELS } from "../schema/mod.ts";
import { FaultPlan } from "./fault_plan.ts";
import { type FaultName, faultsOf } from "./faults.ts";
import { instrumentId, instrumentsOf } from "./instruments.ts";
import type { Piece } from "./recorder.ts";
import type { PlantedFault } from "./truth.ts";

/** What a fault does to a batch: changes it in place, or returns another. */
type Planter = (batch: Batch, table: Piece["table"], plan: FaultPlan) => Batch;

/** What planters need to know of the day. */
interface Day {
  session: Session;
  /** Id of the leading contract. */
  leader: number;
}

/** Plants the wanted faults in the pieces of a session, in the order of `FAULTS`. */
export class RowFaults {
  readonly #faults: { plan: FaultPlan; plant: Planter }[];
  readonly #rows = { "trades": 0n, "mbp-10": 0n };

  /**
   * @param names Faults wanted; those of other places are left alone.
   * @param session The session.
   * @param seed The market's seed.
   */
  constructor(names: readonly FaultName[], session: Session, seed: string) {
    const { all, leader } = instrumentsOf(session.date);
    const day = { session, leader: all[leader].id };
    this.#faults = faultsOf(names, "futures").map((name) => ({
      plan: new FaultPlan(name, session, seed),
      plant: PLANTERS[name as keyof typeof PLANTERS](day),
    }));
  }

  /**
   * Plants.
   *
   * @param piece A piece; its arrays may be changed.
   * @returns The piece with its faults; undefined when no row is left.
   */
  apply(piece: Piece): Piece | undefined {
    if (this.#faults.length === 0) return piece;
    let batch = piece.batch;
    for (const { plan, plant } of this.#faults) {
      if (batch.length > 0) batch = plant(batch, piece.table, plan);
    }
    if (batch.length === 0) return undefined;
    const row = i64(batch, "row");
    for (let i = 0; i < row.length; i++) row[i] = this.#rows[piece.table]++;
    return { ...piece, batch };
  }

  /** What was planted. */
  planted(): PlantedFault[] {
    return this.#faults.flatMap(({ plan }) => plan.planted());
  }
}

/** Rows of a span of time, of the leader only unless `leader` is undefined. */
function rowsIn(batch: Batch, from: bigint, until: bigint, leader?: number): number[] {
  const ts = i64(batch, "ts_event_ns"), id = u32(batch, "instrument_id");
  const rows: number[] = [];
  if (ts[0] >= until || ts[ts.length - 1] < from) return rows;
  for (let i = 0; i < batch.length; i++) {
    if (ts[i] >= from && ts[i] < until && (leader === undefined || id[i] === leader)) rows.push(i);
  }
  return rows;
}

function times(batch: Batch, rows: readonly number[]): bigint[] {
  const ts = i64(batch, "ts_event_ns");
  return rows.map((row) => ts[row]);
}

/** A planter that works once a table, on some rows from the plan's start on. */
function once(count: number, work: (batch: Batch, rows: number[], plan: FaultPlan) => Batch): Planter {
  const done = new Set<string>();
  return (batch, table, plan) => {
    if (done.has(table)) return batch;
    const rows = rowsIn(batch, plan.startNs, plan.startNs + BigInt(3600 * SECOND_NS)).slice(0, count);
    // A run that would not fit into this batch waits for the next one.
    if (rows.length < count) return batch;
    done.add(table);
    return work(batch, rows, plan);
  };
}

/** A planter that changes the leader's rows of one table for some seconds; `change` may say which it did. */
function during(
  day: Day,
  only: Piece["table"] | "both",
  seconds: number,
  change: (batch: Batch, rows: number[]) => number[] | void,
): Planter {
  return (batch, table, plan) => {
    if (only !== "both" && table !== only) return batch;
    const rows = rowsIn(batch, plan.startNs, plan.startNs + BigInt(seconds * SECOND_NS), day.leader);
    if (rows.length > 0) plan.note(table, times(batch, change(batch, rows) ?? rows));
    return batch;
  };
}

/** A planter that drops every row of a span. */
function dropping(from: (plan: FaultPlan) => bigint, until: (plan: FaultPlan) => bigint): Planter {
  return (batch, table, plan) => {
    const gone = rowsIn(batch, from(plan), until(plan));
    if (gone.length === 0) return batch;
    plan.note(table, times(batch, gone));
    const dropped = new Set(gone);
    return takeRows(batch, Uint32Array.from(kept(batch.length, dropped)));
  };
}

function* kept(length: number, dropped: ReadonlySet<number>): Generator<number> {
  for (let i = 0; i < length; i++) if (!dropped.has(i)) yield i;
}

function numbers(batch: Batch, name: string): Numbers {
  return batch.columns[name] as Numbers;
}

function duplicates(): Planter {
  return once(120, (batch, rows, plan) => {
    const table = "bid_px_1" in batch.columns ? "mbp-10" : "trades";
    plan.note(table, times(batch, rows));
    const doubled = new Set(rows);
    const order: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      order.push(i);
      if (doubled.has(i)) order.push(i);
    }
    return takeRows(batch, Uint32Array.from(order));
  });
}

function outOfOrder(): Planter {
  return once(120, (batch, rows, plan) => {
    const table = "bid_px_1" in batch.columns ? "mbp-10" : "trades";
    const first = rows[0], order = Uint32Array.from({ length: batch.length }, (_, i) => i);
    for (let k = 0; k < 120; k++) order[first + k] = first + (k + 60) % 120;
    plan.note(table, times(batch, rows.slice(0, 60)));
    return takeRows(batch, order);
  });
}

function crossedBooks(day: Day): Planter {
  return during(day, "mbp-10", 30, (batch, rows) => {
    const bid = f64(batch, "bid_px_1"), ask = f64(batch, "ask_px_1");
    const raise = new Map(rows.map((row) => [row, ask[row] - bid[row] + 0.75]));
    for (let level = 1; level <= BOOK_LEVELS; level++) {
      const bids = f64(batch, `bid_px_${level}`);
      for (const row of rows) bids[row] += raise.get(row)!;
    }
  });
}

function levelInversion(day: Day): Planter {
  return during(day, "mbp-10", 360, (batch, rows) => {
    const third = f64(batch, "bid_px_3"), fourth = f64(batch, "bid_px_4");
    for (const row of rows) [third[row], fourth[row]] = [fourth[row], third[row]];
  });
}

function sequenceDecrease(day: Day): Planter {
  let left = 5;
  return (batch, table, plan) => {
    if (table !== "mbp-10" || left === 0) return batch;
    const rows = rowsIn(batch, plan.startNs, plan.startNs + BigInt(300 * SECOND_NS), day.leader);
    const ts = i64(batch, "ts_event_ns"), seq = i64(batch, "seq");
    for (let k = 20; k < rows.length - 1 && left > 0; k += 40) {
      const row = rows[k];
      // Alone in its event, so that order within an event does not hide it.
      if (row === 0 || ts[row] === ts[row - 1] || ts[row] === ts[row + 1]) continue;
      seq[row] -= 5000n;
      left--;
      plan.note(table, [ts[row]]);
    }
    return batch;
  };
}

function flaggedGap(day: Day): Planter {
  let open = true;
  const drop = dropping((plan) => plan.startNs, (plan) => plan.startNs + BigInt(5 * SECOND_NS));
  const ignored = new FaultPlan("flagged-gap", day.session, "");
  return (batch, table, plan) => {
    const ts = i64(batch, "ts_event_ns"), id = u32(batch, "instrument_id"), flags = u8(batch, "flags");
    if (table === "mbp-10" && open) {
      for (let i = 0; i < batch.length && open; i++) {
        if (ts[i] < plan.startNs + BigInt(5 * SECOND_NS) || id[i] !== day.leader) continue;
        flags[i] |= 0x04;
        open = false;
        plan.note(table, [ts[i]]);
      }
    }
    return drop(batch, table, ignored);
  };
}

function staleBook(day: Day): Planter {
  let frozen: Batch | undefined;
  return during(day, "mbp-10", 180, (batch, rows) => {
    // The first book stays as it was: those that repeat it are stale.
    const repeats = frozen ? rows : rows.slice(1);
    frozen ??= takeRows(batch, Uint32Array.of(rows[0]));
    for (const name of Object.keys(batch.columns)) {
      if (!/^(bid|ask)_(px|sz|ct)_/.test(name)) continue;
      const column = numbers(batch, name), [value] = numbers(frozen, name);
      for (const row of repeats) column[row] = value;
    }
    return repeats;
  });
}

function badPrice(day: Day): Planter {
  let left = 10;
  return (batch, table, plan) => {
    if (table !== "trades" || left === 0) return batch;
    const rows = rowsIn(batch, plan.startNs, plan.startNs + BigInt(3600 * SECOND_NS), day.leader);
    const chosen = rows.filter((_, k) => k % 3 === 0).slice(0, left), price = f64(batch, "price");
    for (const row of chosen) price[row] = left-- % 2 === 0 ? 0 : -price[row];
    plan.note(table, times(batch, chosen));
    return batch;
  };
}

function strayContract({ session, leader }: Day): Planter {
  const stray = instrumentId(quarterlies("ES", session.date, 3)[2].name);
  return (batch, table, plan) => {
    if (table !== "trades") return batch;
    const rows = rowsIn(batch, session.openNs, session.closeNs, leader).filter((_, k) => k % 3 === 0);
    if (rows.length === 0) return batch;
    const copies = takeRows(batch, Uint32Array.from(rows));
    u32(copies, "instrument_id").fill(stray);
    const price = f64(copies, "price"), contract = strings(copies, "contract");
    for (let i = 0; i < price.length; i++) price[i] = Math.round(price[i] * 1.018 * 4) / 4;
    copies.columns.contract = { codes: new Int32Array(contract.codes.length), values: [`ES_${stray}`] };
    plan.note(table, times(batch, rows));
    // Behind the row it copies: same time, same sequence number.
    const both = concatBatches([batch, copies]);
    const order: number[] = [];
    for (let i = 0, k = 0; i < batch.length; i++) {
      order.push(i);
      if (rows[k] === i) order.push(batch.length + k++);
    }
    return takeRows(both, Uint32Array.from(order));
  };
}

const FAR = 2n ** 62n;

const PLANTERS = {
  "duplicates": duplicates,
  "out-of-order": outOfOrder,
  "crossed-books": crossedBooks,
  "level-inversion": levelInversion,
  "sequence-decrease": sequenceDecrease,
  "silence": () => dropping((plan) => plan.startNs, (plan) => plan.startNs + BigInt(3 * MINUTE_NS)),
  "flagged-gap": flaggedGap,
  "second-scale": (day: Day) =>
    during(day, "trades", 120, (batch, rows) => {
      const price = f64(batch, "price");
      for (const row of rows) price[row] = Math.round(price[row]) / 100;
    }),
  "stale-book": staleBook,
  "bad-price": badPrice,
  "slow-feed": (day: Day) =>
    during(day, "both", 60, (batch, rows) => {
      const recv = i64(batch, "ts_recv_ns");
      for (const row of rows) recv[row] += 5_000_000_000n;
    }),
  "stray-contract": strayContract,
  "missing-hour": ({ session: { date } }: Day) =>
    dropping(() => easternNs(date, "12:00"), () => easternNs(date, "13:00")),
  "half-day": ({ session }: Day) => dropping(() => halfwayNs(session), () => FAR),
};

/** The moment at which a `half-day` ends. */
export function halfwayNs({ openNs, closeNs }: Session): bigint {
  return openNs + (closeNs - openNs) / 2n;
}
