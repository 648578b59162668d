/**
 * The decoder's naive twin: one DataView, one record at a time, straight from the format's description.
 *
 * @module
 */

/** Fields of a trades or mbp-10 record, prices in units of 1e-9, 2^63 − 1 undefined. */
export function naiveRecord(bytes: Uint8Array, at: number): Record<string, bigint | number | string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const record: Record<string, bigint | number | string> = {
    ts_event_ns: view.getBigInt64(8, true),
    ts_recv_ns: view.getBigInt64(32, true),
    ts_in_delta: view.getInt32(40, true),
    instrument_id: view.getUint32(4, true),
    publisher_id: view.getUint16(2, true),
    price: view.getBigInt64(16, true),
    size: view.getUint32(24, true),
    action: String.fromCharCode(view.getUint8(28)),
    side: String.fromCharCode(view.getUint8(29)),
    flags: view.getUint8(30),
    depth: view.getUint8(31),
    seq: BigInt(view.getUint32(44, true)),
  };
  for (let level = 0; view.getUint8(1) === 10 && level < 10; level++) {
    const level0 = 48 + 32 * level;
    record[`bid_px_${level + 1}`] = view.getBigInt64(level0, true);
    record[`ask_px_${level + 1}`] = view.getBigInt64(level0 + 8, true);
    record[`bid_sz_${level + 1}`] = view.getUint32(level0 + 16, true);
    record[`ask_sz_${level + 1}`] = view.getUint32(level0 + 20, true);
    record[`bid_ct_${level + 1}`] = view.getUint32(level0 + 24, true);
    record[`ask_ct_${level + 1}`] = view.getUint32(level0 + 28, true);
  }
  return record;
}
