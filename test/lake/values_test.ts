import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { hourOfPartition, hourStartNs, SchemaError, sessionOf } from "../../lib/base/mod.ts";
import { hourFolder, type Lake, readBatch, readTable, sessionFolder } from "../../lib/lake/mod.ts";
import { column, quarantineTable, schemaId, type TableSchema } from "../../lib/schema/mod.ts";
import { asSent } from "../../lib/schema/table.ts";
import { plainColumns, withLake } from "../helpers/bronze_lake.ts";

const HOUR = hourOfPartition("2025-12-16", "15"), START = hourStartNs(HOUR), END = hourStartNs(HOUR + 1);

const BY_HOUR: TableSchema = {
  name: "test.values",
  version: 1,
  row: "a row",
  location: { folder: "test", owner: "", by: "hour" },
  writer: "",
  readers: [],
  columns: {
    ts_event_ns: column("i64", "ns UTC", "time"),
    ts_recv_ns: asSent(column("i64", "ns UTC", "time as sent")),
    later_ns: column("i64", "ns UTC", "another time"),
    seq: column("i64", "–", "number", true),
    price: column("f64", "$", "number", true),
    strike: column("f64", "$", "number"),
    name: column("utf8", "–", "text"),
    note: column("utf8", "–", "text", true),
    day: column("date", "days since 1970-01-01", "date"),
    flag: column("bool", "–", "truth"),
    row: column("u32", "–", "number"),
  },
};
const BY_SESSION: TableSchema = { ...BY_HOUR, location: { ...BY_HOUR.location, by: "session" } };

type Rows = Record<string, (bigint | number | string | boolean | null)[]>;

/** Five good rows, some of which are changed. */
function rows(changes: Rows = {}): Rows {
  const all = (value: bigint | number | string | boolean) => [value, value, value, value, value];
  return {
    ts_event_ns: [START, START + 1n, START + 2n, START + 3n, END - 1n],
    ts_recv_ns: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), START],
    later_ns: all(END + 5n),
    seq: [1n, null, -3n, 2n ** 62n, 0n],
    price: [1.5, null, NaN, -0, 1e300],
    strike: all(676),
    name: all("x"),
    note: ["a", null, null, null, "\x1b"],
    day: [20438, 10957, 47481, 20000, 20001],
    flag: all(true),
    row: all(7),
    ...changes,
  };
}

const TYPES = {
  i64: pl.Int64,
  u32: pl.UInt32,
  f64: pl.Float64,
  utf8: pl.String,
  bool: pl.Bool,
  date: pl.Int32,
};

