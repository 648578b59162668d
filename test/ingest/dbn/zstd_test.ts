import assert from "node:assert/strict";
import { constants, createZstdCompress, zstdCompressSync } from "node:zlib";
import { DecodeError, Random } from "../../../lib/base/mod.ts";
import { compressZstd, isZstd, openDbn } from "../../../lib/ingest/mod.ts";
import { ByteReader } from "../../../lib/ingest/byte_reader.ts";
import { decompressZstd } from "../../../lib/ingest/dbn/zstd.ts";
import { requires } from "../../helpers/requires.ts";
import {
  assertRefused,
  chunked,
  decode,
  fixture,
  gather,
  head,
  join,
  push,
  randomRecords,
} from "./_fixtures.ts";

/** Bytes that compress some, with runs (RLE blocks) and noise (raw blocks) among them. */
function content(seed: number, length: number): Uint8Array {
  const random = new Random(seed);
  const out = new Uint8Array(length);
  for (let i = 0; i < length;) {
    const end = Math.min(length, i + 1 + random.int(200_000));
    const kind = random.int(3);
    const value = random.int(256);
    for (; i < end; i++) out[i] = kind === 0 ? value : kind === 1 ? random.int(256) : random.int(6);
  }
  return out;
}

function frame(bytes: Uint8Array, checksum = true): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } });
}

function skippable(length: number, nibble = 3): Uint8Array {
  const out = new Uint8Array(8 + length).fill(0xaa);
  new DataView(out.buffer).setUint32(0, 0x184d2a50 + nibble, true);
  new DataView(out.buffer).setUint32(4, length, true);
  return out;
}

/** One frame of unknown length, so that its header has a window. */
async function* compressed(bytes: Uint8Array, params: Record<number, number>): AsyncGenerator<Uint8Array> {
  yield* createZstdCompress({ params }).end(bytes) as AsyncIterable<Uint8Array>;
}

function decompress(bytes: Uint8Array, ...sizes: number[]): Promise<Uint8Array> {
  return gather(
    decompressZstd(new ByteReader(chunked(bytes, ...(sizes.length > 0 ? sizes : [65_536]))), "x.zst"),
  );
}

Deno.test("decompressZstd() reads one frame, several, empty ones and skippable ones", async () => {
  const a = content(1, 700_000), b = content(2, 3), c = content(3, 300_000);
  const parts: [string, Uint8Array, Uint8Array][] = [
    ["one", frame(a), a],
    ["without a checksum", frame(a, false), a],
    ["three", join(frame(a), frame(b, false), frame(c)), join(a, b, c)],
    ["an empty one between", join(frame(b), frame(new Uint8Array()), frame(c)), join(b, c)],
    ["skippable first", join(skippable(5), frame(a)), a],
    [
      "skippable between and last",
      join(frame(a), skippable(0), skippable(3_000_000, 15), frame(c), skippable(1)),
      join(a, c),
    ],
    ["nothing", new Uint8Array(), new Uint8Array()],
  ];
  for (const [name, bytes, wanted] of parts) {
    for (const sizes of [[bytes.length + 1], [65_536], [1000, 1, 2, 3]]) {
      assert(Buffer.from(await decompress(bytes, ...sizes)).equals(wanted), `${name} in chunks of ${sizes}`);
    }
  }
  assert(Buffer.from(await decompress(join(frame(b), skippable(2), frame(b)), 1)).equals(join(b, b)));
});

Deno.test("decompressZstd() reads a frame of many small blocks", async () => {
  const wanted = content(5, 20_000);
  const small = await gather(compressZstd(chunked(wanted, 20_000), 19));
  assert.deepEqual(await decompress(small), wanted);
});

Deno.test("decompressZstd() joins the frames of the real multi-frame fragment", async () => {
  if (!requires("shared", "multi-frame fragment")) return;
  const bytes = await decompress(fixture("dbn/multi-frame.definition.v1.dbn.frag.zst"), 100);
  const { stream } = await decode(join(head(1), bytes));
  assert.deepEqual([...stream.skipped], [["definition", 8]]);
});

Deno.test("decompressZstd() refuses a frame cut at any byte", async () => {
  const bytes = join(head(), randomRecords(new Random(1), "trades", 3));
  const file = join(frame(bytes.subarray(0, 100)), frame(bytes.subarray(100)));
  const boundary = frame(bytes.subarray(0, 100)).length;
  for (let length = 1; length < file.length; length++) {
    const wanted = length === boundary
      ? /metadata needs 128 bytes, the file has 100/
      : /truncated|empty|wanted "DBN"/;
    await assertRefused(file.subarray(0, length), wanted);
  }
});

Deno.test("decompressZstd() refuses what follows a frame and is none", async () => {
  const whole = frame(content(1, 1000));
  const tails: [number[], RegExp][] = [
    [[0], /truncated zstd frame, the frame's magic number/],
    [[0, 0, 0, 0], new RegExp(`no zstd frame at byte ${whole.length} of`)],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], new RegExp(`no zstd frame at byte ${whole.length} of`)],
  ];
  for (const [tail, wanted] of tails) {
    await assert.rejects(
      decompress(join(whole, new Uint8Array(tail))),
      (e) => e instanceof DecodeError && e.byteOffset === 1000 && wanted.test(e.message),
    );
  }
});

