/**
 * Takes exact numbers of bytes from chunks of any size.
 *
 * @module
 */

/** A stream of bytes with a place in it. */
export class ByteReader {
  /** Bytes taken so far. */
  offset = 0;
  #source: AsyncIterator<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #ended = false;

  /**
   * A reader at the start of a stream.
   *
   * @param source The bytes, in chunks of any size.
   */
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * The next `n` bytes, or fewer at the end of the stream; a view where one chunk holds them, else a copy.
   *
   * @param n How many bytes.
   */
  async take(n: number): Promise<Uint8Array> {
    const bytes = await this.peek(n);
    this.#drop(bytes.length);
    this.offset += bytes.length;
    return bytes;
  }

  /**
   * What {@linkcode take} would give, without taking it.
   *
   * @param n How many bytes.
   */
  async peek(n: number): Promise<Uint8Array> {
    while (this.#buffered < n && !this.#ended) await this.#pull();
    if (n === 0 || this.#buffered === 0) return new Uint8Array();
    if (this.#chunks[0].length >= n) return this.#chunks[0].subarray(0, n);
    const out = new Uint8Array(Math.min(n, this.#buffered));
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk.subarray(0, out.length - at), at);
      at += Math.min(chunk.length, out.length - at);
      if (at === out.length) break;
    }
    return out;
  }

  /** All bytes that are left, as they come. */
  async *rest(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#buffered -= chunk.length;
        this.offset += chunk.length;
        yield chunk;
      } else if (this.#ended) return;
      else await this.#pull();
    }
  }

  /** Lets go of the source, read to its end or not. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
    this.#ended = true;
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) this.#ended = true;
    else if (value.length > 0) {
      this.#chunks.push(value);
      this.#buffered += value.length;
    }
  }

  #drop(n: number): void {
    this.#buffered -= n;
    let left = n;
    while (left > 0) {
      const first = this.#chunks[0];
      if (first.length > left) {
        this.#chunks[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.#chunks.shift();
    }
  }
}
