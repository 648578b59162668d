/**
 * A lake with one file of every kind of JSON state, and how each is read.
 *
 * @module
 */
import {
  CONFIG,
  LakeError,
  ModelError,
  type Random,
  SILENT,
  type TidemarkError,
} from "../../lib/base/mod.ts";
import {
  type Lake,
  readContract,
  readIngests,
  readKey,
  readManifests,
  runStage,
  stageContract,
  stageIngest,
  stageKey,
} from "../../lib/lake/mod.ts";
import {
  buildRetrieval,
  calibrateModels,
  readCalibration,
  readDataset,
  readIndex,
  readMetadata,
  readMetrics,
  readRetrievalMetrics,
  trainModels,
} from "../../lib/ml/mod.ts";
import { readNotebook } from "../../lib/report/mod.ts";
import { readPositions } from "../../lib/stream/positions.ts";
import { goldLake, goldRows } from "./gold_rows.ts";

/** One kind of state. */
export interface StateKind {
  /** The file, relative to the lake. */
  path: string;
  /** Class of the error where it is damaged. */
  error: new (...args: never[]) => TidemarkError;
  /** What the error says to do. */
  remedy: RegExp;
  /** Reads it. */
  read(): Promise<unknown>;
}

const DATE = "2025-12-16", SET = { stage: "a", ablation: "ta" } as const, MODELS = "models/a-ta";
const NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", language: "typescript" } },
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# A"] },
    {
      cell_type: "code",
      id: "b",
      metadata: { tags: ["parameters"] },
      source: "1",
      execution_count: 1,
      outputs: [{
        output_type: "display_data",
        data: { "text/html": "x" },
        metadata: { tidemark: { shown: 1 } },
      }],
    },
  ],
};

/** A lake of a few trained models with every kind of state in it; in a temporary folder. */
export async function stateLake(): Promise<{ lake: Lake; kinds: StateKind[] }> {
  const lake = await goldLake(goldRows({ dates: 12, perDate: 20, seed: 2, signal: 2 }));
  const dataset = await readDataset(lake), { stage, ablation } = SET;
  const heads = ["tradeable_2_4m", "direction_4m", "strength_signed_4m"];
  await trainModels(lake, dataset, { sets: [SET], commit: "c", heads, config: CONFIG }, SILENT);
  await calibrateModels(lake, SET, CONFIG);
  await buildRetrieval(lake, dataset, { ...SET, neighbours: 5, same: [], config: CONFIG });
  const { manifest } = await runStage(lake, "gold", { date: DATE }, async ({ tx, manifest }) => {
    await tx.write("out/x", "1");
    await stageKey(tx, "gold", DATE, { version: 1, config: { a: [1] }, inputs: { "in/a": "h" } }, ["out/x"]);
    await stageContract(tx, {
      date: DATE,
      contract: "ESH6",
      instrument_id: 1,
      rule: "prior",
      contract_rule: "prior",
      counted: "regular_volume",
      share: 0.9,
      roll_week: false,
      status: "pass",
      shares: { ESH6: 0.9, ESZ5: 0.1 },
    });
    await stageIngest(tx, {
      ingest: "0123456789ab-1",
      sha256: "0123456789ab".padEnd(64, "0"),
      source: "a.dbn.zst",
      startNs: null,
      endNs: "1",
      rows: 3,
      files: ["bronze/a.parquet"],
    });
    await tx.write("_meta/stream/bronze-x.json", '{"stream":[[1,5],[7,7]],"publishers":{"p":[[0,4]]}}');
    await tx.write("notebook.ipynb", JSON.stringify(NOTEBOOK));
    manifest.inputs.push({ path: "in/a", sha256: "h", rows: 1 });
    manifest.rows = { in: 1, out: 1, filtered: 0, quarantined: 0, duplicates: 0 };
  });
  const lakeKind = (path: string, remedy: RegExp, read: () => Promise<unknown>): StateKind => ({
    path,
    error: LakeError,
    remedy,
    read,
  });
  const modelKind = (file: string, task: string, read: () => Promise<unknown>): StateKind => ({
    path: `${MODELS}/${file}`,
    error: ModelError,
    remedy: new RegExp(`run deno task ${task} --stage a --ablation ta$`),
    read,
  });
  const kinds = [
    lakeKind(`_meta/keys/gold/${DATE}.json`, /run gold again/, () => readKey(lake, "gold", DATE)),
    lakeKind(`_meta/runs/${manifest.id}.json`, /remove it$/, () => readManifests(lake)),
    lakeKind("_meta/ingests/0123456789ab-1.json", /run backfill with --clean/, () => readIngests(lake)),
    lakeKind(`_meta/contracts/${DATE}.json`, /run filter --date/, () => readContract(lake, DATE)),
    lakeKind("_meta/stream/bronze-x.json", /restore it/, async () => {
      const { stream, publishers } = await readPositions(lake, "_meta/stream/bronze-x.json");
      for (const ranges of [stream, ...publishers.values()]) {
        ranges.add(6);
        if (!ranges.has(6)) throw new Error("6 was added and is not in it");
      }
    }),
    lakeKind(
      "notebook.ipynb",
      /save it anew in JupyterLab/,
      () => readNotebook(`${lake.root}/notebook.ipynb`),
    ),
    modelKind("metadata.json", "train", () => readMetadata(lake, stage, ablation)),
    modelKind("metrics.json", "train", () => readMetrics(lake, stage, ablation)),
    modelKind("calibration.json", "calibrate", () => readCalibration(lake, stage, ablation)),
    modelKind("retrieval/metrics.json", "retrieval", () => readRetrievalMetrics(lake, stage, ablation)),
    modelKind("retrieval/index.json", "retrieval", () => readIndex(lake, stage, ablation)),
  ];
  return { lake, kinds };
}

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  "",
  "x",
  "../x",
  "constructor",
  [],
  {},
  [[]],
  [null],
];

/**
 * A JSON value changed in one place: something else there, gone, twice, under another name, or in another order.
 *
 * @param value The value, left as it is.
 * @param random Where chance comes from.
 */
export function reshaped(value: unknown, random: Random): unknown {
  const root = { value: structuredClone(value) };
  let parent: Record<string, unknown> = root, key = "value";
  for (;;) {
    const child = parent[key];
    const keys = typeof child === "object" && child !== null ? Object.keys(child) : [];
    if (keys.length === 0 || (parent !== root && random.int(4) === 0)) break;
    parent = child as Record<string, unknown>;
    key = keys[random.int(keys.length)];
  }
  const there = parent[key], odd = ODD[random.int(ODD.length)];
  switch (random.int(6)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 1:
      if (Array.isArray(parent)) parent.push(there);
      else parent[String(odd)] = there;
      break;
    case 2:
      if (Array.isArray(there)) there.reverse();
      else if (typeof there === "number") parent[key] = -there;
      else parent[key] = [there];
      break;
    default:
      parent[key] = odd;
  }
  return root.value;
}
