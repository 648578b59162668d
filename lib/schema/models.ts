/**
 * What training leaves beside the models: every out-of-sample prediction, so that pages and calibrators need no model.
 *
 * @module
 */
import { column, type TableSchema } from "./table.ts";

/** A prediction of a validation or test row. */
export const MODEL_PREDICTIONS: TableSchema = {
  name: "models.predictions",
  version: 2,
  row: "one head's prediction for a touch of a fold's validation or test dates",
  location: { folder: "models", owner: "", by: "file" },
  columns: {
    head: column("utf8", "–", "head: what is predicted"),
    fold: column("i32", "–", "fold, from 0; each test date lies in one"),
    part: column("utf8", "–", "valid or test"),
    event_id: column("utf8", "–", "the touch"),
    date: column("date", "days since 1970-01-01", "trade date"),
    ts_ns: column("i64", "ns UTC", "open of the touched bar"),
    level_kind: column("utf8", "–", "kind of level"),
    label: column("f64", "0 or 1, $ for strength", "what happened"),
    weight: column("f64", "–", "uniqueness of the label among the head's rows of that date"),
    prediction: column("f64", "probability, $ for strength", "the trees' prediction"),
    base_rate: column("f64", "probability, $ for strength", "mean of the fold's training labels"),
    volatility: column(
      "f64",
      "probability, $ for strength",
      "trees on atr, rv_30m, bars_since_open, level_kind alone",
    ),
  },
  writer: "train",
  readers: ["calibrate", "retrieval", "report", "notebooks"],
};
