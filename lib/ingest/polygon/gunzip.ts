/**
 * Streaming gunzip by magic bytes.
 *
 * @module
 */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DecodeError } from "../../base/mod.ts";

const CHUNK_BYTES = 1 << 18;

/**
 * Decompresses a gzip stream (one or more members); bytes that are not gzip pass through as they are.
 *
 * @param bytes The file in chunks of any size.
 * @param path File's name, for messages.
 * @throws {DecodeError} If the stream is damaged or cut short, at the offset of the decompressed bytes so far.
 */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  while (head.length < 2) {
    const { done, value } = await iterator.next();
    if (done) break;
    const longer = new Uint8Array(head.length + value.length);
    longer.set(head);
    longer.set(value, head.length);
    head = longer;
  }
  const whole = continued(head, iterator);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const inflate = createGunzip({ chunkSize: CHUNK_BYTES });
  // A failing source must end the inflater too, which pipe() does not do; the loop below meets the error.
  pipeline(Readable.from(whole), inflate, () => {});
  let offset = 0;
  try {
    for await (const chunk of inflate) {
      offset += chunk.length;
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    if (!isZlibError(cause)) throw cause;
    throw new DecodeError(
      `${cause.message} in the gzip stream, bytes counted after decompression; fetch the file again`,
      path,
      offset,
      {
        cause,
      },
    );
  } finally {
    inflate.destroy();
  }
}

async function* continued(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
