/**
 * The lengths that a Parquet file states, checked before the native reader sees the file: it takes them at their
 * word, and one that lies would end the process where no error can be caught.
 *
 * @module
 */
import { LakeError } from "../base/mod.ts";
import { reason, RESTORE, statFile } from "./files.ts";

/** Bytes at the end of a file: the metadata's length and `PAR1`. */
const TAIL = 8;
/** Bytes of a file at its start: `PAR1`. */
const MAGIC = 4;
/** A file of at most so many bytes is read at once; of a larger one only what is looked at. */
const SMALL = 1 << 18;
/** Bytes read where a page begins: its header, but for statistics of long texts. */
const HEAD = 512;
/** Rows of a row group: polars writes 262,144, pyarrow at most 67,108,864. */
const MAX_ROWS = 1 << 26;
/** Structs within structs: our files have six. */
const MAX_DEPTH = 16;

/** A struct by field number, or a list: numbers, structs, lists; of bytes the place where they begin. */
type Fields = (number | Fields | undefined)[];

/** Reads Thrift's compact protocol, no further than the bytes there are. */
class Thrift {
  #at: number;

  constructor(readonly bytes: Uint8Array, at = 0) {
    this.#at = at;
  }

  /** Where the next byte is read. */
  get at(): number {
    return this.#at;
  }

