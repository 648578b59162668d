/** A change that cannot be finished: it is taken back, or set aside, and the lake goes on. */
import assert from "node:assert/strict";
import { LakeError } from "../../lib/base/mod.ts";
import { examine, type Lake, openLake, readKey, readText, recover, transact } from "../../lib/lake/mod.ts";
import { runTask, withLake } from "../helpers/bronze_lake.ts";

/** Staging of a run that died right after its decision. */
async function decidedAndDead(lake: Lake, id: string, files: Record<string, string>, more: object = {}) {
  const folder = `${lake.root}/_meta/staging/${id}`;
  for (const [path, content] of Object.entries(files)) {
    const staged = `${folder}/files/${path}`;
    await Deno.mkdir(staged.slice(0, staged.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(staged, content);
  }
  const journal = { writes: Object.keys(files).sort(), removes: [], existed: [], ...more };
  await Deno.writeTextFile(`${folder}/journal.json`, JSON.stringify(journal));
}

Deno.test("commit() names a folder that stands where a file should go, and changes nothing", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("data/b", "old"));
    await Deno.mkdir(`${lake.root}/data/c`);
    const work = transact(lake, "b", async (tx) => {
      for (const name of ["a", "b", "c"]) await tx.write(`data/${name}`, "new");
    });
    await assert.rejects(work, (error) => error instanceof LakeError && error.message.includes("data/c"));
    assert.deepEqual([await readText(lake, "data/a"), await readText(lake, "data/b")], [undefined, "old"]);
    assert.deepEqual(await recover(lake), []);
    // The lake is open for others.
    await transact(lake, "c", (tx) => tx.write("data/b", "newer"));
    assert.equal(await readText(lake, "data/b"), "newer");
  });
});

Deno.test("commit() that fails half way is taken back: old content stands, new files go", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("data/b", "old"));
    await transact(lake, "z", (tx) => tx.write("z", ""));
    // Where the last file should go, a link leads nowhere: seen only when it is to be moved there.
    await Deno.symlink("/nowhere/at/all", `${lake.root}/linked`);
    const work = transact(lake, "b", async (tx) => {
      await tx.write("data/a", "new");
      await tx.write("data/b", "new");
      tx.remove("z");
      await tx.write("linked/below", "new");
    });
    await assert.rejects(work, LakeError);
    assert.deepEqual([await readText(lake, "data/a"), await readText(lake, "data/b")], [undefined, "old"]);
    assert.equal(await readText(lake, "z"), "");
    assert.deepEqual(await recover(lake), []);
    await transact(lake, "c", (tx) => tx.write("data/a", "1"));
  });
});

Deno.test("recover() sets aside what cannot go on: reads go on, writes to it are refused, others are not", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("data/a", "old"));
    await decidedAndDead(lake, "dead", { "data/a": "new", "data/b": "new" }, { existed: ["data/a"] });
    await Deno.mkdir(`${lake.root}/data/b`, { recursive: true });
    const warnings: string[] = [];
    const again = await openLake(lake.root, { warn: (line) => warnings.push(line) });
    assert.match(warnings.join(), /run dead stopped half way.*deno task doctor/);
    assert.equal(await readText(again, "data/a"), "old");
    await assert.rejects(
      transact(again, "b", (tx) => tx.write("data/a", "other")),
      /run dead stopped.*doctor/,
    );
    await transact(again, "c", (tx) => tx.write("else/where", "1"));
    assert.equal(await readText(again, "else/where"), "1");

    const told = await runTask("doctor", "--lake", lake.root);
    assert.equal(told.code, 1);
    assert.match(told.stdout, /STUCK dead: cannot finish: .*\n.*data\/a, data\/b\n.*--undo dead/);
    // With what is in its way gone, it is finished by whoever comes next.
    await Deno.remove(`${lake.root}/data/b`);
    const mended = await runTask("doctor", "--lake", lake.root);
    assert.deepEqual([mended.code, mended.stdout.includes("nothing stuck")], [0, true]);
    assert.deepEqual([await readText(lake, "data/a"), await readText(lake, "data/b")], ["new", "new"]);
  });
});

