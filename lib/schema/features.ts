/**
 * `features.json`, the authoritative Gold contract, read once and turned into the signals table's schema.
 *
 * @module
 */
import { z } from "zod";
import contract from "../../features.json" with { type: "json" };
import { column, type TableSchema } from "./table.ts";

const share = z.number().min(0).max(1);
/** What a healthy column looks like; see {@linkcode Expectation}. */
const Shape = z.strictObject({ commonest: share, zeros: share, spread: z.number().min(0) });

const FeatureEntry = z.strictObject({
  name: z.string(),
  group: z.string(),
  dtype: z.enum(["f64", "i64", "i32", "i8", "utf8", "bool", "date"]),
  unit: z.string(),
  description: z.string(),
  computed_from: z.array(z.string()),
  nullable: z.boolean(),
  available: z.enum(["touch_open", "bar_close", "label"]),
  stage: z.enum(["a", "b"]).nullable(),
  values: z.array(z.string()).optional(),
  range: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
  expect: Shape.partial().optional(),
});

const Contract = z.strictObject({
  name: z.literal("gold.signals"),
  version: z.string(),
  row: z.string(),
  groups: z.record(z.string(), z.string()),
  expect: z.record(FeatureEntry.shape.dtype, Shape),
  columns: z.array(FeatureEntry),
});

/**
 * One Gold column: group, dtype, unit, meaning, allowed values or range, null rule, when it is known
 * (`touch_open`, `bar_close`, `label`) and the training stage that may use it (`a`; `b` adds barrier, tape and
 * what derives from them; null: not a feature).
 */
export type Feature = z.infer<typeof FeatureEntry>;

/**
 * What a healthy column looks like: the largest share of its commonest value and of zeros, and the least distance of
 * its 5 % and 95 % quantiles as a share of the larger one.
 */
export type Expectation = z.infer<typeof Shape>;

const parsed = Contract.parse(contract);

/** Version of features.json. */
export const FEATURES_VERSION: string = parsed.version;

/** Groups of columns and what they tell. */
export const FEATURE_GROUPS: Record<string, string> = parsed.groups;

/** Every Gold column in file order. */
export const FEATURES: readonly Feature[] = parsed.columns;

/** A touch of a level: features and labels. */
export const GOLD_SIGNALS: TableSchema = {
  name: parsed.name,
  version: Number(parsed.version.split(".")[0]),
  row: parsed.row,
  location: { folder: "gold/research", owner: "", by: "session" },
  columns: Object.fromEntries(
    parsed.columns.map((f) => [f.name, column(f.dtype, f.unit, f.description, f.nullable)]),
  ),
  writer: "gold",
  readers: ["validate", "causality", "train", "calibrate", "retrieval", "report", "notebooks"],
};

/** What is expected of a column: its own word in features.json, else its dtype's. */
export function expectationOf({ dtype, expect }: Feature): Expectation {
  const { commonest, zeros, spread } = parsed.expect[dtype];
  return {
    commonest: expect?.commonest ?? commonest,
    zeros: expect?.zeros ?? Math.max(zeros, expect?.commonest ?? 0),
    spread: expect?.spread ?? spread,
  };
}
