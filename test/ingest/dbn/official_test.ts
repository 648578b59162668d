/**
 * The decoder against the vendor's own Python package, field by field, on every real file.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Column, isStrings, Random } from "../../../lib/base/mod.ts";
import {
  compressZstd,
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
  SCHEMA_CODES,
} from "../../../lib/ingest/mod.ts";
import { requires, shared } from "../../helpers/requires.ts";
import { decode, fixture, gather, join, push, randomRecords } from "./_fixtures.ts";

/** Reads files with `databento`; writes of each a JSON line, then the fields as int64, a column each. */
const PROGRAM = `
import array, collections, json, sys
import databento
fields = ["ts_event", "ts_recv", "ts_in_delta", "instrument_id", "publisher_id", "price", "size", "action",
          "side", "flags", "depth", "sequence"]
book = ["bid_px", "bid_sz", "bid_ct", "ask_px", "ask_sz", "ask_ct"]
def number(value):
    if isinstance(value, str): value = ord(value)
    value = int(value)
    return value - 2**64 if value >= 2**63 else value
for path in sys.argv[1:]:
    store = databento.DBNStore.from_file(path)
    columns = collections.defaultdict(lambda: array.array("q"))
    types = collections.Counter()
    for record in store:
        name = type(record).__name__
        types[name] += 1
        if name not in ("TradeMsg", "MBP10Msg"): continue
        for field in fields: columns[field].append(number(getattr(record, field)))
        if name == "MBP10Msg":
            for k, level in enumerate(record.levels, 1):
                for field in book: columns[f"{field}_{k}"].append(number(getattr(level, field)))
    meta = store.metadata
    head = {"types": types, "columns": list(columns), "rows": len(columns["ts_event"]) if columns else 0,
      "version": meta.version, "dataset": meta.dataset, "start": str(meta.start), "end": str(meta.end),
      "limit": meta.limit or 0, "ts_out": meta.ts_out, "symbols": meta.symbols, "partial": meta.partial,
      "not_found": meta.not_found,
      "mappings": {s: [[str(i["start_date"]), str(i["end_date"]), i["symbol"]] for i in spans]
                   for s, spans in meta.mappings.items()}}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\\n")
    for column in columns.values(): sys.stdout.buffer.write(column.tobytes())
`;

/** What the vendor calls our columns. */
const THEIR_NAMES: Record<string, string> = {
  ts_event_ns: "ts_event",
  ts_recv_ns: "ts_recv",
  seq: "sequence",
};
const THEIR_TYPES: Record<string, string> = {
  "MBOMsg": "mbo",
  "MBP1Msg": "mbp-1",
  "OHLCVMsg": "ohlcv-1s",
  "StatusMsg": "status",
  "InstrumentDefMsg": "definition",
};

/** A query with something in every field. */
const QUERY = {
  startNs: 1765843200000000000n,
  endNs: 1765929600000000000n,
  limit: 100n,
  symbols: ["ESZ5", "ESH6"],
  partial: ["ESH6"],
  notFound: ["ESM9"],
  mappings: [
    {
      rawSymbol: "ESZ5",
      intervals: [
        { start: 20251201, end: 20251210, symbol: "294973" },
        { start: 20251210, end: 20251220, symbol: "7" },
      ],
    },
    { rawSymbol: "ESH6", intervals: [{ start: 20251216, end: 20251217, symbol: "42" }] },
  ],
};

interface Official {
  types: Record<string, number>;
  columns: string[];
  rows: number;
  version: number;
  dataset: string;
  start: string;
  end: string;
  limit: number;
  ts_out: boolean;
  symbols: string[];
  partial: string[];
  not_found: string[];
  mappings: Record<string, [string, string, string][]>;
}

interface OfficialFile {
  head: Official;
  columns: Map<string, BigInt64Array>;
}

async function official(paths: string[]): Promise<OfficialFile[]> {
  const command = new Deno.Command("python3", { args: ["-W", "ignore", "-c", PROGRAM, ...paths] });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  const files: OfficialFile[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(10, at);
    const head: Official = JSON.parse(new TextDecoder().decode(stdout.subarray(at, end)));
    at = end + 1 + 8 * head.rows * head.columns.length;
    const values = new BigInt64Array(stdout.slice(end + 1, at).buffer);
    const columns = new Map(
      head.columns.map((c, k) => [c, values.subarray(k * head.rows, (k + 1) * head.rows)]),
    );
    files.push({ head, columns });
  }
  return files;
}

