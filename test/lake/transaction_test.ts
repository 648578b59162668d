import assert from "node:assert/strict";
import { Random } from "../../lib/base/mod.ts";
import { begin, type Lake, openLake, recover, transact } from "../../lib/lake/mod.ts";
import { withLake } from "../helpers/bronze_lake.ts";

async function text(lake: Lake, path: string): Promise<string | undefined> {
  return await Deno.readTextFile(`${lake.root}/${path}`).catch(() => undefined);
}

async function staging(lake: Lake): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(`${lake.root}/_meta/staging`))).map((entry) => entry.name);
}

Deno.test("transact() shows its files together at the end, and removes what it marked", async () => {
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/old`, "old");
    const result = await transact(lake, "t", async (tx) => {
      await tx.write("a/b/one", "1");
      await Deno.writeTextFile(await tx.stage("a/two"), "2");
      tx.remove("old");
      tx.remove("never there");
      assert.deepEqual([await text(lake, "a/b/one"), await text(lake, "old")], [undefined, "old"]);
      assert.deepEqual(tx.written, ["a/b/one", "a/two"]);
      return 42;
    });
    assert.equal(result, 42);
    assert.deepEqual(await Promise.all(["a/b/one", "a/two", "old"].map((p) => text(lake, p))), [
      "1",
      "2",
      undefined,
    ]);
    assert.deepEqual(await staging(lake), []);
  });
});

Deno.test("transact() leaves nothing when its work throws", async () => {
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/old`, "old");
    const work = transact(lake, "t", async (tx) => {
      await tx.write("old", "new");
      throw new Error("no");
    });
    await assert.rejects(work, /no/);
    assert.equal(await text(lake, "old"), "old");
    assert.deepEqual(await staging(lake), []);
  });
});

Deno.test("Transaction: a path both removed and written is written", async () => {
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/x`, "old");
    await transact(lake, "t", async (tx) => {
      tx.remove("x");
      await tx.write("x", "new");
      tx.remove("x");
    });
    assert.equal(await text(lake, "x"), "new");
  });
});

/** A staging folder as a process killed at some point leaves it. */
async function dead(
  lake: Lake,
  files: Record<string, string>,
  journal?: unknown,
  name = "dead",
): Promise<void> {
  const staged = `${lake.root}/_meta/staging/${name}`, folder = `${lake.root}/dying`;
  await Deno.mkdir(`${folder}/files`, { recursive: true });
  await Deno.writeTextFile(`${staged}.lock`, "");
  for (const [path, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/files/${path}`, content);
  }
  if (journal) await Deno.writeTextFile(`${folder}/journal.json`, JSON.stringify(journal));
  await Deno.rename(folder, staged);
}

Deno.test("recover() undoes a run that died before its journal and finishes one that died after", async () => {
  await withLake(async (lake) => {
    await Deno.writeTextFile(`${lake.root}/old`, "old");
    await dead(lake, { a: "1", old: "new" });
    await recover(lake);
    assert.deepEqual([await text(lake, "a"), await text(lake, "old")], [undefined, "old"]);
    assert.deepEqual(await staging(lake), []);
    // Died after moving "a": what is no longer staged has been moved.
    await Deno.writeTextFile(`${lake.root}/a`, "1");
    await dead(lake, { b: "2" }, { writes: ["a", "b"], removes: ["old", "gone"] });
    await recover(lake);
    await recover(lake);
    assert.deepEqual(await Promise.all(["a", "b", "old"].map((p) => text(lake, p))), ["1", "2", undefined]);
    assert.deepEqual(await staging(lake), []);
  });
});

