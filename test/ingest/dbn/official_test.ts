/**
 * The decoder against the vendor's own Python package, field by field, on every real file.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import {
  compressZstd,
  encodeMbp10,
  encodeMetadata,
  encodeTrades,
  makeMetadata,
  SCHEMA_CODES,
} from "../../../lib/ingest/mod.ts";
import { requires, shared } from "../../helpers/requires.ts";
import { fixture, gather, join, push, QUERY, randomRecords } from "./_fixtures.ts";
import { assertAgrees, official } from "./_official.ts";

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
