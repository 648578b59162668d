/**
 * A decompressor of `node:zlib` driven a write at a time, so that every error comes out of the write itself.
 *
 * @module
 */
import type { Transform } from "node:stream";

/** A decompressor and what it has given. */
export class Inflater {
  /** Bytes decompressed so far. */
  written = 0;
  readonly #stream: Transform;
  #output: Uint8Array[] = [];
  #failure: Error | undefined;
  #ended = false;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  /**
   * @param stream The decompressor, which nothing else listens to.
   */
  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => {
      this.written += chunk.length;
      this.#output.push(chunk);
    });
    stream.on("error", (error: Error) => {
      this.#failure = error;
      this.#reject(error);
    });
    stream.on("end", () => {
      this.#ended = true;
      this.#resolve();
    });
  }

  /** Hands over a piece, its output not waited for. */
  push(piece: Uint8Array): void {
    this.#stream.write(piece);
  }

  /** Hands over a piece and waits for the output of all so far. */
  write(piece: Uint8Array): Promise<void> {
    // The write's own error may be the later "stream was destroyed"; the stream's error event has the cause.
    return this.#wait((resolve) =>
      this.#stream.write(piece, (error?: Error | null) => error ? undefined : resolve())
    );
  }

  /** Says that no more comes, and waits for the last output. */
  end(): Promise<void> {
    return this.#wait((resolve) => {
      if (this.#ended) resolve();
      else this.#stream.end();
    });
  }

  /** Hands over what has been decompressed since the last call. */
  output(): Uint8Array[] {
    const chunks = this.#output;
    this.#output = [];
    return chunks;
  }

  /** Lets go of the decompressor. */
  close(): void {
    this.#stream.destroy();
  }

  #wait(start: (resolve: () => void) => void): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      start(resolve);
    });
  }
}
