import assert from "node:assert/strict";
import {
  type Batch,
  type Dtype,
  LakeError,
  NULL_I16,
  NULL_I32,
  NULL_I64,
  NULL_I8,
  Random,
  SchemaError,
  STORAGE,
  stringsOf,
} from "../../lib/base/mod.ts";
import {
  BackgroundWriter,
  emptyBatch,
  fromFrame,
  type Lake,
  readBatch,
  readFrame,
  toFrame,
  writeFrame,
} from "../../lib/lake/mod.ts";
import { column, FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../../lib/schema/mod.ts";
import { plainColumns, withLake } from "../helpers/bronze_lake.ts";

const DTYPES: Dtype[] = ["f64", "i64", "i32", "i16", "i8", "u32", "u16", "u8", "utf8", "bool", "date"];
const NULLS: Partial<Record<Dtype, number | bigint>> = {
  f64: NaN,
  i64: NULL_I64,
  i32: NULL_I32,
  i16: NULL_I16,
  i8: NULL_I8,
  bool: NULL_I8,
  date: NULL_I32,
};

/** A table with a column of every dtype, one that allows nulls and one that does not. */
const EVERYTHING: TableSchema = {
  ...FUTURES_TRADES,
  name: "test.everything",
  columns: Object.fromEntries(
    DTYPES.flatMap((dtype) => [
      [`${dtype}_some`, column(dtype, "–", "no nulls")],
      ...(dtype in NULLS || dtype === "utf8" ? [[`${dtype}_null`, column(dtype, "–", "nulls", true)]] : []),
    ]),
  ),
};

const EDGES: Record<Dtype, (number | bigint)[]> = {
  f64: [0, -0, 6850.25, 1e-300, -1.7976931348623157e308, 5e-324, 0.1 + 0.2],
  i64: [1_765_895_400_000_000_001n, 2n ** 63n - 1n, -(2n ** 63n) + 1n, -1n, 2n ** 53n + 1n],
  i32: [2 ** 31 - 1, -(2 ** 31) + 1, 0],
  i16: [2 ** 15 - 1, -(2 ** 15) + 1],
  i8: [127, -127],
  u32: [2 ** 32 - 1, 0],
  u16: [65535, 0],
  u8: [255, 0],
  utf8: [],
  bool: [0, 1],
  date: [10957, 20438, 47481],
};

function everything(n: number, seed: number): Batch {
  const random = new Random(seed);
  const words = ["", "B", "ESZ5", "ünïcode ✓", 'a,b\n"c"'];
  const columns: Batch["columns"] = {};
  for (const [name, { dtype, nullable }] of Object.entries(EVERYTHING.columns)) {
    const hasNull = () => nullable && random.uniform() < 0.3;
    if (dtype === "utf8") {
      columns[name] = stringsOf(Array.from({ length: n }, () => hasNull() ? null : words[random.int(5)]));
    } else {
      const values = new STORAGE[dtype](n) as Float64Array;
      for (let i = 0; i < n; i++) {
        values[i] = (hasNull() ? NULLS[dtype] : EDGES[dtype][random.int(EDGES[dtype].length)]) as number;
      }
      columns[name] = values;
    }
  }
  return { length: n, columns };
}

Deno.test("toFrame() and fromFrame() are inverses for every dtype, nulls and extremes included", () => {
  for (const n of [1, 3, 300]) {
    const batch = everything(n, n);
    assert.deepEqual(plainColumns(fromFrame(EVERYTHING, toFrame(EVERYTHING, batch))), plainColumns(batch));
  }
});

Deno.test("readBatch() gives back what writeFrame() wrote, file after file", async () => {
  await withLake(async (lake) => {
    const parts = [everything(40, 1), everything(300, 2), everything(1, 3)];
    parts.forEach((part, i) => writeFrame(`${lake.root}/${i}.parquet`, toFrame(EVERYTHING, part)));
    const read = plainColumns(readBatch(lake, EVERYTHING, ["0.parquet", "1.parquet", "2.parquet"]));
    for (const name of Object.keys(EVERYTHING.columns)) {
      assert.deepEqual(read[name], parts.flatMap((part) => plainColumns(part)[name]), name);
    }
    const two = readBatch(lake, EVERYTHING, ["1.parquet"], ["i64_null", "utf8_null"]);
    assert.deepEqual(Object.keys(two.columns), ["i64_null", "utf8_null"]);
    await Promise.resolve();
  });
});

Deno.test("toFrame() keeps the value that would be null in a column that has no nulls", () => {
  const one: TableSchema = { ...EVERYTHING, columns: { delta: column("i32", "ns", "no nulls") } };
  const batch = { length: 1, columns: { delta: Int32Array.of(NULL_I32) } };
  assert.deepEqual(plainColumns(fromFrame(one, toFrame(one, batch))), { delta: [NULL_I32] });
});

Deno.test("toFrame() keeps strings of a dictionary longer than the batch, or with unused entries", () => {
  const one: TableSchema = { ...EVERYTHING, columns: { side: column("utf8", "–", "no nulls") } };
  const values = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));
  for (const codes of [[65], Array.from({ length: 1000 }, (_, i) => (i * 7) % 256)]) {
    const batch = { length: codes.length, columns: { side: { codes: Int32Array.from(codes), values } } };
    assert.deepEqual(plainColumns(fromFrame(one, toFrame(one, batch))).side, codes.map((c) => values[c]));
  }
});

