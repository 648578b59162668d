/**
 * The DBN decoder as a state machine: bytes pushed in, whatever their chunk boundaries, batches handed out. It
 * opens nothing and waits for nothing.
 *
 * @module
 */
import { DecodeError } from "../../base/mod.ts";
import {
  type DbnTable,
  type Field,
  HEADER_BYTES,
  LAYOUTS,
  leastBytes,
  MAX_RECORD_BYTES,
  rtypeName,
  SCHEMA_CODES,
  schemaName,
} from "./layout.ts";
import { type DbnMetadata, decodeMetadata, metadataLength, PRELUDE_BYTES, UNDEF_U64 } from "./metadata.ts";
import { explainJoint } from "./magic.ts";
import { type Notice, readMessage, type StreamMapping } from "./messages.ts";
import { type RecordRun, type RecordViews, viewRecords } from "./records.ts";
import { type DbnBatch, TableBuilder } from "./table_builder.ts";

/** How to decode. */
export interface DecodeOptions {
  /** File or stream name for errors. */
  name: string;
  /** The one table wanted: a stream of another schema is refused. Both when absent. */
  wanted?: DbnTable;
  /** Rows of a full batch; defaults to 65,536. */
  batchRows?: number;
}

/** Records copied at a time: 1,024 books are 377 KB, which stay in the cache while 73 columns are drawn. */
const BLOCK_RECORDS = 1024;
/** Notices kept of a stream: the first say what went wrong; all are counted by type. */
const MOST_NOTICES = 1000;
/** Bytes looked at in one go, which bounds the copy that misaligned records need. */
const CHUNK_BYTES = 1 << 20;
const TABLES = Object.keys(LAYOUTS) as DbnTable[];

/** Decodes one stream: {@linkcode push} its bytes in order, then {@linkcode finish}. */
export class DbnDecoder {
  /** The metadata, once enough bytes have come. */
  metadata: DbnMetadata | undefined;
  /** Records of all types so far. */
  records = 0;
  /** Records whose `ts_out` was dropped. */
  tsOutDropped = 0;
  /** Records that belong to no table, by the name of their type. */
  readonly skipped = new Map<string, number>();
  /** Names that symbol-mapping records have given so far, in their order. */
  readonly mappings: StreamMapping[] = [];
  /** What error records, and system records of gaps, have said so far; the first of them, when they are many. */
  readonly notices: Notice[] = [];

  readonly #name: string;
  readonly #wanted: DbnTable | undefined;
  readonly #builders: Record<DbnTable, TableBuilder>;
  /** Bytes of the stream before those being looked at. */
  #offset = 0;
  #head = new Uint8Array(256);
  #headBytes = 0;
  /** The beginning of a record whose end has not come. */
  readonly #carry = new Uint8Array(MAX_RECORD_BYTES);
  readonly #carryViews = viewRecords(this.#carry);
  #carryBytes = 0;
  #scratch = new Uint8Array();
  #rows = 0;

