/**
 * What a gateway says between the records of a live capture: names of instruments, errors, gaps.
 *
 * @module
 */
import { HEADER_BYTES } from "./layout.ts";

/** A name that a symbol-mapping record gives to an instrument. */
export interface StreamMapping {
  /** The instrument id. */
  instrumentId: number;
  /** The name, such as `ESZ5`. */
  symbol: string;
  /** When it was given, ns UTC. */
  fromNs: bigint;
}

/** What a gateway said. */
export interface Notice {
  /** When, ns UTC. */
  tsNs: bigint;
  /** An `error`; a `gap`, from which on records may lack; or something `other`. */
  kind: "error" | "gap" | "other";
  /** Its words, as they came. */
  text: string;
}

/** Types of the records, and where their texts lie by DBN version: offset and bytes. */
const ERROR = 0x15, SYMBOL_MAPPING = 0x16, SYSTEM = 0x17;
const TEXTS = {
  error: [[16, 64], [16, 302], [16, 302]],
  system: [[16, 64], [16, 303], [16, 303]],
  // The symbol that came out: behind the one that was asked for, each with a byte for its kind from version 2 on.
  mapping: [[16 + 22, 22], [16 + 1 + 71 + 1, 71], [16 + 1 + 71 + 1, 71]],
} as const;

/** System messages that come again and again, or say that all is well. */
const HEARTBEAT = /^heartbeat/i, GAP = /gap|lost|missed|skipp|slow reader|reset/i;

/**
 * Reads one message record.
 *
 * @param record Its bytes.
 * @param version DBN version of the stream.
 * @returns A mapping or a notice; undefined for a record of another type, and for a heartbeat.
 */
export function readMessage(record: Uint8Array, version: number): StreamMapping | Notice | undefined {
  const rtype = record[1], view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const tsNs = view.getBigUint64(HEADER_BYTES - 8, true);
  const textAt = ([offset, bytes]: readonly [number, number]) => {
    const text = record.subarray(offset, Math.min(offset + bytes, record.length)), end = text.indexOf(0);
    return new TextDecoder("latin1").decode(end < 0 ? text : text.subarray(0, end));
  };
  if (rtype === SYMBOL_MAPPING) {
    const symbol = textAt(TEXTS.mapping[version - 1]);
    return symbol === "" ? undefined : { instrumentId: view.getUint32(4, true), symbol, fromNs: tsNs };
  }
  if (rtype === ERROR) return { tsNs, kind: "error", text: textAt(TEXTS.error[version - 1]) };
  if (rtype !== SYSTEM) return undefined;
  const text = textAt(TEXTS.system[version - 1]);
  return HEARTBEAT.test(text) ? undefined : { tsNs, kind: GAP.test(text) ? "gap" : "other", text };
}
