/**
 * Parquet with bytes changed, by seed: a typed error that names the file or the right rows, no trace, no end of the
 * process, bounded time and memory. What lies in a page has no checksum: of it only the shape is judged.
 */
import assert from "node:assert/strict";
import { hourOfPartition, sliceBatch } from "../../../lib/base/mod.ts";
import { hourFolder, openLake, toFrame, writeFrame } from "../../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../../../lib/schema/mod.ts";
import { simulateDay } from "../../../lib/simulate/mod.ts";
import { rowsByHour } from "../../helpers/simulated_lake.ts";

/** Another seed is another run. */
const SEED = Deno.env.get("TIDEMARK_FUZZ_SEED") ?? "1";
const TRIES = 2500;
const MOST_BYTES = 1e9;

const day = simulateDay({ date: "2025-12-16", seed: 1, scale: 0.02 }),
  hour = hourOfPartition("2025-12-16", "15");
const TABLES = [[FUTURES_TRADES, day.trades], [FUTURES_MBP10, day.books], [
  OPTIONS_TRADES,
  day.options,
]] as const;

for (const [table, batch] of TABLES) {
  Deno.test(`${TRIES} mutations of a file of ${table.name} are refused by name, or read right`, async () => {
    const root = await Deno.makeTempDir({ prefix: "tidemark-fuzz-" });
    try {
      await openLake(root);
      await Deno.mkdir(`${root}/${hourFolder(table, hour)}`, { recursive: true });
      const rows = rowsByHour(batch).get(hour)!;
      const part = sliceBatch(rows, 0, Math.min(rows.length, 150));
      writeFrame(`${root}/${hourFolder(table, hour)}/a.parquet`, toFrame(table, part));
      const child = new URL("_parquet_child.ts", import.meta.url).pathname;
      const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-check",
          "--quiet",
          "--allow-read",
          "--allow-write",
          "--allow-ffi",
          "--allow-sys=cpus,networkInterfaces,hostname",
          child,
          ...[root, table.name, SEED, "0", String(TRIES)],
        ],
        // A panic of the native reader is an error like any other; its noise is not of interest.
        env: { RUST_BACKTRACE: "0" },
        signal: AbortSignal.timeout(300_000),
      }).output();
      const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
      const last = lines.findLast((line) => line.startsWith("try "));
      const noise = new TextDecoder().decode(stderr).slice(-1000);
      assert.deepEqual([code, signal], [0, null], `seed ${SEED}, ${last} ended the process: ${noise}`);
      const wrong = lines.filter((line) => /^(?!try |memory )/.test(line));
      assert.deepEqual(wrong, [], `seed ${SEED}`);
      const memory = Number(/^memory (\d+)$/.exec(lines.at(-1)!)![1]);
      assert.ok(memory < MOST_BYTES, `seed ${SEED}: ${memory} bytes at the end`);
      assert.equal(last, `try ${TRIES - 1}`);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}
