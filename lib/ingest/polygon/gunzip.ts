/**
 * Streaming gunzip by magic bytes.
 *
 * @module
 */
import { createGunzip } from "node:zlib";
import { DecodeError } from "../../base/mod.ts";
import { ByteReader } from "../byte_reader.ts";
import { Inflater } from "../inflater.ts";

const CHUNK_BYTES = 1 << 18;
/** Bytes handed over at a time: they unfold into a thousand times as many at most. */
const PIECE_BYTES = 1 << 15;

/**
 * Decompresses a gzip stream (one or more members, zeros after the last); bytes that are not gzip pass through as
 * they are.
 *
 * @param bytes The file in chunks of any size.
 * @param path File's name, for messages.
 * @param onPlain Called where the bytes are not gzip, before the first of them.
 * @throws {DecodeError} If the stream is damaged, cut short or followed by something else, at the offset of the
 *   decompressed bytes so far.
 */
export async function* gunzip(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  onPlain: () => void = () => {},
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    const head = await reader.peek(2);
    if (head[0] === 0x1f && head[1] === 0x8b) yield* inflated(reader, path);
    else {
      onPlain();
      yield* reader.rest();
    }
  } finally {
    await reader.close();
  }
}

async function* inflated(reader: ByteReader, path: string): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES }), inflater = new Inflater(stream);
  const fail = (message: string, cause?: unknown): never => {
    const where = "in the gzip stream, bytes counted after decompression; fetch the file again";
    throw new DecodeError(`${message} ${where}`, path, inflater.written, { cause });
  };
  const inflate = async (work: Promise<void>) => {
    await work.catch((cause) => fail((cause as Error).message, cause));
    return inflater.output();
  };
  try {
    for await (const chunk of reader.rest()) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES), taken = stream.bytesWritten;
        yield* await inflate(inflater.write(piece));
        const rest = piece.subarray(stream.bytesWritten - taken);
        if (rest.length === 0) continue;
        // zlib stops at a zero after a member, as gzip does, and says nothing of what follows.
        yield* await inflate(inflater.end());
        for (const more of [rest, chunk.subarray(at + PIECE_BYTES)]) checkPadding(more, fail);
        for await (const more of reader.rest()) checkPadding(more, fail);
        return;
      }
    }
    yield* await inflate(inflater.end());
  } finally {
    inflater.close();
  }
}

function checkPadding(bytes: Uint8Array, fail: (message: string) => never): void {
  if (bytes.some((byte) => byte !== 0)) fail("bytes after the last member");
}
