import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  DecodeError,
  f64,
  i16,
  NULL_I16,
  Random,
  RowError,
  sessionOf,
  strings,
} from "../../../lib/base/mod.ts";
import { gunzip, readFlatFile } from "../../../lib/ingest/mod.ts";
import { requires, shared } from "../../helpers/requires.ts";
import { assertSame, at, chunks, HEADER, market, read, ROW } from "./_flat_file.ts";

Deno.test("readFlatFile() agrees with csv-parse in any column order, header variant, line end and chunking", async () => {
  const random = new Random(11);
  const base = HEADER.split(",");
  const variants = [
    base,
    [...base, "participant_timestamp"],
    ["sequence_number", ...base],
    random.shuffle([...base, "participant_timestamp", "sequence_number"]),
  ];
  for (const [v, order] of variants.entries()) {
    for (const lineEnd of ["\n", "\r\n"]) {
      const text = market(1500, order, v, lineEnd);
      const whole = await read(text);
      assertSame(whole.batch, text);
      assert.equal(whole.counts.rows, 1500);
      assert.equal(whole.counts.kept, whole.batch.length);
      assert.equal(whole.counts.rows, whole.counts.kept + whole.counts.filtered);
      const pieces = await read(text.trimEnd(), { chunk: () => 1 + random.int(90), batchRows: 7 });
      assertSame(pieces.batch, text);
      assert.deepEqual(pieces.counts, whole.counts);
    }
  }
});

Deno.test("readFlatFile() reads one byte at a time, gzipped in two members", async () => {
  const text = market(60, HEADER.split(","), 4), half = Math.floor(text.length / 2);
  const bytes = new Uint8Array([...gzipSync(text.slice(0, half)), ...gzipSync(text.slice(half))]);
  assertSame((await read(bytes, { chunk: () => 1 })).batch, text);
});

Deno.test("readFlatFile() keeps the root exactly, every expiration, and counts the others", async () => {
  const rows = [
    "O:SPY251112C00675000,209,0,312,9.87,1762957800867000000,1",
    "O:SPY271217P00400000,,,312,30,1762957800867000000,2",
    "O:SPYG251112C00100000,209,0,312,9.87,1762957800867000000,1",
    "O:SPY1251112C00675000,209,0,312,9.87,1762957800867000000,1",
    "O:SPXW251112C06750000,209,0,312,9.87,1762957800867000000,1",
  ];
  const { batch, counts } = await read([HEADER, ...rows].join("\n"));
  assert.deepEqual(counts, { rows: 5, kept: 2, filtered: 3 });
  assert.deepEqual([...f64(batch, "strike")], [675, 400]);
  assert.deepEqual(at(strings(batch, "conditions"), 1), null);
  assert.equal(i16(batch, "correction")[1], NULL_I16);
});

