/**
 * Mutated zstd: a DecodeError, or the bytes that the reference library reads, in any chunks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { Random, TidemarkError } from "../../../lib/base/mod.ts";
import { ByteReader } from "../../../lib/ingest/byte_reader.ts";
import { decompressZstd } from "../../../lib/ingest/dbn/zstd.ts";
import { fuzz, linesOfPython } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";
import { chunked, gather, join } from "../../ingest/dbn/_fixtures.ts";

/** Unpacks files; of each a line, the SHA-256 of what is in it or why it is refused. */
const PROGRAM = `
import hashlib, sys, zstandard
for path in sys.argv[1:]:
    try:
        unpack = zstandard.ZstdDecompressor(max_window_size=2**27)
        with open(path, "rb") as file: data = unpack.stream_reader(file, read_across_frames=True).read()
        print(hashlib.sha256(data).hexdigest())
    except zstandard.ZstdError as error: print("refused:", error)
`;

/** Frames of all kinds of blocks: raw, of one byte, compressed with literals and with sequences. */
function files(): Uint8Array[] {
  const random = new Random("zstd"), encoder = new TextEncoder();
  const noise = Uint8Array.from({ length: 300 }, () => random.int(256));
  const few = Uint8Array.from({ length: 2000 }, () => random.int(7));
  const lines = encoder.encode(Array.from({ length: 60 }, (_, i) => `ESZ5,${6850 + i % 9},${i}\n`).join(""));
  const frame = (bytes: Uint8Array, checksum: 0 | 1) =>
    zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: checksum } });
  const skippable = join(new Uint8Array([0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), new Uint8Array(3));
  const contents = [noise, few, lines, new Uint8Array(5000), join(lines, noise, few)];
  return [
    ...contents.flatMap((bytes) => [frame(bytes, 0), frame(bytes, 1)]),
    join(frame(lines, 0), skippable, frame(noise, 0), frame(new Uint8Array(), 0), frame(few, 1)),
  ];
}

Deno.test("mutated zstd is refused, or unpacked as the reference library unpacks it", async () => {
  const accepted: { bytes: Uint8Array; sha256: string }[] = [];
  const unpack = (bytes: Uint8Array, ...sizes: number[]) =>
    gather(decompressZstd(new ByteReader(chunked(bytes, ...sizes)), "x.zst"));
  const outcome = (work: Promise<Uint8Array>) =>
    work.catch((error) => {
      if (!(error instanceof TidemarkError)) throw error;
      return error;
    });
  await fuzz("zstd", {
    inputs: 3000,
    base: files(),
    headBytes: 40,
    check: async (bytes, random) => {
      const whole = await outcome(unpack(bytes, bytes.length + 1));
      const pieces = await outcome(unpack(bytes, 1 + random.int(90), 1 + random.int(9)));
      if (whole instanceof TidemarkError || pieces instanceof TidemarkError) {
        assert.equal((pieces as Error).message, (whole as Error).message);
        throw whole;
      }
      assert.deepEqual(pieces, whole);
      accepted.push({ bytes, sha256: createHash("sha256").update(whole).digest("hex") });
    },
  });
  if (!requires("python:zstandard", "mutated zstd against the reference library")) return;
  const theirs = await linesOfPython(PROGRAM, accepted.map(({ bytes }) => bytes));
  for (const [i, { bytes, sha256 }] of accepted.entries()) assert.equal(sha256, theirs[i], bytes.toHex());
});
