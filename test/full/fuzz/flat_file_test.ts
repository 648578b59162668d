/**
 * Mutated flat files: a RowError, or the rows that csv-parse reads, in any chunks; and mutated gzip streams of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Random, TidemarkError } from "../../../lib/base/mod.ts";
import { gunzip } from "../../../lib/ingest/mod.ts";
import { fuzz, linesOfPython } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";
import { gather } from "../../ingest/dbn/_fixtures.ts";
import { assertSame, chunks, HEADER, market, read } from "../../ingest/polygon/_flat_file.ts";

/** Unpacks files; of each a line, the SHA-256 of what is in it or why it is refused. */
const PROGRAM = `
import gzip, hashlib, sys, zlib
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file: print(hashlib.sha256(gzip.decompress(file.read())).hexdigest())
    except (EOFError, OSError, zlib.error) as error: print("refused:", error)
`;
const COLUMNS = HEADER.split(",");
/** A quote, a comma or a line break more, and what passes for a number elsewhere. */
const TOKENS = [
  '"',
  ",",
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  '""',
  ",,",
  "O:SPY",
  "O:QQQ251112C00675000",
  "\ufeff",
  "\0",
  "9".repeat(400),
  "0".repeat(30),
  ".",
  "-1",
  "+1",
  "1e5",
  "1e999",
  "0x10",
  "NaN",
  "Infinity",
  " ",
  "1_000",
  "٣",
  "4294967296",
  "32768",
  "9223372036854775808",
  "9007199254740993",
];
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("mutated flat files are refused, or read as csv-parse reads them", async () => {
  const base = [
    market(12, COLUMNS, 1),
    market(12, [...COLUMNS, "sequence_number"], 2, "\r\n"),
    market(12, ["participant_timestamp", "sequence_number", ...COLUMNS], 3).trimEnd(),
    `\ufeff${market(12, new Random(4).shuffle([...COLUMNS, "sequence_number"]), 4)}`,
  ].map(encode);
  await fuzz("flat files", {
    inputs: 4000,
    base,
    tokens: TOKENS,
    headBytes: 200,
    check: async (bytes, random) => {
      // What begins as gzip does is another test's.
      if (bytes[0] === 0x1f) throw new TidemarkError("gzip");
      const refused = (error: unknown) => {
        if (error instanceof TidemarkError) return error;
        throw error;
      };
      const whole = await read(bytes, { chunk: () => bytes.length }).catch(refused);
      const pieces = await read(bytes, { chunk: () => 1 + random.int(60), batchRows: 1 + random.int(5) })
        .catch(refused);
      if (whole instanceof TidemarkError || pieces instanceof TidemarkError) {
        assert.equal((pieces as Error).message, (whole as Error).message);
        assert.match((whole as Error).message, /^Cannot read "x\.csv\.gz" at line \d+: \P{C}{1,400}$/u);
        throw whole;
      }
      assertSame(whole.batch, bytes);
      assertSame(pieces.batch, bytes);
      assert.deepEqual(pieces.counts, whole.counts);
    },
  });
});

Deno.test("mutated gzip streams are refused, or unpacked as the reference library unpacks them", async () => {
  const accepted: { bytes: Uint8Array; sha256: string }[] = [];
  const text = encode(market(40, COLUMNS, 1)), half = text.length >> 1;
  const member = (bytes: Uint8Array, level: number) => new Uint8Array(gzipSync(bytes, { level }));
  const two = [...member(text.subarray(0, half), 9), ...member(text.subarray(half), 1)];
  const base = [
    member(text, 0),
    member(text, 6),
    new Uint8Array(two),
    new Uint8Array([...two, ...new Uint8Array(20)]),
    member(new Uint8Array(200_000), 6),
  ];
  await fuzz("gzip", {
    inputs: 3000,
    base,
    headBytes: 40,
    check: async (bytes, random) => {
      const unpack = (size: () => number) => {
        return gather(gunzip(chunks(bytes, size), "x.csv.gz")).catch((error) => {
          if (error instanceof TidemarkError) return error;
          throw error;
        });
      };
      const whole = await unpack(() => bytes.length), pieces = await unpack(() => 1 + random.int(90));
      if (whole instanceof TidemarkError || pieces instanceof TidemarkError) {
        assert.equal((pieces as Error).name, (whole as Error).name);
        throw whole;
      }
      assert.deepEqual(pieces, whole);
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) assert.deepEqual(whole, bytes);
      else accepted.push({ bytes, sha256: createHash("sha256").update(whole).digest("hex") });
    },
  });
  if (!requires("python", "mutated gzip against the reference library")) return;
  const theirs = await linesOfPython(PROGRAM, accepted.map(({ bytes }) => bytes));
  for (const [i, { bytes, sha256 }] of accepted.entries()) assert.equal(sha256, theirs[i], bytes.toHex());
});
