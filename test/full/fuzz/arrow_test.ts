/**
 * Mutated Arrow messages: a BusError or the rows that pyarrow reads, whatever their lengths, offsets and counts say.
 *
 * @module
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import {
  type Batch,
  BusError,
  isNullAt,
  isStrings,
  nullColumn,
  repeatString,
  sliceBatch,
  STORAGE,
} from "../../../lib/base/mod.ts";
import {
  FUTURES_TRADES,
  LIVE_LABELS,
  OPTIONS_TRADES,
  schemaId,
  type TableSchema,
} from "../../../lib/schema/mod.ts";
import { simulateDay } from "../../../lib/simulate/mod.ts";
import { decodeMessage, encodeMessage } from "../../../lib/stream/mod.ts";
import { wireOf } from "../../../lib/stream/subjects.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";

const TABLES: readonly TableSchema[] = [FUTURES_TRADES, OPTIONS_TRADES, LIVE_LABELS];

/** Reads payloads as their publisher's own library does, and says where what we read is not that. */
const PYTHON = `
import json, math, struct, sys
import pyarrow as pa
def texts(column):
    kind = column.type
    if pa.types.is_date(kind): column = column.cast(pa.int32())
    values = column.to_pylist()
    if pa.types.is_floating(kind):
        return [None if v is None or math.isnan(v) else struct.pack(">d", v).hex() for v in values]
    if pa.types.is_boolean(kind): return [None if v is None else str(int(v)) for v in values]
    return [None if v is None else str(v) for v in values]
for line in open(sys.argv[1], encoding="utf-8"):
    ours = json.loads(line)
    try:
        table = pa.ipc.open_stream(bytes.fromhex(ours["payload"])).read_all()
        for column in table.columns:
            for chunk in column.chunks:
                # Arrow for JavaScript writes no values where all booleans are null.
                if not (pa.types.is_boolean(chunk.type) and chunk.null_count == len(chunk)): chunk.validate(full=True)
        theirs = {name: texts(table[name]) for name in table.column_names}
        why = None if theirs == ours["columns"] else next(
            f"{n}: {theirs.get(n)}, ours {c}" for n, c in ours["columns"].items() if theirs.get(n) != c)
    except Exception as error:
        why = repr(error)
    if why is not None: print(json.dumps([ours["key"], why]))
`;

/** Writes payloads in other ways: plain text, dictionaries that grow, and that are others in every batch. */
const WRITTEN = `
import sys
import pyarrow as pa
def again(table, columns, **options):
    sink = pa.BufferOutputStream()
    batches = [[c[i] for c in columns] for i in range(len(columns[0]))]
    first = pa.record_batch(batches[0], names=table.column_names)
    with pa.ipc.new_stream(sink, first.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches: writer.write_batch(pa.record_batch(batch, names=table.column_names))
    print(sink.getvalue().to_pybytes().hex())
def halves(column, change):
    array, half = column.combine_chunks(), len(column) // 2
    if isinstance(array, pa.ChunkedArray): array = array.chunk(0)
    return change(array[:half], array[half:])
def grown(a, b):
    if not pa.types.is_dictionary(a.type): return [a, b]
    known = max([i for i in a.indices.to_pylist() if i is not None], default=-1) + 1
    return [pa.DictionaryArray.from_arrays(a.indices, a.dictionary[:known]), b]
def others(a, b):
    if not pa.types.is_dictionary(a.type): return [a, b]
    last = len(b.dictionary) - 1
    turned = pa.array([None if i is None else last - i for i in b.indices.to_pylist()], pa.int32())
    return [a, pa.DictionaryArray.from_arrays(turned, b.dictionary.take(pa.array(range(last, -1, -1), pa.int32())))]
def plain(a, b): return [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in (a, b)]
for line in open(sys.argv[1]):
    table = pa.ipc.open_stream(bytes.fromhex(line)).read_all()
    for change in (plain, grown, others):
        again(table, [halves(table[n], change) for n in table.column_names], emit_dictionary_deltas=change is grown)
`;

