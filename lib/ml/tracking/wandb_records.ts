/**
 * The bytes of a W&B transaction log (`run-<id>.wandb`): protocol-buffer records in a LevelDB log.
 *
 * Source: https://github.com/wandb/wandb, `wandb/proto/wandb_internal.proto` (field numbers) and
 * `core/internal/leveldb` (framing: 32 KiB blocks; CRC-32 of type and data, unmasked; header `:W&B`, 0xBEE1, 0).
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** Size of a block of the log; the file's header lies in the first. */
const BLOCK = 32768;

/** Bytes before a chunk's data: CRC-32, length, type. */
const CHUNK_HEADER = 7;

const FILE_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00);

/** A chunk is a whole record, or the first, a middle or the last part of one. */
const FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4;

/** A field of a message: text, a non-negative integer, or a message. */
export type Field = [number: number, value: string | number | Uint8Array];

/**
 * A protocol-buffer message.
 *
 * @param fields Fields in the order to be written; repeated ones are given again.
 */
export function message(...fields: Field[]): Uint8Array {
  const out: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "number") {
      putVarint(out, number * 8);
      putVarint(out, value);
    } else {
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      putVarint(out, number * 8 + 2);
      putVarint(out, bytes.length);
      for (const byte of bytes) out.push(byte);
    }
  }
  return Uint8Array.from(out);
}

function putVarint(out: number[], value: number): void {
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
}

/**
 * A transaction log of records.
 *
 * @param records Encoded `wandb_internal.Record` messages.
 */
export function transactionLog(records: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [FILE_HEADER];
  let length = FILE_HEADER.length;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const record of records) {
    for (let at = 0; at < record.length || at === 0;) {
      const left = BLOCK - length % BLOCK;
      if (left < CHUNK_HEADER) {
        put(new Uint8Array(left));
        continue;
      }
      const end = Math.min(record.length, at + left - CHUNK_HEADER);
      const type = at === 0 ? (end === record.length ? FULL : FIRST) : end === record.length ? LAST : MIDDLE;
      put(chunk(type, record.subarray(at, end)));
      if (end === record.length) break;
      at = end;
    }
  }
  const out = new Uint8Array(length);
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

function chunk(type: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(CHUNK_HEADER + data.length), view = new DataView(out.buffer);
  out[6] = type;
  out.set(data, CHUNK_HEADER);
  view.setUint32(0, crc32(out.subarray(6)), true);
  view.setUint16(4, data.length, true);
  return out;
}