  /**
   * A decoder at the start of a stream.
   *
   * @param options Name for errors, table wanted, rows a batch.
   * @throws {RangeError} If `batchRows` is not a whole number from 1.
   */
  constructor({ name, wanted, batchRows = 65_536 }: DecodeOptions) {
    if (!Number.isInteger(batchRows) || batchRows < 1) {
      throw new RangeError(`Cannot decode in batches of ${batchRows} rows: wanted a whole number from 1`);
    }
    this.#name = name;
    this.#wanted = wanted;
    this.#builders = {
      "trades": new TableBuilder("trades", batchRows),
      "mbp-10": new TableBuilder("mbp-10", batchRows),
    };
  }

  /**
   * Takes the next bytes of the stream. They are not kept: the caller may reuse their buffer.
   *
   * @param bytes Any number of bytes.
   * @returns The batches that became full.
   * @throws {DecodeError} At the first byte that is not DBN, or if the schema is not the wanted one.
   */
  push(bytes: Uint8Array): DbnBatch[] {
    const full: DbnBatch[] = [];
    let at = this.metadata ? 0 : this.#takeHead(bytes);
    while (at < bytes.length) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      this.#takeRecords(chunk, full);
      this.#offset += chunk.length;
      at += chunk.length;
    }
    return full;
  }

  /**
   * Says that the stream has ended. A stream cut exactly between two records cannot be told from a whole one,
   * unless its version 1 metadata holds the number of records.
   *
   * @returns The last batches, not full.
   * @throws {DecodeError} If the stream ends inside metadata or a record, or has not the records it promised.
   */
  finish(): DbnBatch[] {
    if (!this.metadata) this.#failHead();
    if (this.#carryBytes > 0) {
      this.#checkJoint(this.#carry.subarray(0, this.#carryBytes), this.#offset - this.#carryBytes);
      const wanted = 4 * this.#carry[0], has = this.#carryBytes;
      throw new DecodeError(
        `the file ends inside a record of ${wanted} bytes, of which it has ${has}; it is truncated`,
        this.#name,
        this.#offset - has,
      );
    }
    const { recordCount } = this.metadata!;
    if (recordCount !== UNDEF_U64 && recordCount !== BigInt(this.records)) {
      throw new DecodeError(
        `the file ends after ${this.records} records, its metadata promises ${recordCount}; it is truncated`,
        this.#name,
        this.#offset,
      );
    }
    return TABLES.map((table) => this.#builders[table].take()).filter((b) => b !== undefined);
  }

  #takeHead(bytes: Uint8Array): number {
    let at = 0;
    const fill = (wanted: number) => {
      const more = Math.min(wanted - this.#headBytes, bytes.length - at);
      if (more <= 0) return;
      if (this.#headBytes + more > this.#head.length) {
        const wider = new Uint8Array(Math.max(2 * this.#head.length, this.#headBytes + more));
        wider.set(this.#head);
        this.#head = wider;
      }
      this.#head.set(bytes.subarray(at, at + more), this.#headBytes);
      this.#headBytes += more;
      at += more;
    };
    fill(PRELUDE_BYTES);
    if (this.#headBytes < PRELUDE_BYTES) return at;
    const length = metadataLength(this.#head, this.#name);
    fill(length);
    if (this.#headBytes < length) return at;
    this.metadata = decodeMetadata(this.#head.subarray(0, length), this.#name);
    this.#checkSchema(this.metadata.schema);
    this.#head = new Uint8Array();
    this.#offset = length;
    return at;
  }

  #failHead(): never {
    const has = this.#headBytes;
    if (has === 0) throw new DecodeError("the file is empty", this.#name, 0);
    if (has >= 4 && has < PRELUDE_BYTES) {
      const magicAndVersion = new Uint8Array(PRELUDE_BYTES);
      magicAndVersion.set(this.#head.subarray(0, 4));
      metadataLength(magicAndVersion, this.#name);
    }
    const needs = has < PRELUDE_BYTES ? PRELUDE_BYTES : metadataLength(this.#head, this.#name);
    throw new DecodeError(
      `the metadata needs ${needs} bytes, the file has ${has}; it is truncated`,
      this.#name,
      has,
    );
  }

  #checkSchema(schema: number): void {
    const wanted = this.#wanted;
    if (!wanted || schema === SCHEMA_CODES[wanted] || schema === SCHEMA_CODES.mixed) return;
    throw new DecodeError(
      `its schema is ${schemaName(schema)}, wanted ${wanted}; give the file of that schema`,
      this.#name,
      PRELUDE_BYTES + 16,
    );
  }

  #takeRecords(chunk: Uint8Array, full: DbnBatch[]): void {
    let at = this.#carryBytes > 0 ? this.#completeCarry(chunk, full) : 0;
    if (at === chunk.length) return;
    const base = this.#align(chunk, at);
    const { u8 } = base;
    const origin = this.#offset + at;
    const end = u8.length;
    at = 0;
    while (at < end) {
      const bytes = 4 * u8[at];
      if (bytes < HEADER_BYTES) this.#failLength(u8[at], origin + at);
      if (at + bytes > end) break;
      const words = u8[at], rtype = u8[at + 1];
      let next = at + bytes, count = 1;
      while (count < BLOCK_RECORDS && next + bytes <= end && u8[next] === words && u8[next + 1] === rtype) {
        next += bytes;
        count++;
      }
      this.#takeRun({ views: base, offset: at, stride: bytes, count }, rtype, origin, full);
      at = next;
    }
    this.#carry.set(u8.subarray(at));
    this.#carryBytes = end - at;
  }

  /** Views of a chunk from `at` on: in place where words are aligned, of a copy where they are not. */
  #align(chunk: Uint8Array, at: number): RecordViews {
    if ((chunk.byteOffset + at) % 4 === 0) return viewRecords(chunk.subarray(at));
    const length = chunk.length - at;
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length);
    this.#scratch.set(chunk.subarray(at));
    return viewRecords(this.#scratch.subarray(0, length));
  }

  #completeCarry(chunk: Uint8Array, full: DbnBatch[]): number {
    const carry = this.#carry;
    const bytes = 4 * carry[0];
    const start = this.#offset - this.#carryBytes;
    const more = Math.min(bytes - this.#carryBytes, chunk.length);
    carry.set(chunk.subarray(0, more), this.#carryBytes);
    this.#carryBytes += more;
    if (this.#carryBytes === bytes) {
      this.#takeRun({ views: this.#carryViews, offset: 0, stride: bytes, count: 1 }, carry[1], start, full);
      this.#carryBytes = 0;
    }
    return more;
  }

  /** Records of one type and length, next to each other; `origin` is where the views begin in the stream. */
  #takeRun(run: RecordRun, rtype: number, origin: number, full: DbnBatch[]): void {
    this.records += run.count;
    const table = TABLES.find((t) => LAYOUTS[t].rtype === rtype);
    if (!table || (this.#wanted && table !== this.#wanted)) {
      this.#checkForeign(run, rtype, origin);
      this.#hear(run);
      const name = rtypeName(rtype);
      this.skipped.set(name, (this.skipped.get(name) ?? 0) + run.count);
      return;
    }
    const tsOut = this.metadata!.tsOut;
    const wanted = LAYOUTS[table].bytes + (tsOut ? 8 : 0);
    if (run.stride !== wanted) {
      throw new DecodeError(
        `a ${table} record of ${run.stride} bytes, wanted ${wanted}; the file is damaged`,
        this.#name,
        origin + run.offset,
      );
    }
    if (tsOut) this.tsOutDropped += run.count;
    const builder = this.#builders[table];
    for (let done = 0; done < run.count;) {
      const count = Math.min(run.count - done, builder.room);
      const part = { ...run, offset: run.offset + done * run.stride, count };
      const bad = builder.append(part, this.#rows);
      if (bad) this.#failPrice(bad.field, origin + part.offset + bad.index * run.stride);
      this.#rows += count;
      done += count;
      if (builder.room === 0) full.push(builder.take()!);
    }
  }

  /** Keeps what the gateway says between the records. */
  #hear({ views, offset, stride, count }: RecordRun): void {
    for (let i = 0, at = offset; i < count; i++, at += stride) {
      const message = readMessage(views.u8.subarray(at, at + stride), this.metadata!.version);
      if (!message) continue;
      if ("symbol" in message) this.mappings.push({ ...message, row: this.#rows });
      else if (this.notices.length < MOST_NOTICES) this.notices.push(message);
    }
  }

  /** A record of no wanted table is counted by its type: a byte that makes a trade something else is no type, or too short. */
  #checkForeign({ views, offset, stride }: RecordRun, rtype: number, origin: number): void {
    const least = leastBytes(rtype, this.metadata!.version);
    if (least !== undefined && stride >= least) return;
    this.#checkJoint(views.u8.subarray(offset, offset + stride), origin + offset);
    throw new DecodeError(
      least === undefined
        ? `a record of ${
          rtypeName(rtype)
        }, wanted a type that DBN defines; the file is damaged, or newer than this reader`
        : `a ${rtypeName(rtype)} record of ${stride} bytes, wanted at least ${least}; the file is damaged`,
      this.#name,
      origin + offset,
    );
  }

  /** What begins where a record could is another file: its bytes pass for a record of a type that there is not. */
  #checkJoint(bytes: Uint8Array, at: number): void {
    const found = explainJoint(bytes);
    if (found) throw new DecodeError(found, this.#name, at);
  }

  #failLength(words: number, at: number): never {
    throw new DecodeError(
      `a record of length ${words}, wanted at least ${HEADER_BYTES / 4} words; the file is damaged`,
      this.#name,
      at,
    );
  }

  #failPrice({ name, offset }: Field, at: number): never {
    throw new DecodeError(
      `${name} has more digits than a 64-bit float holds and would be altered; the file is probably damaged`,
      this.#name,
      at + offset,
    );
  }
}
