/**
 * What a gateway says between the records of a live capture: names of instruments, errors, gaps.
 *
 * @module
 */
import { excerpt } from "../excerpt.ts";
import { HEADER_BYTES } from "./layout.ts";

/** A name that a symbol-mapping record gives to an instrument. */
export interface StreamMapping {
  /** The instrument id. */
  instrumentId: number;
  /** The name, such as `ESZ5`. */
  symbol: string;
  /** Ordinal, in the stream, of the first row behind it. */
  row: number;
}

/** What a gateway said. */
export interface Notice {
  /** When, ns UTC. */
  tsNs: bigint;
  /** An `error`, or a `gap`, from which on records may lack. */
  kind: "error" | "gap";
  /** Its words, as they came. */
  text: string;
}

/** Characters of a name at most. */
const MOST_NAME = 71;

/** Types of the records, and where their texts lie by DBN version: offset and bytes. */
const ERROR = 0x15, SYMBOL_MAPPING = 0x16, SYSTEM = 0x17;
const TEXTS = {
  error: [[16, 64], [16, 302], [16, 302]],
  system: [[16, 64], [16, 303], [16, 303]],
  // The symbol that was asked for and the one that came out, each with a byte for its kind from version 2 on.
  asked: [[16, 22], [16 + 1, 71], [16 + 1, 71]],
  mapping: [[16 + 22, 22], [16 + 1 + 71 + 1, 71], [16 + 1 + 71 + 1, 71]],
} as const;

/** Where a system message of version 2 on has its code, and the code that warns a slow reader. */
const CODE = 16 + 303, SLOW_READER = 2;
/** What older ones, or such without a code, say of a gap; the others say that all is well, again and again. */
const GAP = /gap|lost|missed|skipp|slow reader|reset/i;

/**
 * Reads one message record.
 *
 * @param record Its bytes.
 * @param version DBN version of the stream.
 * @returns A mapping or a notice; undefined for a record of another type, and where all is well.
 */
export function readMessage(
  record: Uint8Array,
  version: number,
): Omit<StreamMapping, "row"> | Notice | undefined {
  const rtype = record[1], view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const tsNs = view.getBigUint64(HEADER_BYTES - 8, true);
  const textAt = ([offset, bytes]: readonly [number, number]) => {
    const text = record.subarray(offset, Math.min(offset + bytes, record.length)), end = text.indexOf(0);
    return new TextDecoder("latin1").decode(end < 0 ? text : text.subarray(0, end));
  };
  if (rtype === SYMBOL_MAPPING) {
    const found = textAt(TEXTS.mapping[version - 1]);
    // Where ids were asked to come out, the name is what was asked for.
    const symbol = excerpt(/^\d*$/.test(found) ? textAt(TEXTS.asked[version - 1]) : found, MOST_NAME);
    return symbol === "" ? undefined : { instrumentId: view.getUint32(4, true), symbol };
  }
  if (rtype === ERROR) return { tsNs, kind: "error", text: textAt(TEXTS.error[version - 1]) };
  if (rtype !== SYSTEM) return undefined;
  const text = textAt(TEXTS.system[version - 1]);
  const isGap = (version > 1 && record[CODE] === SLOW_READER) || GAP.test(text);
  return isGap ? { tsNs, kind: "gap", text } : undefined;
}
