/**
 * Mutated answers of the services: pages of prints, listings, refusals, and `symbology.json`. A typed error, or the rows
 * that Python's reader reads; what a message says is one printable line without the key.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import {
  f64,
  i16,
  i64,
  NULL_I16,
  NULL_I64,
  sessionOf,
  SILENT,
  strings,
  TidemarkError,
  u32,
  WireError,
} from "../../../lib/base/mod.ts";
import {
  fetchTrades,
  listFlatFiles,
  openBucket,
  openRest,
  parseSymbology,
  type Spool,
} from "../../../lib/ingest/mod.ts";
import { fuzz, linesOfPython } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";
import { join } from "../../ingest/dbn/_fixtures.ts";
import { at, read } from "../../ingest/polygon/_flat_file.ts";

const KEY = "k3y-0123456789", TICKER = "O:SPY251216C00676000", DATE = "2025-12-16";
const CLOCK = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };
const TOKENS = [
  "null",
  "[]",
  "{}",
  "[",
  "{",
  '"',
  ",",
  "-1",
  "1e5",
  "1e999",
  "-0",
  "0.1",
  "1e-9",
  "1E400",
  "true",
  '"\\ud800"',
  "9007199254740993",
  "9223372036854775808",
  "\u001b[2J",
  "\\u001b",
  "\u202e",
  "\n",
  "<",
  "]]>",
  "&x;",
  "&#0;",
  "<![CDATA[",
  "<!DOCTYPE a [",
  "9".repeat(400),
  "[".repeat(3000),
  '{"a":'.repeat(300),
  KEY,
];
const encode = (text: string) => new TextEncoder().encode(text);

/** Prints of each page as Python's JSON reader has them: a JSON line of rows a file. */
const PROGRAM = `
import json, sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8-sig", errors="replace") as file: page = json.load(file)
    row = lambda p: [",".join(str(int(c)) for c in p.get("conditions") or []) or None, p.get("correction"),
                     p["exchange"], p["price"], str(p["sip_timestamp"]), p["size"],
                     None if p.get("sequence_number") is None else str(int(p["sequence_number"]))]
    print(json.dumps([row(p) for p in page.get("results") or []]))
`;

/** Does some work while every request is answered by some bytes. */
async function answered<T>(bytes: Uint8Array, status: number, work: () => Promise<T>): Promise<T> {
  const real = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(new Response(bytes.slice(), { status }));
  try {
    return await work();
  } finally {
    globalThis.fetch = real;
  }
}

/** Lets typed errors pass whose message a terminal may show. */
function checkMessage(error: unknown): never {
  if (error instanceof WireError) {
    assert.match(error.message, /^\P{C}{1,900}$/u);
    assert(!error.message.includes(KEY), error.message);
  }
  throw error;
}

/** A file in memory. */
function memorySpool(): Spool & { content: Uint8Array } {
  const notes = new Map<string, string>();
  const spool = {
    content: new Uint8Array() as Uint8Array,
    get bytes() {
      return spool.content.length;
    },
    finished: undefined,
    note: (name: string) => Promise.resolve(notes.get(name)),
    keep: (name: string, text: string) => Promise.resolve(void notes.set(name, text)),
    append: (bytes: Uint8Array) => Promise.resolve(void (spool.content = join(spool.content, bytes))),
    truncate: (bytes: number) => Promise.resolve(void (spool.content = spool.content.slice(0, bytes))),
    md5: () => Promise.resolve(""),
    finish: () => Promise.resolve(),
  };
  return spool;
}

const PRINTS = [
  '{"conditions":[232,209],"correction":0,"exchange":300,"id":"x","participant_timestamp":1765895400000000001,' +
  '"price":3.25,"sequence_number":12,"sip_timestamp":1765895400000000001,"size":2}',
  '{"conditions":null,"exchange":316,"price":0.05,"sip_timestamp":1765895400000000777,"size":40,"sequence_number":null}',
  '{"exchange":302,"price":12,"sip_timestamp":1765895500000000000,"size":1,"sequence_number":123456789012345678}',
];
const PAGES = [
  `{"status":"OK","request_id":"0123","results":[${PRINTS}]}`,
  `{"results":[${PRINTS[1]}],"status":"DELAYED"}`,
  ` {"status":"OK","count":1,"results":[\n${PRINTS[2]}\n]}\n`,
].map(encode);