/** A column as the vendor's integers: prices in units, undefined as 2^63 − 1, text as its byte. */
function asIntegers(column: Column, price: boolean): BigInt64Array {
  if (isStrings(column)) {
    return BigInt64Array.from(column.codes, (c) => BigInt(column.values[c].charCodeAt(0)));
  }
  if (column instanceof BigInt64Array) return column;
  const integer = (value: number) => {
    if (Number.isNaN(value)) return 2n ** 63n - 1n;
    return BigInt(price ? Math.round(value * 1e9) : value);
  };
  return BigInt64Array.from(column as Float64Array, integer as unknown as (v: number) => bigint);
}

function isoDate(yyyymmdd: number): string {
  return String(yyyymmdd).replace(/^(....)(..)(..)$/, "$1-$2-$3");
}

/** Asserts that the vendor reads a file as we do; returns the number of values compared. */
async function assertAgrees(
  file: string,
  bytes: Uint8Array,
  { head, columns }: OfficialFile,
): Promise<number> {
  const { stream, tables } = await decode(bytes);
  const { metadata } = stream;
  assert.deepEqual(
    {
      version: metadata.version,
      dataset: metadata.dataset,
      start: String(metadata.startNs),
      end: String(metadata.endNs),
      limit: Number(metadata.limit),
      ts_out: metadata.tsOut,
      symbols: metadata.symbols,
      partial: metadata.partial,
      not_found: metadata.notFound,
      mappings: Object.fromEntries(
        metadata.mappings.map((m) => [
          m.rawSymbol,
          m.intervals.map((i) => [isoDate(i.start), isoDate(i.end), i.symbol]),
        ]),
      ),
    },
    (({ types: _types, columns: _columns, rows: _rows, ...rest }) => rest)(head),
    file,
  );
  const foreign = Object.entries(head.types).filter(([type]) => type in THEIR_TYPES);
  assert.deepEqual([...stream.skipped], foreign.map(([type, n]) => [THEIR_TYPES[type], n]), file);
  const batch = tables.trades ?? tables["mbp-10"];
  assert.equal(batch?.length ?? 0, head.rows, file);
  const left = new Set(columns.keys());
  for (const [column, values] of Object.entries(batch?.columns ?? {})) {
    const their = THEIR_NAMES[column] ?? column;
    if (column === "aggressor" || column === "is_snapshot") continue;
    const price = column === "price" || column.includes("_px_");
    assert.deepEqual(asIntegers(values, price), columns.get(their), `${column} of ${file}`);
    left.delete(their);
  }
  assert.deepEqual([...left], [], `columns of ${file} that were not compared`);
  return head.rows * columns.size;
}

Deno.test("openDbn() agrees with the vendor's package on every field of every real file", async () => {
  const name = "real files against the vendor's package";
  if (!requires("shared", name) || !requires("python:databento", name)) return;
  const files = ["dbn", "real"].flatMap((dir) =>
    [...Deno.readDirSync(shared(dir))].map((e) => `${dir}/${e.name}`)
  )
    .filter((file) => /\.dbn(\.zst)?$/.test(file)).sort();
  assert.equal(files.length, 22);
  const theirs = await official(files.map(shared));
  let compared = 0;
  for (let i = 0; i < files.length; i++) {
    compared += await assertAgrees(files[i], fixture(files[i]), theirs[i]);
  }
  assert(compared > 40_037 * 72);
});

Deno.test("the vendor's package reads what encodeMetadata(), encodeTrades() and encodeMbp10() write", async () => {
  if (!requires("python:databento", "our files against the vendor's package")) return;
  const dir = await Deno.makeTempDir();
  try {
    const files = new Map<string, Uint8Array>();
    for (const version of [1, 2, 3] as const) {
      for (const table of ["trades", "mbp-10"] as const) {
        const records = randomRecords(new Random(version), table, 100);
        const size = records.length / 100;
        for (let at = 0; at < records.length; at += size) {
          records.set([84, "ABN".charCodeAt(at % 3)], at + 28);
        }
        const [{ batch }] = push(join(encodeMetadata(makeMetadata()), records));
        const metadata = encodeMetadata(makeMetadata({ ...QUERY, version, schema: SCHEMA_CODES[table] }));
        const bytes = join(metadata, table === "trades" ? encodeTrades(batch) : encodeMbp10(batch));
        files.set(`${dir}/${table}.v${version}.dbn`, bytes);
        files.set(`${dir}/${table}.v${version}.dbn.zst`, await gather(compressZstd([bytes])));
      }
    }
    for (const [path, bytes] of files) await Deno.writeFile(path, bytes);
    const theirs = await official([...files.keys()]);
    let compared = 0;
    for (const [path, bytes] of files) compared += await assertAgrees(path, bytes, theirs.shift()!);
    assert.equal(compared, 6 * 100 * (12 + 72));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
