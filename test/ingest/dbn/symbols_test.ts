import assert from "node:assert/strict";
import { type Batch, TidemarkError } from "../../../lib/base/mod.ts";
import { makeMetadata, parseSymbology, symbolResolver } from "../../../lib/ingest/mod.ts";
import { requires } from "../../helpers/requires.ts";
import { decode, fixture } from "./_fixtures.ts";

const DAY = 86_400_000_000_000n;
const DEC_9 = BigInt(Date.UTC(2025, 11, 9)) * 1_000_000n;

const MAPPED = makeMetadata({
  mappings: [
    {
      rawSymbol: "ESZ5",
      intervals: [
        { start: 20251201, end: 20251210, symbol: "294973" },
        { start: 20251210, end: 20251212, symbol: "7" },
        { start: 20251212, end: 20251220, symbol: "" },
      ],
    },
    { rawSymbol: "ESH6", intervals: [{ start: 20251210, end: 20251220, symbol: "294973" }] },
  ],
});

function rows(...list: [id: number, event: bigint, recv?: bigint][]): Batch {
  return {
    length: list.length,
    columns: {
      instrument_id: Uint32Array.from(list, ([id]) => id),
      ts_event_ns: BigInt64Array.from(list, ([, event]) => event),
      ts_recv_ns: BigInt64Array.from(list, ([, event, recv]) => recv ?? event),
    },
  };
}

function names(batch: Batch, resolver: ReturnType<typeof symbolResolver>): string[] {
  const { codes, values } = resolver.contracts(batch);
  return Array.from(codes, (code) => values[code]);
}

Deno.test("contracts() names an id by the day: an interval holds its first date and not its last", () => {
  const resolver = symbolResolver(MAPPED);
  const batch = rows(
    [294973, DEC_9],
    [294973, DEC_9 + DAY - 1n],
    [294973, DEC_9 + DAY],
    [7, DEC_9 + DAY],
    [7, DEC_9 + 3n * DAY],
    [294973, DEC_9],
  );
  assert.deepEqual(names(batch, resolver), ["ESZ5", "ESZ5", "ESH6", "ESZ5", "ES_7", "ESZ5"]);
  assert.deepEqual([...resolver.unresolved], [7]);
  assert.equal(resolver.nameOf(294973, 20_000), undefined);
});

Deno.test("contracts() goes by the day of receipt, then of the event, as a snapshot's event may be days old", () => {
  const resolver = symbolResolver(MAPPED);
  assert.deepEqual(names(rows([294973, DEC_9], [294973, DEC_9, DEC_9 + DAY]), resolver), ["ESZ5", "ESH6"]);
  assert.deepEqual(names(rows([294973, DEC_9 - 100n * DAY, DEC_9]), resolver), ["ESZ5"]);
  assert.deepEqual(names(rows([294973, DEC_9, -1n], [294973, DEC_9 + DAY, -1n]), resolver), ["ESZ5", "ESH6"]);
  assert.equal(resolver.unresolved.size, 0);
});

Deno.test("contracts() asks mappings, then symbology.json, then says the id", () => {
  const symbology = parseSymbology(
    '{"result":{"WRONG":[{"d0":"2025-12-01","d1":"2025-12-20","s":"294973"}],' +
      '"ESM6":[{"d0":"2025-12-01","d1":"2025-12-20","s":"42"}]}}',
    "symbology.json",
  );
  const batch = rows([294973, DEC_9], [42, DEC_9], [43, DEC_9]);
  assert.deepEqual(names(batch, symbolResolver(MAPPED, symbology)), ["ESZ5", "ESM6", "ES_43"]);
  assert.deepEqual(names(batch, symbolResolver(MAPPED, [], "MES")), ["ESZ5", "MES_42", "MES_43"]);
  assert.deepEqual(names(rows(), symbolResolver(MAPPED)), []);
});

Deno.test("symbolResolver() reads mappings whose request was by instrument id", () => {
  const metadata = makeMetadata({
    stypeIn: 0,
    stypeOut: 1,
    mappings: [{ rawSymbol: "294973", intervals: [{ start: 20251201, end: 20251220, symbol: "ESZ5" }] }],
  });
  assert.deepEqual(names(rows([294973, DEC_9]), symbolResolver(metadata)), ["ESZ5"]);
});

Deno.test("parseSymbology() reads both spellings of the id, and passes over dates without one", () => {
  const span = (id: string) => `{"result":{"ESZ5":[{"d0":"2025-12-01","d1":"2025-12-20",${id}}]},"status":0}`;
  const wanted = [{ instrumentId: 294973, symbol: "ESZ5", fromDay: 20_423, toDay: 20_442 }];
  assert.deepEqual(parseSymbology(span('"s":"294973"'), "x"), wanted);
  assert.deepEqual(parseSymbology(span('"i":"294973"'), "x"), wanted);
  assert.deepEqual(parseSymbology(span('"s":""'), "x"), []);
});

Deno.test("parseSymbology() says in one line what is wrong and where", () => {
  const refuse = (text: string, wanted: RegExp) =>
    assert.throws(() => parseSymbology(text, "dir/symbology.json"), (error) => {
      assert(error instanceof TidemarkError);
      assert.match(error.message, /^Cannot read "dir\/symbology.json"/);
      assert.match(error.message, wanted);
      return !error.message.includes("\n");
    });
  refuse("{", /JSON/);
  refuse("[]", /at its top/);
  refuse("{}", /at result/);
  refuse('{"result":{"A":[{"d0":"2025-12-01","d1":"2025-12-20"}]}}', /at result.A.0: wanted "s"/);
  refuse('{"result":{"A":[{"d0":"1 Dec","d1":"2025-12-20","s":"1"}]}}', /at result.A.0.d0: wanted a date/);
  refuse(
    '{"result":{"A":[{"d0":"2025-12-01","d1":"2025-12-32","s":"1"}]}}',
    /at result.A.0.d1: wanted a date/,
  );
  refuse("\x1b[2J", /: Unexpected token '\\x1b', "\\x1b\[2J" is not valid JSON; download it again$/);
  refuse('{"result":{"\\u001b[2J":1}}', /at result\.\\x1b\[2J: /);
});

Deno.test("contracts() names every row of the real files", async () => {
  if (!requires("shared", "contracts of the real files")) return;
  for (const table of ["trades", "mbp-10"] as const) {
    const { stream, batches } = await decode(fixture(`real/esh4-20231225.${table}.dbn.zst`));
    const resolver = symbolResolver(stream.metadata);
    for (const { batch } of batches) assert.deepEqual(new Set(names(batch, resolver)), new Set(["ESH4"]));
  }
});
