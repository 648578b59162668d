import assert from "node:assert/strict";
import { LakeError } from "../../lib/base/mod.ts";
import {
  explain,
  type KeyParts,
  noRows,
  openLake,
  readContract,
  readContracts,
  readIngests,
  readManifests,
  runStage,
  stageKey,
} from "../../lib/lake/mod.ts";
import { withLake } from "../helpers/bronze_lake.ts";

Deno.test("runStage() says started, then completed with what was written", async () => {
  await withLake(async (lake) => {
    const { result, manifest } = await runStage(lake, "test", { a: 1 }, async ({ tx, manifest }) => {
      const [during] = await readManifests(lake);
      assert.deepEqual([during.status, during.options], ["started", { a: 1 }]);
      await tx.write("x", "1");
      manifest.outputs.push({ path: "x", rows: 7 });
      await tx.write("y", "2");
      manifest.rows = { ...noRows(), in: 3, out: 1, filtered: 1, duplicates: 1 };
      return "done";
    });
    assert.equal(result, "done");
    assert.deepEqual(await readManifests(lake), [manifest]);
    assert.equal(manifest.status, "completed");
    assert.deepEqual(manifest.outputs, [{ path: "x", rows: 7 }, { path: "y" }]);
    assert.ok(manifest.ended! >= manifest.started);
  });
});

Deno.test("runStage() says failed, keeps the error and writes nothing else", async () => {
  await withLake(async (lake) => {
    const failing = runStage(lake, "test", {}, async ({ tx }) => {
      await tx.write("x", "1");
      throw new Error("no disk");
    });
    await assert.rejects(failing, /no disk/);
    await assert.rejects(
      runStage(lake, "test", {}, async ({ tx, manifest }) => {
        await tx.write("x", "1");
        manifest.rows = { ...noRows(), in: 3, out: 2 };
      }),
      /3 rows in, 2 accounted for/,
    );
    const manifests = await readManifests(lake);
    assert.deepEqual(manifests.map((m) => m.status), ["failed", "failed"]);
    assert.ok(manifests.some((m) => m.error === "no disk"));
    await assert.rejects(Deno.stat(`${lake.root}/x`));
  });
});

Deno.test("explain() says why a date must be rebuilt and nothing when it need not be", async () => {
  await withLake(async (lake) => {
    const parts: KeyParts = { version: 1, config: { band: 0.5 }, inputs: { "in/a": "h1" } };
    assert.deepEqual(await explain(lake, "gold", "2025-12-16", parts), ["never built"]);
    await runStage(lake, "gold", {}, async ({ tx }) => {
      await tx.write("out/x", "1");
      await stageKey(tx, "gold", "2025-12-16", parts, ["out/x"]);
    });
    const why = (changes: Partial<KeyParts>) => explain(lake, "gold", "2025-12-16", { ...parts, ...changes });
    assert.deepEqual(await why({}), []);
    assert.deepEqual(await why({ version: 2 }), ["stage version 1 → 2"]);
    assert.deepEqual(await why({ config: { band: 0.6 } }), ["config or options changed"]);
    assert.deepEqual(await why({ inputs: { "in/a": "h2", "in/b": "h" } }), [
      "input changed: in/a",
      "input added: in/b",
    ]);
    await Deno.writeTextFile(`${lake.root}/out/x`, "2");
    assert.deepEqual(await why({}), ["output changed: out/x"]);
    await Deno.remove(`${lake.root}/out/x`);
    assert.deepEqual(await why({}), ["output missing: out/x"]);
    await Deno.writeTextFile(`${lake.root}/_meta/keys/gold/2025-12-16.json`, '{"version": 1}');
    const [reason, ...more] = await why({});
    assert.match(reason, /^never built: key damaged \(Cannot read ".*\/gold\/2025-12-16\.json": .*\)$/);
    assert.deepEqual(more, []);
  });
});

Deno.test("readManifests() names a damaged one and goes on, or throws where nobody listens", async () => {
  await withLake(async (lake) => {
    const { manifest } = await runStage(lake, "test", {}, () => Promise.resolve());
    const path = `${lake.root}/_meta/runs/cut.json`, told: string[] = [];
    await Deno.writeTextFile(path, '{"id": "cut');
    await Deno.writeTextFile(`${lake.root}/_meta/runs/._x.json`, "of the operating system");
    await assert.rejects(readManifests(lake), LakeError);
    assert.deepEqual(await readManifests(lake, (error) => told.push(error.message)), [manifest]);
    assert.deepEqual(told, [`Cannot read "${path}": it is cut off: its JSON does not end; remove it`]);
  });
});

Deno.test("readIngests() refuses a record whose files lie outside of the lake, or that is another's", async () => {
  await withLake(async (lake) => {
    const record = {
      ingest: "a",
      sha256: "h",
      source: "s",
      startNs: null,
      endNs: null,
      rows: 1,
      files: ["b/x"],
    };
    await Deno.mkdir(`${lake.root}/_meta/ingests`, { recursive: true });
    const write = (change: Partial<typeof record>) =>
      Deno.writeTextFile(`${lake.root}/_meta/ingests/a.json`, JSON.stringify({ ...record, ...change }));
    await write({});
    assert.deepEqual(await readIngests(lake), [record]);
    for (const file of ["../x", "/x", "b/../../x", ".."]) {
      await write({ files: [file] });
      await assert.rejects(readIngests(lake), /no path in the lake at files\.0/);
    }
    await write({ ingest: "b" });
    await assert.rejects(readIngests(lake), /expected "a" at ingest/);
  });
});

Deno.test("openLake() says what is wrong with a folder it cannot write", async () => {
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/file`, "");
    await assert.rejects(
      openLake(`${lake.root}/file/lake`),
      (error: Error) =>
        error instanceof LakeError && /choose another --lake/.test(error.message) &&
        !error.message.includes("\n"),
    );
  });
});

Deno.test("readContract() and readIngests() name a record that cannot be read", async () => {
  await withLake(async (lake) => {
    assert.equal(await readContract(lake, "2025-12-16"), undefined);
    assert.deepEqual([await readContracts(lake), await readIngests(lake)], [[], []]);
    for (const folder of ["contracts", "ingests"]) {
      await Deno.mkdir(`${lake.root}/_meta/${folder}`, { recursive: true });
      await Deno.writeTextFile(`${lake.root}/_meta/${folder}/2025-12-16.json`, '{"date": 7}');
    }
    await assert.rejects(
      readContract(lake, "2025-12-16"),
      /contracts\/2025-12-16\.json.*run filter --date 2025-12-16/,
    );
    await assert.rejects(readIngests(lake), /ingests\/2025-12-16\.json.*run backfill with --clean/);
  });
});
