import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { type Batch, concatBatches, i64 } from "../../lib/base/mod.ts";
import { openDbn } from "../../lib/ingest/mod.ts";
import {
  instrumentsOf,
  simulateDay,
  simulateFiles,
  type SimulateFilesOptions,
  simulateUtcDate,
  utcDatesOf,
} from "../../lib/simulate/mod.ts";

const OPTIONS: SimulateFilesOptions = { dates: ["2025-11-13", "2025-11-14", "2025-11-17"], scale: 0.05 };

async function collect(
  files: AsyncIterable<{ name: string; bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }>,
) {
  const found = new Map<string, Uint8Array>();
  for await (const { name, bytes } of files) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    found.set(name, new Uint8Array(await new Blob(chunks.map((c) => c.slice())).arrayBuffer()));
  }
  return found;
}

let made: Promise<Map<string, Uint8Array>> | undefined;
/** The files of {@linkcode OPTIONS}, made once. */
const allFiles = () => made ??= collect(simulateFiles(OPTIONS));

async function* once(bytes: Uint8Array) {
  await Promise.resolve();
  yield bytes;
}

async function decode(bytes: Uint8Array, name: string): Promise<Batch> {
  const stream = await openDbn(once(bytes), { name });
  const batches: Batch[] = [];
  for await (const { batch } of stream.batches()) batches.push(batch);
  return concatBatches(batches);
}

Deno.test("simulateFiles() names files as Databento and the flat-file bucket do", async () => {
  const names = [...(await allFiles()).keys()];
  assert.deepEqual(utcDatesOf(OPTIONS.dates), [
    "2025-11-12",
    "2025-11-13",
    "2025-11-14",
    "2025-11-16",
    "2025-11-17",
  ]);
  for (const date of utcDatesOf(OPTIONS.dates)) {
    for (const schema of ["trades", "mbp-10"]) {
      assert.ok(names.includes(`glbx-mdp3-${date.replaceAll("-", "")}.${schema}.dbn.zst`), date);
    }
  }
  for (const date of OPTIONS.dates) {
    assert.ok(names.includes(`us_options_opra/trades_v1/2025/11/${date}.csv.gz`));
    for (const table of ["touches.csv", "minutes.csv", "icebergs.csv", "options.csv", "faults.json"]) {
      assert.ok(names.includes(`truth/${date}.${table}`));
    }
  }
  assert.equal(names.at(-1), "symbology.json");
});

Deno.test("simulateFiles() writes the records of the sessions, split by UTC date", async () => {
  const files = await allFiles();
  const rows: Batch[] = [];
  for (const date of utcDatesOf(OPTIONS.dates)) {
    const name = `glbx-mdp3-${date.replaceAll("-", "")}.mbp-10.dbn.zst`, bytes = files.get(name)!;
    const stream = await openDbn(once(bytes), { name });
    const { metadata } = stream;
    const day = BigInt(Date.parse(date)) * 1_000_000n;
    assert.deepEqual([metadata.version, metadata.dataset, metadata.startNs], [3, "GLBX.MDP3", day]);
    assert.deepEqual(metadata.mappings.map((m) => m.rawSymbol), ["ESZ5", "ESH6", "ESZ5-ESH6"]);
    assert.equal(metadata.mappings[0].intervals[0].symbol, "294973");
    const batch = await decode(bytes, name);
    const recv = i64(batch, "ts_recv_ns");
    assert.ok(recv[0] >= day && recv.at(-1)! < day + 86_401_000_000_000n);
    rows.push(batch);
  }
  const wanted = OPTIONS.dates.map((date) => simulateDay({ date, scale: 0.05 }).books);
  const made = concatBatches(rows), whole = concatBatches(wanted);
  for (const name of ["ts_event_ns", "ts_recv_ns", "price", "bid_px_1", "ask_sz_10", "seq", "flags"]) {
    assert.deepEqual(made.columns[name], whole.columns[name], name);
  }
});

Deno.test("simulateUtcDate() gives a date's bytes whatever else is asked for", async () => {
  const all = await allFiles();
  const alone = await collect(
    simulateUtcDate("2025-11-13", { ...OPTIONS, dates: ["2025-11-13", "2025-11-14"] }),
  );
  assert.equal(alone.size, 8);
  for (const [name, bytes] of alone) assert.deepEqual(bytes, all.get(name), name);
});

Deno.test("simulateFiles() writes a flat file of every print and the truth row by row", async () => {
  const files = await collect(simulateFiles({ ...OPTIONS, dates: ["2025-11-14"] }));
  const text = new TextDecoder().decode(
    gunzipSync(files.get("us_options_opra/trades_v1/2025/11/2025-11-14.csv.gz")!),
  );
  const lines = text.trimEnd().split("\n");
  const truth = new TextDecoder().decode(files.get("truth/2025-11-14.options.csv")!).trimEnd().split("\n");
  assert.equal(truth[0], "line,spy_row,ts_event_ns,option_symbol,aggressor,iv,spot");
  assert.equal(lines.length, truth.length);
  for (let i = 1; i < lines.length; i++) {
    const [line, , ts, symbol] = truth[i].split(",");
    assert.equal(Number(line), i - 1);
    assert.ok(lines[i].startsWith(symbol + ",") && lines[i].includes(`,${ts},`));
  }
  const symbology = JSON.parse(new TextDecoder().decode(files.get("symbology.json")!));
  assert.deepEqual(symbology.result.ESZ5, [{ d0: "2025-11-13", d1: "2025-11-15", s: "294973" }]);
  assert.equal(Object.keys(symbology.result).length, instrumentsOf("2025-11-14").all.length);
});

Deno.test("simulateFiles() damages files of the first session and rows of the last", async () => {
  const faults = ["truncated-file", "corrupt-frame", "bad-price"] as const;
  const dates = ["2025-11-13", "2025-11-14"];
  const [clean, damaged] = [
    await collect(simulateFiles({ dates, scale: 0.05 })),
    await collect(simulateFiles({ dates, scale: 0.05, faults })),
  ];
  const trades = "glbx-mdp3-20251113.trades.dbn.zst", books = "glbx-mdp3-20251113.mbp-10.dbn.zst";
  assert.equal(damaged.get(trades)!.length, Math.floor(clean.get(trades)!.length * 0.6));
  assert.equal(damaged.get(books)!.length, clean.get(books)!.length);
  for (const name of [trades, books]) {
    await assert.rejects(decode(damaged.get(name)!, name), /Cannot decode/);
  }
  const changed = [...clean.keys()].filter((name) =>
    !name.startsWith("truth/") && Buffer.compare(clean.get(name)!, damaged.get(name)!) !== 0
  );
  assert.deepEqual(changed.sort(), [books, trades, "glbx-mdp3-20251114.trades.dbn.zst"]);
  const kinds = dates.map((date) =>
    JSON.parse(new TextDecoder().decode(damaged.get(`truth/${date}.faults.json`)!))
      .map((f: { kind: string; table: string }) => `${f.kind} ${f.table}`)
  );
  assert.deepEqual(kinds, [[`corrupt-frame ${books}`, `truncated-file ${trades}`], ["bad-price trades"]]);
});
