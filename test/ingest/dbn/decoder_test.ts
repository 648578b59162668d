import assert from "node:assert/strict";
import { type Batch, DecodeError, f64, i64, i8, isStrings, Random } from "../../../lib/base/mod.ts";
import { type DbnTable, encodeMetadata, makeMetadata, openDbn } from "../../../lib/ingest/mod.ts";
import { requires } from "../../helpers/requires.ts";
import {
  assertRefused,
  chunked,
  decode,
  fixture,
  gather,
  head,
  join,
  plain,
  push,
  randomRecords,
} from "./_fixtures.ts";
import { naiveRecord } from "./_naive.ts";
import { decompressZstd } from "../../../lib/ingest/dbn/zstd.ts";
import { ByteReader } from "../../../lib/ingest/byte_reader.ts";

const HEAD = head();
const VERSIONS = ["dbn", "v1.dbn.zst", "v2.dbn.zst", "v3.dbn.zst"];

/** Asserts that a batch says what the naive reader says of each record. */
function assertNaive(batch: Batch, bytes: Uint8Array, size: number): void {
  assert.equal(batch.length, bytes.length / size);
  for (let row = 0; row < batch.length; row++) {
    for (const [name, wanted] of Object.entries(naiveRecord(bytes, row * size))) {
      const column = batch.columns[name];
      const found = isStrings(column) ? column.values[column.codes[row]] : column[row];
      const price = name === "price" || name.includes("_px_");
      if (!price) assert.equal(found, wanted, `${name} of row ${row}`);
      else if (wanted === 2n ** 63n - 1n) assert(Number.isNaN(found), `${name} of row ${row}`);
      else assert.equal(found, Number(wanted) / 1e9, `${name} of row ${row}`);
    }
  }
}

Deno.test("openDbn() reads the two trades of the conformance file, every field", async () => {
  if (!requires("shared", "conformance trades")) return;
  const { tables, stream } = await decode(fixture("dbn/test_data.trades.dbn"));
  assert.deepEqual(plain(tables.trades!), {
    ts_event_ns: [1609160400098821953n, 1609160400107665963n],
    ts_recv_ns: [1609160400099150057n, 1609160400108142648n],
    ts_in_delta: [19251, 20728],
    instrument_id: [5482, 5482],
    publisher_id: [1, 1],
    price: [3720.25, 3720.25],
    size: [5, 21],
    side: ["A", "A"],
    aggressor: [-1, -1],
    action: ["T", "T"],
    depth: [0, 0],
    flags: [0x81, 0x81],
    seq: [1170380n, 1170414n],
  });
  assert.equal(stream.records, 2);
  assert.equal(stream.tsOutDropped, 0);
  assert.equal(stream.skipped.size, 0);
});

Deno.test("openDbn() reads the first book of the conformance file, best and deepest level", async () => {
  if (!requires("shared", "conformance book")) return;
  const { tables } = await decode(fixture("dbn/test_data.mbp-10.v3.dbn.zst"));
  const book = plain(tables["mbp-10"]!);
  const first = Object.fromEntries(Object.entries(book).map(([name, values]) => [name, values[0]]));
  assert.deepEqual(
    [first.bid_px_1, first.bid_sz_1, first.bid_ct_1, first.ask_px_1, first.ask_sz_1, first.ask_ct_1],
    [3720.25, 24, 15, 3720.5, 10, 8],
  );
  assert.deepEqual(
    [first.bid_px_10, first.bid_sz_10, first.bid_ct_10, first.ask_px_10, first.ask_sz_10, first.ask_ct_10],
    [3718, 67, 39, 3722.75, 44, 26],
  );
  assert.deepEqual(
    [first.action, first.side, first.depth, first.price, first.size, first.flags, first.is_snapshot],
    ["C", "A", 9, 3722.75, 1, 0x80, 0],
  );
});

