/**
 * Simulator bench: books per second of one core and peak memory, drawn and encoded, at two sizes of one session;
 * then the whole files of the larger one, compressed. Target: 300,000 records/s drawn and encoded.
 *
 * `deno run -A test/bench/simulate_bench.ts [scale, default 3]`
 *
 * @module
 */
import { encodeMbp10, encodeTrades } from "../../lib/ingest/mod.ts";
import { simulateFiles, simulateSession } from "../../lib/simulate/mod.ts";
import { claim, peakMb, say } from "./_bench.ts";

const DATE = "2025-11-12";
const ROUNDS = 3;
const scale = Number(Deno.args[0] ?? 3);

/** Best of a fixed number of rounds: the other rounds met the compiler or the neighbours. */
async function time(name: string, run: () => number | Promise<number>): Promise<number> {
  let best = 0, books = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    books = await run();
    best = Math.max(best, books / (performance.now() - start));
  }
  const size = (books / 1e6).toFixed(2), rate = best.toFixed(0);
  say(`${name.padEnd(32)} ${size} M books  ${rate} k books/s  peak ${peakMb().toFixed(0)} MB`);
  return best * 1000;
}

function draw(size: number): number {
  let books = 0;
  for (const { table, batch } of simulateSession({ date: DATE, scale: size })) {
    if (table === "mbp-10") books += encodeMbp10(batch).length / 368;
    else encodeTrades(batch);
  }
  return books;
}

/** Books of the session, counted by the files that hold it: reading them is part of the time. */
async function write(): Promise<number> {
  for await (const { bytes } of simulateFiles({ dates: [DATE], scale })) {
    let length = 0;
    for await (const chunk of bytes) length += chunk.length;
    if (length === 0) throw new Error("Cannot bench: a file is empty");
  }
  return booksOfSession;
}

await time("draw and encode", () => draw(scale / 3));
const rate = await time("draw and encode, thrice the rows", () => draw(scale));
claim({ what: "simulator, books/s of one core", value: rate, least: 300_000 });
const booksOfSession = draw(scale);
await time("files, compressed", write);