  /** The bytes that begin at a place, as text. */
  text(at: number): string {
    this.#at = at;
    const length = this.#unsigned(), start = this.#at;
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  /** A struct. @throws {RangeError} If it is none, or ends after the bytes. */
  struct(depth = 0): Fields {
    if (depth > MAX_DEPTH) throw new RangeError("structs nested too deep");
    const fields: Fields = [];
    for (let id = 0;;) {
      const head = this.#byte(), type = head & 15;
      if (head === 0) return fields;
      id = head >> 4 ? id + (head >> 4) : this.#signed();
      if (id < 0 || id > 64) throw new RangeError(`field ${id}`);
      fields[id] = this.#value(type, depth, false);
    }
  }

  #value(type: number, depth: number, inList: boolean): Fields[number] {
    switch (type) {
      case 1:
      case 2:
        return inList ? this.#byte() : type;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#signed();
      case 7:
        return this.#skip(8);
      case 8: {
        const at = this.#at;
        this.#skip(this.#unsigned());
        return at;
      }
      case 9: {
        const head = this.#byte(), size = head >> 4 === 15 ? this.#unsigned() : head >> 4;
        // An element takes a byte at least: a list cannot be longer than what is left.
        if (size > this.bytes.length - this.#at) throw new RangeError(`a list of ${size}`);
        const list: Fields = [];
        for (let i = 0; i < size; i++) list.push(this.#value(head & 15, depth, true));
        return list;
      }
      case 12:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`type ${type}`);
    }
  }

  #skip(n: number): undefined {
    if (n > this.bytes.length - this.#at) throw new RangeError(`${n} bytes`);
    this.#at += n;
  }

  #byte(): number {
    if (this.#at >= this.bytes.length) throw new RangeError("its end");
    return this.bytes[this.#at++];
  }

  #unsigned(): number {
    let value = 0;
    for (let unit = 1, i = 0; i < 10; i++, unit *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    throw new RangeError("a number without end");
  }

  #signed(): number {
    const value = this.#unsigned();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }
}

/** The bytes of an open file, all at once where they are few. */
class Window {
  readonly #file: Deno.FsFile;
  readonly #all: Uint8Array | undefined;

  constructor(file: Deno.FsFile, readonly size: number) {
    this.#file = file;
    if (size <= SMALL) this.#all = this.read(0, size);
  }

  /** Bytes from a place on, fewer at the end of the file. */
  read(at: number, length: number): Uint8Array {
    if (this.#all) return this.#all.subarray(at, at + length);
    const bytes = new Uint8Array(Math.min(length, this.size - at));
    this.#file.seekSync(at, Deno.SeekMode.Start);
    let n = 0;
    for (let got; n < bytes.length && (got = this.#file.readSync(bytes.subarray(n)));) n += got;
    return bytes.subarray(0, n);
  }
}

/** Field numbers of parquet.thrift, by struct. */
const FILE = { schema: 2, rows: 3, groups: 4 };
const ELEMENT = { repetition: 3, name: 4, children: 5 };
/** As every column of ours is stored; read as another, marks of nulls would be taken for values. */
const OPTIONAL = 1;
const GROUP = { columns: 1, rows: 3 };
const CHUNK = { meta: 3 };
const META = { values: 5, unpacked: 6, packed: 7, data: 9, dictionary: 11 };
const PAGE = { type: 1, unpacked: 2, packed: 3, data: 5, dictionary: 7, data2: 8 };
const DATA_PAGE = 0, DICTIONARY_PAGE = 2, DATA_PAGE_2 = 3;

/**
 * Checks that a path is a file, and that every length a Parquet file states fits the bytes there are: rows of the
 * file, its row groups and column chunks, places and sizes of chunks, values and sizes of pages.
 *
 * @param path Absolute path.
 * @param columns Columns whose pages are checked; defaults to all.
 * @returns Names of the file's columns.
 * @throws {LakeError} If there is no such file, it is a folder or a device, or a length is not what others say.
 */
export function checkShape(path: string, columns?: readonly string[]): string[] {
  const { size } = statFile(path);
  try {
    using file = Deno.openSync(path);
    return checkLengths(new Window(file, size), columns && new Set(columns));
  } catch (cause) {
    const why = cause instanceof RangeError ? `it is damaged: found ${cause.message}` : reason(cause);
    throw new LakeError(`Cannot read "${path}": ${why}; ${RESTORE}`, path, { cause });
  }
}

function checkLengths(window: Window, wanted: ReadonlySet<string> | undefined): string[] {
  const { size } = window, tail = window.read(size - TAIL, TAIL);
  const magic = new TextDecoder().decode(tail.subarray(MAGIC));
  if (size < MAGIC + TAIL || magic !== "PAR1") {
    throw new RangeError("no PAR1 at its end: cut short or not Parquet");
  }
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true), end = size - TAIL - length;
  if (end < MAGIC) throw new RangeError(`metadata of ${length} bytes in a file of ${size}`);
  const thrift = new Thrift(window.read(end, length)), meta = thrift.struct();
  const groups = list(meta[FILE.groups], "row groups");
  const leaves = list(meta[FILE.schema], "columns").filter((element) => !element[ELEMENT.children]);
  const names = leaves.map((element) => thrift.text(within(element[ELEMENT.name], length, "a name")));
  leaves.forEach((element, i) => equal(element[ELEMENT.repetition], OPTIONAL, `repetition of "${names[i]}"`));
  let rows = 0;
  for (const group of groups) {
    const chunks = list(group[GROUP.columns], "column chunks");
    const values = within(group[GROUP.rows], MAX_ROWS, "rows of a row group");
    rows += values;
    if (chunks.length !== names.length) {
      throw new RangeError(`${chunks.length} chunks of ${names.length} columns`);
    }
    chunks.forEach((chunk, i) => {
      const [facts] = list([chunk[CHUNK.meta]], "metadata of a column");
      equal(facts[META.values], values, `values of "${names[i]}"`);
      const unpacked = within(facts[META.unpacked], Number.MAX_SAFE_INTEGER, "unpacked bytes");
      const start = within(facts[META.dictionary] ?? facts[META.data], end, "the place of a column");
      const packed = within(facts[META.packed], end - start, "bytes of a column");
      if (!wanted || wanted.has(names[i])) {
        checkPages(window, { name: names[i], start, end: start + packed, values, unpacked });
      }
    });
  }
  equal(meta[FILE.rows], rows, "rows of the file");
  return names;
}

/** What the metadata says of a column's part in a row group. */
interface Chunk {
  name: string;
  start: number;
  end: number;
  values: number;
  unpacked: number;
}

function checkPages(window: Window, { name, start, end, values, unpacked }: Chunk): void {
  let seen = 0, bytes = 0;
  for (let at = start; at < end;) {
    const { page, length } = readHeader(window, at, end);
    const packed = within(page[PAGE.packed], end - at - length, `bytes of a page of "${name}"`);
    bytes += length + within(page[PAGE.unpacked], unpacked, `unpacked bytes of a page of "${name}"`);
    const type = page[PAGE.type];
    if (type === DATA_PAGE || type === DATA_PAGE_2) {
      const [facts] = list([page[type === DATA_PAGE ? PAGE.data : PAGE.data2]], `page of "${name}"`);
      seen += within(facts[1], values - seen, `values of a page of "${name}"`);
    } else if (type === DICTIONARY_PAGE) {
      const [facts] = list([page[PAGE.dictionary]], `dictionary of "${name}"`);
      within(facts[1], values, `values of the dictionary of "${name}"`);
    } else throw new RangeError(`a page of type ${type} in "${name}"`);
    at += length + packed;
  }
  equal(seen, values, `values in the pages of "${name}"`);
  equal(bytes, unpacked, `unpacked bytes of "${name}"`);
}

function readHeader(window: Window, at: number, end: number): { page: Fields; length: number } {
  for (let length = HEAD;; length *= 16) {
    const thrift = new Thrift(window.read(at, Math.min(length, end - at)));
    try {
      return { page: thrift.struct(), length: thrift.at };
    } catch (error) {
      if (!(error instanceof RangeError) || length >= end - at) throw error;
    }
  }
}

function list(value: Fields[number], what: string): Fields[] {
  if (!Array.isArray(value) || !value.every(Array.isArray)) throw new RangeError(`no ${what}`);
  return value as Fields[];
}

function within(value: Fields[number], max: number, what: string): number {
  if (typeof value !== "number" || value < 0 || value > max) {
    throw new RangeError(`${what}: ${Array.isArray(value) ? "a list" : value}, at most ${max}`);
  }
  return value;
}

function equal(value: Fields[number], wanted: number, what: string): void {
  if (value !== wanted) {
    throw new RangeError(`${what}: ${Array.isArray(value) ? "a list" : value}, others say ${wanted}`);
  }
}