const FAULTS: Record<string, [string, RegExp]> = {
  "a missing column": [`${HEADER.replace(",size", "")}\n`, /line 1: the column "size" is missing/],
  "an empty file": ["", /line 1: found an empty file/],
  "a binary file": ["\u0000\u0001\u0002\n", /line 1: the column "ticker" is missing/],
  "an endless line": ["x".repeat(200_000), /line longer than/],
  "a ticker with the root that cannot be parsed": [
    `${HEADER}\n${ROW}\n${ROW.replace("675000", "67500")}`,
    /line 3: found ticker "O:SPY251112C0067500", wanted one like/,
  ],
  "a ticker with a date that does not exist": [
    `${HEADER}\n${ROW.replace("251112", "251131")}`,
    /line 2: found ticker/,
  ],
  "a ticker without O:": [`${HEADER}\n${ROW.slice(2)}`, /line 2: found ticker "SPY251112C00675000"/],
  "a negative size": [
    `${HEADER}\n${ROW.replace(/1$/, "-1")}`,
    /line 2: found size "-1", wanted a whole number/,
  ],
  "a price that is not a number": [`${HEADER}\n${ROW.replace("9.87", "x")}`, /line 2: found price "x"/],
  "a negative price": [`${HEADER}\n${ROW.replace("9.87", "-9.87")}`, /line 2: found price "-9.87"/],
  "a timestamp in milliseconds": [
    `${HEADER}\n${ROW.replace("1762957800867000000", "1762957800867")}`,
    /line 2: found sip_timestamp "1762957800867", wanted nanoseconds/,
  ],
  "an exchange that is not a code": [`${HEADER}\n${ROW.replace("312", "N")}`, /line 2: found exchange "N"/],
  "conditions that are not codes": [
    `${HEADER}\n${ROW.replace("232", "F;I")}`,
    /line 2: found conditions "F;I"/,
  ],
  "a correction that is not a code": [
    `${HEADER}\n${ROW.replace(",0,312", ",no,312")}`,
    /line 2: found correction "no"/,
  ],
  "a row cut short": [
    `${HEADER}\n${ROW}\n${ROW.slice(0, 40)}`,
    /line 3: found 6 fields, wanted 7; is the file cut/,
  ],
  "a row of another root cut inside its ticker": [
    `${HEADER}\n${ROW}\nO:SP`,
    /line 3: found 1 field, wanted 7; is the file cut short\?/,
  ],
  "a row of another root with a field more": [
    `${HEADER}\n${ROW.replace("SPY", "QQQ")},5\n${ROW}\n`,
    /line 2: found 8 fields, wanted 7/,
  ],
  "a row of another root whose quotes hide a field": [
    `${HEADER}\n${ROW.replace("SPY", "QQQ").replace("232,0", '"232,0"')}\n`,
    /line 2: found 6 fields, wanted 7/,
  ],
  "a header whose quote is not closed": [`"${HEADER}\n${ROW}\n`, /line 1: found a quote/],
  "a column that is there twice": [`${HEADER},price\n`, /line 1: found the column "price" twice/],
  "a price beyond what a float holds": [
    `${HEADER}\n${ROW.replace("9.87", "9".repeat(400))}\n`,
    /line 2: found price "9{40}…", wanted dollars/,
  ],
  "a price in hexadecimal": [`${HEADER}\n${ROW.replace("9.87", "0x10")}\n`, /line 2: found price "0x10"/],
  "a price with an exponent": [`${HEADER}\n${ROW.replace("9.87", "1e3")}\n`, /line 2: found price "1e3"/],
  "a price with a sign": [`${HEADER}\n${ROW.replace("9.87", "+1")}\n`, /line 2: found price "\+1"/],
  "a price of blanks": [`${HEADER}\n${ROW.replace("9.87", " ")}\n`, /line 2: found price " "/],
  "no price": [`${HEADER}\n${ROW.replace("9.87", "")}\n`, /line 2: found price ""/],
  "a timestamp beyond int64": [
    `${HEADER}\n${ROW.replace("1762957800867000000", "9999999999999999999")}\n`,
    /line 2: found sip_timestamp "9999999999999999999"/,
  ],
  "a terminal's control sequences, without passing them on": [
    `${HEADER}\n${ROW.replace("9.87", "\x1b[2J9")}\n`,
    /line 2: found price "\\x1b\[2J9"/,
  ],
  "a long line in one chunk as in many": [
    `${HEADER}\n${ROW}${"0".repeat(70_000)}\n`,
    /line 2: found a line longer than 65536 bytes/,
  ],
  "a quote that is not closed": [`${HEADER}\n${ROW.replace("232", '"232')}`, /line 2: found a quote/],
};

for (const [name, [text, message]] of Object.entries(FAULTS)) {
  Deno.test(`readFlatFile() refuses ${name} by file and line`, async () => {
    await assert.rejects(read(text), (error: Error) => {
      assert.ok(error instanceof RowError);
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot read "x.csv.gz" at line \d+: [^\n]+$/);
      return true;
    });
  });
}

