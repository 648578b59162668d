/**
 * How files begin, and what is said where one begins inside another, as `cat` makes them.
 *
 * @module
 */

const ZSTD_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

/** Whether bytes begin a zstd stream: a frame or a skippable frame. */
export function isZstd(head: Uint8Array): boolean {
  return isZstdFrame(head) || isSkippable(head);
}

/** Whether bytes begin a zstd frame that holds something. */
export function isZstdFrame(head: Uint8Array): boolean {
  return head.length >= 4 && readUint32(head) === ZSTD_MAGIC;
}

/** Whether bytes begin a zstd frame that is to be passed over. */
export function isSkippable(head: Uint8Array): boolean {
  return head.length >= 4 && (readUint32(head) & ~15) >>> 0 === SKIPPABLE_MAGIC;
}

/** The number that bytes begin with. */
export function readUint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/**
 * What to say if bytes that should go on with a file begin another.
 *
 * @param bytes What stands there, four bytes or more where there are so many.
 * @returns Undefined if no file begins so.
 */
export function explainJoint(bytes: Uint8Array): string | undefined {
  const found = isZstd(bytes) ? "a zstd file" : isDbn(bytes) ? "a DBN file" : undefined;
  return found && `${found} begins here, several files were joined; give each of them as a file of its own`;
}

function isDbn(bytes: Uint8Array): boolean {
  return bytes[0] === 0x44 && bytes[1] === 0x42 && bytes[2] === 0x4e && bytes[3] >= 1 && bytes[3] <= 3;
}
