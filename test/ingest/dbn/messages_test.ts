/** What the gateway says between the records of a capture: names as they come, errors and gaps. */
import assert from "node:assert/strict";
import { Random, u32 } from "../../../lib/base/mod.ts";
import { openDbn, symbolResolver } from "../../../lib/ingest/mod.ts";
import { chunked, head, join, mappingRecord, noticeRecord, randomRecords } from "./_fixtures.ts";

/** Name of every row of a stream, read in batches of some size from chunks of some size. */
async function namesOf(bytes: Uint8Array, batchRows: number, chunkBytes: number): Promise<string[]> {
  const stream = await openDbn(chunked(bytes, chunkBytes), { name: "live.dbn", batchRows });
  const resolver = symbolResolver(stream.metadata, [], "ES", stream.mappings), names: string[] = [];
  for await (const { batch, row } of stream.batches()) {
    const { codes, values } = resolver.contracts(batch, row);
    row.forEach((r, i) => names[Number(r)] = values[codes[i]]);
  }
  return names;
}

for (const version of [1, 2, 3] as const) {
  Deno.test(`version ${version}: a mapping names the rows behind it, however the stream is cut`, async () => {
    const random = new Random(`mappings ${version}`), parts = [head(version)], expected: string[] = [];
    const now = new Map<number, string>();
    for (let i = 0; i < 3000; i++) {
      if (random.uniform() < 0.02) {
        const id = random.int(4), name = ["ESZ5", "ESH6", "ESM6"][random.int(3)];
        now.set(id, name);
        parts.push(mappingRecord(version, id, "ES.FUT", name));
        continue;
      }
      const table = random.uniform() < 0.8 ? "trades" : "mbp-10", record = randomRecords(random, table, 1);
      const id = random.int(4);
      new DataView(record.buffer, record.byteOffset).setUint32(4, id, true);
      parts.push(record);
      expected.push(now.get(id) ?? `ES_${id}`);
    }
    const bytes = join(...parts);
    assert.ok(new Set(expected).size > 4);
    for (const [batchRows, chunkBytes] of [[1, 977], [7, 65_536], [300, 4096], [65_536, 1 << 20]]) {
      assert.deepEqual(await namesOf(bytes, batchRows, chunkBytes), expected, `${batchRows} rows a batch`);
    }
  });

  Deno.test(`version ${version}: errors and gaps are kept with their words and time, the rest is counted`, async () => {
    const quiet = ["Heartbeat", "Subscription request 0 for trades data succeeded", "End of interval"];
    const said = [
      ...Array.from({ length: 3000 }, (_, i) => noticeRecord(version, 0x17, quiet[i % 3], { code: 0 })),
      noticeRecord(version, 0x15, "Authentication expired\u001b[31m", { tsNs: 5n }),
      noticeRecord(version, 0x17, "Slow reader detected: records were skipped", { tsNs: 6n, code: 2 }),
    ];
    const stream = await openDbn(chunked(join(head(version), ...said), 5000), { name: "live.dbn" });
    for await (const _ of stream.batches()) assert.fail("no rows");
    assert.deepEqual(stream.notices, [
      { tsNs: 5n, kind: "error", text: "Authentication expired\u001b[31m" },
      { tsNs: 6n, kind: "gap", text: "Slow reader detected: records were skipped" },
    ]);
    assert.deepEqual([...stream.skipped], [["system", 3001], ["error", 1]]);
  });
}

Deno.test("a mapping to an id is named by what was asked for, and no name can speak to a terminal", async () => {
  const random = new Random(1), record = randomRecords(random, "trades", 1);
  const one = (...mappings: Uint8Array[]) => namesOf(join(head(), ...mappings, record), 10, 1000);
  const id = u32(
    { length: 1, columns: { id: new Uint32Array(record.buffer, record.byteOffset, 2).slice(1) } },
    "id",
  )[0];
  assert.deepEqual(await one(mappingRecord(3, id, "ESZ5", String(id))), ["ESZ5"]);
  assert.deepEqual(await one(mappingRecord(3, id, "ES.FUT", "ES\u001b[2J")), ["ES\\x1b[2J"]);
  assert.deepEqual(await one(mappingRecord(3, id, "", "")), [`ES_${id}`]);
});

Deno.test("a slow reader is told by its code where the words do not say it", async () => {
  const bytes = join(head(), noticeRecord(3, 0x17, "Warning: falling behind", { code: 2 }));
  const stream = await openDbn(chunked(bytes, 100), { name: "live.dbn" });
  for await (const _ of stream.batches()) assert.fail("no rows");
  assert.deepEqual(stream.notices.map(({ kind }) => kind), ["gap"]);
});