Deno.test("mutated pages are refused, or become the prints that Python's reader reads", async () => {
  const accepted: { bytes: Uint8Array; rows: unknown[] }[] = [];
  const service = openRest({ endpoint: "http://127.0.0.1:9", key: KEY, requestsPerSecond: 1e9 }, {
    warn: () => {},
    clock: CLOCK,
  });
  await fuzz("pages", {
    inputs: 2500,
    base: PAGES,
    tokens: TOKENS,
    check: async (bytes) => {
      const spool = memorySpool(),
        request = { session: sessionOf(DATE), contracts: () => Promise.resolve([TICKER]) };
      await answered(bytes, 200, () => fetchTrades(service, request, spool, SILENT)).catch(checkMessage);
      const { batch } = await read(spool.content);
      const seq = i64(batch, "seq"), correction = i16(batch, "correction"), ts = i64(batch, "ts_event_ns");
      const rows = Array.from({ length: batch.length }, (_, i) => [
        at(strings(batch, "conditions"), i),
        correction[i] === NULL_I16 ? null : correction[i],
        i16(batch, "exchange")[i],
        f64(batch, "price")[i],
        String(ts[i]),
        u32(batch, "size")[i],
        seq[i] === NULL_I64 ? null : String(seq[i]),
      ]);
      accepted.push({ bytes, rows });
    },
  });
  if (!requires("python", "mutated pages against Python's reader")) return;
  const theirs = await linesOfPython(PROGRAM, accepted.map(({ bytes }) => bytes));
  for (const [i, { bytes, rows }] of accepted.entries()) {
    assert.deepEqual(rows, JSON.parse(theirs[i]), new TextDecoder().decode(bytes));
  }
});

Deno.test("mutated refusals are told in one printable line without the key", async () => {
  const service = openRest({ endpoint: "http://127.0.0.1:9", key: KEY, requestsPerSecond: 1e9 }, {
    warn: () => {},
    clock: CLOCK,
  });
  const base = [
    `{"status":"ERROR","request_id":"0123","error":"Unknown API key ${KEY}"}`,
    `<html><head><title>403 Forbidden</title></head><body>nginx says ${KEY} is none</body></html>`,
    `{"message":"not for ${KEY}, ask again"}`,
    "upstream connect error or disconnect before headers",
  ].map(encode);
  for (const status of [403, 503]) {
    let told = 0;
    await fuzz(`refusals ${status}`, {
      inputs: 500,
      base,
      tokens: TOKENS,
      total: true,
      check: async (bytes) => {
        const asking = answered(bytes, status, () => service.page("/v3/x", z.unknown()));
        await assert.rejects(asking.catch(checkMessage), (error: Error) => {
          told += Number(/API key …|says … is none/.test(error.message));
          return error instanceof WireError && error.message.includes(`HTTP ${status}`);
        });
      },
    });
    assert(told >= 2, `${told} told the server's own words`);
  }
});

Deno.test("mutated listings of a bucket are refused or read", async () => {
  const entry = (key: string, size: number) =>
    `<Contents><Key>us_options_opra/trades_v1/${key}.csv.gz</Key><ETag>&quot;e&quot;</ETag><Size>${size}</Size></Contents>`;
  const base = [
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated>${
      entry("2025/12/2025-12-16", 5)
    }${entry("2025/12/2025-12-17", 123456789012)}</ListBucketResult>`,
    `<ListBucketResult><IsTruncated>false</IsTruncated>${entry("2025/12/2025-12-16", 7)}</ListBucketResult>`,
  ].map(encode);
  const keys = { region: "r", keyId: "id-0123456789", secret: KEY };
  const bucket = openBucket({ endpoint: "http://127.0.0.1:9", bucket: "b", ...keys });
  await fuzz("listings", {
    inputs: 1000,
    base,
    tokens: TOKENS,
    check: async (bytes) => {
      const list = () => listFlatFiles(bucket, undefined, { effects: SILENT, clock: CLOCK });
      for (const object of await answered(bytes, 200, list).catch(checkMessage)) {
        assert.match(object.date, /^\d{4}-\d\d-\d\d$/);
        assert(
          object.key.endsWith(`/${object.date}.csv.gz`) && Number.isSafeInteger(object.bytes) &&
            object.bytes >= 0,
        );
      }
    },
  });
});

Deno.test("mutated symbology.json files are refused, or give spans of days of the calendar", async () => {
  const base = [
    '{"result":{"ESZ5":[{"d0":"2025-12-01","d1":"2025-12-20","s":"294973"}],"ESH6":[]},"status":0}',
    '{"result":{"ES.c.0":[{"d0":"2025-12-01","d1":"2025-12-10","i":"1"},{"d0":"2025-12-10","d1":"2025-12-20","s":""}]}}',
  ].map(encode);
  await fuzz("symbology", {
    inputs: 1500,
    base,
    tokens: TOKENS,
    check: (bytes) => {
      try {
        for (
          const { instrumentId, fromDay, toDay, symbol } of parseSymbology(
            new TextDecoder().decode(bytes),
            "x",
          )
        ) {
          assert(instrumentId >= 0 && Number.isInteger(fromDay) && Number.isInteger(toDay) && symbol !== "");
        }
      } catch (error) {
        if (error instanceof TidemarkError) assert.match(error.message, /^\P{C}{1,500}$/u);
        throw error;
      }
    },
  });
});