Deno.test("openDbn() reads every version of a schema into the same columns", async () => {
  if (!requires("shared", "versions agree")) return;
  for (const table of ["trades", "mbp-10"] as const) {
    const columns = [];
    for (const version of VERSIONS) {
      const { tables } = await decode(fixture(`dbn/test_data.${table}.${version}`), { wanted: table });
      columns.push(plain(tables[table]!));
    }
    assert.equal(columns[0].seq.length, 2);
    for (const other of columns.slice(1)) assert.deepEqual(other, columns[0]);
  }
});

Deno.test("openDbn() counts record types that are no table, and gives no rows of them", async () => {
  if (!requires("shared", "foreign types")) return;
  const foreign: Record<string, [string, number]> = {
    "mbo.dbn": ["mbo", 2],
    "mbo.v1.dbn.zst": ["mbo", 2],
    "mbo.v2.dbn.zst": ["mbo", 2],
    "mbo.v3.dbn": ["mbo", 2],
    "mbo.v3.dbn.zst": ["mbo", 2],
    "mbp-1.dbn": ["mbp-1", 2],
    "mbp-1.v1.dbn.zst": ["mbp-1", 2],
    "mbp-1.v2.dbn.zst": ["mbp-1", 2],
    "mbp-1.v3.dbn.zst": ["mbp-1", 2],
    "definition.v3.dbn.zst": ["definition", 2],
    "status.v3.dbn.zst": ["status", 4],
    "ohlcv-1s.v3.dbn.zst": ["ohlcv-1s", 2],
  };
  for (const [file, [name, count]] of Object.entries(foreign)) {
    const { stream, batches } = await decode(fixture(`dbn/test_data.${file}`));
    assert.equal(batches.length, 0, file);
    assert.deepEqual([...stream.skipped], [[name, count]], file);
    assert.equal(stream.records, count, file);
  }
});

Deno.test("openDbn() reads all rows of the real ES files as the naive reader does", async () => {
  if (!requires("shared", "real ES files")) return;
  const files: [DbnTable, number, number][] = [["trades", 2973, 48], ["mbp-10", 40_037, 368]];
  for (const [table, rows, size] of files) {
    const file = fixture(`real/esh4-20231225.${table}.dbn.zst`);
    const { tables, batches, stream } = await decode(file, { batchRows: 10_000 });
    assert.equal(stream.records, rows);
    assert.deepEqual(
      batches.map((b) => b.batch.length).slice(0, -1),
      Array(Math.floor(rows / 10_000)).fill(10_000),
    );
    assert.deepEqual(
      batches.flatMap((b) => Array.from(b.row, Number)),
      Array.from({ length: rows }, (_, i) => i),
    );
    const bytes = await gather(decompressZstd(new ByteReader(chunked(file, 50_000)), "x"));
    assertNaive(tables[table]!, bytes.subarray(bytes.length - rows * size), size);
  }
});

Deno.test("DbnDecoder reads random records as the naive reader does", () => {
  const random = new Random("records");
  for (const [table, size] of [["trades", 48], ["mbp-10", 368]] as const) {
    const bytes = randomRecords(random, table, 2500);
    const [{ batch }] = push(join(head(), bytes));
    assertNaive(batch, bytes, size);
    const sides = plain(batch).side;
    assert.deepEqual(
      table === "trades" ? [...i8(batch, "aggressor")] : [...i8(batch, "is_snapshot")],
      table === "trades"
        ? sides.map((side) => side === "B" ? 1 : side === "A" ? -1 : 0)
        : plain(batch).flags.map((flags) => Number((Number(flags) & 0x20) !== 0)),
    );
  }
});

Deno.test("openDbn() gives the same rows one byte at a time, plain and zstd", async () => {
  if (!requires("shared", "one byte at a time")) return;
  for (
    const file of ["trades.dbn", "mbp-10.dbn", "trades.v3.dbn.zst", "mbp-10.v1.dbn.zst", "status.v3.dbn.zst"]
  ) {
    const bytes = fixture(`dbn/test_data.${file}`);
    const whole = await decode(bytes, {}, [bytes.length]);
    const single = await decode(bytes, {}, [1]);
    assert.deepEqual(single.batches.map((b) => plain(b.batch)), whole.batches.map((b) => plain(b.batch)));
    assert.deepEqual(single.stream.skipped, whole.stream.skipped);
    assert.deepEqual(single.stream.metadata, whole.stream.metadata);
  }
});

