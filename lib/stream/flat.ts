/**
 * FlatBuffers from untrusted bytes: every offset and length is checked before it is followed, as the format's own
 * verifier does. The library's reader takes them at their word.
 *
 * @module
 */

/** Bytes that break the format. */
export class FlatError extends Error {
  /** Name of the class, in logs. */
  override name = "FlatError";
}

/** Fails with what is wrong. */
export function fail(why: string): never {
  throw new FlatError(why);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The table that a buffer begins with. */
export function rootTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new FlatTable(view, followed(view, 0));
}

/** Where the offset at a place leads. */
function followed(view: DataView, at: number): number {
  within(view, at, 4, 4);
  const offset = view.getUint32(at, true);
  if (offset === 0 || at + offset >= view.byteLength) fail(`offset ${offset} of ${view.byteLength} bytes`);
  return at + offset;
}

function within(view: DataView, at: number, size: number, align: number): void {
  if (at < 0 || at + size > view.byteLength || at % align !== 0) {
    fail(`${size} bytes at ${at} of ${view.byteLength}`);
  }
}

/** A vector: where its elements begin, and how many there are. */
interface FlatVector {
  at: number;
  length: number;
}

/** A table; a field that is absent has its default. */
export class FlatTable {
  readonly #vtable: number;
  readonly #fields: number;
  readonly #size: number;

  /** The table at a place of some bytes. */
  constructor(readonly view: DataView, readonly at: number) {
    within(view, at, 4, 4);
    this.#vtable = at - view.getInt32(at, true);
    within(view, this.#vtable, 4, 2);
    const length = view.getUint16(this.#vtable, true);
    within(view, this.#vtable, length, 2);
    if (length < 4 || length % 2 !== 0) fail(`a table of ${length} bytes of fields`);
    this.#fields = (length - 4) / 2;
    this.#size = view.getUint16(this.#vtable + 2, true);
    within(view, at, this.#size, 4);
  }

  /** Where a field is; 0 if it is absent. */
  #field(index: number, size: number): number {
    const offset = index < this.#fields ? this.view.getUint16(this.#vtable + 4 + 2 * index, true) : 0;
    if (offset === 0) return 0;
    if (offset + size > this.#size) fail(`a field at ${offset} of a table of ${this.#size} bytes`);
    within(this.view, this.at + offset, size, size);
    return this.at + offset;
  }

  /** Whether a field is there. */
  has(index: number): boolean {
    return this.#field(index, 1) !== 0;
  }

  /** A number of 8 bits. */
  byte(index: number): number {
    const at = this.#field(index, 1);
    return at === 0 ? 0 : this.view.getUint8(at);
  }

  /** A number of 16 bits. */
  short(index: number, otherwise = 0): number {
    const at = this.#field(index, 2);
    return at === 0 ? otherwise : this.view.getInt16(at, true);
  }

  /** A number of 32 bits. */
  int(index: number): number {
    const at = this.#field(index, 4);
    return at === 0 ? 0 : this.view.getInt32(at, true);
  }

  /** A number of 64 bits. */
  long(index: number): bigint {
    const at = this.#field(index, 8);
    return at === 0 ? 0n : this.view.getBigInt64(at, true);
  }

  /** A table. */
  table(index: number): FlatTable | undefined {
    const at = this.#field(index, 4);
    return at === 0 ? undefined : new FlatTable(this.view, followed(this.view, at));
  }

  /** A text. */
  text(index: number): string {
    const { at, length } = this.#vector(index, 1);
    if (length === 0) return "";
    within(this.view, at, length + 1, 1);
    if (this.view.getUint8(at + length) !== 0) fail("a text without its end");
    return decoder.decode(new Uint8Array(this.view.buffer, this.view.byteOffset + at, length));
  }

  /** Structs of two numbers of 64 bits, one after another. */
  pairs(index: number): bigint[] {
    const { at, length } = this.#vector(index, 16);
    return Array.from({ length: 2 * length }, (_, i) => this.view.getBigInt64(at + 8 * i, true));
  }

  /** How many elements a vector has, of `size` bytes each. */
  count(index: number, size: number): number {
    return this.#vector(index, size).length;
  }

  /** Tables of a vector. */
  tables(index: number): FlatTable[] {
    const { at, length } = this.#vector(index, 4);
    return Array.from({ length }, (_, i) => new FlatTable(this.view, followed(this.view, at + 4 * i)));
  }

  #vector(index: number, size: number): FlatVector {
    const field = this.#field(index, 4);
    if (field === 0) return { at: 0, length: 0 };
    const start = followed(this.view, field);
    within(this.view, start, 4, 4);
    const length = this.view.getUint32(start, true);
    within(this.view, start + 4, length * size, 1);
    return { at: start + 4, length };
  }
}
