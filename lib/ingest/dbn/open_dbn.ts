/**
 * Opens a DBN stream, plain or zstd, and reads it as batches.
 *
 * @module
 */
import { DecodeError } from "../../base/mod.ts";
import { ByteReader } from "../byte_reader.ts";
import { DbnDecoder, type DecodeOptions } from "./decoder.ts";
import { isZstd } from "./magic.ts";
import { type DbnMetadata, LEGACY } from "./metadata.ts";
import type { Notice, StreamMapping } from "./messages.ts";
import type { DbnBatch } from "./table_builder.ts";
import { decompressZstd } from "./zstd.ts";

/** Metadata may unfold to this, and beyond it to so many times its compressed bytes; what queries give is below 100. */
const FREE_BYTES = 1 << 20, MOST_UNFOLDED = 256;

/** A DBN stream whose metadata has been read. Read {@linkcode batches} or {@linkcode close} it. */
export interface DbnStream {
  /** The metadata. */
  readonly metadata: DbnMetadata;
  /** Records of all types so far; final when the batches are read. */
  readonly records: number;
  /** Records whose `ts_out` was dropped so far. */
  readonly tsOutDropped: number;
  /** Records so far that belong to no wanted table, by the name of their type. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Names that symbol-mapping records have given so far. */
  readonly mappings: readonly StreamMapping[];
  /** What error and system records have said so far, heartbeats apart; a thousand at most. */
  readonly notices: readonly Notice[];
  /**
   * The rows, in batches, each as soon as it is full; to be read once.
   *
   * @throws {DecodeError} Where the bytes are not DBN, with what came before already handed out.
   */
  batches(): AsyncGenerator<DbnBatch, void>;
  /** Lets go of the bytes; needless after the batches were read or left. */
  close(): Promise<void>;
}

/**
 * Opens a DBN stream of version 1, 2 or 3; zstd is told by its magic bytes, not by a name.
 *
 * @param bytes The bytes, in chunks of any size (a file's `readable`, for one).
 * @param options Name for errors; `wanted`, both tables when absent; `batchRows`, defaults to 65,536.
 * @returns The stream, its metadata read.
 * @throws {DecodeError} If it is not DBN of these versions, or not of the wanted schema.
 *
 * @example Count the trades of a file
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodeMetadata, makeMetadata } from "./mod.ts";
 *
 * const bytes = encodeMetadata(makeMetadata({ symbols: ["ESZ5"] }));
 * const stream: DbnStream = await openDbn(new Blob([bytes.slice()]).stream(), { name: "empty.dbn" });
 * let trades = 0;
 * for await (const { table, batch } of stream.batches()) if (table === "trades") trades += batch.length;
 * assert.deepEqual(stream.metadata.symbols, ["ESZ5"]);
 * assert.equal(trades, 0);
 * ```
 */
export async function openDbn(bytes: AsyncIterable<Uint8Array>, options: DecodeOptions): Promise<DbnStream> {
  const reader = new ByteReader(bytes);
  let chunks = reader.rest();
  try {
    const head = await reader.peek(12);
    if (String.fromCharCode(...head.subarray(8, 11)) === "DBZ" && isZstd(head)) {
      throw new DecodeError(LEGACY, options.name, 0);
    }
    const decoder = new DbnDecoder(options);
    if (isZstd(head)) chunks = decompressZstd(reader, options.name);
    const first: DbnBatch[] = [];
    for (let unfolded = 0; !decoder.metadata;) {
      if (unfolded > FREE_BYTES + MOST_UNFOLDED * reader.offset) {
        throw new DecodeError(
          `${reader.offset} compressed bytes of metadata unfold to more than ${unfolded}, as no query's do; the file is damaged`,
          options.name,
          0,
        );
      }
      const { done, value } = await chunks.next();
      if (done) decoder.finish();
      else {
        unfolded += value.length;
        first.push(...decoder.push(value));
      }
    }
    return new OpenStream(decoder, decoder.metadata, chunks, first, reader);
  } catch (error) {
    await chunks.return();
    await reader.close();
    throw error;
  }
}

class OpenStream implements DbnStream {
  constructor(
    readonly decoder: DbnDecoder,
    readonly metadata: DbnMetadata,
    readonly chunks: AsyncGenerator<Uint8Array, void>,
    readonly first: DbnBatch[],
    readonly reader: ByteReader,
  ) {}

  get records(): number {
    return this.decoder.records;
  }
  get tsOutDropped(): number {
    return this.decoder.tsOutDropped;
  }
  get skipped(): ReadonlyMap<string, number> {
    return this.decoder.skipped;
  }
  get mappings(): readonly StreamMapping[] {
    return this.decoder.mappings;
  }
  get notices(): readonly Notice[] {
    return this.decoder.notices;
  }

  async *batches(): AsyncGenerator<DbnBatch, void> {
    try {
      yield* this.first.splice(0);
      for await (const chunk of this.chunks) yield* this.decoder.push(chunk);
      yield* this.decoder.finish();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.chunks.return();
    await this.reader.close();
  }
}