Deno.test("DbnDecoder gives the same batches whatever the chunk boundaries, at any alignment", async () => {
  if (!requires("shared", "random chunks")) return;
  const random = new Random("chunks");
  const file = fixture("real/esh4-20231225.mbp-10.dbn.zst");
  const bytes = await gather(decompressZstd(new ByteReader(chunked(file, 50_000)), "x"));
  const some = bytes.subarray(0, 206 + 368 * 3000);
  const whole = push(some, { batchRows: 700 });
  assert.deepEqual(whole.map((b) => b.batch.length), [700, 700, 700, 700, 200]);
  for (const largest of [30, 400, 5000, 200_000]) {
    const sizes = Array.from({ length: 500 }, () => 1 + random.int(largest));
    const { batches } = await decode(some, { batchRows: 700 }, sizes);
    assert.deepEqual(batches, whole);
  }
});

Deno.test("DbnDecoder does not keep the bytes it was given", () => {
  const bytes = join(head(), randomRecords(new Random(1), "trades", 10));
  const wanted = push(bytes.slice());
  const lent = bytes.slice();
  const [batch] = push(lent);
  lent.fill(0);
  assert.deepEqual(plain(batch.batch), plain(wanted[0].batch));
});

Deno.test("openDbn() reads a stream of both tables and other types, and says each row's place", async () => {
  const random = new Random("mixed");
  const parts: Uint8Array[] = [];
  const order: DbnTable[] = [];
  for (let i = 0; i < 2000; i++) {
    if (random.uniform() < 0.2) {
      const other = new Uint8Array(320 + 4 * random.int(176));
      other[0] = other.length / 4;
      other[1] = 0x17;
      parts.push(other);
    } else {
      order.push(random.uniform() < 0.5 ? "trades" : "mbp-10");
      parts.push(randomRecords(random, order.at(-1)!, 1));
    }
  }
  const bytes = join(head(), ...parts);
  for (const batchRows of [1, 7, 300, 65_536]) {
    const { batches, stream } = await decode(bytes, { batchRows }, [1 + random.int(3000)]);
    assert.equal(stream.records, 2000);
    assert.deepEqual([...stream.skipped], [["system", 2000 - order.length]]);
    const found: DbnTable[] = [];
    for (const { table, row } of batches) for (const r of row) found[Number(r)] = table;
    assert.deepEqual(found, order);
    for (const { table, batch, row } of batches.slice(0, 3)) {
      const kept = parts.filter((p) => p[1] !== 0x17);
      const rows = join(...Array.from(row, (r) => kept[Number(r)]));
      assertNaive(batch, rows, table === "trades" ? 48 : 368);
    }
  }
  const trades = await decode(bytes, { wanted: "trades" });
  assert.equal(trades.tables["mbp-10"], undefined);
  assert.equal(trades.stream.skipped.get("mbp-10"), order.filter((t) => t === "mbp-10").length);
  assert.deepEqual(trades.batches[0].row.at(-1), BigInt(trades.batches[0].batch.length - 1));
});

Deno.test("openDbn() drops ts_out and counts it", async () => {
  const random = new Random("ts_out");
  for (const [table, size] of [["trades", 48], ["mbp-10", 368]] as const) {
    const plainRecords = randomRecords(random, table, 50);
    const withTsOut = Array.from({ length: 50 }, (_, i) => {
      const record = join(plainRecords.subarray(i * size, (i + 1) * size), new Uint8Array(8).fill(i));
      record[0] += 2;
      return record;
    });
    const { stream, tables } = await decode(join(head(3, true), ...withTsOut));
    assert.equal(stream.tsOutDropped, 50);
    assertNaive(tables[table]!, plainRecords, size);
    await assertRefused(join(head(3, true), plainRecords), /record of \d+ bytes, wanted/, 128);
    await assertRefused(join(head(3, false), ...withTsOut), /record of \d+ bytes, wanted/, 128);
  }
});

