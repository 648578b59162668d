/**
 * Searching with several threads: each takes a share of the queries, all read the same points.
 *
 * @module
 */
import { ModelError, runJobs } from "../../base/mod.ts";
import type { RetrievalIndex } from "./index.ts";
import {
  FILTER_COLUMNS,
  type Neighbours,
  type PreparedQueries,
  prepareQueries,
  type Queries,
  type SearchOptions,
  searchPrepared,
} from "./search.ts";

/** A thread's share of the work. */
export interface SearchJob {
  /** The index; of its entries only what filters read. */
  index: RetrievalIndex;
  /** Its queries. */
  queries: PreparedQueries;
  /** Number of the first of them. */
  first: number;
  /** How to search. */
  options: SearchOptions;
  /** Number of the thread. */
  thread: number;
}

/** Multiplications under which starting threads costs more than it saves. */
const WORTH_IT = 2e9;

/**
 * Finds neighbours, the same as {@linkcode searchIndex}, in as many threads as the work is worth.
 *
 * @param threads Threads at most; defaults to the machine's cores.
 * @throws {ModelError} As {@linkcode searchIndex}, or if a thread fails.
 */
export async function searchParallel(
  index: RetrievalIndex,
  queries: Queries,
  options: SearchOptions,
  threads: number = navigator.hardwareConcurrency,
): Promise<Neighbours> {
  const prepared = prepareQueries(index, queries, options), q = prepared.known.length, k = options.neighbours;
  const work = index.squares.length * index.stride * q, share = Math.ceil(q / threads / 4) * 4;
  if (threads === 1 || work < WORTH_IT) return searchPrepared(index, prepared, options, 0);
  const jobs: SearchJob[] = [];
  for (let first = 0, thread = 0; first < q; first += share, thread++) {
    const mine = slice(prepared, first, Math.min(q, first + share), index.stride);
    jobs.push({ index: slim(index), queries: mine, first, options, thread });
  }
  const found: Neighbours = {
    k,
    count: new Int32Array(q),
    row: new Int32Array(q * k),
    distance: new Float64Array(q * k),
  };
  const worker = new URL("./worker.ts", import.meta.url);
  for await (const { job, result } of runJobs<SearchJob, Neighbours>(worker, jobs, threads)) {
    if (!result.ok) throw new ModelError(`Cannot search: ${result.message}`, "threads");
    found.count.set(result.value.count, job.first);
    found.row.set(result.value.row, job.first * k);
    found.distance.set(result.value.distance, job.first * k);
  }
  return found;
}

function slim(index: RetrievalIndex): RetrievalIndex {
  const { length, columns } = index.entries;
  const filters = Object.fromEntries(FILTER_COLUMNS.map((name) => [name, columns[name]]));
  return { ...index, entries: { length, columns: filters } };
}

function slice(queries: PreparedQueries, from: number, to: number, stride: number): PreparedQueries {
  return {
    points: queries.points.slice(from * stride, to * stride),
    known: queries.known.slice(from, to),
    same: queries.same.map(({ column, codes }) => ({ column, codes: codes.slice(from, to) })),
  };
}
