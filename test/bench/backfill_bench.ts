/**
 * Whole-file bench: a simulated session's MBP-10 `.dbn.zst` to zstd Parquet, rows/s and peak memory of the backfill
 * command at two sizes, beside `databento`'s DBNStore.to_parquet on the same file, taking turns in one run.
 *
 * `deno run -A test/bench/backfill_bench.ts [million rows, default 2]`; databento (PyPI) is optional.
 *
 * @module
 */
import { simulateFiles } from "../../lib/simulate/mod.ts";
import { claim, measure, say } from "./_bench.ts";

const DATE = "2025-11-12";
/** Books of a simulated UTC date at scale 1, in millions, about. */
const MILLIONS_AT_SCALE_1 = 0.35;
const ROUNDS = 3;

const PYTHON = `
import resource, sys, time
import databento
start = time.perf_counter()
databento.DBNStore.from_file(sys.argv[1]).to_parquet(sys.argv[2])
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
`;

/** Writes the books of the session's own UTC date. @returns Path of the file. */
async function writeBooks(folder: string, millions: number): Promise<string> {
  const wanted = `glbx-mdp3-${DATE.replaceAll("-", "")}.mbp-10.dbn.zst`,
    path = `${folder}/${millions}-${wanted}`;
  for await (
    const { name, bytes } of simulateFiles({ dates: [DATE], scale: millions / MILLIONS_AT_SCALE_1 })
  ) {
    using file = name === wanted ? await Deno.create(path) : undefined;
    for await (const chunk of bytes) await file?.write(chunk);
  }
  return path;
}

async function backfill(folder: string, file: string) {
  const lake = `${folder}/lake`;
  const measured = await measure(Deno.execPath(), [
    "run",
    "--allow-read",
    "--allow-write",
    "--allow-ffi",
    "--allow-sys=cpus,networkInterfaces,hostname",
    "--v8-flags=--expose-gc",
    new URL("../../tasks/backfill.ts", import.meta.url).pathname,
    ...["--lake", lake, "--dbn", file, "--json"],
  ]);
  await Deno.remove(lake, { recursive: true });
  const rows: number = JSON.parse(measured.text.trimEnd().split("\n").at(-1)!).sources[0].rows.out;
  return { ...measured, rows };
}

const median = <T>(runs: T[], by: (run: T) => number) =>
  runs.toSorted((a, b) => by(a) - by(b))[runs.length >> 1];

const millions = Number(Deno.args[0] ?? 2);
const folder = await Deno.makeTempDir({ prefix: "backfill-bench-" });
try {
  const file = await writeBooks(folder, millions);
  const ours = [], theirs: number[] = [];
  let theirPeak = NaN;
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await backfill(folder, file));
    if (round > 0 && theirs.length === 0) continue;
    try {
      const { text } = await measure("python3", ["-c", PYTHON, file, `${folder}/databento.parquet`]);
      const [seconds, peak] = text.trim().split(" ").map(Number);
      theirs.push(seconds);
      theirPeak = peak;
    } catch (error) {
      say(
        `skipped: databento's to_parquet, python3 with databento is not there (${(error as Error).message})`,
      );
    }
  }
  const one = median(ours, (run) => run.seconds);
  const line = (name: string, rows: number, seconds: number, peak: number) =>
    say(
      `${name.padEnd(28)}${String(rows).padStart(10)} rows${seconds.toFixed(2).padStart(8)} s` +
        `${Math.round(rows / seconds).toLocaleString("en").padStart(12)} rows/s  peak ${peak.toFixed(0)} MB`,
    );
  line(`backfill ${millions} M`, one.rows, one.seconds, one.peakMb);
  claim({
    what: "backfill, MBP-10 .dbn.zst to Parquet, rows/s",
    value: one.rows / one.seconds,
    least: 700_000,
  });
  claim({ what: "backfill, peak MB", value: one.peakMb, most: 1500 });
  if (theirs.length > 0) {
    const seconds = median(theirs, (s) => s);
    line(`databento to_parquet ${millions} M`, one.rows, seconds, theirPeak);
    claim({ what: "databento to_parquet ÷ backfill, seconds", value: seconds / one.seconds, least: 1 });
  }
  await Deno.remove(file);
  const twice = await backfill(folder, await writeBooks(folder, 2 * millions));
  line(`backfill ${2 * millions} M`, twice.rows, twice.seconds, twice.peakMb);
  claim({ what: "backfill, peak at twice the rows ÷ peak", value: twice.peakMb / one.peakMb, most: 1.15 });
} finally {
  await Deno.remove(folder, { recursive: true });
}