Deno.test("toFrame() and readBatch() refuse what the table does not declare", async () => {
  await withLake(async (lake) => {
    const batch = everything(5, 5);
    const missing = { length: 5, columns: { ...batch.columns } };
    delete missing.columns.u32_some;
    assert.throws(
      () => toFrame(EVERYTHING, missing),
      (e: Error) => e instanceof SchemaError && /u32_some/.test(e.message),
    );
    const wrong = { length: 5, columns: { ...batch.columns, u32_some: new Float64Array(5) } };
    assert.throws(() => toFrame(EVERYTHING, wrong), /found Float64Array, wanted u32/);
    const nulls = {
      length: 5,
      columns: { ...batch.columns, utf8_some: stringsOf(["a", null, "b", null, "c"]) },
    };
    assert.throws(() => toFrame(EVERYTHING, nulls), /2 nulls in a column that allows none/);
    writeFrame(`${lake.root}/x.parquet`, toFrame(EVERYTHING, batch));
    const other: TableSchema = { ...EVERYTHING, columns: { i64_some: column("f64", "–", "another dtype") } };
    assert.throws(
      () => readBatch(lake, other, ["x.parquet"]),
      (e: Error) => e instanceof SchemaError && /x\.parquet/.test(e.message),
    );
    await Promise.resolve();
  });
});

Deno.test("readFrame() names a file that is missing, cut short or not Parquet", async () => {
  await withLake(async (lake) => {
    const path = `${lake.root}/x.parquet`;
    writeFrame(path, toFrame(EVERYTHING, everything(500, 1)));
    const bytes = await Deno.readFile(path);
    for (
      const content of [
        undefined,
        bytes.subarray(0, 300),
        bytes.subarray(8),
        new Uint8Array(),
        new Uint8Array(64),
      ]
    ) {
      if (content) await Deno.writeFile(path, content);
      else await Deno.remove(path);
      assert.throws(
        () => readFrame(path),
        (e: Error) => e instanceof LakeError && e.message.includes(path) && !e.message.includes("\n"),
      );
    }
  });
});

Deno.test("emptyBatch() writes and reads as a table without rows", async () => {
  await withLake(async (lake) => {
    writeFrame(`${lake.root}/none.parquet`, toFrame(FUTURES_MBP10, emptyBatch(FUTURES_MBP10)));
    const read = readBatch(lake, FUTURES_MBP10, ["none.parquet"]);
    assert.equal(read.length, 0);
    assert.deepEqual(Object.keys(read.columns), Object.keys(FUTURES_MBP10.columns));
    await Promise.resolve();
  });
});

async function inBackground(lake: Lake, work: (writer: BackgroundWriter) => Promise<void>): Promise<void> {
  const writer = new BackgroundWriter();
  try {
    await work(writer);
  } finally {
    await writer.close();
  }
  await Deno.stat(lake.root);
}

Deno.test("BackgroundWriter writes the bytes that writeFrame() would, and moves the arrays", async () => {
  await withLake(async (lake) => {
    const at = (i: number) => `${lake.root}/${i}.parquet`;
    await inBackground(lake, async (writer) => {
      for (let i = 0; i < 4; i++) {
        const batch = everything(200, i);
        await writer.write({ path: at(i), table: EVERYTHING, batch });
        assert.equal((batch.columns.f64_some as Float64Array).length, 0);
      }
      await writer.flush();
    });
    for (let i = 0; i < 4; i++) {
      writeFrame(at(9), toFrame(EVERYTHING, everything(200, i)));
      assert.deepEqual(await Deno.readFile(at(i)), await Deno.readFile(at(9)));
    }
  });
});

Deno.test("BackgroundWriter throws what went wrong at the next call, and closes", async () => {
  await withLake(async (lake) => {
    await inBackground(lake, async (writer) => {
      await writer.write({ path: `${lake.root}/x`, table: FUTURES_TRADES, batch: everything(3, 1) });
      await assert.rejects(
        () => writer.flush(),
        (e: Error) => e instanceof LakeError && e.path.endsWith("/x"),
      );
    });
    await inBackground(lake, async (writer) => {
      await writer.write({ path: `${lake.root}/x`, table: FUTURES_TRADES, batch: everything(3, 1) });
      await assert.rejects(
        () => writer.write({ path: "y", table: EVERYTHING, batch: everything(3, 1) }),
        /column "ts_event_ns"/,
      );
    });
  });
});
