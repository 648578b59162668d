/** The same day of option prints by two kinds of source is one day. */
import assert from "node:assert/strict";
import {
  type Batch,
  isStrings,
  NULL_I16,
  NULL_I64,
  Random,
  SILENT,
  strings,
  stringsOf,
  takeRows,
  UsageError,
} from "../../lib/base/mod.ts";
import { dedupDate, ingestOptions, type OptionSource, undoDedup } from "../../lib/bronze/mod.ts";
import type { Lake } from "../../lib/lake/mod.ts";
import { OPTIONS_TRADES, sameElsewhere } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { fileAt } from "../../tasks/_sources.ts";
import { audit } from "../helpers/audit_lake.ts";
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

/** Prints of one contract, alike but for what is given. */
function printsOf(source: string[], ns: bigint[], price = source.map(() => 1)): Batch {
  const n = source.length;
  return {
    length: n,
    columns: {
      ts_event_ns: BigInt64Array.from(ns),
      ts_recv_ns: BigInt64Array.from(ns),
      source: stringsOf(source),
      option_symbol: stringsOf(source.map(() => "O:SPY251209C00690000")),
      price: Float64Array.from(price),
      size: new Uint32Array(n).fill(1),
      exchange: new Int16Array(n).fill(316),
      conditions: stringsOf(source.map(() => "209")),
      correction: new Int16Array(n),
      seq: new BigInt64Array(n).fill(7n),
    },
  };
}

/** Rows as sorted texts. */
function plainRows(batch: Batch): string[] {
  const columns = Object.values(batch.columns);
  return Array.from(
    { length: batch.length },
    (_, i) =>
      columns.map((column) => isStrings(column) ? column.values[column.codes[i]] : String(column[i])).join(
        " ",
      ),
  ).sort();
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
  const batch = (source: string[], price: number[], ns: bigint[]) => printsOf(source, ns, price);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "flatfile"], [1, 1], [5n, 5n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 2], [5n, 5n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 1], [5n, 6n]))], []);
  assert.deepEqual([...sameElsewhere(batch(["flatfile", "rest"], [1, 1], [2_000_000n, 2_000_001n]))], [0]);
  // Two genuine prints of one source, one of the other: two stay.
  const three = batch(["flatfile", "rest", "flatfile"], [1, 1, 1], [1_000_000n, 1_000_001n, 1_000_000n]);
  assert.deepEqual([...sameElsewhere(three)], [2]);
});

Deno.test("a record that says its print was cancelled stays, the richer one without that goes", () => {
  const { columns } = printsOf(["flatfile", "rest", "flatfile", "rest"], [5n, 5n, 9n, 9n]);
  (columns.correction as Int16Array).set([1, NULL_I16, 0, NULL_I16]);
  (columns.seq as BigInt64Array).set([NULL_I64, 1n, NULL_I64, 2n]);
  assert.deepEqual([...sameElsewhere({ length: 4, columns })], [1, 2]);
});

Deno.test("sameElsewhere() gives the same of what came before a moment, whatever comes later, in any order", () => {
  const random = new Random("sources"), n = 400;
  const times = Array.from({ length: n }, () => BigInt(random.int(60)) * 500_000n);
  const all = printsOf(times.map(() => ["flatfile", "rest", "nats"][random.int(3)]), times);
  for (let i = 0; i < n; i++) {
    const column = all.columns.correction as Int16Array;
    column[i] = [0, 0, 0, 1, NULL_I16][random.int(5)];
  }
  const out = new Set(sameElsewhere(all));
  assert.ok(out.size > 100);
  for (const cut of [3_000_000n, 10_000_000n, 29_000_000n]) {
    const before = Uint32Array.from(times.keys()).filter((i) => times[i] < cut);
    const found = [...sameElsewhere(takeRows(all, before))].map((k) => before[k]);
    assert.deepEqual(found, [...out].filter((i) => times[i] < cut));
  }
  const order = random.shuffle(Uint32Array.from(times.keys()));
  const shuffled = takeRows(all, order),
    left = (batch: Batch) => {
      const gone = new Set(sameElsewhere(batch));
      return plainRows(takeRows(batch, Uint32Array.from(times.keys()).filter((i) => !gone.has(i))));
    };
  assert.deepEqual(left(shuffled), left(all));
});

Deno.test("two sources of a day without dedup: the audit says so, and Silver has each print once", async () => {
  const { flat, rest } = days();
  const silverOf = async (lake: Lake) => {
    const { rows } = await buildSilver(lake, DATE, {}, SILENT);
    return {
      rows,
      content: Object.entries(await lakeContent(lake)).filter(([path]) => path.startsWith("silver/")),
    };
  };
  await withLake(async (lake) => {
    await bothIn(lake, await sourceOf(flat, ".csv"), await sourceOf(rest, ".csv"));
    const twice = (await audit(lake)).verdict.findings.filter(({ check }) => check === "rows.duplicates");
    assert.deepEqual(twice.map(({ severity, count }) => [severity, count]), [["fail", 41]]);
    assert.match(twice[0].message, /by another kind of source$/);
    const before = await silverOf(lake);
    assert.deepEqual([before.rows.in, before.rows.out, before.rows.duplicates], [84, 43, 41]);
    await dedupDate(lake, DATE);
    assert.deepEqual((await silverOf(lake)).content, before.content);
    const { findings } = (await audit(lake)).verdict;
    assert.ok(!findings.some(({ check }) => check === "rows.duplicates"));
  });
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
