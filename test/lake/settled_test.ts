/** Isolation: whoever reads sees one state, and of two who change the same things neither is lost. */
import assert from "node:assert/strict";
import { ConflictError, Random } from "../../lib/base/mod.ts";
import { type Lake, parquetFiles, readText, runStage, Seen, settled, transact } from "../../lib/lake/mod.ts";
import { withLake } from "../helpers/bronze_lake.ts";

const ACCOUNTS = 6, TOTAL = 600;

const path = (account: number) => `accounts/${account}`;

async function balance(lake: Lake, account: number): Promise<number> {
  const text = await readText(lake, path(account));
  // A turn of the event loop: the moment at which another comes between.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return Number(text);
}

async function openAccounts(lake: Lake): Promise<void> {
  await transact(lake, "open", async (tx) => {
    for (let i = 0; i < ACCOUNTS; i++) await tx.write(path(i), String(TOTAL / ACCOUNTS));
  });
}

async function sumOf(lake: Lake): Promise<number> {
  let sum = 0;
  for (let i = 0; i < ACCOUNTS; i++) sum += await balance(lake, i);
  return sum;
}

Deno.test("settled(): transfers at once lose nothing, and every reader sees the same total", async () => {
  await withLake(async (lake) => {
    await openAccounts(lake);
    const random = new Random("bank"), transfers = 25, clerks = 5;
    let busy = clerks, tries = 0, looks = 0;
    const clerk = async (k: number) => {
      for (let n = 0; n < transfers; n++) {
        const [from, to, amount] = [random.int(ACCOUNTS), random.int(ACCOUNTS), 1 + random.int(9)];
        await settled(lake, (view) =>
          transact(view, `c${k}-${n}-${tries++}`, async (tx) => {
            const [a, b] = [await balance(view, from), await balance(view, to)];
            if (from === to) return;
            await tx.write(path(from), String(a - amount));
            await tx.write(path(to), String(b + amount));
          }));
      }
      busy--;
    };
    const reader = async () => {
      while (busy > 0) {
        assert.equal(await settled(lake, sumOf), TOTAL);
        looks++;
      }
    };
    await Promise.all([...Array.from({ length: clerks }, (_, k) => clerk(k)), reader(), reader()]);
    assert.equal(await settled(lake, sumOf), TOTAL);
    assert.ok(tries > transfers * clerks, "some must have met another, or the test tests nothing");
    assert.ok(looks > 5);
  });
});

Deno.test("without a view the same transfers lose money: the test above can fail", async () => {
  await withLake(async (lake) => {
    await openAccounts(lake);
    const move = (id: string) =>
      transact(lake, id, async (tx) => {
        const [a, b] = [await balance(lake, 0), await balance(lake, 1)];
        await tx.write(path(0), String(a - 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
        await tx.write(path(1), String(b + 1));
      });
    const results = await Promise.allSettled([move("a"), move("b")]);
    const lost = await balance(lake, 0) !== 98 || await balance(lake, 1) !== 102;
    // What is written blindly is still not overwritten blindly: the later one is told.
    assert.ok(lost && results.some(({ status }) => status === "rejected"));
  });
});

Deno.test("settled() takes an error for the mixture of two states where what was seen has changed", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("x", "1"));
    let tries = 0;
    const read = async (view: Lake) => {
      tries++;
      const x = await readText(view, "x");
      if (tries === 1) await transact(lake, "b", (tx) => tx.write("x", "2"));
      if (x === "1") throw new Error("a mixture");
      return x;
    };
    assert.equal(await settled(lake, read), "2");
    await assert.rejects(
      settled(lake, async (view) => {
        await readText(view, "x");
        throw new Error("of its own");
      }),
      /of its own/,
    );
    assert.equal(tries, 2);
  });
});

Deno.test("settled(): work that always meets another keeps it out at last", async () => {
  await withLake(async (lake) => {
    await transact(lake, "first", (tx) => tx.write("x", "0"));
    let tries = 0, written = 0;
    const others: Promise<void>[] = [];
    const result = await settled(lake, async (view) => {
      tries++;
      await readText(view, "x");
      others.push(transact(lake, `other${tries}`, (tx) => tx.write("x", String(++written))));
      // The other ends, or waits for this one to end.
      await Promise.race([others.at(-1), new Promise((resolve) => setTimeout(resolve, 200))]);
      return written;
    });
    assert.equal(result, tries);
    assert.equal(tries, 4);
    await Promise.all(others);
    assert.equal(await readText(lake, "x"), "4");
  });
});

Deno.test("settled() sees folders: a file that joins is a change, unless the folder may grow", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("f/a.parquet", "1"));
    for (const growing of [false, true]) {
      let tries = 0;
      const list = async (view: Lake) => {
        const files = await parquetFiles(view, "f");
        if (++tries === 1) await transact(lake, "b", (tx) => tx.write(`f/b${growing}.parquet`, "1"));
        return files.length;
      };
      assert.equal(await settled(lake, list, { growing }), 2);
      assert.equal(tries, growing ? 1 : 2);
    }
    // What was there must stay as it was.
    let tries = 0;
    const list = async (view: Lake) => {
      const files = await parquetFiles(view, "f");
      if (++tries === 1) await transact(lake, "c", (tx) => (tx.remove("f/a.parquet"), Promise.resolve()));
      return files.length;
    };
    assert.equal(await settled(lake, list, { growing: true }), 2);
    assert.equal(tries, 2);
  });
});

Deno.test("runStage(): a run that lost is in its manifest, the one after it counts", async () => {
  await withLake(async (lake) => {
    let tries = 0;
    const { manifest } = await runStage(lake, "test", {}, async ({ lake: view, tx }) => {
      await readText(view, "x");
      if (++tries === 1) await transact(lake, "other", (other) => other.write("x", "1"));
      await tx.write("y", String(tries));
    });
    assert.equal(manifest.status, "completed");
    assert.equal(await readText(lake, "y"), "2");
    const runs = (await Array.fromAsync(Deno.readDir(`${lake.root}/_meta/runs`))).map(({ name }) => name);
    const texts = await Promise.all(runs.map((name) => readText(lake, `_meta/runs/${name}`)));
    assert.equal(texts.filter((text) => text!.includes('"x\\" of the lake')).length, 1);
  });
});

Deno.test("commit() of a view that saw another state changes nothing and names what changed", async () => {
  await withLake(async (lake) => {
    await transact(lake, "a", (tx) => tx.write("x", "1"));
    const view = { root: lake.root, seen: new Seen(lake.root) };
    await readText(view, "x");
    await transact(lake, "b", (tx) => tx.write("x", "2"));
    const late = transact(view, "c", (tx) => tx.write("y", "of the old x"));
    await assert.rejects(late, (error) => error instanceof ConflictError && error.path === "x");
    assert.equal(await readText(lake, "y"), undefined);
  });
});