Deno.test("DbnDecoder keeps an undefined timestamp and an undefined price", () => {
  const bytes = randomRecords(new Random(3), "trades", 1);
  bytes.fill(0xff, 8, 16);
  new DataView(bytes.buffer).setBigInt64(16, 2n ** 63n - 1n, true);
  const [{ batch }] = push(join(head(), bytes));
  assert.equal(i64(batch, "ts_event_ns")[0], -1n);
  assert(Number.isNaN(f64(batch, "price")[0]));
});

Deno.test("DbnDecoder refuses a price that f64 cannot keep, and keeps each one that it can", async () => {
  const bytes = randomRecords(new Random(4), "mbp-10", 3);
  const view = new DataView(bytes.buffer);
  const at = 368 + 48 + 3 * 32 + 8;
  for (const kept of [2n ** 51n, -(2n ** 51n), 2n ** 52n + 2n, 2n ** 62n, -(2n ** 63n)]) {
    view.setBigInt64(at, kept, true);
    const [{ batch }] = push(join(head(), bytes));
    assert.equal(BigInt(Math.round(f64(batch, "ask_px_4")[1] * 1e9)), kept);
  }
  view.setBigInt64(at, 2n ** 60n + 1n, true);
  await assertRefused(join(head(), bytes), /ask_px_4 has more digits/, 128 + at);
});

Deno.test("DbnDecoder never alters a price: beyond 2^51 units it gives the same units back or refuses", () => {
  const random = new Random("large prices");
  const bytes = randomRecords(random, "trades", 1);
  const outcomes = { kept: 0, refused: 0 };
  for (let i = 0; i < 20_000; i++) {
    const units = BigInt.asIntN(64, BigInt(random.uint32()) << 32n | BigInt(random.uint32())) >>
      BigInt(random.int(14));
    new DataView(bytes.buffer).setBigInt64(16, units, true);
    try {
      const [{ batch }] = push(join(HEAD, bytes));
      assert.equal(BigInt(Math.round(f64(batch, "price")[0] * 1e9)), units);
      outcomes.kept++;
    } catch (error) {
      assert(error instanceof DecodeError, String(error));
      outcomes.refused++;
    }
  }
  assert(outcomes.kept > 1000 && outcomes.refused > 1000, JSON.stringify(outcomes));
});

Deno.test("openDbn() refuses a stream of another schema than the wanted one", async () => {
  const books = join(encodeMetadata(makeMetadata({ schema: 2 })), randomRecords(new Random(5), "mbp-10", 1));
  await assertRefused(books, /its schema is mbp-10, wanted trades/, 24, { wanted: "trades" });
  if (!requires("shared", "an mbo file where trades are wanted")) return;
  await assertRefused(fixture("dbn/test_data.mbo.dbn"), /its schema is mbo, wanted trades/, 24, {
    wanted: "trades",
  });
});

Deno.test("openDbn() refuses records of a wrong length, by the byte", async () => {
  const records = randomRecords(new Random(6), "trades", 3);
  const spoil = (length: number, rtype = 0) => {
    const bytes = join(head(), records);
    bytes[128 + 48] = length;
    bytes[128 + 49] = rtype;
    return bytes;
  };
  await assertRefused(spoil(0), /a record of length 0, wanted at least 4 words/, 176);
  await assertRefused(spoil(3), /a record of length 3, wanted at least 4 words/, 176);
  await assertRefused(spoil(11), /a trades record of 44 bytes, wanted 48/, 176);
  await assertRefused(spoil(255, 0x17), /ends inside a record of 1020 bytes, of which it has 96/, 176);
});