async function write(lake: Lake, file: string, values: Rows): Promise<string> {
  const series = Object.entries(values).map(([name, cells]) => {
    const { dtype } = BY_HOUR.columns[name], type = TYPES[dtype as keyof typeof TYPES];
    if (dtype === "f64" || dtype === "utf8" || dtype === "bool") return pl.Series(name, cells, type);
    // As text: a number of more than 53 bits stays whole, and a null a null.
    const whole = pl.Series(name, cells.map((cell) => cell === null ? null : String(cell)), pl.String).cast(
      type,
    );
    return dtype === "date" ? whole.cast(pl.Date) : whole;
  });
  await Deno.mkdir(`${lake.root}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
  pl.DataFrame(series).writeParquet(`${lake.root}/${file}`);
  return file;
}

const IN_HOUR = `${hourFolder(BY_HOUR, HOUR)}/a.parquet`;

Deno.test("readTable() takes every value that its table declares, and gives exactly the wanted columns", async () => {
  await withLake(async (lake) => {
    const file = await write(lake, IN_HOUR, rows());
    const batch = readBatch(lake, BY_HOUR, [file]);
    assert.equal(batch.length, 5);
    assert.deepEqual(plainColumns(batch).ts_recv_ns, rows().ts_recv_ns);
    assert.deepEqual(plainColumns(batch).price.map(String), ["1.5", "NaN", "NaN", "0", "1e+300"]);
    assert.deepEqual(readTable(lake, BY_HOUR, file, ["row", "day"]).columns, ["row", "day"]);
    const [empty, none] = [`${hourFolder(BY_HOUR, HOUR)}/b.parquet`, rows()];
    for (const name of Object.keys(none)) none[name] = [];
    assert.equal(readBatch(lake, BY_HOUR, [await write(lake, empty, none)]).length, 0);
  });
});

const REFUSED: [string, Rows, string][] = [
  ...["ts_event_ns", "later_ns", "ts_recv_ns", "strike", "name", "day", "flag", "row"].map((
    name,
  ): [string, Rows, string] => [
    `a null in ${name}`,
    { [name]: rows()[name].map((value, i) => i === 2 ? null : value) },
    "found 1 of 5 values null in",
  ]),
  ["a number that is none", { strike: [1, 1, NaN, 1, NaN] }, "found 2 of 5 values not finite in"],
  ["a price without end", { price: [1, null, Infinity, 1, 1] }, "found 1 of 5 values infinite in"],
  ["a price below all", { price: [1, NaN, -Infinity, 1, 1] }, "found 1 of 5 values infinite in"],
  ["a strike without end", { strike: [1, 1, -Infinity, 1, 1] }, "found 1 of 5 values not finite in"],
  [
    "a date before 2000",
    { day: [10957, 20000, 10956, 20000, 20000] },
    "found 1 of 5 values outside the years 2000 to 2099 in",
  ],
  [
    "a date after 2099",
    { day: [1e4 + 957, 20000, 47482, 2 ** 31 - 1, 20000] },
    "found 2 of 5 values outside the years",
  ],
  [
    "a time of zero",
    { later_ns: [END, END, 0n, END, END] },
    "found 1 of 5 values outside the years 2000 to 2099",
  ],
  [
    "the latest time",
    { later_ns: [END, END, 2n ** 63n - 1n, END, END] },
    "found 1 of 5 values outside the years",
  ],
  [
    "a time before its hour",
    { ts_event_ns: [START, START, START - 1n, START, START] },
    "found 1 of 5 values outside its hour, 2025-12-16 15:00 UTC in",
  ],
  [
    "a time after its hour",
    { ts_event_ns: [START, START, END, END, END] },
    "found 3 of 5 values outside its hour",
  ],
];

for (const [what, changes, says] of REFUSED) {
  Deno.test(`readTable() refuses ${what}, by file, column and row`, async () => {
    await withLake(async (lake) => {
      const file = await write(lake, IN_HOUR, rows(changes)), [name] = Object.keys(changes);
      const wanted = (e: Error) =>
        e instanceof SchemaError && e.column === name && e.table === schemaId(BY_HOUR) &&
        e.message.includes(says) && e.message.includes(file) && e.message.includes("the first in row 2;");
      assert.throws(() => readTable(lake, BY_HOUR, file), wanted);
      assert.throws(() => readBatch(lake, BY_HOUR, [file], [name]), wanted);
      // A column that nobody wants is nobody's concern.
      assert.equal(readBatch(lake, BY_HOUR, [file], name === "row" ? ["flag"] : ["row"]).length, 5);
    });
  });
}

Deno.test("readTable() takes times by their file's place: hour, session, or any of the century", async () => {
  await withLake(async (lake) => {
    const { startNs, endNs } = sessionOf("2025-12-16"), folder = sessionFolder(BY_SESSION, "2025-12-16");
    const at = (...times: bigint[]) => rows({ ts_event_ns: times });
    const inside = at(startNs, startNs, START, END, endNs - 1n),
      before = at(START, START, startNs - 1n, END, END);
    const file = await write(lake, `${folder}/a.parquet`, inside);
    assert.equal(readTable(lake, BY_SESSION, file).height, 5);
    await write(lake, file, before);
    assert.throws(
      () => readTable(lake, BY_SESSION, file),
      /1 of 5 values outside its session, 2025-12-16 in/,
    );
    assert.equal(readTable(lake, BY_SESSION, file, undefined, { anyTime: true }).height, 5);
    assert.equal(readTable(lake, BY_SESSION, await write(lake, "test/all.parquet", before)).height, 5);
    await write(lake, file, at(START, START, 0n, 0n, START));
    await write(lake, "test/all.parquet", at(START, START, 0n, 0n, START));
    assert.throws(
      () => readTable(lake, BY_SESSION, "test/all.parquet"),
      /2 of 5 values outside the years 2000/,
    );
    // Of rows set aside the time may be the reason.
    const aside = quarantineTable(BY_HOUR), names = Object.keys(BY_HOUR.columns);
    const path = await write(lake, `quarantine/${IN_HOUR}`, at(START, START, 0n, 0n, START));
    assert.equal(readTable(lake, aside, path, names).height, 5);
  });
});