Deno.test("readFlatFile() refuses a print of another trade date", async () => {
  const text = `${HEADER}\n${ROW}\n`;
  assert.equal((await read(text, { session: sessionOf("2025-11-12") })).batch.length, 1);
  await assert.rejects(
    read(text, { session: sessionOf("2025-11-13") }),
    /line 2: found a print of 2025-11-12T14:30:00.867000000Z, wanted trade date 2025-11-13/,
  );
});

Deno.test("readFlatFile() says whether the last line has a line break", async () => {
  for (
    const [end, open] of [["", true], ["\r", true], ["\n", false], ["\r\n", false], ["\n\n", false]] as const
  ) {
    const file = readFlatFile(chunks(new TextEncoder().encode(`${HEADER}\n${ROW}${end}`), () => 9), {
      path: "x.csv",
    });
    let rows = 0;
    for await (const { batch } of file.batches) rows += batch.length;
    assert.deepEqual([rows, file.openEnd], [1, open], JSON.stringify(end));
  }
});

Deno.test("gunzip() takes zeros after the last member, and refuses what follows them in any chunking", async () => {
  const [a, b] = [gzipSync("a\n"), gzipSync("b\n")];
  const read = async (parts: readonly (Uint8Array | number)[], size: number) => {
    const bytes = new Uint8Array(
      parts.flatMap((part) => typeof part === "number" ? Array(part).fill(0) : [...part]),
    );
    let text = "";
    for await (const chunk of gunzip(chunks(bytes, () => size), "x.csv.gz")) {
      text += new TextDecoder().decode(chunk);
    }
    return text;
  };
  for (const size of [1, 7, a.length, 1 << 16]) {
    assert.equal(await read([a, b, 20], size), "a\nb\n");
    for (
      const parts of [[a, 20, b], [a, 3, new TextEncoder().encode("x")], [a, new TextEncoder().encode("O:")]]
    ) {
      await assert.rejects(read(parts, size), DecodeError, String(size));
    }
  }
});

Deno.test("readFlatFile() says that the stream is damaged where a row makes no sense for it", async () => {
  const packed = new Uint8Array(
    gzipSync(`${HEADER}\n${ROW}\nnonsense\n${market(2000, HEADER.split(","), 1)}`),
  );
  await assert.rejects(read(packed), RowError);
  packed[packed.length - 5] ^= 1;
  for (const chunk of [1 << 16, 500]) await assert.rejects(read(packed, { chunk: () => chunk }), DecodeError);
});

Deno.test("gunzip() refuses a stream that is cut short or damaged", async () => {
  const packed = new Uint8Array(gzipSync(market(2000, HEADER.split(","), 1)));
  const damaged = packed.slice();
  damaged[packed.length >> 1]! ^= 0xff;
  for (const bytes of [packed.slice(0, packed.length - 9), damaged, packed.slice(0, 5)]) {
    await assert.rejects(
      async () => {
        for await (const _ of gunzip(chunks(bytes, () => 999), "x.csv.gz"));
      },
      (error: Error) =>
        error instanceof DecodeError && /Cannot decode "x.csv.gz" at byte \d+: .*gzip/.test(error.message),
    );
  }
});

Deno.test("gunzip() passes a failing source's own error on", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(gzipSync("abc")).slice(0, 12);
    await Promise.resolve();
    throw new TypeError("the disk is gone");
  }
  await assert.rejects(async () => {
    for await (const _ of gunzip(failing(), "x"));
  }, /the disk is gone/);
});

Deno.test("readFlatFile() reads the real SPY prints", async () => {
  if (!requires("shared", "readFlatFile() reads the real SPY prints")) return;
  const bytes = await Deno.readFile(shared("real/spy-options-2025-11-12.csv.gz"));
  const { batch, counts } = await read(bytes, { session: sessionOf("2025-11-12") });
  assert.deepEqual(counts, { rows: 1334, kept: 1334, filtered: 0 });
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")))
    .text();
  assertSame(batch, text);
  assert.equal(strings(batch, "option_symbol").values.length, 60);
  assert.ok(strings(batch, "right").codes.every((code) => code === 0));
});
