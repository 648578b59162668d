import assert from "node:assert/strict";
import { DecodeError } from "../../../lib/base/mod.ts";
import {
  compressZstd,
  type DbnMetadata,
  decodeMetadata,
  encodeMetadata,
  makeMetadata,
  openDbn,
} from "../../../lib/ingest/mod.ts";
import { requires } from "../../helpers/requires.ts";
import { assertRefused, fixture, gather, head, join } from "./_fixtures.ts";

const FULL: Partial<DbnMetadata> = {
  schema: 2,
  startNs: 1765843200000000000n,
  endNs: 1765929600000000000n,
  limit: 5n,
  symbols: ["ESZ5", "ESH6"],
  partial: ["ESH6"],
  notFound: ["ESM9", "Ñandú"],
  mappings: [
    {
      rawSymbol: "ESZ5",
      intervals: [
        { start: 20251201, end: 20251210, symbol: "294973" },
        { start: 20251210, end: 20251220, symbol: "294974" },
      ],
    },
    { rawSymbol: "ESH6", intervals: [] },
  ],
};

Deno.test("decodeMetadata() reads what encodeMetadata() wrote, in every version", () => {
  for (const version of [1, 2, 3] as const) {
    for (const tsOut of [false, true]) {
      const metadata = makeMetadata({ ...FULL, version, tsOut });
      if (version === 1) metadata.recordCount = 77n;
      const bytes = encodeMetadata(metadata);
      assert.deepEqual(decodeMetadata(bytes, "x"), metadata);
      if (version === 3) assert.equal(bytes.length % 8, 0);
    }
  }
});

Deno.test("encodeMetadata() gives the sizes of the format's table", () => {
  const symbols = {
    symbols: ["A"],
    mappings: [{ rawSymbol: "A", intervals: [{ start: 1, end: 2, symbol: "3" }] }],
  };
  assert.equal(encodeMetadata(makeMetadata({ version: 1, ...symbols })).length, 8 + 0xc6);
  assert.equal(encodeMetadata(makeMetadata({ version: 2, ...symbols })).length, 8 + 0x159);
  assert.equal(encodeMetadata(makeMetadata({ version: 3, ...symbols })).length, 8 + 0x160);
});

Deno.test("decodeMetadata() reads a real file's fields, and encodeMetadata() gives its bytes back", () => {
  if (!requires("shared", "real metadata")) return;
  const bytes = fixture("dbn/test_data.trades.dbn").subarray(0, 8 + 0x159);
  const metadata = decodeMetadata(bytes, "x");
  assert.deepEqual(
    metadata,
    makeMetadata({
      version: 2,
      schema: 4,
      startNs: 1609160400000000000n,
      endNs: 1609200000000000000n,
      limit: 2n,
      symbols: ["ESH1"],
      mappings: [{ rawSymbol: "ESH1", intervals: [{ start: 20201228, end: 20201229, symbol: "5482" }] }],
    }),
  );
  assert.deepEqual(encodeMetadata(metadata), bytes);
});

Deno.test("encodeMetadata() refuses a text that does not fit its field", () => {
  assert.throws(() => encodeMetadata(makeMetadata({ version: 1, symbols: ["x".repeat(23)] })), RangeError);
  assert.throws(() => encodeMetadata(makeMetadata({ symbols: ["a\0b"] })), RangeError);
});

Deno.test("openDbn() refuses version 4 and version 0 by name", async () => {
  for (const version of [4, 0, 255]) {
    const bytes = head();
    bytes[3] = version;
    await assertRefused(bytes, new RegExp(`DBN version ${version}, wanted 1, 2 or 3`), 3);
  }
});

Deno.test("openDbn() refuses what is not DBN, saying what it looks like", async () => {
  await assertRefused(
    new TextEncoder().encode("ts_event,price\n1,2\n"),
    /begins with 74 73 5f 65, wanted "DBN"/,
    0,
  );
  await assertRefused(join(new TextEncoder().encode("DBZ"), head()), /legacy DBZ format/, 0);
  await assertRefused(new Uint8Array(), /the file is empty/, 0);
  await assertRefused(new TextEncoder().encode("DBN"), /the metadata needs 8 bytes, the file has 3/, 3);
});

Deno.test("openDbn() refuses the legacy file and the fragment, each by its name", async () => {
  if (!requires("shared", "legacy file and fragment")) return;
  await assertRefused(fixture("dbn/test_data.trades.dbz"), /legacy DBZ format/, 0);
  await assertRefused(fixture("dbn/multi-frame.definition.v1.dbn.frag.zst"), /no metadata, .* fragment/, 0);
});

Deno.test("openDbn() refuses metadata longer than the file or than any metadata", async () => {
  const long = head();
  new DataView(long.buffer).setUint32(4, 5000, true);
  await assertRefused(long, /the metadata needs 5008 bytes, the file has 128/, 128);
  new DataView(long.buffer).setUint32(4, 0xfffffff0, true);
  await assertRefused(long, /metadata of 4294967280 bytes/, 4);
});

