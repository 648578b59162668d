/** The same day of option prints by two kinds of source is one day. */
import assert from "node:assert/strict";
import { SILENT, stringsOf, UsageError } from "../../lib/base/mod.ts";
import { dedupDate, ingestOptions, type OptionSource, undoDedup } from "../../lib/bronze/mod.ts";
import { sameElsewhere } from "../../lib/bronze/other_source.ts";
import type { Lake } from "../../lib/lake/mod.ts";
import { OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import { strings } from "../../lib/base/mod.ts";
import { fileAt } from "../../tasks/_sources.ts";
import { lakeContent, readTable, withLake } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";

const DATE = "2025-12-09";
const FLAT = "ticker,conditions,correction,exchange,price,sip_timestamp,size\n";
const REST = "ticker,conditions,correction,exchange,price,sip_timestamp,size,sequence_number\n";
const START = BigInt(Date.UTC(2025, 11, 9, 15)) * 1_000_000n;

/** Prints as both kinds of source write them; the flat file knows whole milliseconds only. */
function days(): { flat: string; rest: string } {
  let flat = FLAT, rest = REST;
  for (let i = 0; i < 40; i++) {
    const ts = START + BigInt(i) * 1_234_567_891n, price = (4 + i / 100).toFixed(2);
    const head = `O:SPY251209C00${690 + i % 5}000,209`;
    flat += `${head},0,316,${price},${ts / 1_000_000n * 1_000_000n},${1 + i % 3}\n`;
    rest += `${head},,316,${price},${ts},${1 + i % 3},${900 + i}\n`;
  }
  // One print that only the flat file has, and one that REST has twice.
  flat += `O:SPY251209P00690000,209,0,316,1.00,${START},7\n`;
  rest +=
    `O:SPY251209P00680000,209,,316,2.00,${START},5,950\nO:SPY251209P00680000,209,,316,2.00,${START},5,951\n`;
  flat += `O:SPY251209P00680000,209,0,316,2.00,${START},5\n`;
  return { flat, rest };
}

async function sourceOf(text: string, name: string): Promise<OptionSource> {
  const path = await Deno.makeTempFile({ suffix: name });
  await Deno.writeTextFile(path, text);
  return await fileAt(path);
}

async function bothIn(lake: Lake, flat: OptionSource, rest: OptionSource): Promise<void> {
  await ingestOptions(lake, flat, {}, SILENT);
  await assert.rejects(
    ingestOptions(lake, rest, { kind: "rest" }, SILENT),
    (error) => error instanceof UsageError && /has brought prints of date=.*--force/.test(error.message),
  );
  await ingestOptions(lake, rest, { kind: "rest", force: true }, SILENT);
}

Deno.test("a second source of a covered day is refused; forced, dedup sets aside what both have and undoes it", async () => {
  const { flat, rest } = days();
  await withLake(async (lake) => {
    await bothIn(lake, await sourceOf(flat, ".csv"), await sourceOf(rest, ".csv"));
    const before = await lakeContent(lake);
    const dry = await dedupDate(lake, DATE, { dryRun: true });
    const { rows } = await dedupDate(lake, DATE);
    assert.deepEqual(rows, dry.rows);
    assert.deepEqual([rows.in, rows.out, rows.duplicates], [84, 43, 41]);
    const left = await readTable(lake, OPTIONS_TRADES), source = strings(left, "source");
    const kinds = Array.from(source.codes, (code) => source.values[code]);
    // The richer record stays, with what the other alone has.
    assert.deepEqual(
      [kinds.filter((k) => k === "rest").length, kinds.filter((k) => k === "flatfile").length],
      [42, 1],
    );
    assert.equal((await dedupDate(lake, DATE)).rows.duplicates, 0);
    assert.equal((await undoDedup(lake, DATE)).rows, 41);
    assert.deepEqual(await lakeContent(lake), before);
  });
});

Deno.test("sameElsewhere() leaves a single kind of source alone, and prints that differ in anything stated", () => {
  const batch = (source: string[], price: number[], ns: bigint[]) => {
    const n = source.length;
    return {
      length: n,
      columns: {
        ts_event_ns: BigInt64Array.from(ns),
        source: stringsOf(source),
        option_symbol: stringsOf(source.map(() => "O:SPY251209C00690000")),
        price: Float64Array.from(price),
        size: new Uint32Array(n).fill(1),
        exchange: new Int16Array(n).fill(316),
        conditions: stringsOf(source.map(() => "209")),
        correction: new Int16Array(n),
        seq: BigInt64Array.from(source, (_, i) => BigInt(i)),
      },
    };
  };
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "flatfile"], [1, 1], [5n, 5n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 2], [5n, 5n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 1], [5n, 6n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 1], [2_000_000n, 2_000_001n]))], [0]);
  // Two genuine prints of one source, one of the other: two stay.
  const three = batch(["flatfile", "rest", "flatfile"], [1, 1, 1], [1_000_000n, 1_000_001n, 1_000_000n]);
  assert.deepEqual([...sameElsewhere(three)], [0]);
});

Deno.test("the small input that went wrong: one day as flat file and as REST writes it", async () => {
  if (!requires("shared", "one day by two sources")) return;
  await withLake(async (lake) => {
    const at = (kind: string) => fileAt(shared(`../cases/04-two-sources-one-day/${kind}/${DATE}.csv`));
    await bothIn(lake, await at("flat"), await at("rest"));
    const { rows } = await dedupDate(lake, DATE);
    assert.deepEqual([rows.in, rows.out], [80, 40]);
    assert.deepEqual(strings(await readTable(lake, OPTIONS_TRADES), "source").values, ["rest"]);
  });
});
