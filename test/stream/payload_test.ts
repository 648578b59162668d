import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { DataType, tableFromIPC, tableToIPC } from "apache-arrow";
import {
  type Batch,
  BusError,
  NULL_I16,
  NULL_I64,
  nullColumn,
  Random,
  sliceBatch,
  stringsOf,
} from "../../lib/base/mod.ts";
import { LIVE_LABELS, OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import { decodeMessage, encodeMessage, type Message } from "../../lib/stream/mod.ts";
import { wireOf } from "../../lib/stream/subjects.ts";

const T0 = 1_765_800_000_000_000_002n;

function prints(): Batch {
  return {
    length: 3,
    columns: {
      ts_event_ns: BigInt64Array.of(T0, T0 + 5n, T0 + 1n),
      ts_recv_ns: BigInt64Array.of(T0, T0, T0),
      underlying: stringsOf(["SPY", "SPY", "SPY"]),
      option_symbol: stringsOf(["O:A", "O:B", "O:A"]),
      exp_date: Int32Array.of(20_000, -5, 0),
      strike: Float64Array.of(676, 677.5, -0),
      right: stringsOf(["C", "P", "C"]),
      price: Float64Array.of(1.25, 0.01, -0),
      size: Uint32Array.of(1, 4_294_967_295, 0),
      aggressor: Int8Array.of(0, 0, 0),
      exchange: Int16Array.of(300, -1, 2),
      conditions: stringsOf([null, "232,ü", null]),
      correction: Int16Array.of(NULL_I16, 0, 1),
      seq: BigInt64Array.of(NULL_I64, 2n ** 60n, 7n),
    },
  };
}

function crcOf(payload: Uint8Array): string {
  return crc32(payload).toString(16).padStart(8, "0");
}

const ORIGIN = { publisher: "test", sequence: 4 };

function decode({ subject, headers, payload }: Message, change: Record<string, string> = {}) {
  return decodeMessage(subject, (name) => ({ ...headers, ...change })[name] ?? "", payload);
}

Deno.test("encodeMessage() is read back to the bit, nulls and long numbers included", () => {
  const message = encodeMessage(OPTIONS_TRADES, prints(), ORIGIN, T0 + 9n);
  const { batch, wire, completeNs, publisher, sequence } = decode(message);
  assert.deepEqual(batch, prints());
  assert.equal(wire, wireOf(OPTIONS_TRADES));
  assert.deepEqual([completeNs, publisher, sequence], [T0 + 9n, "test", 4]);
  assert.deepEqual(message.headers, {
    "Nats-Msg-Id": "test:4",
    "Tidemark-Schema": "options.trades.v1",
    "Tidemark-Publisher": "test",
    "Tidemark-Sequence": "4",
    "Tidemark-Rows": "3",
    "Tidemark-Crc32": crcOf(message.payload),
    "Tidemark-First-Ts": String(T0),
    "Tidemark-Last-Ts": String(T0 + 5n),
    "Tidemark-Complete-Ts": String(T0 + 9n),
  });
});

Deno.test("encodeMessage() sends only the dictionary values that its rows use", () => {
  const { payload } = encodeMessage(OPTIONS_TRADES, sliceBatch(prints(), 1, 2), ORIGIN);
  const table = tableFromIPC(payload), symbols = table.getChild("option_symbol")!;
  assert.ok(DataType.isDictionary(symbols.type));
  assert.deepEqual([...symbols.data[0].dictionary!], ["O:B"]);
  assert.deepEqual([symbols.get(0), table.getChild("seq")!.get(0)], ["O:B", 2n ** 60n]);
});

Deno.test("encodeMessage() carries a batch without rows", () => {
  const { batch } = decode(encodeMessage(OPTIONS_TRADES, sliceBatch(prints(), 0, 0), ORIGIN));
  assert.equal(batch.length, 0);
  assert.deepEqual(Object.keys(batch.columns), Object.keys(prints().columns));
});

Deno.test("decodeMessage() reads several record batches of one payload as one", () => {
  const message = encodeMessage(OPTIONS_TRADES, prints(), ORIGIN);
  const once = tableFromIPC(message.payload), twice = once.concat(once);
  const payload = tableToIPC(twice, "stream");
  const { batch } = decode({ ...message, payload }, {
    "Tidemark-Rows": "6",
    "Tidemark-Crc32": crcOf(payload),
  });
  assert.deepEqual(batch.columns.strike, Float64Array.of(676, 677.5, -0, 676, 677.5, -0));
});

Deno.test("decodeMessage() says what is wrong with a message", () => {
  const message = encodeMessage(OPTIONS_TRADES, prints(), ORIGIN);
  const cut = { ...message, payload: message.payload.subarray(0, 100) };
  const noise = { ...message, payload: new Uint8Array(64).fill(7) };
  const other = encodeMessage(OPTIONS_TRADES, prints(), ORIGIN).payload;
  const cases: [Message, Record<string, string>, RegExp][] = [
    [
      message,
      { "Tidemark-Schema": "options.trades.v2" },
      /found schema "options.trades.v2", wanted options.trades.v1/,
    ],
    [message, { "Tidemark-Schema": "" }, /found schema ""/],
    [message, { "Tidemark-Schema": "futures.trades.v1" }, /found schema "futures.trades.v1"/],
    [{ ...message, subject: "market.futures.trades" }, {}, /market.futures.trades/],
    [{ ...message, subject: "market.futures.trades", payload: other }, {
      "Tidemark-Schema": "futures.trades.v1",
      "Tidemark-Crc32": crcOf(other),
    }, /columns are/],
    [message, { "Tidemark-Publisher": "" }, /lacks the header Tidemark-Publisher/],
    [message, { "Tidemark-Sequence": "x" }, /Tidemark-Sequence is "x"/],
    [message, { "Tidemark-Sequence": "9007199254740992" }, /wanted one from 0 to 2\^53 - 1/],
    [message, { "Tidemark-Sequence": "-1" }, /wanted one from 0/],
    [message, { "Tidemark-Crc32": "" }, /damaged/],
    [message, { "Tidemark-Rows": "4" }, /says 4 rows, its payload has 3/],
    [noise, { "Tidemark-Crc32": crcOf(noise.payload) }, /no Arrow IPC stream|columns are/],
    [cut, { "Tidemark-Crc32": crcOf(cut.payload) }, /no Arrow IPC stream|columns are|payload has/],
  ];
  for (const [bad, change, wanted] of cases) {
    assert.throws(() => decode(bad, change), (error) => {
      assert.ok(error instanceof BusError, String(error));
      assert.match(error.message, wanted);
      return true;
    });
  }
});

Deno.test("decodeMessage() reads columns that are null throughout", () => {
  const rows = prints(), none = rows.length;
  rows.columns.correction = new Int16Array(none).fill(NULL_I16);
  rows.columns.seq = new BigInt64Array(none).fill(NULL_I64);
  rows.columns.conditions = stringsOf([null, null, null]);
  assert.deepEqual(decode(encodeMessage(OPTIONS_TRADES, rows, ORIGIN)).batch, rows);
  const labels = Object.entries(LIVE_LABELS.columns).map(([name, { dtype, nullable }]) => {
    if (nullable) return [name, nullColumn(dtype, 1)];
    if (dtype === "utf8") return [name, stringsOf(["a"])];
    return [
      name,
      dtype === "i64" ? BigInt64Array.of(1n) : dtype === "f64" ? Float64Array.of(1) : Int32Array.of(1),
    ];
  });
  const batch: Batch = { length: 1, columns: Object.fromEntries(labels) };
  assert.deepEqual(decode(encodeMessage(LIVE_LABELS, batch, ORIGIN)).batch, batch);
});

Deno.test("decodeMessage() gives a text one code, however often a dictionary has it", () => {
  const rows = prints();
  rows.columns.option_symbol = { codes: Int32Array.of(0, 1, 2), values: ["O:A", "O:B", "O:A"] };
  const { batch } = decode(encodeMessage(OPTIONS_TRADES, rows, ORIGIN));
  assert.deepEqual(batch, prints());
});

Deno.test("decodeMessage() refuses a value that would pass for a null where none may be", () => {
  const rows = prints();
  rows.columns.price = Float64Array.of(1, NaN, 2);
  const message = encodeMessage(OPTIONS_TRADES, rows, ORIGIN);
  assert.throws(() => decode(message), (error) => {
    assert.ok(error instanceof BusError, String(error));
    assert.match(error.message, /column price: row 1 holds NaN, which is no value/);
    return true;
  });
});

Deno.test("decodeMessage() says of any damaged or shortened payload what is wrong, and never fails otherwise", () => {
  const message = encodeMessage(OPTIONS_TRADES, prints(), ORIGIN), random = new Random("bytes");
  const refused = (payload: Uint8Array, change: Record<string, string>, why: RegExp) =>
    assert.throws(() => decode({ ...message, payload }, change), (error) => {
      assert.ok(error instanceof BusError, String(error));
      assert.match(error.message, why);
      return true;
    });
  for (let i = 0; i < 1000; i++) {
    const payload = message.payload.slice();
    payload[random.int(payload.length)] ^= 1 + random.int(255);
    refused(payload, {}, /its payload is damaged: CRC-32 [0-9a-f]{8}/);
  }
  // The last eight bytes only say that nothing follows.
  for (let length = 0; length < message.payload.length - 8; length += 7) {
    const payload = message.payload.subarray(0, length), crc = { "Tidemark-Crc32": crcOf(payload) };
    refused(payload, crc, /no Arrow IPC stream|columns are|payload has|values, wanted/);
  }
});
