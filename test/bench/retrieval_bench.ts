/**
 * Times the retrieval of neighbours: 1,000 queries against 100,000 touches of 100 features, independent and normal,
 * which is the worst case for anything that prunes. Wanted: under 2 s on two cores.
 *
 *     deno run -A --v8-flags=--expose-gc test/bench/retrieval_bench.ts
 *
 * @module
 */
import { Random, stringsOf } from "../../lib/base/mod.ts";
import { buildIndex, fitScales, searchIndex, searchParallel } from "../../lib/ml/retrieval/mod.ts";

const ROWS = 100_000, DIMS = 100, QUERIES = 1000, NEIGHBOURS = 50;
const random = new Random("bench");
const names = Array.from({ length: DIMS }, (_, k) => `f${k}`);
const normals = (n: number) => names.map(() => Float64Array.from({ length: n }, () => random.normal()));
const features = { names, columns: normals(ROWS) };
const kinds = ["ROUND", "STRIKE", "VWAP", "PM_HIGH"], directions = ["UP", "DOWN"];
const pick = (values: string[], n: number) =>
  stringsOf(Array.from({ length: n }, () => values[random.int(values.length)]));
const batch = {
  length: ROWS,
  columns: {
    event_id: stringsOf(Array.from({ length: ROWS }, (_, i) => String(i))),
    date: Int32Array.from({ length: ROWS }, (_, i) => 20_000 + Math.floor(i / 400)),
    ts_ns: BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i) * 60_000_000_000n),
    label_end_ts_ns: BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i + 16) * 60_000_000_000n),
    level_kind: pick(kinds, ROWS),
    direction: pick(directions, ROWS),
    attempt_cluster: Int32Array.from({ length: ROWS }, () => random.int(40)),
    outcome: pick(["BREAK", "BOUNCE", "CHOP"], ROWS),
    tradeable_2: new Int8Array(ROWS),
    strength_signed: new Float64Array(ROWS),
    time_to_threshold_2: new Float64Array(ROWS).fill(NaN),
  },
};

let start = performance.now();
const seconds = () => ((performance.now() - start) / 1000).toFixed(2);
const index = buildIndex(
  batch,
  features,
  fitScales(features, Uint32Array.from({ length: ROWS }, (_, i) => i)),
);
// deno-lint-ignore no-console
console.log(`index of ${ROWS} × ${DIMS}: ${seconds()} s`);

const queries = {
  features: { names, columns: normals(QUERIES) },
  atNs: new BigInt64Array(QUERIES).fill(2n ** 62n),
  is: { direction: pick(directions, QUERIES) },
};
let checksum = 0;
for (const [name, options] of [["all", {}], ["same direction", { same: ["direction"] }]] as const) {
  for (const threads of [1, 2]) {
    for (let repeat = 0; repeat < 3; repeat++) {
      start = performance.now();
      const wanted = { neighbours: NEIGHBOURS, ...options };
      const found = threads === 1
        ? searchIndex(index, queries, wanted)
        : await searchParallel(index, queries, wanted, threads);
      checksum += found.distance[0];
      // deno-lint-ignore no-console
      console.log(`${QUERIES} queries, ${name}, ${threads} thread(s): ${seconds()} s`);
    }
  }
}
const { rss } = Deno.memoryUsage();
// deno-lint-ignore no-console
console.log(`checksum ${checksum.toFixed(6)}; ${(rss / 1e6).toFixed(0)} MB resident`);
