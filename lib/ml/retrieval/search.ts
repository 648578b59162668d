/**
 * Exact nearest neighbours. Distances are screened in 32-bit floats, block by block; whatever could be among the
 * nearest within the known rounding error is then measured in doubles, so that the answer is that of a plain loop.
 *
 * @module
 */
import { ModelError, type Strings, strings } from "../../base/mod.ts";
import { dotKernel, type Dots, QUERY_GROUP, ROW_GROUP } from "./dot_kernel.ts";
import type { FeatureColumns, RetrievalIndex } from "./index.ts";
import { coordinate } from "./scaling.ts";

/** Columns a neighbour can be asked to share with the query, or to have one of some values of. */
export const FILTER_COLUMNS = ["level_kind", "direction", "gamma_bucket"] as const;

/** Name of such a column. */
export type FilterColumn = typeof FILTER_COLUMNS[number];

/** What is looked for. */
export interface Queries {
  /** Features of the q queries: the index's, by name; others are left alone. */
  features: FeatureColumns;
  /** BigInt64Array (q): moment of each query, ns UTC: only labels that ended before it are known. */
  atNs: BigInt64Array;
  /** What each query is, where `same` asks for it. */
  is?: Partial<Record<FilterColumn, Strings>>;
}

/** How it is looked for. */
export interface SearchOptions {
  /** Neighbours wanted. */
  neighbours: number;
  /** Columns in which a neighbour must equal the query; defaults to none. */
  same?: readonly FilterColumn[];
  /** Values a neighbour may have, by column; defaults to all. */
  where?: Partial<Record<FilterColumn, readonly string[]>>;
}

/** What was found: at most k neighbours a query, nearest first, no two of one cluster; ties by row. */
export interface Neighbours {
  /** Neighbours asked for. */
  k: number;
  /** Int32Array (q): neighbours found. */
  count: Int32Array;
  /** Int32Array (q × k): rows of the index; −1 beyond the count. */
  row: Int32Array;
  /** Float64Array (q × k): Euclidean distances in standard deviations; NaN beyond the count. */
  distance: Float64Array;
}

/** Queries as numbers: what a search works on, and what workers are sent. */
export interface PreparedQueries {
  /** Float32Array (q × stride): points. */
  points: Float32Array;
  /** Int32Array (q): rows of the index known at the query's moment: a prefix. */
  known: Int32Array;
  /** For each column of `same`: code in the index's dictionary, −2 for none, of each query. */
  same: { column: FilterColumn; codes: Int32Array }[];
}

/** Rows that are screened at a time: their points fit a core's cache. */
const BLOCK_ROWS = 256;

/**
 * Finds neighbours.
 *
 * @param index The index.
 * @param queries What is looked for.
 * @param options How.
 * @throws {ModelError} If a feature of the index is missing, or `same` names a column the queries lack.
 */
export function searchIndex(index: RetrievalIndex, queries: Queries, options: SearchOptions): Neighbours {
  return searchPrepared(index, prepareQueries(index, queries, options), options, 0);
}

/**
 * Queries as points, moments as prefixes, filters as codes.
 *
 * @throws {ModelError} As {@linkcode searchIndex}.
 */