Deno.test("openDbn() refuses a type that there is not, and a record too short for its type", async () => {
  const records = randomRecords(new Random("type"), "trades", 3);
  const cases: [rtype: number, version: 1 | 2 | 3, RegExp][] = [
    [0x02, 3, /at byte 176: a record of rtype 0x02, wanted a type that DBN defines; the file is damaged/],
    [0xff, 1, /at byte 176: a record of rtype 0xff/],
    [0x01, 2, /at byte 176: a mbp-1 record of 48 bytes, wanted at least 80; the file is damaged/],
    [0x17, 1, /at byte 176: a system record of 48 bytes, wanted at least 80/],
    [0x17, 3, /at byte 176: a system record of 48 bytes, wanted at least 320/],
    [0x13, 3, /at byte 176: a definition record of 48 bytes, wanted at least 520/],
  ];
  for (const [rtype, version, wanted] of cases) {
    const damaged = records.slice();
    damaged[48 + 1] = rtype;
    const start = head(version);
    await assertRefused(
      join(start, damaged),
      new RegExp(wanted.source.replace("176", String(start.length + 48))),
    );
  }
  const status = records.slice();
  status[48 + 1] = 0x12;
  assert.deepEqual([...(await decode(join(head(), status))).stream.skipped], [["status", 1]]);
});

Deno.test("openDbn() tells a file cut anywhere from a whole one, but for a cut between records", async () => {
  for (const version of [1, 2, 3] as const) {
    const front = head(version);
    const bytes = join(
      front,
      randomRecords(new Random(7), "trades", 2),
      randomRecords(new Random(8), "mbp-10", 1),
    );
    const ends = new Map([[0, 0], [48, 1], [96, 2], [464, 3]].map(([at, n]) => [front.length + at, n]));
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const records = ends.get(length);
      if (records === undefined) {
        const message = length === 0
          ? /empty/
          : length < front.length
          ? /metadata needs/
          : /ends inside a record/;
        await assertRefused(cut, message);
      } else assert.equal((await decode(cut)).stream.records, records);
    }
  }
});

Deno.test("openDbn() refuses a version 1 file that lacks records its metadata promises", async () => {
  const metadata = encodeMetadata(makeMetadata({ version: 1, recordCount: 3n }));
  const records = randomRecords(new Random(9), "trades", 3);
  assert.equal((await decode(join(metadata, records))).stream.records, 3);
  await assertRefused(join(metadata, records.subarray(48)), /after 2 records, its metadata promises 3/);
});

Deno.test("DbnDecoder meets any damaged byte with rows or a DecodeError, nothing else", () => {
  const bytes = join(
    encodeMetadata(makeMetadata({ symbols: ["ESZ5"], mappings: [{ rawSymbol: "ESZ5", intervals: [] }] })),
    randomRecords(new Random(10), "trades", 2),
    randomRecords(new Random(11), "mbp-10", 1),
  );
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const damaged = bytes.slice();
      damaged[at] ^= flip;
      try {
        push(damaged);
      } catch (error) {
        assert(error instanceof DecodeError, `byte ${at}: ${error}`);
        refused++;
      }
    }
  }
  assert(refused > 100);
});

Deno.test("DbnStream.close() and leaving batches() early let go of the source", async () => {
  const bytes = join(head(), randomRecords(new Random(12), "trades", 1000));
  for (const leave of ["close", "break", "error"]) {
    const released = { yes: false };
    const opened = openDbn(watched(leave === "error" ? bytes.subarray(1) : bytes, released), {
      name: "test.dbn",
      batchRows: 10,
    });
    if (leave === "error") await assert.rejects(opened, DecodeError);
    else if (leave === "close") await (await opened).close();
    else for await (const _ of (await opened).batches()) break;
    assert(released.yes, leave);
  }
});

/** The bytes, and a note when the reader lets go of them. */
async function* watched(bytes: Uint8Array, released: { yes: boolean }): AsyncGenerator<Uint8Array, void> {
  try {
    yield* chunked(bytes, 200);
  } finally {
    released.yes = true;
  }
}
