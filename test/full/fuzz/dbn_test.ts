/**
 * Mutated DBN: a DecodeError or the rows that the vendor's own package reads, in any chunks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Random, TidemarkError } from "../../../lib/base/mod.ts";
import {
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
  SCHEMA_CODES,
} from "../../../lib/ingest/mod.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";
import { decode, join, QUERY, randomRecords } from "../../ingest/dbn/_fixtures.ts";
import { assertAgrees, official } from "../../ingest/dbn/_official.ts";

const VERSIONS = [1, 2, 3] as const, TABLES = ["trades", "mbp-10"] as const;

/** Records as markets have them: small prices, known actions and sides. */
function records(table: typeof TABLES[number], count: number): Uint8Array {
  const bytes = randomRecords(new Random(table), table, count), size = bytes.length / count;
  for (let at = 0; at < bytes.length; at += size) bytes.set([84, "ABN".charCodeAt(at % 3)], at + 28);
  return bytes;
}

/** Records with the gateway's sending time after each. */
function withTsOut(bytes: Uint8Array, size: number): Uint8Array {
  const rows = Array.from({ length: bytes.length / size }, (_, i) => {
    const row = join(bytes.subarray(i * size, (i + 1) * size), new Uint8Array(8).fill(i + 1));
    row[0] = row.length / 4;
    return row;
  });
  return join(...rows);
}

/** A record of another type, zeros but for its header. */
function foreign(rtype: number, bytes: number): Uint8Array {
  const record = new Uint8Array(bytes);
  record.set([bytes / 4, rtype]);
  return record;
}

const MIXED = join(
  records("trades", 2),
  foreign(0x17, 320),
  records("mbp-10", 1),
  foreign(0xa0, 56),
  records("trades", 1),
);
const FILES = [
  ...VERSIONS.flatMap((version) =>
    TABLES.map((table) =>
      join(
        encodeMetadata(makeMetadata({ ...QUERY, version, schema: SCHEMA_CODES[table] })),
        records(table, 3),
      )
    )
  ),
  join(encodeMetadata(makeMetadata()), MIXED),
  join(encodeMetadata(makeMetadata({ tsOut: true })), withTsOut(records("trades", 3), 48)),
];
const HEAD = encodeMetadata(makeMetadata());

/** The rows as record bytes, all of a table together: what was read, byte by byte. */
async function rowsOf(bytes: Uint8Array, sizes: number[]): Promise<string> {
  const { stream, tables } = await decode(bytes, {}, sizes);
  const rows = [
    tables.trades && encodeTrades(tables.trades),
    tables["mbp-10"] && encodeMbp10(tables["mbp-10"]),
  ];
  return JSON.stringify([
    rows.map((part) => part?.toHex()),
    [...stream.skipped],
    stream.records,
    stream.tsOutDropped,
  ]);
}

/** A check that keeps what is accepted, and finds the same in other chunks. */
function checkInto(accepted: Uint8Array[]) {
  return async (bytes: Uint8Array, random: Random) => {
    const outcome = async (sizes: number[]) => {
      try {
        return { rows: await rowsOf(bytes, sizes) };
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error;
        return { error };
      }
    };
    const whole = await outcome([bytes.length + 1]),
      pieces = await outcome([1 + random.int(300), 1 + random.int(9)]);
    assert.equal(pieces.error?.name, whole.error?.name);
    if (whole.error) {
      assert.match(whole.error.message, /^\P{C}{1,500}$/u);
      throw whole.error;
    }
    assert.equal(pieces.rows, whole.rows);
    accepted.push(bytes);
  };
}

/** Asserts that the vendor reads all of it as we do. */
async function assertOfficial(accepted: readonly Uint8Array[]): Promise<void> {
  if (!requires("python:databento", "mutated DBN against the vendor's package")) return;
  const dir = await Deno.makeTempDir({ prefix: "tidemark-fuzz-" });
  try {
    for (let from = 0; from < accepted.length; from += 1000) {
      const some = accepted.slice(from, from + 1000), paths = some.map((_, i) => `${dir}/${from + i}.dbn`);
      for (const [i, path] of paths.entries()) await Deno.writeFile(path, some[i]);
      const theirs = await official(paths);
      assert.equal(theirs.length, some.length);
      for (const [i, bytes] of some.entries()) {
        await assertAgrees(`${paths[i]} of bytes ${bytes.toHex().slice(0, 2000)}`, bytes, theirs[i]);
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("mutated DBN files are refused, or read as the vendor's package reads them", async () => {
  const accepted: Uint8Array[] = [];
  await fuzz("DBN files", { inputs: 3000, base: FILES, check: checkInto(accepted) });
  await assertOfficial(accepted);
});

Deno.test("mutated DBN records are refused, or read as the vendor's package reads them", async () => {
  const accepted: Uint8Array[] = [], check = checkInto(accepted);
  const base = [MIXED, ...TABLES.map((table) => records(table, 4))];
  await fuzz("DBN records", {
    inputs: 3000,
    base,
    headBytes: 64,
    check: (bytes, random) => check(join(HEAD, bytes), random),
  });
  await assertOfficial(accepted);
});
