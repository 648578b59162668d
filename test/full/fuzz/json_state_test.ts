/** Every kind of JSON state, damaged in its bytes and in its shape: a typed error, or a reading that can be used. */
import assert from "node:assert/strict";
import { CONFIG, TidemarkError } from "../../../lib/base/mod.ts";
import { buildRetrieval, calibrateModels, readDataset, readIndex, searchIndex } from "../../../lib/ml/mod.ts";
import { modelPage, readModelView } from "../../../lib/report/mod.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { reshaped, stateLake } from "../../helpers/json_state.ts";

const SET = { stage: "a", ablation: "ta" } as const;
const TOKENS = [
  ...'{}[],:"\\',
  "null",
  "1e400",
  "-0",
  "9007199254740993",
  '"__proto__":',
  '"constructor"',
  "<<<<<<< HEAD\n",
  "\n=======\n",
  "\u001b]0;x\u0007",
  "\ufeff",
  "[".repeat(300),
];

const { lake, kinds } = await stateLake();
addEventListener("unload", () => Deno.removeSync(lake.root, { recursive: true }));
const dataset = await readDataset(lake);
const head = { title: "t", lake: "l", dates: [], commit: "c", inputs: {}, made: "" };

/** Whoever reads a set of models after its files were accepted must come to an end, too. */
async function useModels(path: string): Promise<void> {
  const view = await readModelView(lake, { ...SET, config: CONFIG, dataset });
  modelPage(head, { view, sets: [view], config: CONFIG, stale: false });
  if (path.endsWith("metadata.json")) {
    await calibrateModels(lake, SET, CONFIG);
    await buildRetrieval(lake, dataset, { ...SET, neighbours: 3, same: [], config: CONFIG });
  }
  if (path.endsWith("index.json")) {
    const { index } = await readIndex(lake, SET.stage, SET.ablation), names = index.scales.map((s) => s.name);
    const empty = { length: 0, columns: {} }, is = { codes: new Int32Array(2), values: ["x"] };
    const features = { names, columns: names.map(() => Float64Array.of(0, NaN)) };
    const queries = { features, atNs: new BigInt64Array(2), is: { level_kind: is, direction: is } };
    searchIndex(index, queries, { neighbours: 3, same: [], ...empty });
  }
}

for (const { path, read } of kinds) {
  const name = path.replace(/\/\d{8}T[^/]*$/, "/ID.json"), file = `${lake.root}/${path}`;
  const use = async () => {
    await read().catch((error) => {
      if (error instanceof TidemarkError) assert.match(error.message, /^\P{Cc}{1,500}$/u);
      throw error;
    });
    if (path.startsWith("models/")) await useModels(path);
  };
  Deno.test(`${name} with other bytes`, async () => {
    const good = await Deno.readFile(file);
    try {
      await fuzz(`bytes of ${name}`, {
        inputs: 500,
        base: [good],
        tokens: TOKENS,
        headBytes: good.length,
        check: async (bytes) => {
          await Deno.writeFile(file, bytes);
          await use();
        },
      });
    } finally {
      await Deno.writeFile(file, good);
    }
  });
  Deno.test(`${name} of another shape`, async () => {
    const good = await Deno.readFile(file), value = JSON.parse(new TextDecoder().decode(good));
    try {
      await fuzz(`shape of ${name}`, {
        inputs: 150,
        base: [good],
        // The base itself must be accepted; of a mutant nothing but its chance is used.
        check: async (bytes, random) => {
          const is = bytes.toHex() === good.toHex() ? value : reshaped(value, random);
          await Deno.writeTextFile(file, JSON.stringify(is));
          await use();
        },
      });
    } finally {
      await Deno.writeFile(file, good);
    }
  });
}
