/**
 * Indexes in the lake: `retrieval/index.parquet`, the entries with their raw features, and `retrieval/index.json`, the
 * scales that make points of them.
 *
 * @module
 */
import { z } from "zod";
import { type Batch, f64, ModelError } from "../../base/mod.ts";
import { type Lake, readBatch, toFrame, type Transaction, writeFrame } from "../../lake/mod.ts";
import { column, FEATURES_VERSION, GOLD_SIGNALS, type TableSchema } from "../../schema/mod.ts";
import type { Ablation, Stage } from "../feature_sets.ts";
import { readModelJson } from "../json_files.ts";
import { modelFolder } from "../model_store.ts";
import { buildIndex, ENTRY_COLUMNS, type FeatureColumns, type RetrievalIndex } from "./index.ts";
import type { Scale } from "./scaling.ts";

const IndexFile = z.object({
  features_version: z.string(),
  dataset: z.string(),
  rows: z.number().int().positive(),
  fitted_on: z.array(z.string()),
  scales: z.array(z.object({
    name: z.string(),
    median: z.number(),
    mean: z.number(),
    deviation: z.number().positive(),
  })),
});

/** What stands beside an index: version of the features, sha256 of the Gold, rows, dates the scales were fitted on. */
export type IndexMetadata = z.infer<typeof IndexFile>;

/** Prefix of feature columns, as some features are entry columns too. */
const PREFIX = "x_";

function tableOf(names: readonly string[]): TableSchema {
  return {
    name: "models.retrieval",
    version: 2,
    row: "a past touch with its outcome and raw features",
    location: { folder: "models", owner: "", by: "file" },
    columns: {
      ...Object.fromEntries(ENTRY_COLUMNS.map((name) => [name, GOLD_SIGNALS.columns[name]])),
      ...Object.fromEntries(names.map((name) => [
        PREFIX + name,
        column("f64", GOLD_SIGNALS.columns[name].unit, GOLD_SIGNALS.columns[name].description, true),
      ])),
    },
    writer: "retrieval",
    readers: ["retrieval", "report", "notebooks"],
  };
}

/** Folder of a set's retrieval, relative to the lake. */
export function retrievalFolder(stage: Stage, ablation: Ablation): string {
  return `${modelFolder(stage, ablation)}/retrieval`;
}

/**
 * Stages an index.
 *
 * @param tx The transaction.
 * @param folder Folder of the retrieval.
 * @param rows Gold rows: entries and features in the order of the scales.
 * @param metadata What stands beside it.
 */
export async function writeIndex(
  tx: Transaction,
  folder: string,
  rows: { batch: Batch; features: FeatureColumns },
  metadata: IndexMetadata,
): Promise<void> {
  const { batch, features } = rows, columns: Batch["columns"] = {};
  for (const name of ENTRY_COLUMNS) columns[name] = batch.columns[name];
  features.names.forEach((name, k) => columns[PREFIX + name] = features.columns[k]);
  const frame = toFrame(tableOf(features.names), { length: batch.length, columns });
  writeFrame(await tx.stage(`${folder}/index.parquet`), frame);
  await tx.write(`${folder}/index.json`, JSON.stringify(metadata, null, 2) + "\n");
}

/**
 * Reads a set's index.
 *
 * @param lake The lake.
 * @param stage Stage of the set.
 * @param ablation Ablation of the set.
 * @throws {ModelError} If it is not there or of another version of the features.
 * @throws {LakeError} If its rows cannot be read.
 * @throws {SchemaError} If its rows are not what its features say.
 */
export async function readIndex(
  lake: Lake,
  stage: Stage,
  ablation: Ablation,
): Promise<{ index: RetrievalIndex; metadata: IndexMetadata }> {
  const folder = retrievalFolder(stage, ablation), path = `${folder}/index.json`;
  const again = `run deno task retrieval --stage ${stage} --ablation ${ablation}`;
  const metadata = await readModelJson(lake, path, IndexFile, again);
  if (metadata.features_version !== FEATURES_VERSION) {
    throw new ModelError(
      `Cannot use "${path}": of features.json ${metadata.features_version}, wanted ${FEATURES_VERSION}; ${again}`,
      path,
    );
  }
  const scales: Scale[] = metadata.scales, names = scales.map((scale) => scale.name);
  const unknown = names.find((name, k) =>
    !Object.hasOwn(GOLD_SIGNALS.columns, name) || names.indexOf(name) < k
  );
  if (unknown !== undefined) {
    throw new ModelError(`Cannot use "${path}": no feature "${unknown}", or one more of it; ${again}`, path);
  }
  const batch = readBatch(lake, tableOf(names), [`${folder}/index.parquet`]);
  const features = { names, columns: names.map((name) => f64(batch, PREFIX + name)) };
  const index = buildIndex(batch, features, scales), rows = index.squares.length;
  if (rows === metadata.rows) return { index, metadata };
  throw new ModelError(`Cannot use "${path}": of ${metadata.rows} rows, there are ${rows}; ${again}`, path);
}
