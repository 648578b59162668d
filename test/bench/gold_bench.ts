/**
 * Silver to Gold on simulated sessions of 0.5 to 4 M books: seconds, peak memory, and whether time grows linearly.
 *
 *   deno run -A --v8-flags=--expose-gc test/bench/gold_bench.ts [books in millions …]
 *
 * Each build is a process of its own, three times; the median is printed.
 *
 * @module
 */
import { CONFIG, SILENT } from "../../lib/base/mod.ts";
import { buildGold, SILVER_TIER } from "../../lib/gold/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";
import { claim, measure, peakMb, say } from "./_bench.ts";

const DATE = "2025-12-10";
/** Books of a simulated session at scale 1, about. */
const BOOKS_AT_SCALE_1 = 0.35;

async function child(args: string[]): Promise<Record<string, number | string>> {
  const run = ["run", "-A", "--v8-flags=--expose-gc", import.meta.filename!, ...args];
  return JSON.parse((await measure(Deno.execPath(), run)).text.trim().split("\n").at(-1)!);
}

if (Deno.args[0] === "make") {
  const lake = await simulatedLake([DATE], { seed: 1, scale: Number(Deno.args[1]) });
  const { rows } = await buildSilver(lake, DATE, {}, SILENT);
  say(JSON.stringify({ root: lake.root, rows: rows.out }));
} else if (Deno.args[0] === "build") {
  const start = performance.now();
  const { rows } = await buildGold({ root: Deno.args[1] }, DATE, {
    tier: SILVER_TIER,
    config: CONFIG,
    force: true,
  });
  say(
    JSON.stringify({
      seconds: (performance.now() - start) / 1000,
      peak: peakMb(),
      touches: rows.signals,
    }),
  );
} else {
  const sizes = Deno.args.length > 0 ? Deno.args.map(Number) : [0.5, 1, 2, 4];
  const perMillion: number[] = [];
  say("books (M)  silver rows  seconds  s per M books  peak MB  touches");
  for (const size of sizes) {
    const { root, rows } = await child(["make", String(size / BOOKS_AT_SCALE_1)]);
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await child(["build", String(root)]));
    const [, median] = runs.toSorted((a, b) => Number(a.seconds) - Number(b.seconds));
    const seconds = Number(median.seconds);
    perMillion.push(seconds / size);
    say(
      `${size.toFixed(1).padStart(9)}${String(rows).padStart(13)}${seconds.toFixed(2).padStart(9)}` +
        `${(seconds / size).toFixed(2).padStart(15)}${Number(median.peak).toFixed(0).padStart(9)}${
          String(median.touches).padStart(9)
        }`,
    );
    if (size === 2) {
      claim({ what: "Silver to Gold, 2 M books, seconds", value: seconds, most: 10 });
      claim({ what: "Silver to Gold, 2 M books, peak MB", value: Number(median.peak), most: 2048 });
    }
    await Deno.remove(String(root), { recursive: true });
  }
  const growth = perMillion.at(-1)! / perMillion[0];
  claim({
    what: `Silver to Gold, s a million books at ${sizes.at(-1)} M ÷ at ${sizes[0]} M`,
    value: growth,
    most: 1.2,
  });
}
