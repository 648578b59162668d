import assert from "node:assert/strict";
import { type Batch, isStrings, Random, sliceBatch, stringsOf } from "../../../lib/base/mod.ts";
import {
  type DbnBatch,
  decodeMetadata,
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
} from "../../../lib/ingest/mod.ts";
import { ByteReader } from "../../../lib/ingest/byte_reader.ts";
import { isZstd } from "../../../lib/ingest/dbn/magic.ts";
import { decompressZstd } from "../../../lib/ingest/dbn/zstd.ts";
import { requires } from "../../helpers/requires.ts";
import { chunked, decode, fixture, gather, head, join, plain, push, randomRecords } from "./_fixtures.ts";

const ENCODE = { "trades": encodeTrades, "mbp-10": encodeMbp10 };

/** Batches of both tables as records in the order of the stream. */
function writeBack(batches: readonly DbnBatch[]): Uint8Array {
  const records: Uint8Array[] = [];
  for (const { table, batch, row } of batches) {
    const bytes = ENCODE[table](batch);
    const size = bytes.length / batch.length;
    row.forEach((r, i) => records[Number(r)] = bytes.subarray(i * size, (i + 1) * size));
  }
  return join(...records);
}

Deno.test("encodeTrades() and encodeMbp10() give back the bytes of every real file, metadata included", async () => {
  if (!requires("shared", "byte round trip of real files")) return;
  const names = ["trades", "mbp-10"].flatMap((table) => [
    ...["dbn", "v1.dbn.zst", "v2.dbn.zst", "v3.dbn.zst"].map((v) => `dbn/test_data.${table}.${v}`),
    `real/esh4-20231225.${table}.dbn.zst`,
  ]);
  for (const name of names) {
    const file = fixture(name);
    const wanted = isZstd(file)
      ? await gather(decompressZstd(new ByteReader(chunked(file, 9999)), name))
      : file;
    const { stream, batches } = await decode(file, { batchRows: 5000 });
    const metadata = encodeMetadata(stream.metadata);
    const records = join(...batches.map(({ table, batch }) => ENCODE[table](batch)));
    assert(Buffer.from(join(metadata, records)).equals(wanted), name);
  }
});

Deno.test("encodeMetadata() gives back the metadata of every other real file", async () => {
  if (!requires("shared", "metadata round trip")) return;
  for (const entry of Deno.readDirSync(new URL("../../../../shared/data/dbn", import.meta.url))) {
    if (!/\.dbn(\.zst)?$/.test(entry.name)) continue;
    const file = fixture(`dbn/${entry.name}`);
    const bytes = isZstd(file)
      ? await gather(decompressZstd(new ByteReader(chunked(file, 99)), entry.name))
      : file;
    const length = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    const metadata = bytes.subarray(0, length);
    assert(Buffer.from(encodeMetadata(decodeMetadata(metadata, entry.name))).equals(metadata), entry.name);
  }
});

Deno.test("encode of decode is the identity on random records of both tables", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const count = 1 + random.int(2200);
    for (const table of ["trades", "mbp-10"] as const) {
      const bytes = randomRecords(random, table, count);
      const batches = push(join(head(), bytes), { batchRows: 1 + random.int(1500) });
      assert(Buffer.from(join(...batches.map((b) => ENCODE[table](b.batch)))).equals(bytes), `seed ${seed}`);
    }
  }
});

Deno.test("encode of decode is the identity on a stream of both tables, by its rows' places", () => {
  const random = new Random("both");
  const records = Array.from(
    { length: 3000 },
    () => randomRecords(random, random.uniform() < 0.5 ? "trades" : "mbp-10", 1),
  );
  const batches = push(join(head(), ...records), { batchRows: 401 });
  assert(Buffer.from(writeBack(batches)).equals(join(...records)));
});

Deno.test("encode of decode keeps every action, side, flag and depth byte", () => {
  const bytes = randomRecords(new Random(2), "trades", 256);
  for (let i = 0; i < 256; i++) bytes.fill(i, 48 * i + 28, 48 * i + 32);
  const [{ batch }] = push(join(head(), bytes));
  assert.equal(plain(batch).side[0], "\0");
  assert.deepEqual(encodeTrades(batch), bytes);
});

Deno.test("encode of decode keeps prices at both ends of what f64 holds", () => {
  const limit = 2n ** 51n;
  const units = [0n, 1n, -1n, 250_000_000n, limit - 1n, 1n - limit, limit, -limit, 2n ** 53n, -(2n ** 62n)];
  const bytes = randomRecords(new Random(2), "trades", units.length);
  units.forEach((u, i) => new DataView(bytes.buffer).setBigInt64(48 * i + 16, u, true));
  const [{ batch }] = push(join(head(), bytes));
  assert.deepEqual(encodeTrades(batch), bytes);
});

Deno.test("encodeTrades() takes slices, other dictionaries and columns it does not know", () => {
  const bytes = randomRecords(new Random(13), "trades", 100);
  for (let at = 0; at < bytes.length; at += 48) bytes.set([84, "ABN".charCodeAt(at % 3)], at + 28);
  const [{ batch }] = push(join(head(), bytes));
  const respelled: Batch = { length: batch.length, columns: { ...batch.columns } };
  for (const name of ["side", "action"]) respelled.columns[name] = stringsOf(plain(batch)[name] as string[]);
  respelled.columns.contract = stringsOf(Array(100).fill("ESZ5"));
  delete respelled.columns.aggressor;
  assert.deepEqual(encodeTrades(respelled), bytes);
  assert.deepEqual(encodeTrades(sliceBatch(respelled, 10, 60)), bytes.subarray(480, 2880));
});

Deno.test("encodeTrades() refuses what the record cannot hold", () => {
  const good = push(join(head(), randomRecords(new Random(14), "trades", 2)))[0].batch;
  const refuse = (columns: Batch["columns"], wanted: RegExp, type: ErrorConstructor = RangeError) =>
    assert.throws(
      () => encodeTrades({ length: 2, columns: { ...good.columns, ...columns } }),
      (e) => e instanceof type && wanted.test(e.message),
    );
  const side = good.columns.side;
  assert(isStrings(side));
  refuse({ price: new Float64Array([1, Infinity]) }, /"price": price Infinity at row 1/);
  refuse({ price: new Float64Array([1, 1e10]) }, /"price": price 10000000000 at row 1/);
  refuse({ seq: new BigInt64Array([1n, 2n ** 32n]) }, /"seq": row 1 does not fit 32 bits/);
  refuse({ seq: new BigInt64Array([-1n, 1n]) }, /"seq": row 0 does not fit 32 bits/);
  refuse({ side: { codes: new Int32Array([0, -1]), values: ["A"] } }, /"side": null at row 1/);
  refuse({ side: stringsOf(["A", "buy"]) }, /"side": "buy" is not one byte/);
  refuse({ side: stringsOf(["A", "→"]) }, /"side": "→" is not one byte/);
  refuse({ size: new Uint32Array(3) }, /"size": 3 rows, wanted 2/);
  refuse({ size: new Float64Array(2) }, /"size": wanted Uint32Array/, TypeError);
  refuse({ side: new Int32Array(2) }, /"side": wanted strings/, TypeError);
});

Deno.test("makeMetadata() describes a stream that openDbn() reads", async () => {
  const metadata = makeMetadata({ version: 2, schema: 4, symbols: ["ESZ5"] });
  const records = randomRecords(new Random(15), "trades", 5);
  const { stream, tables } = await decode(join(encodeMetadata(metadata), records), { wanted: "trades" });
  assert.deepEqual(stream.metadata, metadata);
  assert.equal(tables.trades!.length, 5);
});
