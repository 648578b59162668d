/**
 * The declared table of Gold's checks.
 *
 * @module
 */
import type { Check } from "../schema/mod.ts";
import { INVARIANTS } from "./invariants.ts";

const REBUILD =
  "rebuild the date with deno task gold --force; if it stays, report it with the row's event_id";

/** Checks beside the invariants, each with its threshold and remedy. */
export const GOLD_CHECKS: readonly Check[] = [
  {
    id: "schema.values",
    meaning: "text columns hold only the values features.json allows",
    threshold: "0 rows",
    severity: "fail",
    remedy: REBUILD,
  },
  {
    id: "schema.range",
    meaning: "numbers lie in the ranges of features.json",
    threshold: "0 rows",
    severity: "fail",
    remedy: REBUILD,
  },
  {
    id: "schema.nulls",
    meaning: "no null where features.json allows none",
    threshold: "0 rows",
    severity: "fail",
    remedy: REBUILD,
  },
  {
    id: "nulls.empty",
    meaning: "no column is null on every row",
    threshold: "0 columns",
    severity: "warn",
    remedy: "look at the Silver table the column is computed from: it may be missing for these dates",
  },
  {
    id: "columns.dead",
    meaning: "no column holds one value alone, nor hardly differs from it, where features.json expects more",
    threshold: "its `expect`",
    severity: "fail",
    remedy:
      "the column was never computed, or its input is missing: look at the Silver table it is computed from, then rebuild " +
      "with deno task gold --force",
  },
  {
    id: "columns.uniform",
    meaning: "no value, zero among them, is commoner in a column than features.json expects",
    threshold: "its `expect`",
    severity: "warn",
    remedy:
      "a thin market can be so; else look at the column's distribution on the page and at what it is computed from",
  },
  {
    id: "order.time",
    meaning: "rows are in time order",
    threshold: "0 rows",
    severity: "fail",
    remedy: REBUILD,
  },
  {
    id: "ids.unique",
    meaning: "event_id is unique",
    threshold: "0 copies",
    severity: "fail",
    remedy: REBUILD,
  },
  {
    id: "pressure.alive",
    meaning: "a pressure is neither saturated (|x| > 0.95) nor dead (|x| < 0.01) on more than half its rows",
    threshold: "50 %",
    severity: "fail",
    remedy: "its scale in config does not fit this market: look at the distribution on the page",
  },
  {
    id: "prices.halt",
    meaning: "no range of a bar and no excursion is a move at which the market would have been halted",
    threshold: "7 % of the spot",
    severity: "fail",
    remedy: "the trades hold impossible prices: run audit for the dates, then get the files again",
  },
  {
    id: "labels.balance",
    meaning: "each of BREAK, BOUNCE and CHOP is at least 2 % of the defined outcomes",
    threshold: "2 %",
    severity: "warn",
    remedy: "too few of a class to learn it: add dates, or use fp_outcome",
  },
  {
    id: "labels.one_sided",
    meaning: "of 60 or more touches that went somewhere, at least 5 % went either way, for every label",
    threshold: "5 %",
    severity: "fail",
    remedy:
      "labels or directions are wrong: rebuild with deno task gold --force, and run audit for the dates",
  },
  {
    id: "labels.undefined",
    meaning: "UNDEFINED outcomes are at most 5 %",
    threshold: "5 %",
    severity: "warn",
    remedy: "trades are missing in the label windows: run audit for the dates",
  },
  {
    id: "dates.coverage",
    meaning: "every trading day from the first date to the last has rows",
    threshold: "0 days missing",
    severity: "warn",
    remedy: "backfill the missing days or train on the ranges between them",
  },
  {
    id: "dates.balance",
    meaning: "a date has 0.2 to 5 times the median date's rows",
    threshold: "0.2–5×",
    severity: "warn",
    remedy: "run audit for the date: data may be missing or doubled",
  },
  {
    id: "dates.hours",
    meaning: "a date has touches in at least half of its session's half-hours",
    threshold: "50 %",
    severity: "warn",
    remedy: "run audit for the date: a part of its session may be missing",
  },
  {
    id: "dates.drift",
    meaning:
      "no feature's distribution moves between the first and second half of the dates by PSI above 0.5, from 10 dates a side",
    threshold: "PSI 0.5",
    severity: "info",
    remedy: "expected over long spans; otherwise look at the feature's distribution by date",
  },
  ...INVARIANTS.map(({ id, meaning }): Check => ({
    id,
    meaning,
    threshold: "0 rows",
    severity: "fail",
    remedy: REBUILD,
  })),
];