Deno.test("doctor undoes what cannot be finished, and says which runs are not stuck", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", async (tx) => {
      await tx.write("data/a", "old");
      await tx.write("data/gone", "old");
    });
    const journal = { existed: ["data/a"], removes: ["data/gone"] };
    await decidedAndDead(lake, "dead", { "data/a": "new", "data/b/c": "new" }, journal);
    // Half of it was done before it died.
    const staging = `${lake.root}/_meta/staging/dead`;
    await Deno.mkdir(`${staging}/undo/data`, { recursive: true });
    await Deno.link(`${lake.root}/data/a`, `${staging}/undo/data/a`);
    await Deno.rename(`${staging}/files/data/a`, `${lake.root}/data/a`);
    await Deno.writeTextFile(`${lake.root}/data/b`, "a file where a folder should be");
    assert.equal(await readText(lake, "data/a"), "new");

    const wrong = await runTask("doctor", "--lake", lake.root, "--undo", "other");
    assert.deepEqual([wrong.code, /no such run is stuck; dead is/.test(wrong.stderr)], [2, true]);
    const { stuck } = await examine(lake, new Map([["dead", "undo"]]));
    assert.deepEqual(stuck, []);
    const left = await Promise.all(["data/a", "data/gone", "data/b"].map((path) => readText(lake, path)));
    assert.deepEqual(left, ["old", "old", "a file where a folder should be"]);
    assert.deepEqual(await recover(lake), []);
  });
});

Deno.test("an older decision is finished before a newer one, not after it", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("x", "1"));
    await decidedAndDead(lake, "dead", { x: "2" }, { existed: ["x"] });
    // The lake was opened before that run died: nobody has recovered it yet.
    await transact(lake, "b", (tx) => tx.write("y", "1"));
    assert.equal(await readText(lake, "x"), "2");
    await transact(lake, "c", (tx) => tx.write("x", "3"));
    await recover(lake);
    assert.equal(await readText(lake, "x"), "3");
  });
});

Deno.test("doctor removes temporary files of dead runs only when asked", async () => {
  await withLake(async (lake) => {
    const old = `${lake.root}/_meta/runs/x.json.1.tmp`, young = `${lake.root}/_meta/y.tmp`;
    await Deno.mkdir(`${lake.root}/_meta/runs`, { recursive: true });
    for (const path of [old, young]) await Deno.writeTextFile(path, "");
    await Deno.utime(old, new Date(0), new Date(0));
    assert.deepEqual((await examine(lake)).leftovers, ["_meta/runs/x.json.1.tmp"]);
    assert.match(
      (await runTask("doctor", "--lake", lake.root)).stdout,
      /1 temporary files of dead runs found/,
    );
    assert.equal((await runTask("doctor", "--lake", lake.root, "--clean")).code, 0);
    assert.equal(await readText(lake, "_meta/runs/x.json.1.tmp"), undefined);
    assert.equal(await readText(lake, "_meta/y.tmp"), "");
  });
});

Deno.test("recover() sets a journal aside that leads out of the lake, and touches nothing there", async () => {
  await withLake(async (lake) => {
    const outside = `${lake.root}-outside`;
    await Deno.writeTextFile(outside, "mine");
    try {
      const path = `../${outside.slice(outside.lastIndexOf("/") + 1)}`;
      const ways = { lines: `data\n/../${path}`, root: outside, up: path, within: `data/../${path}` };
      for (const [id, way] of Object.entries(ways)) {
        await decidedAndDead(lake, id, { "data/a": "new" }, { removes: [way] });
      }
      const stuck = await recover(lake);
      assert.deepEqual(stuck.map(({ id }) => id), ["lines", "root", "up", "within"]);
      for (const { why } of stuck) assert.match(why, /no path in the lake/);
      assert.equal(await Deno.readTextFile(outside), "mine");
      assert.equal(await readText(lake, "data/a"), undefined);
      // What leads nowhere but into the lake is done.
      await decidedAndDead(lake, "good", { "data/b": "new" });
      await recover(lake);
      assert.equal(await readText(lake, "data/b"), "new");
    } finally {
      await Deno.remove(outside);
    }
  });
});

Deno.test("readKey() refuses outputs that lead out of the lake", async () => {
  await withLake(async (lake) => {
    const key = { version: 1, config: {}, inputs: {} };
    await Deno.mkdir(`${lake.root}/_meta/keys/silver`, { recursive: true });
    for (const path of ["../x", "/x", "a/../../x", "a\n/../../x"]) {
      const text = JSON.stringify({ ...key, outputs: { [path]: "0" } });
      await Deno.writeTextFile(`${lake.root}/_meta/keys/silver/2025-12-15.json`, text);
      await assert.rejects(readKey(lake, "silver", "2025-12-15"), (error) => error instanceof LakeError);
    }
  });
});
