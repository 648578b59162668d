/**
 * Dot products of four queries with many rows, 128 bits at a time: the one place where plain TypeScript is four times
 * too slow, so that the loop is WebAssembly, assembled here from its few instructions.
 *
 * In the text format, with q, x, out and end addresses in bytes and `bytes` the length of a vector, which is put into
 * the instructions as an offset:
 *
 *     loop $rows
 *       i = 0; all sums = 0
 *       loop $lanes
 *         v = load(x + i)                u = load(x + i, offset bytes)
 *         for each query k: w = load(q + i, offset k·bytes); sum_k += v·w; next_k += u·w
 *         i += 16; br_if $lanes (i < bytes)
 *       out[0..7] = lanes of sum_0..3, next_0..3 added up
 *       x += 2·bytes; out += 32; br_if $rows (x < end)
 *
 * Source: WebAssembly core specification 2.0, 5.4 (instructions) and 5.5 (modules).
 *
 * @module
 */

/** Queries that one call multiplies with every row. */
export const QUERY_GROUP = 4;

/** Rows that one turn of the loop takes: the memory of rows and results must hold a multiple of it. */
export const ROW_GROUP = 2;

/**
 * Computes `out[4·r + k] = q_k · x_r` in 32-bit floats, each the sum of four partial sums. All arguments are byte
 * addresses: of four queries one after another, of the first row, of the results, and of the end of the rows.
 */
export type Dots = (q: number, x: number, out: number, end: number) => void;

/** Instructions and types the kernel is made of. */
const OP = {
  loop: [0x03, 0x40],
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Const: 0x41,
  i32LessUnsigned: 0x49,
  i32Add: 0x6a,
  f32Add: 0x92,
  f32Store: 0x38,
  v128Load: [0xfd, 0x00],
  v128Zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)],
  f32x4Lane: [0xfd, 0x1f],
  f32x4Add: [0xfd, 0xe4, 0x01],
  f32x4Mul: [0xfd, 0xe6, 0x01],
} as const;
const I32 = 0x7f, V128 = 0x7b, FUNCTION = 0x60, ALIGN_4 = 2, ALIGN_16 = 4;

/** Parameters, then locals, by number; sums are one a row and query. */
const Q = 0, X = 1, OUT = 2, END = 3, I = 4, AT = 5, ROW = 6, WEIGHT = 8, SUM = 9;

/**
 * Compiles the kernel for vectors of one length.
 *
 * @param memory Memory that holds queries, rows and results; shared, so that several threads can work on it.
 * @param bytes Bytes of a vector, a multiple of 16.
 */
export function dotKernel(memory: WebAssembly.Memory, bytes: number): Dots {
  const module = new WebAssembly.Module(moduleBytes(bytes));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports.dots as Dots;
}

function moduleBytes(bytes: number): Uint8Array<ArrayBuffer> {
  const locals = [2, 2, I32, ROW_GROUP + 1 + ROW_GROUP * QUERY_GROUP, V128];
  const code = [...locals, ...body(bytes), OP.end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, FUNCTION, 4, I32, I32, I32, I32, 0]),
    // An import of a shared memory of 1 to 65,536 pages.
    ...section(2, [1, ...text("env"), ...text("memory"), 0x02, 0x03, ...unsigned(1), ...unsigned(65536)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("dots"), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function body(bytes: number): number[] {
  const rows = [...Array(ROW_GROUP).keys()], queries = [...Array(QUERY_GROUP).keys()];
  const sum = (row: number, query: number) => SUM + row * QUERY_GROUP + query;
  const load = (offset: number) => [...OP.v128Load, ALIGN_16, ...unsigned(offset)];
  const address = (base: number) => [OP.get, base, OP.get, I, OP.i32Add];
  const multiply = queries.flatMap((k) => [
    ...[OP.get, AT, ...load(k * bytes), OP.set, WEIGHT],
    ...rows.flatMap((r) => [
      ...[OP.get, sum(r, k), OP.get, ROW + r, OP.get, WEIGHT],
      ...[...OP.f32x4Mul, ...OP.f32x4Add, OP.set, sum(r, k)],
    ]),
  ]);
  const store = rows.flatMap((r) =>
    queries.flatMap((k) => {
      const lane = (n: number) => [OP.get, sum(r, k), ...OP.f32x4Lane, n];
      const added = [...lane(0), ...lane(1), OP.f32Add, ...lane(2), ...lane(3), OP.f32Add, OP.f32Add];
      return [OP.get, OUT, ...added, OP.f32Store, ALIGN_4, 4 * (r * QUERY_GROUP + k)];
    })
  );
  const advance = (local: number, by: number) => [OP.get, local, OP.i32Const, ...signed(by), OP.i32Add];
  return [
    ...OP.loop,
    ...[OP.i32Const, 0, OP.set, I],
    ...rows.flatMap((r) => queries.flatMap((k) => [...OP.v128Zero, OP.set, sum(r, k)])),
    ...OP.loop,
    ...[...address(X), OP.set, AT],
    ...rows.flatMap((r) => [OP.get, AT, ...load(r * bytes), OP.set, ROW + r]),
    ...[...address(Q), OP.set, AT],
    ...multiply,
    ...[...advance(I, 16), OP.tee, I, OP.i32Const, ...signed(bytes), OP.i32LessUnsigned, OP.branchIf, 0],
    OP.end,
    ...store,
    ...[...advance(OUT, 4 * ROW_GROUP * QUERY_GROUP), OP.set, OUT],
    ...[...advance(X, ROW_GROUP * bytes), OP.tee, X, OP.get, END, OP.i32LessUnsigned, OP.branchIf, 0],
    OP.end,
  ];
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [bytes.length, ...bytes];
}

/** LEB128 of a non-negative integer as a signed one: the last byte's bit 6 must be clear. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value % 128) | 128, ...signed(Math.floor(value / 128))];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...unsigned(Math.floor(value / 128))];
}
