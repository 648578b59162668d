/**
 * Several threads at one tree. Each holds all rows and a share of the features: it adds up and scans only
 * those, all agree on the best split, and each cuts its own copy of the rows. Sums being exact and ties going to
 * the first feature, the tree is the same to the bit for any number of threads.
 *
 * @module
 */
import { ModelError } from "../../base/mod.ts";
import type { BinnedMatrix } from "./binning.ts";
import { BIN_SLOTS, type GbdtParams } from "./common.ts";
import { Grower } from "./grower.ts";
import { createGradientGrid, type GradientGrid } from "./histogram.ts";
import type { Split } from "./splitting.ts";
import type { GrownTree } from "./tree.ts";

/** Grows one tree a round from the gradients in {@linkcode grid}. */
export interface Crew {
  /** The round's gradients, to be filled before {@linkcode grow}. */
  grid: GradientGrid;
  /** Grows a tree on these rows (ascending, permuted on return) with these slots. */
  grow(rows: Int32Array, usable: Uint8Array): GrownTree;
  /** Ends the other threads. */
  dismiss(): void;
}

/** What the threads of a team share. Plain memory, but for `control`, which is only touched by Atomics. */
export interface TeamMemory {
  /** Round under way (-1: go home), arrivals at the barrier, threads that failed, rows of the round. */
  control: Int32Array;
  /** The binned training set; its words are shared. */
  matrix: BinnedMatrix;
  /** Training parameters. */
  params: GbdtParams;
  /** The round's gradients; tick and rounder travel in `scalars`. */
  grid: GradientGrid;
  /** Tick and rounder of the round. */
  scalars: Float64Array;
  /** The round's rows, (n). */
  rows: Int32Array;
  /** The round's slots. */
  usable: Uint8Array;
  /** Each thread's two best splits, twice, so that a fast thread does not write over what a slow one reads. */
  ballots: Float64Array;
}

const ROUND = 0, ARRIVED = 1, FAILED = 2, NUM_ROWS = 3;

/** Numbers of a split on a ballot: seven of its own, the count of left bins, and the bins. */
const BALLOT = 8 + BIN_SLOTS;

/** Looks at the barrier before going to sleep: waking takes longer than most waits. */
const SPINS = 2_000;

/** A thread that does not answer for so long is taken for dead. */
const PATIENCE_MS = 120_000;

/** One thread alone. */
export function createSoloCrew(matrix: BinnedMatrix, params: GbdtParams): Crew {
  const grid = createGradientGrid(matrix.n), grower = new Grower(matrix, params);
  return { grid, grow: (rows, usable) => grower.grow(grid, rows, usable), dismiss: () => {} };
}

/**
 * This thread and `threads − 1` workers.
 *
 * @param matrix The binned training set; its words are moved to shared memory.
 * @param threads Threads in all, at least 2.
 */
export function createTeam(matrix: BinnedMatrix, params: GbdtParams, threads: number): Crew {
  const memory = shareMemory(matrix, params, threads);
  const url = new URL("./team_worker.ts", import.meta.url);
  const workers = Array.from({ length: threads - 1 }, (_, k) => {
    const worker = new Worker(url, { type: "module" });
    worker.postMessage({ memory, me: k + 1, threads });
    return worker;
  });
  const { control, grid, scalars } = memory;
  const grower = new Grower(memory.matrix, params, createMember(memory, 0, threads));
  return {
    grid,
    grow(rows, usable) {
      scalars.set([grid.tick, grid.rounder]);
      memory.rows.set(rows);
      memory.usable.set(usable);
      Atomics.store(control, NUM_ROWS, rows.length);
      Atomics.add(control, ROUND, 1);
      Atomics.notify(control, ROUND);
      return grower.grow(grid, rows, usable);
    },
    dismiss() {
      Atomics.store(control, ROUND, -1);
      Atomics.notify(control, ROUND);
      for (const worker of workers) worker.terminate();
    },
  };
}

/**
 * What a worker does: grow every round's tree in step with the others, until dismissed.
 *
 * @param me Number of this thread in the team; 0 is the one that trains.
 */
