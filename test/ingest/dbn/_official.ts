/**
 * The vendor's own Python package as an oracle: what it reads of files, and whether we read the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Column, isStrings } from "../../../lib/base/mod.ts";
import { decode } from "./_fixtures.ts";

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
def read(path):
    store = databento.DBNStore.from_file(path)
    columns = collections.defaultdict(lambda: array.array("q"))
    types = collections.Counter()
    for record in store:
        name = type(record).__name__
        types[name] += 1
        table = {"TradeMsg": "trades", "MBP10Msg": "mbp-10"}.get(name)
        if table is None: continue
        for field in fields: columns[f"{table} {field}"].append(number(getattr(record, field)))
        if table == "mbp-10":
            for k, level in enumerate(record.levels, 1):
                for field in book: columns[f"{table} {field}_{k}"].append(number(getattr(level, field)))
    meta = store.metadata
    head = {"types": types, "columns": [[name, len(values)] for name, values in columns.items()],
      "version": meta.version, "dataset": meta.dataset, "start": str(meta.start), "end": str(meta.end),
      "limit": meta.limit or 0, "ts_out": meta.ts_out, "symbols": meta.symbols, "partial": meta.partial,
      "not_found": meta.not_found,
      "mappings": {s: [[str(i["start_date"]), str(i["end_date"]), i["symbol"]] for i in spans]
                   for s, spans in meta.mappings.items()}}
    return head, columns
for path in sys.argv[1:]:
    try: head, columns = read(path)
    except BaseException as error: head, columns = {"error": f"{type(error).__name__}: {error}", "columns": []}, {}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\\n")
    for column in columns.values(): sys.stdout.buffer.write(column.tobytes())
`;

/** What the vendor calls our columns. */
const THEIR_NAMES: Record<string, string> = {
  ts_event_ns: "ts_event",
  ts_recv_ns: "ts_recv",
  seq: "sequence",
};
/** The vendor's classes of record types that are no table; bars of every length are one. */
const THEIR_TYPES: Record<string, string> = {
  "mbo": "MBOMsg",
  "mbp-1": "MBP1Msg",
  "status": "StatusMsg",
  "definition": "InstrumentDefMsg",
  "imbalance": "ImbalanceMsg",
  "error": "ErrorMsg",
  "symbol-mapping": "SymbolMappingMsg",
  "system": "SystemMsg",
  "statistics": "StatMsg",
  "cmbp-1": "CMBP1Msg",
  "tcbbo": "CMBP1Msg",
  "cbbo-1s": "CBBOMsg",
  "cbbo-1m": "CBBOMsg",
  "bbo-1s": "BBOMsg",
  "bbo-1m": "BBOMsg",
};

/** What the vendor says of a file. */
interface Official {
  /** Why it refuses the file; nothing else is there then. */
  error?: string;
  types: Record<string, number>;
  columns: [name: string, rows: number][];
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

/** A file as the vendor reads it. */
export interface OfficialFile {
  /** Metadata and counts. */
  head: Official;
  /** Its rows, a column each. */
  columns: Map<string, BigInt64Array>;
}

/** Reads files with the vendor's package, in one process. */
export async function official(paths: string[]): Promise<OfficialFile[]> {
  const command = new Deno.Command("python3", { args: ["-W", "ignore", "-c", PROGRAM, ...paths] });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  const files: OfficialFile[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(10, at);
    const head: Official = JSON.parse(new TextDecoder().decode(stdout.subarray(at, end)));
    at = end + 1;
    const columns = new Map(head.columns.map(([name, rows]) => {
      return [name, new BigInt64Array(stdout.slice(at, at += 8 * rows).buffer)];
    }));
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
export async function assertAgrees(
  file: string,
  bytes: Uint8Array,
  { head, columns }: OfficialFile,
): Promise<number> {
  assert.equal(head.error, undefined, file);
  const { stream, tables } = await decode(bytes);
  const { metadata } = stream;
  assert.deepEqual(
    {
      version: metadata.version,
      dataset: metadata.dataset,
      start: String(metadata.startNs),
      end: metadata.endNs === 2n ** 64n - 1n ? "None" : String(metadata.endNs),
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
    (({ types: _types, columns: _columns, ...rest }) => rest)(head),
    file,
  );
  const ours: Record<string, number> = {}, theirs: Record<string, number> = {};
  for (const [name, n] of stream.skipped) {
    const type = THEIR_TYPES[name] ?? "OHLCVMsg";
    ours[type] = (ours[type] ?? 0) + n;
  }
  for (const [type, n] of Object.entries(head.types)) {
    if (type !== "TradeMsg" && type !== "MBP10Msg") theirs[type.replace(/V\d$/, "")] = n;
  }
  assert.deepEqual(ours, theirs, file);
  const left = new Set(columns.keys());
  let compared = 0;
  for (const [table, batch] of Object.entries(tables)) {
    for (const [column, values] of Object.entries(batch.columns)) {
      if (column === "aggressor" || column === "is_snapshot") continue;
      const price = column === "price" || column.includes("_px_");
      const their = `${table} ${THEIR_NAMES[column] ?? column}`;
      assert.deepEqual(asIntegers(values, price), columns.get(their), `${column} of ${file}`);
      left.delete(their);
      compared += batch.length;
    }
  }
  assert.deepEqual([...left], [], `columns of ${file} that were not compared`);
  return compared;
}