Deno.test("openDbn() refuses a few kilobytes that unfold to metadata without end, at once", async () => {
  const bytes = new Uint8Array(2 ** 26);
  bytes.set(encodeMetadata(makeMetadata({ version: 2 })));
  const view = new DataView(bytes.buffer), start = performance.now(), rss = Deno.memoryUsage().rss;
  view.setUint32(4, bytes.length - 8, true);
  view.setUint32(112, Math.floor((bytes.length - 132) / 71), true);
  const bomb = await gather(compressZstd([bytes])), packed = performance.now();
  assert(bomb.length < 10_000);
  await assertRefused(bomb, /^.* at byte 0: \d+ compressed bytes of metadata unfold to more than \d+/);
  assert(performance.now() - packed < Math.max(1000, packed - start));
  assert(Deno.memoryUsage().rss - rss < 2 ** 28);
});

Deno.test("openDbn() reads metadata of very many symbols as a query gives them", async () => {
  const symbols = Array.from({ length: 6000 }, (_, i) => `ES${i % 10} C${1000 + 5 * i}`);
  const mappings = symbols.map((rawSymbol, i) => {
    return { rawSymbol, intervals: [{ start: 20251201, end: 20251202, symbol: String(100_000 + i) }] };
  });
  const metadata = makeMetadata({ symbols, mappings });
  for (const level of [3, 19]) {
    const stream = await openDbn(compressZstd([encodeMetadata(metadata)], level), { name: "x" });
    assert.deepEqual(stream.metadata, metadata);
    await stream.close();
  }
});

Deno.test("decodeMetadata() refuses symbols shorter than in any version", () => {
  const bytes = encodeMetadata(makeMetadata({ symbolLength: 21 }));
  assert.throws(() => decodeMetadata(bytes, "x"), /at byte 53: symbol_cstr_len is 21, wanted 71/);
});

Deno.test("decodeMetadata() refuses counts that cannot fit, before it allocates for them", () => {
  const bytes = encodeMetadata(makeMetadata(FULL));
  const counts = [112, 112 + 4 + 2 * 71];
  for (const at of counts) {
    const damaged = bytes.slice();
    new DataView(damaged.buffer).setUint32(at, 0xffffffff, true);
    assert.throws(
      () => decodeMetadata(damaged, "x"),
      (e) => e instanceof DecodeError && e.byteOffset === at && /4294967295/.test(e.message),
    );
  }
});

Deno.test("decodeMetadata() refuses a schema definition, bytes after the mappings and text that is not UTF-8", () => {
  const spoil = (at: number, value: number) => {
    const bytes = encodeMetadata(makeMetadata(FULL));
    bytes[at < 0 ? bytes.length + at : at] = value;
    return bytes;
  };
  assert.throws(() => decodeMetadata(spoil(108, 1), "x"), /at byte 108: a schema definition of 1 bytes/);
  assert.throws(() => decodeMetadata(spoil(-1, 1), "x"), /bytes after the mappings/);
  assert.throws(() => decodeMetadata(spoil(8, 0xff), "x"), /at byte 8: dataset is not UTF-8/);
  assert.throws(() => decodeMetadata(spoil(20, 65), "x"), /at byte 20: bytes after the end of dataset/);
  assert.throws(
    () => decodeMetadata(spoil(24, 77), "x"),
    /at byte 24: schema 77, wanted one that DBN defines/,
  );
  assert.throws(
    () => decodeMetadata(spoil(50, 16), "x"),
    /at byte 50: stype_in is 16, wanted one that DBN defines/,
  );
  assert.equal(decodeMetadata(spoil(50, 255), "x").stypeIn, 255);
});

Deno.test("decodeMetadata() refuses dates of mappings that no calendar has", () => {
  for (const date of [0, 1, 20251301, 20250229, 20251131, 99999999, 123456789, 4294967295]) {
    const mappings = [{ rawSymbol: "A", intervals: [{ start: 20251201, end: date, symbol: "1" }] }];
    assert.throws(
      () => decodeMetadata(encodeMetadata(makeMetadata({ mappings })), "x"),
      new RegExp(`end of interval 0 of mapping 0 is ${date}, wanted a date yyyymmdd`),
    );
  }
});

Deno.test("decodeMetadata() gives a DecodeError wherever the metadata is cut", () => {
  const bytes = encodeMetadata(makeMetadata({ ...FULL, version: 2 }));
  for (let length = 8; length < bytes.length; length++) {
    const cut = bytes.slice(0, length);
    new DataView(cut.buffer).setUint32(4, length - 8, true);
    assert.throws(() => decodeMetadata(cut, "x"), DecodeError, `cut to ${length}`);
  }
});