export function joinTeam(memory: TeamMemory, me: number, threads: number): void {
  const { control, grid, scalars, rows, usable } = memory;
  try {
    const grower = new Grower(memory.matrix, memory.params, createMember(memory, me, threads));
    for (let round = 1;; round++) {
      waitFor(control, ROUND, (now) => now === -1 || now >= round);
      if (Atomics.load(control, ROUND) === -1) return;
      const mine = { ...grid, tick: scalars[0], rounder: scalars[1] };
      grower.grow(mine, rows.slice(0, Atomics.load(control, NUM_ROWS)), usable.slice());
    }
  } catch (error) {
    Atomics.store(control, FAILED, 1);
    Atomics.notify(control, ARRIVED);
    throw error;
  }
}

function shareMemory(matrix: BinnedMatrix, params: GbdtParams, threads: number): TeamMemory {
  const { n } = matrix, floats = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));
  const ints = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  const words = matrix.words.map((column) => {
    const shared = ints(n);
    shared.set(column);
    return shared;
  });
  return {
    control: ints(4),
    matrix: { ...matrix, words },
    params,
    grid: { gradients: floats(n), hessians: floats(n), counted: floats(n), tick: 0, rounder: 0 },
    scalars: floats(2),
    rows: ints(n),
    usable: new Uint8Array(new SharedArrayBuffer(4 * words.length)),
    ballots: floats(2 * threads * 2 * BALLOT),
  };
}

/** A thread's share of the words, and how it agrees with the others on the best splits. */
function createMember(memory: TeamMemory, me: number, threads: number) {
  const { control, ballots } = memory;
  let meetings = 0;
  return {
    isMine: (word: number) => word % threads === me,
    agree(splits: Split[]) {
      const half = (meetings++ & 1) * threads;
      splits.forEach((split, k) => writeBallot(ballots, ((half + me) * 2 + k) * BALLOT, split));
      Atomics.add(control, ARRIVED, 1);
      Atomics.notify(control, ARRIVED);
      waitFor(control, ARRIVED, (now) => now >= meetings * threads || Atomics.load(control, FAILED) !== 0);
      if (Atomics.load(control, FAILED) !== 0) {
        throw new ModelError("Cannot train: a thread failed", "threads");
      }
      splits.forEach((split, k) => {
        for (let other = 0; other < threads; other++) {
          if (other !== me) readBallot(ballots, ((half + other) * 2 + k) * BALLOT, split);
        }
      });
    },
  };
}

function waitFor(control: Int32Array, index: number, isDone: (now: number) => boolean): void {
  for (let spin = 0; spin < SPINS; spin++) if (isDone(Atomics.load(control, index))) return;
  for (;;) {
    const now = Atomics.load(control, index);
    if (isDone(now)) return;
    if (Atomics.wait(control, index, now, PATIENCE_MS) === "timed-out") {
      throw new ModelError(`Cannot train: a thread has not answered for ${PATIENCE_MS / 1000} s`, "threads");
    }
  }
}

function writeBallot(ballots: Float64Array, at: number, split: Split): void {
  ballots[at] = split.gain;
  ballots[at + 1] = split.slot;
  ballots[at + 2] = split.bin;
  ballots[at + 3] = Number(split.missingLeft);
  ballots[at + 4] = split.leftGradient;
  ballots[at + 5] = split.leftCounted;
  ballots[at + 6] = split.lambda;
  ballots[at + 7] = split.leftBins.length;
  ballots.set(split.leftBins, at + 8);
}

/** Takes another thread's split where it is better, or as good and of an earlier slot. */
function readBallot(ballots: Float64Array, at: number, split: Split): void {
  const gain = ballots[at], slot = ballots[at + 1];
  if (!(gain > split.gain || (gain === split.gain && slot < split.slot))) return;
  split.gain = gain;
  split.slot = slot;
  split.bin = ballots[at + 2];
  split.missingLeft = ballots[at + 3] === 1;
  split.leftGradient = ballots[at + 4];
  split.leftCounted = ballots[at + 5];
  split.lambda = ballots[at + 6];
  split.leftBins = Array.from(ballots.subarray(at + 8, at + 8 + ballots[at + 7]));
}
