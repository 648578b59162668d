import assert from "node:assert/strict";
import { type Batch, i64, NULL_I64, sliceBatch, strings } from "../../lib/base/mod.ts";
import { FUTURES_MBP10, OPTIONS_TRADES, type TableSchema } from "../../lib/schema/mod.ts";
import { decodeMessage, encodeMessage } from "../../lib/stream/mod.ts";
import { wireOf } from "../../lib/stream/subjects.ts";
import { requires } from "../helpers/requires.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";

/** Reads a payload as the documentation says, tells what it saw, and writes the rows back in its own way. */
const PYTHON = `
import json, sys, zlib
import pyarrow as pa
folder = sys.argv[1]
payload = open(folder + "/payload", "rb").read()
headers = json.load(open(folder + "/headers.json"))
assert headers["Tidemark-Crc32"] == f"{zlib.crc32(payload):08x}"
table = pa.ipc.open_stream(payload).read_all()
table.validate(full=True)
assert table.num_rows == int(headers["Tidemark-Rows"])
times = table["ts_event_ns"].to_pylist()
assert [min(times), max(times)] == [int(headers["Tidemark-First-Ts"]), int(headers["Tidemark-Last-Ts"])]
texts = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
print(json.dumps({
    "types": {f.name: str(f.type) for f in table.schema},
    "nulls": {name: table[name].null_count for name in table.column_names},
    "times": [str(t) for t in times],
    "texts": {name: table[name].to_pylist() for name in texts},
    "floats": {f.name: [None if v is None else v.hex() for v in table[f.name].to_pylist()]
               for f in table.schema if pa.types.is_floating(f.type)},
}))
# Plain strings and two record batches: what another publisher may well send.
for name in texts:
    table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.string()))
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table, max_chunksize=table.num_rows // 2 + 1)
back = sink.getvalue().to_pybytes()
open(folder + "/back", "wb").write(back)
open(folder + "/back.crc", "w").write(f"{zlib.crc32(back):08x}")
`;

interface Seen {
  types: Record<string, string>;
  nulls: Record<string, number>;
  times: string[];
  texts: Record<string, (string | null)[]>;
  floats: Record<string, (string | null)[]>;
}

const TYPES: Record<string, string> = {
  f64: "double",
  i64: "int64",
  i32: "int32",
  i16: "int16",
  i8: "int8",
  u32: "uint32",
  u16: "uint16",
  u8: "uint8",
  bool: "bool",
  date: "date32[day]",
  utf8: "dictionary<values=string, indices=int32, ordered=0>",
};

/** As Python's float.hex() is read back. */
function fromHex(text: string): number {
  const match = /^(-?)0x(\d)\.([0-9a-f]+)p([+-]\d+)$/.exec(text)!;
  const mantissa = Number(match[2]) + parseInt(match[3], 16) / 16 ** match[3].length;
  return (match[1] ? -1 : 1) * mantissa * 2 ** Number(match[4]);
}

async function throughPython(table: TableSchema, rows: Batch): Promise<{ seen: Seen; back: Batch }> {
  const message = encodeMessage(table, rows, { publisher: "test", sequence: 0 });
  const folder = await Deno.makeTempDir({ prefix: "tidemark-payload-" });
  await Deno.writeFile(`${folder}/payload`, message.payload);
  await Deno.writeTextFile(`${folder}/headers.json`, JSON.stringify(message.headers));
  const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", PYTHON, folder] })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const crc = await Deno.readTextFile(`${folder}/back.crc`), bytes = await Deno.readFile(`${folder}/back`);
  const headers: Record<string, string> = { ...message.headers, "Tidemark-Crc32": crc };
  const { batch } = decodeMessage(message.subject, (name) => headers[name] ?? "", bytes);
  await Deno.remove(folder, { recursive: true });
  return { seen: JSON.parse(new TextDecoder().decode(stdout)), back: batch };
}

const NAME = "Python reads a payload as documented, and its own is read";
Deno.test(NAME, async () => {
  if (!requires("python:pyarrow", NAME)) return;
  const day = simulateDay({ date: "2025-12-16", seed: "python", scale: 0.01 });
  for (const [table, all] of [[OPTIONS_TRADES, day.options], [FUTURES_MBP10, day.books]] as const) {
    const names = Object.keys(wireOf(table).schema.columns), part = sliceBatch(all, 0, 301);
    const rows: Batch = {
      length: part.length,
      columns: Object.fromEntries(names.map((name) => [name, part.columns[name]])),
    };
    const { seen, back } = await throughPython(table, rows);
    for (const [name, { dtype }] of Object.entries(wireOf(table).schema.columns)) {
      assert.equal(seen.types[name], TYPES[dtype], name);
      if (dtype === "utf8") {
        const texts = (batch: Batch) => {
          const { codes, values } = strings(batch, name);
          return Array.from(codes, (code) => (code < 0 ? null : values[code]));
        };
        assert.deepEqual(seen.texts[name], texts(rows), name);
        assert.deepEqual(texts(back), texts(rows), name);
      } else assert.deepEqual(back.columns[name], rows.columns[name], name);
    }
    assert.deepEqual(seen.times, Array.from(i64(rows, "ts_event_ns"), String));
    for (const [name, values] of Object.entries(seen.floats)) {
      const numbers = Float64Array.from(values, (text) => (text === null ? NaN : fromHex(text)));
      assert.deepEqual(numbers, rows.columns[name], name);
    }
    const none = i64(rows, "seq").filter((n) => n === NULL_I64).length;
    assert.equal(seen.nulls.seq, none);
  }
});
