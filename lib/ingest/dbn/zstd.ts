/**
 * Streaming zstd: any number of frames, skippable ones too, in and out of chunks of any size.
 *
 * `node:zlib` decodes the blocks. The frames are walked here (RFC 8878, section 3.1), because Deno 2.9.6 stops
 * after the first frame of a chunk, takes a truncated frame for a whole one, and throws an error it meets while
 * its output buffer is full where nobody can catch it. Handing over one block a write avoids all three: a
 * block's output fits the decoder's own buffer, so that every error comes out of the write itself.
 *
 * @module
 */
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { DecodeError } from "../../base/mod.ts";
import type { ByteReader } from "../byte_reader.ts";
import { Inflater } from "../inflater.ts";
import { explainJoint, isSkippable, isZstdFrame, readUint32 } from "./magic.ts";

const OUTPUT_BYTES = 1 << 20;
/** The decoder's own limit. */
const MOST_WINDOW_MB = 128;
/** Blocks handed over before their output is waited for: bounds memory, saves turns of the event loop. */
const BLOCKS_A_TURN = 8;
const BLOCK_TYPES = { raw: 0, rle: 1, compressed: 2 } as const;

/**
 * Decompresses a stream of zstd frames.
 *
 * @param reader The compressed bytes, at the start of a frame.
 * @param name File or stream name for errors.
 * @throws {DecodeError} If a frame is damaged, cut short or followed by something else. `byteOffset` is where
 *   the decompressed bytes end; the message names the byte of the compressed file.
 */
export async function* decompressZstd(reader: ByteReader, name: string): AsyncGenerator<Uint8Array, void> {
  const inflater = new Inflater(createZstdDecompress({ chunkSize: OUTPUT_BYTES }));
  let waiting = 0;
  const fail = (message: string, cause?: unknown): never => {
    const text = `${message}; the file is damaged, download it again`;
    throw new DecodeError(text, name, inflater.written, { cause });
  };
  const refuse = (message: string): never => {
    throw new DecodeError(message, name, inflater.written);
  };
  const inflate = async (work: Promise<void>) => {
    try {
      await work;
    } catch (cause) {
      const what = (cause as Error).message.replace(/^Zstd decompress error: /, "").toLowerCase();
      fail(`corrupt zstd frame, ${what} before byte ${reader.offset} of the compressed file`, cause);
    }
    return inflater.output();
  };
  try {
    for await (const piece of walkFrames(reader, fail, refuse)) {
      if (++waiting < BLOCKS_A_TURN) inflater.push(piece);
      else {
        waiting = 0;
        yield* await inflate(inflater.write(piece));
      }
    }
    yield* await inflate(inflater.write(new Uint8Array()));
  } finally {
    inflater.close();
  }
}

/** Cuts the stream into what one write may hold: a frame header, a block, a checksum. Skippable frames vanish. */
async function* walkFrames(
  reader: ByteReader,
  fail: (message: string) => never,
  refuse: (message: string) => never,
): AsyncGenerator<Uint8Array, void> {
  const take = async (n: number, what: string) => {
    const at = reader.offset;
    const bytes = await reader.take(n);
    if (bytes.length < n) {
      fail(
        `truncated zstd frame, ${what} at byte ${at} of the compressed file needs ${n} bytes and has ${bytes.length}`,
      );
    }
    return bytes;
  };
  for (;;) {
    const at = reader.offset;
    if ((await reader.peek(1)).length === 0) return;
    const magic = await take(4, "the frame's magic number");
    if (isSkippable(magic)) {
      let left = readUint32(await take(4, "the length of a skippable frame"));
      for (; left > 0; left -= Math.min(left, OUTPUT_BYTES)) {
        await take(Math.min(left, OUTPUT_BYTES), "a skippable frame");
      }
      continue;
    }
    if (!isZstdFrame(magic)) {
      const joint = explainJoint(magic);
      if (joint) refuse(joint);
      fail(`no zstd frame at byte ${at} of the compressed file`);
    }
    const descriptor = (await take(1, "the frame header"))[0];
    const header = await take(headerBytes(descriptor), "the frame header");
    const window = windowBytes(descriptor, header) / 2 ** 20;
    if (window > MOST_WINDOW_MB) {
      refuse(
        `the zstd frame at byte ${at} of the compressed file has a window of ${Math.ceil(window)} MB, ` +
          `wanted at most ${MOST_WINDOW_MB}; compress it again without --long, or download it again`,
      );
    }
    yield concat(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, descriptor]), header);
    for (let last = false; !last;) {
      const head = await take(3, "a block header");
      const bits = head[0] | head[1] << 8 | head[2] << 16;
      const type = bits >> 1 & 3;
      if (type > BLOCK_TYPES.compressed) {
        fail(`a block of reserved type before byte ${reader.offset} of the compressed file`);
      }
      last = (bits & 1) === 1;
      yield concat(head, await take(type === BLOCK_TYPES.rle ? 1 : bits >> 3, "a block"));
    }
    if (descriptor & 4) yield await take(4, "the frame's checksum");
  }
}

/** Bytes of a frame header after its descriptor: window, dictionary id, content size. */
function headerBytes(descriptor: number): number {
  const singleSegment = descriptor >> 5 & 1;
  const contentSize = [singleSegment, 2, 4, 8][descriptor >> 6];
  return 1 - singleSegment + [0, 1, 2, 4][descriptor & 3] + contentSize;
}

/** Bytes back that a frame may refer to: by its window descriptor, or its content size where it has none. */
function windowBytes(descriptor: number, header: Uint8Array): number {
  if ((descriptor >> 5 & 1) === 0) {
    const base = 2 ** (10 + (header[0] >> 3));
    return base + base / 8 * (header[0] & 7);
  }
  const size = header.subarray([0, 1, 2, 4][descriptor & 3]);
  let bytes = 0;
  for (let i = size.length - 1; i >= 0; i--) bytes = 256 * bytes + size[i];
  return size.length === 2 ? bytes + 256 : bytes;
}

/**
 * Compresses a stream into one zstd frame with a checksum.
 *
 * @param source The bytes, in chunks of any size.
 * @param level Compression level, 1 to 19; defaults to 3.
 */
export async function* compressZstd(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  level = 3,
): AsyncGenerator<Uint8Array, void> {
  const stream = createZstdCompress({
    chunkSize: OUTPUT_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  let output: Uint8Array[] = [];
  stream.on("data", (chunk: Uint8Array) => output.push(chunk));
  try {
    for await (const chunk of source) {
      await new Promise<void>((resolve, reject) => stream.write(chunk, (e) => e ? reject(e) : resolve()));
      yield* output;
      output = [];
    }
    await new Promise<void>((resolve, reject) => {
      stream.once("end", resolve).once("error", reject);
      stream.end();
    });
    yield* output;
  } finally {
    stream.destroy();
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