export function prepareQueries(
  index: RetrievalIndex,
  queries: Queries,
  options: SearchOptions,
): PreparedQueries {
  const { stride, scales, endNs } = index, n = queries.atNs.length;
  const points = new Float32Array(n * stride);
  scales.forEach((scale, k) => {
    const column = queries.features.columns[queries.features.names.indexOf(scale.name)];
    if (column?.length !== n) {
      throw new ModelError(
        `Cannot search: feature "${scale.name}" has ${column?.length ?? "no"} values for ${n} queries`,
        scale.name,
      );
    }
    for (let i = 0; i < n; i++) points[i * stride + k] = coordinate(column[i], scale);
  });
  const known = Int32Array.from(queries.atNs, (at) => {
    let low = 0, high = endNs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endNs[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  const same = (options.same ?? []).map((column) => {
    const mine = queries.is?.[column];
    if (!mine) throw new ModelError(`Cannot search: the queries' ${column} is wanted and missing`, column);
    const { values } = strings(index.entries, column);
    const codes = mine.values.map((value) => values.indexOf(value));
    return { column, codes: mine.codes.map((code) => code < 0 || codes[code] < 0 ? -2 : codes[code]) };
  });
  return { points, known, same };
}

/**
 * Searches for prepared queries.
 *
 * @param thread Number of the searching thread: each has its own room behind the points.
 */
export function searchPrepared(
  index: RetrievalIndex,
  { points, known, same }: PreparedQueries,
  options: SearchOptions,
  thread: number,
): Neighbours {
  const q = known.length, k = options.neighbours, room = roomOf(index, thread);
  const lists = Array.from({ length: q }, () => new NearestList(k));
  const lengths = new Float64Array(q), allowed = allowedRows(index, options);
  for (let i = 0; i < q; i++) lengths[i] = squareOf(points, i, index.stride);
  // Each result is the sum of four running sums of stride/4 products: n rounding errors of 2⁻²⁴ at most, and the
  // doubled product enters the squared distance.
  const slack = 2 * (index.stride / 4 + 4) * 2 ** -24;
  const reach = index.squares.map((square) => slack * Math.sqrt(square));
  const codes = same.map(({ column }) => strings(index.entries, column).codes);
  const fits = (row: number, query: number) =>
    (allowed === undefined || allowed[row] === 1) &&
    same.every((filter, f) => codes[f][row] === filter.codes[query]);
  const last = known.reduce((most, m) => Math.max(most, m), 0), { squares, cluster } = index, { dots } = room;
  for (let from = 0; from < last; from += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, squares.length - from);
    for (let first = 0; first < q; first += QUERY_GROUP) {
      const group = Math.min(QUERY_GROUP, q - first);
      room.queries.fill(0).set(points.subarray(first * index.stride, (first + group) * index.stride));
      room.multiply(from, rows);
      for (let g = 0; g < group; g++) {
        const query = first + g, end = Math.min(from + rows, known[query]) - from;
        const square = lengths[query], length = Math.sqrt(square), list = lists[query];
        for (let r = 0, row = from; r < end; r++, row++) {
          const near = square + squares[row] - 2 * dots[QUERY_GROUP * r + g];
          if (near - length * reach[row] > list.worst || !fits(row, query)) continue;
          list.add(squaredDistance(index, row, points, query), row, cluster[row]);
        }
      }
    }
  }
  return collect(lists, k);
}

function allowedRows(index: RetrievalIndex, { where = {} }: SearchOptions): Uint8Array | undefined {
  const filters = Object.entries(where) as [FilterColumn, readonly string[]][];
  if (filters.length === 0) return undefined;
  const allowed = new Uint8Array(index.squares.length).fill(1);
  for (const [column, wanted] of filters) {
    const { codes, values } = strings(index.entries, column),
      ok = values.map((value) => wanted.includes(value));
    for (let i = 0; i < allowed.length; i++) if (!ok[codes[i]]) allowed[i] = 0;
  }
  return allowed;
}

function squareOf(points: Float32Array, row: number, stride: number): number {
  let sum = 0;
  for (let j = row * stride; j < (row + 1) * stride; j++) sum += points[j] * points[j];
  return sum;
}

function squaredDistance(
  { points, stride }: RetrievalIndex,
  row: number,
  queries: Float32Array,
  query: number,
): number {
  let sum = 0;
  for (let j = 0, a = row * stride, b = query * stride; j < stride; j++) {
    const d = points[a + j] - queries[b + j];
    sum += d * d;
  }
  return sum;
}

/** A thread's memory behind the points: four queries, and their products with a block of rows. */
interface Room {
  queries: Float32Array;
  dots: Float32Array;
  multiply(from: number, rows: number): void;
}

function roomOf({ memory, stride, pointsEnd }: RetrievalIndex, thread: number): Room {
  const bytes = 4 * stride, size = QUERY_GROUP * (bytes + 4 * BLOCK_ROWS);
  const at = pointsEnd + thread * Math.ceil(size / 16) * 16, out = at + QUERY_GROUP * bytes;
  if (at + size > memory.buffer.byteLength) {
    throw new ModelError(`Cannot search with thread ${thread}: the index has no room for it`, "threads");
  }
  const dots: Dots = dotKernel(memory, bytes);
  return {
    queries: new Float32Array(memory.buffer, at, QUERY_GROUP * stride),
    dots: new Float32Array(memory.buffer, out, QUERY_GROUP * BLOCK_ROWS),
    multiply: (from, rows) => {
      const whole = Math.ceil(rows / ROW_GROUP) * ROW_GROUP;
      dots(at, from * bytes, out, (from + whole) * bytes);
    },
  };
}

/** The nearest so far of one query: ascending by distance, then row; one a cluster. */
class NearestList {
  readonly squares: number[] = [];
  readonly rows: number[] = [];
  readonly #clusters: number[] = [];
  readonly #k: number;
  /** Squared distance beyond which nothing can enter. */
  worst = Infinity;

  constructor(k: number) {
    this.#k = k;
  }

  add(square: number, row: number, cluster: number): void {
    if (square > this.worst) return;
    const { squares, rows } = this, held = this.#clusters.indexOf(cluster);
    // Rows come in ascending order: of equal distances the earlier row is there already and stays.
    if (held >= 0) {
      if (squares[held] <= square) return;
      this.#remove(held);
    }
    let at = squares.length;
    while (at > 0 && squares[at - 1] > square) at--;
    if (at === this.#k) return;
    squares.splice(at, 0, square);
    rows.splice(at, 0, row);
    this.#clusters.splice(at, 0, cluster);
    if (squares.length > this.#k) this.#remove(this.#k);
    if (squares.length === this.#k) this.worst = squares[this.#k - 1];
  }

  #remove(at: number): void {
    this.squares.splice(at, 1);
    this.rows.splice(at, 1);
    this.#clusters.splice(at, 1);
    this.worst = Infinity;
  }
}

function collect(lists: NearestList[], k: number): Neighbours {
  const q = lists.length;
  const found: Neighbours = {
    k,
    count: new Int32Array(q),
    row: new Int32Array(q * k).fill(-1),
    distance: new Float64Array(q * k).fill(NaN),
  };
  lists.forEach(({ squares, rows }, i) => {
    found.count[i] = rows.length;
    found.row.set(rows, i * k);
    found.distance.set(squares.map(Math.sqrt), i * k);
  });
  return found;
}