Deno.test("recover() leaves a live run alone", async () => {
  await withLake(async (lake) => {
    const other = `
      import { begin, openLake } from ${
      JSON.stringify(new URL("../../lib/lake/mod.ts", import.meta.url).href)
    };
      const tx = await begin(await openLake(Deno.args[0]), "live");
      await tx.write("x", "1");
      console.log("staged");
      await Deno.stdin.read(new Uint8Array(1));
      await tx.commit();
    `;
    const script = `${lake.root}/live.ts`;
    await Deno.writeTextFile(script, other);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--config",
        new URL("../../deno.json", import.meta.url).pathname,
        script,
        lake.root,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await openLake(lake.root);
    assert.deepEqual((await staging(lake)).sort(), ["live", "live.lock"]);
    const writer = child.stdin.getWriter();
    await writer.write(new Uint8Array(1));
    await writer.close();
    await reader.cancel();
    assert.equal((await child.status).code, 0);
    assert.equal(await text(lake, "x"), "1");
  });
});

Deno.test("recover() and transactions at once: nobody is disturbed, every file appears, nothing is left", async () => {
  await withLake(async (lake) => {
    const rounds = 40, writers = 4;
    const write = async (k: number) => {
      for (let n = 0; n < rounds; n++) {
        await transact(lake, `w${k}-${n}`, async (tx) => {
          for (let file = 0; file < 4; file++) await tx.write(`data/${k}/${n}/${file}`, "x");
        });
      }
    };
    let busy = true;
    const mend = async () => {
      while (busy) await recover(lake);
    };
    const mending = Promise.all([mend(), mend(), mend()]);
    const bury = async () => {
      for (let n = 0; n < rounds; n++) await dead(lake, { a: "1", b: "2" }, undefined, `dead${n}`);
    };
    await Promise.all([bury(), ...Array.from({ length: writers }, (_, k) => write(k))]);
    busy = false;
    await mending;
    await recover(lake);
    assert.deepEqual(await staging(lake), []);
    for (let k = 0; k < writers; k++) {
      for (let n = 0; n < rounds; n++) {
        for (let file = 0; file < 4; file++) assert.equal(await text(lake, `data/${k}/${n}/${file}`), "x");
      }
    }
  });
});

Deno.test("Transaction: killed at any moment, the lake holds one whole version and the next open mends it", async () => {
  const files = 12;
  const random = new Random("kill");
  await withLake(async (lake) => {
    const script = `${lake.root}/loop.ts`;
    await Deno.writeTextFile(
      script,
      `
      import { openLake, transact } from ${
        JSON.stringify(new URL("../../lib/lake/mod.ts", import.meta.url).href)
      };
      const lake = await openLake(Deno.args[0]);
      console.log("ready");
      for (let version = Number(Deno.args[1]); ; version++) {
        await transact(lake, "v" + version, async (tx) => {
          for (let i = 0; i < ${files}; i++) await tx.write("data/" + i % 4 + "/" + i, String(version));
          tx.remove("only/" + (version - 1));
          await tx.write("only/" + version, "");
        });
      }
    `,
    );
    const config = new URL("../../deno.json", import.meta.url).pathname;
    let kills = 0, version = 1, finished = 0;
    for (; kills < 12; kills++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--config", config, script, lake.root, String(version)],
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, random.uniform() * 60));
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      if ((await staging(lake)).length > 0) finished++;
      await openLake(lake.root);
      assert.deepEqual(await staging(lake), []);
      const versions = new Set<string | undefined>();
      for (let i = 0; i < files; i++) versions.add(await text(lake, `data/${i % 4}/${i}`));
      assert.equal(versions.size, 1, `versions ${[...versions].join()}`);
      const [found] = versions;
      const only = await Array.fromAsync(Deno.readDir(`${lake.root}/only`)).catch(() => []);
      assert.deepEqual(only.map((entry) => entry.name), found === undefined ? [] : [found]);
      version = Number(found ?? 0) + 1;
    }
    assert.ok(version > 1 && finished > 0, "some kills must fall into a transaction");
  });
});

Deno.test("begin() gives the staged path below the lake, so that the rename is within one file system", async () => {
  await withLake(async (lake) => {
    const tx = await begin(lake, "t");
    assert.ok((await tx.stage("a/b")).startsWith(`${lake.root}/_meta/staging/t/`));
    await tx.rollback();
    assert.deepEqual(await staging(lake), []);
  });
});
