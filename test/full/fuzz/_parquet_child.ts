/**
 * Reads mutations of one Parquet file, in a process of its own, for the native reader may end it: says each number
 * before it is tried, and what was wrong with it.
 */
import { type Batch, hourOfPartition, Random, TidemarkError } from "../../../lib/base/mod.ts";
import { hourFolder, inspectFile, openLake, readBatch } from "../../../lib/lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../../../lib/schema/mod.ts";
import { plainColumns } from "../../helpers/bronze_lake.ts";

/** Longest that one read may take, ms: thousands of times as long as it does. */
const PATIENCE_MS = 20_000;

const [root, name, seed, from, to] = Deno.args;
const table = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES].find((table) => table.name === name)!;
const lake = await openLake(root),
  file = `${hourFolder(table, hourOfPartition("2025-12-16", "15"))}/a.parquet`;
const good = await Deno.readFile(`${root}/${file}`);
const tail = new DataView(good.buffer).getUint32(good.length - 8, true);
/** Where the metadata begins; before it lie pages, whose content has no checksum. */
const metadata = good.length - 8 - tail;
const batch = readBatch(lake, table, [file]), right = facts(batch);

function facts(batch: Batch): string {
  return JSON.stringify(plainColumns(batch), (_, value) => typeof value === "bigint" ? String(value) : value);
}

/** Flips and sets bytes, half of them in the metadata; cuts, drops and repeats some. */
function mutate(random: Random): { bytes: Uint8Array; pages: boolean } {
  const kind = random.uniform(), at = () => random.int(good.length);
  if (kind < 0.05) return { bytes: good.subarray(0, at()), pages: true };
  if (kind < 0.15) {
    const start = at(), end = Math.min(good.length, start + random.int(64)), again = kind < 0.1 ? start : end;
    const bytes = new Uint8Array(end + good.length - again);
    bytes.set(good.subarray(0, kind < 0.1 ? end : start));
    bytes.set(good.subarray(again), kind < 0.1 ? end : start);
    return { bytes: kind < 0.1 ? bytes : bytes.subarray(0, start + good.length - end), pages: true };
  }
  const bytes = good.slice(), first = kind < 0.6 ? metadata : 0;
  for (let n = 1 + random.int(3); n > 0; n--) {
    const i = first + random.int(good.length - first);
    bytes[i] = random.uniform() < 0.5 ? bytes[i] ^ (1 << random.int(8)) : random.int(256);
  }
  return { bytes, pages: first === 0 };
}

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
for (let i = Number(from); i < Number(to); i++) {
  const { bytes, pages } = mutate(new Random(Number(seed) * 1_000_003 + i));
  await Deno.writeFile(`${root}/${file}`, bytes);
  say(`try ${i}`);
  const start = performance.now();
  for (const read of [() => readBatch(lake, table, [file]), () => inspectFile(lake, table, file)]) {
    try {
      const found = read();
      if (!("columns" in found)) continue;
      if (found.length !== batch.length) say(`wrong ${i}: ${found.length} rows`);
      else if (!pages && facts(found) !== right) {
        say(`wrong ${i}: other values, although no page was changed`);
      }
    } catch (error) {
      if (!(error instanceof TidemarkError)) {
        say(`wrong ${i}: ${error instanceof Error ? error.stack : error}`);
      } else if (!error.message.includes(file)) say(`wrong ${i}: no file in "${error.message}"`);
    }
  }
  const ms = performance.now() - start;
  if (ms > PATIENCE_MS) say(`wrong ${i}: ${ms.toFixed(0)} ms`);
}
say(`memory ${Deno.memoryUsage().rss}`);
