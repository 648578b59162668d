import assert from "node:assert/strict";
import { type Batch, LakeError, Random, stringsOf } from "../../lib/base/mod.ts";
import { inspectFile, type Lake, readBatch, readFrame, toFrame, writeFrame } from "../../lib/lake/mod.ts";
import { column, type TableSchema } from "../../lib/schema/mod.ts";
import { plainColumns, withLake } from "../helpers/bronze_lake.ts";

const TABLE: TableSchema = {
  name: "test.shape",
  version: 1,
  row: "a row",
  location: { folder: "test", owner: "", by: "file" },
  writer: "",
  readers: [],
  columns: {
    id: column("i64", "–", "number"),
    price: column("f64", "$", "number", true),
    name: column("utf8", "–", "text", true),
    few: column("utf8", "–", "text"),
    on: column("bool", "–", "truth"),
  },
};

/** Rows with long texts, so that statistics in page headers are long too. */
function batchOf(n: number, seed = 1): Batch {
  const random = new Random(seed);
  const texts = Array.from({ length: n }, () => "x".repeat(random.int(900)) + random.int(1000));
  return {
    length: n,
    columns: {
      id: BigInt64Array.from({ length: n }, () => BigInt(random.int(1e9))),
      price: Float64Array.from({ length: n }, () => random.uniform() < 0.1 ? NaN : random.normal()),
      name: stringsOf(texts.map((text) => random.uniform() < 0.1 ? null : text)),
      few: stringsOf(texts.map((_, i) => "ab"[i % 2])),
      on: Int8Array.from({ length: n }, () => random.int(2)),
    },
  };
}

Deno.test("readBatch() takes files of one page and of many, of one row group and of many, in part and whole", async () => {
  await withLake(async (lake) => {
    for (const n of [1, 700, 20_000]) {
      const batch = batchOf(n);
      writeFrame(`${lake.root}/a.parquet`, toFrame(TABLE, batch));
      assert.deepEqual(plainColumns(readBatch(lake, TABLE, ["a.parquet"])), plainColumns(batch));
      assert.equal(inspectFile(lake, TABLE, "a.parquet").rows, n);
    }
    const many = { length: 600_000, columns: { id: new BigInt64Array(600_000).fill(5n) } };
    const one = { ...TABLE, columns: { id: TABLE.columns.id } };
    writeFrame(`${lake.root}/a.parquet`, toFrame(one, many));
    assert.equal(readBatch(lake, one, ["a.parquet"]).length, 600_000);
    await Promise.resolve();
  });
});

/** Every reader says of a path one line that names it. */
function assertRefused(lake: Lake, why: RegExp): void {
  const path = `${lake.root}/a.parquet`;
  for (
    const read of [
      () => readFrame(path),
      () => readBatch(lake, TABLE, ["a.parquet"]),
      () => inspectFile(lake, TABLE, "a.parquet"),
    ]
  ) {
    assert.throws(
      read,
      (e: Error) =>
        e instanceof LakeError && e.message.startsWith(`Cannot read "${path}": `) && why.test(e.message) &&
        e.message.endsWith("; restore the file or rebuild the stage that writes it") &&
        !e.message.includes("\n"),
    );
  }
}

const NO_FILES: [string, RegExp, (path: string) => Promise<unknown>][] = [
  ["nothing", /there is no such file/, () => Promise.resolve()],
  ["a folder", /found a folder, wanted a file/, (path) => Deno.mkdir(path)],
  ["a link to itself", /symbolic link/, (path) => Deno.symlink(path, path)],
  ["a device without end", /found a device/, (path) => Deno.symlink("/dev/zero", path)],
  [
    "a pipe that nobody writes",
    /found a pipe/,
    (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  ],
  ["an empty file", /no PAR1 at its end/, (path) => Deno.writeTextFile(path, "")],
  ["a short text", /no PAR1 at its end/, (path) => Deno.writeTextFile(path, "PAR1")],
  [
    "a file of nothing but its frame",
    /it is damaged: found/,
    (path) => Deno.writeTextFile(path, "PAR1\0\0\0\0PAR1"),
  ],
  [
    "a length of metadata beyond the file",
    /metadata of 1162167621 bytes in a file of 12/,
    (path) => Deno.writeTextFile(path, "PAR1EEEEPAR1"),
  ],
];

for (const [what, why, make] of NO_FILES) {
  Deno.test(`readFrame() and the others refuse ${what}, at once and by name`, async () => {
    await withLake(async (lake) => {
      await make(`${lake.root}/a.parquet`);
      assertRefused(lake, why);
    });
  });
}

/** 300 as the thrift of our files writes it, and −300: the number of values of each page and each chunk. */
const COUNT = [0xd8, 0x04], NEGATIVE = [0xd7, 0x04];

Deno.test("readBatch() refuses lengths that are not what others say, but for copies that nobody reads", async () => {
  await withLake(async (lake) => {
    const path = `${lake.root}/a.parquet`, batch = batchOf(300), right = plainColumns(batch);
    writeFrame(path, toFrame(TABLE, batch));
    const good = await Deno.readFile(path), places: number[] = [];
    for (let i = 0; i + 1 < good.length; i++) {
      // Field headers of an i32 or i64: in page headers, chunks, row groups and the file.
      const isCount = good[i] === COUNT[0] && good[i + 1] === COUNT[1], field = good[i - 1];
      if (isCount && (field === 0x15 || field === 0x16)) places.push(i);
    }
    let refused = 0;
    for (const at of places) {
      for (const other of [NEGATIVE, [0xd6, 0x04], [0xda, 0x04], [0xd8, 0x7e]]) {
        const bad = good.slice();
        bad.set(other, at);
        await Deno.writeFile(path, bad);
        try {
          assert.deepEqual(plainColumns(readBatch(lake, TABLE, ["a.parquet"])), right);
        } catch (error) {
          assert.ok(error instanceof LakeError, `byte ${at}: ${error}`);
          assert.match(error.message, /it is damaged: found .*(values|rows)/, `byte ${at}`);
          refused++;
        }
      }
    }
    // A page and a chunk of each of five columns, the row group and the file.
    assert.equal(refused, 4 * (5 + 5 + 2));
  });
});
