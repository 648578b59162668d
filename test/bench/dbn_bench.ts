/**
 * Codec bench: books per second and peak memory of decoding (plain, and from zstd at two sizes), encoding and
 * compressing. The books are the real ones of ../shared where they are, repeated; else made up, which zstd
 * cannot compress.
 *
 * `deno run -A test/bench/dbn_bench.ts [million rows, default 2]`
 *
 * @module
 */
import { Random } from "../../lib/base/mod.ts";
import { compressZstd, DbnDecoder, encodeMbp10, openDbn } from "../../lib/ingest/mod.ts";
import { chunked, decode, fixture, gather, head, join, randomRecords } from "../ingest/dbn/_fixtures.ts";
import { requires } from "../helpers/requires.ts";
import { peakMb, say } from "./_bench.ts";

const CHUNK_BYTES = 1 << 18;
const ROUNDS = 3;

const file = requires("shared", "real books")
  ? fixture("real/esh4-20231225.mbp-10.dbn.zst")
  : join(head(), randomRecords(new Random(1), "mbp-10", 40_000));
const { tables } = await decode(file);
const books = tables["mbp-10"]!;
const records = encodeMbp10(books);
const frames = [head(), records].map((bytes) => gather(compressZstd(chunked(bytes, CHUNK_BYTES))));
const [headFrame, bookFrame] = await Promise.all(frames);
const copies = Math.ceil(Number(Deno.args[0] ?? 2) * 1e6 / books.length);

/** A head and `count` times the books, in chunks as a file gives them. */
async function* repeat(first: Uint8Array, body: Uint8Array, count: number): AsyncGenerator<Uint8Array, void> {
  yield first;
  for (let i = 0; i < count; i++) yield* chunked(body, CHUNK_BYTES);
}

/** Best of a fixed number of rounds: the other rounds met the compiler or the neighbours. */
async function time(name: string, run: () => number | Promise<number>): Promise<void> {
  let best = 0, rows = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    rows = await run();
    best = Math.max(best, rows / (performance.now() - start) / 1000);
  }
  say(
    `${name.padEnd(28)} ${(rows / 1e6).toFixed(2)} M rows  ${best.toFixed(2)} M rows/s  peak ${
      peakMb().toFixed(0)
    } MB`,
  );
}

async function decodeZstd(count: number): Promise<number> {
  const stream = await openDbn(repeat(headFrame, bookFrame, count), { name: "bench" });
  let rows = 0;
  for await (const { batch } of stream.batches()) rows += batch.length;
  return rows;
}

await time("decode zstd", () => decodeZstd(copies));
await time("decode zstd, twice the rows", () => decodeZstd(2 * copies));
await time("decode plain", async () => {
  const decoder = new DbnDecoder({ name: "bench" });
  let rows = 0;
  for await (const chunk of repeat(head(), records, copies)) {
    for (const { batch } of decoder.push(chunk)) rows += batch.length;
  }
  return decoder.finish().reduce((sum, { batch }) => sum + batch.length, rows);
});
await time("encode", () => {
  let bytes = 0;
  for (let i = 0; i < copies; i++) bytes += encodeMbp10(books).length;
  return bytes / 368;
});
await time("compress, level 3", async () => {
  let bytes = 0;
  for await (const chunk of compressZstd(repeat(head(), records, copies / 4))) bytes += chunk.length;
  return bytes > 0 ? Math.ceil(copies / 4) * books.length : 0;
});
