import assert from "node:assert/strict";
import { TidemarkError } from "../../lib/base/mod.ts";
import { fuzz } from "./fuzz.ts";

const BASE = [new TextEncoder().encode("price,1.25\n"), new TextEncoder().encode("size,100\n")];

/** Refuses what does not begin as the base does. */
function check(bytes: Uint8Array): void {
  if (bytes[0] !== BASE[0][0] && bytes[0] !== BASE[1][0]) throw new TidemarkError("not ours");
}

Deno.test("fuzz() counts what is accepted and refused, the same every time", async () => {
  const run = () => fuzz("counts", { seed: "1", inputs: 300, base: BASE, check });
  const figures = await run();
  assert(figures.accepted + figures.refused >= 300);
  assert.deepEqual(await run(), figures);
});

Deno.test("fuzz() names the input of an untyped error, of a stray one and of a slow one", async () => {
  const faults: Record<string, (bytes: Uint8Array) => unknown> = {
    "RangeError: ours": () => {
      throw new RangeError("ours");
    },
    "nobody can catch it": () => {
      queueMicrotask(() => {
        throw new TidemarkError("typed, but loose");
      });
      return new Promise(() => {});
    },
    "wanted at most 5": () => {
      const start = performance.now();
      while (performance.now() - start < 10);
    },
  };
  for (const [text, fault] of Object.entries(faults)) {
    const run = fuzz("faults", {
      seed: "1",
      inputs: 300,
      base: BASE,
      ...(text.startsWith("wanted") && { maxMs: 5 }),
      check: (bytes) => BASE.some((base) => bytes[0] === base[0]) ? check(bytes) : fault(bytes),
    });
    await assert.rejects(run, (error: Error) => {
      assert.match(error.message, /TIDEMARK_FUZZ_SEED=1:\d+\n/);
      return error.message.includes(text);
    });
  }
});

Deno.test("fuzz() is no test where every mutant is accepted", async () => {
  await assert.rejects(
    fuzz("nothing", { seed: "1", inputs: 10, base: BASE, check: () => {} }),
    /tests nothing/,
  );
});