async function python(script: string, lines: readonly string[]): Promise<string[]> {
  const file = await Deno.makeTempFile({ prefix: "tidemark-arrow-" });
  await Deno.writeTextFile(file, lines.map((line) => `${line}\n`).join(""));
  const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", script, file] })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  await Deno.remove(file);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** A column's values as the script above tells them. */
function told(batch: Batch, { columns }: TableSchema): Record<string, (string | null)[]> {
  const view = new DataView(new ArrayBuffer(8));
  return Object.fromEntries(
    Object.entries(columns).map(([name, { dtype }]) => {
      const column = batch.columns[name], none = isNullAt(column, dtype);
      const text = (row: number): string => {
        if (isStrings(column)) return column.values[column.codes[row]];
        if (dtype !== "f64") return String(column[row]);
        view.setFloat64(0, Number(column[row]));
        return new Uint8Array(view.buffer).toHex();
      };
      return [name, Array.from({ length: batch.length }, (_, row) => none(row) ? null : text(row))];
    }),
  );
}

/** Labels of touches of which little is known. */
function labels(length: number): Batch {
  const columns = Object.entries(LIVE_LABELS.columns).map(([name, { dtype, nullable }], i) => {
    if (nullable && i % 2 === 0) return [name, nullColumn(dtype, length)];
    return [name, dtype === "utf8" ? repeatString("a", length) : new STORAGE[dtype](length)];
  });
  return { length, columns: Object.fromEntries(columns) };
}

/** Messages as we and others write them: a byte for the table, one for the rows, the payload. */
async function base(): Promise<Uint8Array[]> {
  const day = simulateDay({ date: "2025-12-16", seed: "arrow", scale: 0.01 });
  const cut = (table: TableSchema, rows: Batch, length: number): Batch => {
    const part = sliceBatch(rows, 0, length), names = Object.keys(wireOf(table).schema.columns);
    return { length, columns: Object.fromEntries(names.map((name) => [name, part.columns[name]])) };
  };
  const messages = ([
    [FUTURES_TRADES, cut(FUTURES_TRADES, day.trades, 6)],
    [OPTIONS_TRADES, cut(OPTIONS_TRADES, day.options, 9)],
    [LIVE_LABELS, labels(4)],
    [OPTIONS_TRADES, cut(OPTIONS_TRADES, day.options, 0)],
  ] as const).map(([table, rows]) => {
    const { payload } = encodeMessage(table, rows, { publisher: "fuzz", sequence: 0 });
    return { head: [TABLES.indexOf(table), rows.length], payload };
  });
  const others = await python(WRITTEN, messages.map(({ payload }) => payload.toHex()));
  assert.equal(others.length, 3 * messages.length);
  return messages.flatMap(({ head, payload }, i) =>
    [payload, ...others.slice(3 * i, 3 * i + 3).map((hex) => Uint8Array.fromHex(hex))]
      .map((bytes) => Uint8Array.of(...head, ...bytes))
  );
}

const NAME = "mutated Arrow messages are refused by a BusError, or read as pyarrow reads them";
Deno.test(NAME, async () => {
  if (!requires("python:pyarrow", NAME)) return;
  const lines: string[] = [];
  const check = (bytes: Uint8Array) => {
    const [index, rows] = bytes, table = TABLES[index], payload = bytes.subarray(2);
    if (!table) throw new BusError("no such table", "fuzz");
    const { subject, schema } = wireOf(table);
    const headers: Record<string, string> = {
      "Tidemark-Schema": schemaId(table),
      "Tidemark-Publisher": "fuzz",
      "Tidemark-Sequence": "0",
      "Tidemark-Rows": String(rows),
      "Tidemark-Crc32": crc32(payload).toString(16).padStart(8, "0"),
    };
    const { batch } = decodeMessage(subject, (name) => headers[name] ?? "", payload);
    assert.equal(batch.length, rows);
    const columns = told(batch, schema);
    lines.push(JSON.stringify({ key: lines.length, payload: payload.toHex(), columns }));
  };
  const all = await base();
  await fuzz("arrow", { inputs: 6000, base: all, check, headBytes: 4096 });
  // Where nothing moves, more is accepted: the input says which bytes change, and how.
  const inPlace = (changes: Uint8Array) => {
    const bytes = all[(changes[0] ?? 0) % all.length].slice();
    for (let i = 1; i + 2 < changes.length; i += 3) {
      bytes[(changes[i] + 256 * changes[i + 1]) % bytes.length] ^= changes[i + 2];
    }
    check(bytes);
  };
  const untouched = all.map((_, k) => Uint8Array.of(k, ...new Uint8Array(6)));
  await fuzz("arrow in place", { inputs: 6000, base: untouched, check: inPlace });
  assert.ok(lines.length > 1000, `${lines.length} accepted`);
  const seed = Deno.env.get("TIDEMARK_FUZZ_SEED") ?? "1";
  const differ = (await python(PYTHON, lines)).map((line) => JSON.parse(line) as [number, string]);
  const shown = differ.slice(0, 5).map(([key, why]) => `${why}\n${JSON.parse(lines[key]).payload}`);
  assert.equal(differ.length, 0, `of ${lines.length} accepted, seed ${seed}:\n${shown.join("\n")}`);
});