Deno.test("openDbn() names the place where another file was joined on, whatever the two are", async () => {
  const plain = join(head(), randomRecords(new Random(4), "trades", 5)), packed = frame(plain);
  const tail = join(plain, new Uint8Array(400));
  const cases: [Uint8Array, RegExp][] = [
    [join(plain, plain), /at byte 368: a DBN file begins here, several files were joined; give each/],
    [join(plain, head()), /at byte 368: a DBN file begins here/],
    [join(plain, tail), /at byte 368: a DBN file begins here/],
    [join(packed, packed), /at byte 368: a DBN file begins here/],
    [join(packed, frame(tail)), /at byte 368: a DBN file begins here/],
    [join(packed, plain), /at byte 368: a DBN file begins here/],
    [join(plain, packed), /at byte 368: a zstd file begins here/],
    [join(plain, skippable(9), packed), /at byte 368: a zstd file begins here/],
  ];
  for (const [k, [bytes, wanted]] of cases.entries()) {
    for (const sizes of [[bytes.length], [1], [plain.length]]) {
      await assert.rejects(
        decode(bytes, {}, sizes),
        (e) => e instanceof DecodeError && wanted.test(e.message),
        `${k}`,
      );
    }
  }
});

Deno.test("openDbn() names a zstd window beyond the decoder's", async () => {
  const bytes = join(head(), randomRecords(new Random(5), "trades", 5));
  const params = (windowLog: number) => ({
    [constants.ZSTD_c_windowLog]: windowLog,
    [constants.ZSTD_c_contentSizeFlag]: 0,
  });
  const packed = (windowLog: number) => gather(compressed(bytes, params(windowLog)));
  assert.equal((await decode(await packed(27))).tables.trades?.length, 5);
  await assertRefused(
    await packed(28),
    /the zstd frame at byte 0 of the compressed file has a window of 256 MB, wanted at most 128; .*--long/,
  );
  const single = frame(bytes),
    large = join(single.subarray(0, 4), new Uint8Array([0xa0, 1, 0, 0, 8]), single.subarray(6));
  await assertRefused(large, /has a window of 129 MB, wanted at most 128/);
});

Deno.test("decompressZstd() meets any damaged byte with an error or the right bytes", async () => {
  const wanted = content(8, 6000);
  const file = frame(wanted);
  let refused = 0;
  for (let at = 0; at < file.length; at += 3) {
    const damaged = file.slice();
    damaged[at] ^= 1 << (at % 8);
    try {
      assert.deepEqual(await decompress(damaged), wanted);
    } catch (error) {
      assert(error instanceof DecodeError, `byte ${at}: ${error}`);
      refused++;
    }
  }
  assert(refused > file.length / 3 - 5, `${refused} of ${Math.ceil(file.length / 3)}`);
});

Deno.test("openDbn() names file, byte and what to do where a real zstd file is damaged", async () => {
  if (!requires("shared", "damaged real file")) return;
  const file = fixture("real/esh4-20231225.mbp-10.dbn.zst");
  for (const at of [50, 400_000, file.length - 3]) {
    const damaged = file.slice();
    damaged[at] ^= 0x10;
    await assertRefused(
      damaged,
      /corrupt zstd frame, .* before byte \d+ of the compressed file; .*download it again/,
    );
  }
  await assertRefused(
    file.subarray(0, 500_000),
    /truncated zstd frame, a block at byte \d+ of the compressed file/,
  );
});

Deno.test("openDbn() hands out the rows before the damage, and the offset where they end", async () => {
  const bytes = join(head(), randomRecords(new Random(2), "mbp-10", 4000));
  const file = frame(bytes);
  file[file.length - 50_000] ^= 0xff;
  const stream = await openDbn(chunked(file, 65_536), { name: "x", batchRows: 500 });
  let rows = 0;
  await assert.rejects(async () => {
    for await (const { batch } of stream.batches()) rows += batch.length;
  }, (error) => error instanceof DecodeError && error.byteOffset >= 128 + rows * 368);
  assert(rows > 2000);
});

Deno.test("compressZstd() gives one frame with a checksum, the same bytes for the same content", async () => {
  const wanted = content(9, 3_000_000);
  const once = await gather(compressZstd(chunked(wanted, 100_000)));
  assert(isZstd(once));
  assert.equal(once[4] & 4, 4);
  assert(Buffer.from(await decompress(once)).equals(wanted));
  const again = await gather(compressZstd(chunked(wanted, 100_000)));
  assert(Buffer.from(again).equals(once));
  assert.equal((await decompress(await gather(compressZstd([])))).length, 0);
});

Deno.test("a stream compressed by compressZstd() decodes to what was encoded", async () => {
  const bytes = join(head(), randomRecords(new Random(3), "mbp-10", 1000));
  const file = await gather(compressZstd([bytes.subarray(0, 777), bytes.subarray(777)], 1));
  assert.deepEqual((await decode(file)).batches, push(bytes));
});

Deno.test("ByteReader.take() and peek() give exact bytes across chunks, and fewer at the end", async () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => i);
  const reader = new ByteReader(chunked(bytes, 3, 1, 4));
  assert.deepEqual([...await reader.peek(5)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...await reader.take(2)], [0, 1]);
  assert.deepEqual([...await reader.take(7)], [2, 3, 4, 5, 6, 7, 8]);
  assert.equal(reader.offset, 9);
  assert.deepEqual([...await reader.take(0)], []);
  assert.deepEqual([...await reader.peek(100)], [...bytes.subarray(9)]);
  assert.deepEqual([...await gather(reader.rest())], [...bytes.subarray(9)]);
  assert.equal(reader.offset, 20);
  assert.equal((await reader.take(1)).length, 0);
});
