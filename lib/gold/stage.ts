/**
 * The Gold stage: a session date in, three Parquet files out; and the consolidated data set.
 *
 * @module
 */
import pl from "nodejs-polars";
import { type Config, LakeError, sessionOf } from "../base/mod.ts";
import {
  datesPresent,
  explain,
  hashFiles,
  type KeyParts,
  type Lake,
  parquetFiles,
  readTable,
  runStage,
  sessionFolder,
  settled,
  stageKey,
  tableFolder,
  toFrame,
  writeFrame,
} from "../lake/mod.ts";
import { FEATURES_VERSION, GOLD_BARS, GOLD_LEVELS, GOLD_SIGNALS, type TableSchema } from "../schema/mod.ts";
import { playSession } from "./assemble.ts";
import type { SessionTables } from "./session_builder.ts";
import { contractOf, historyInputs, readHistory, type Tier } from "./tier.ts";

/** Raised whenever the same inputs give other bytes; a golden output hash in the tests forces it up. */
export const GOLD_VERSION = 3;

/** Name of the consolidated data set, relative to the lake. */
export const CONSOLIDATED = `${tableFolder(GOLD_SIGNALS)}/signals.parquet`;

/** Relative paths of a date's parts. */
export function goldParts(date: string): Record<keyof SessionTables, string> {
  const folder = sessionFolder(GOLD_SIGNALS, date);
  return {
    signals: `${folder}/signals.parquet`,
    bars: `${folder}/bars.parquet`,
    levels: `${folder}/levels.parquet`,
  };
}

const TABLES: Record<keyof SessionTables, TableSchema> = {
  signals: GOLD_SIGNALS,
  bars: GOLD_BARS,
  levels: GOLD_LEVELS,
};

/** What building a date came to. */
export interface GoldResult {
  /** Trade date. */
  date: string;
  /** `built`, or `current` when nothing had to be done. */
  status: "built" | "current" | "stale";
  /** Why it was (or would be) built. */
  why: string[];
  /** Rows of each table, of a built date. */
  rows: Record<keyof SessionTables, number>;
  /** Seconds it took. */
  seconds: number;
}

/** How to build. */
export interface GoldOptions {
  /** Where the events come from. */
  tier: Tier;
  /** Windows and thresholds. */
  config: Config;
  /** Build even what is current. */
  force?: boolean;
  /** Only say what would be built and why. */
  explainOnly?: boolean;
}

/** Parts of the config that Gold does not read: a change of theirs rebuilds nothing. */
const UNREAD = ["audit", "filter", "wire", "stream", "training", "retrieval"];

/** The parts of the config that Gold reads, in its content key; a new part counts until it is named above. */
function configOf(config: Config): unknown {
  return Object.fromEntries(Object.entries(config).filter(([part]) => !UNREAD.includes(part)));
}

/**
 * Builds one session date's parts, if their key says so.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options Tier, config, force.
 * @throws {LakeError} If the lake has no ES trades for the date.
 */
export async function buildGold(lake: Lake, date: string, options: GoldOptions): Promise<GoldResult> {
  return await settled(lake, (view) => buildOnce(view, date, options));
}

async function buildOnce(lake: Lake, date: string, options: GoldOptions): Promise<GoldResult> {
  const start = performance.now(), { tier, config } = options, session = sessionOf(date);
  const events = await tier.inputs(lake, session, config);
  const current = events.length > 0 ? await contractOf(lake, tier, session, config.market.symbol) : undefined;
  if (!current) {
    throw new LakeError(
      `Cannot build Gold for ${date}: no ES trades of it in ${tier.name}; run deno task ${
        tier.name === "silver" ? "silver" : "backfill"
      } --date ${date}`,
      lake.root,
    );
  }
  const { contract } = current;
  const past = await historyInputs(lake, tier, session, config);
  const key: KeyParts = {
    version: GOLD_VERSION,
    config: {
      features: FEATURES_VERSION,
      tier: tier.name,
      contract,
      earlier: past.contracts,
      config: configOf(config),
    },
    inputs: await hashFiles(lake, [...events, ...past.files]),
  };
  const why = await explain(lake, "gold", date, key);
  const result: GoldResult = {
    date,
    status: "current",
    why,
    rows: { signals: 0, bars: 0, levels: 0 },
    seconds: 0,
  };
  if (why.length === 0 && !options.force) return result;
  if (options.explainOnly) return { ...result, status: "stale" };
  await runStage(
    lake,
    "gold",
    { date, tier: tier.name, force: options.force ?? false },
    async ({ manifest, tx }) => {
      manifest.inputs = Object.entries(key.inputs).map(([path, sha256]) => ({ path, sha256 }));
      const history = await readHistory(lake, tier, session, current, config);
      const { builder } = await playSession(
        { session, contract, history, config },
        tier.hours(lake, session, contract, config),
      );
      const tables = builder.tables(), parts = goldParts(date);
      for (const name of ["signals", "bars", "levels"] as const) {
        writeFrame(await tx.stage(parts[name]), toFrame(TABLES[name], tables[name]));
        result.rows[name] = tables[name].length;
      }
      const stored = await stageKey(tx, "gold", date, key, Object.values(parts));
      manifest.outputs = (["signals", "bars", "levels"] as const).map((name) => ({
        path: parts[name],
        rows: result.rows[name],
        sha256: stored.outputs[parts[name]],
      }));
      const touches = tables.signals.length;
      manifest.rows = { in: touches, out: touches, filtered: 0, quarantined: 0, duplicates: 0 };
      manifest.facts = {
        ...result.rows,
        es_trades: builder.state.tape.length,
        option_prints: builder.state.options.length,
      };
    },
  );
  return { ...result, status: "built", seconds: (performance.now() - start) / 1000 };
}

/**
 * Puts every date's signals into one file, in date order, if a part changed.
 *
 * @param lake The lake.
 * @returns Rows and dates in it, and whether it was written.
 */
export async function consolidate(lake: Lake): Promise<Consolidated> {
  return await settled(lake, consolidateOnce);
}

/** What the consolidated data set holds. */
export interface Consolidated {
  /** Rows in it. */
  rows: number;
  /** Trade dates in it, ascending. */
  dates: string[];
  /** Whether it was written: some part had changed. */
  written: boolean;
}

async function consolidateOnce(lake: Lake): Promise<Consolidated> {
  const dates: string[] = [], parts: string[] = [];
  for (const date of await datesPresent(lake, GOLD_SIGNALS)) {
    const part = goldParts(date).signals;
    if (!(await parquetFiles(lake, sessionFolder(GOLD_SIGNALS, date))).includes(part)) continue;
    dates.push(date);
    parts.push(part);
  }
  if (parts.length === 0) {
    throw new LakeError("Cannot consolidate Gold: no date has been built; run deno task gold", lake.root);
  }
  const key: KeyParts = { version: GOLD_VERSION, config: null, inputs: await hashFiles(lake, parts) };
  const frame = () => pl.concat(parts.map((part) => readTable(lake, GOLD_SIGNALS, part)));
  if ((await explain(lake, "gold_consolidated", "all", key)).length === 0) {
    return { rows: frame().height, dates, written: false };
  }
  const { result } = await runStage(lake, "consolidate", { dates }, async ({ manifest, tx }) => {
    const all = frame(), rows = all.height;
    manifest.inputs = Object.entries(key.inputs).map(([path, sha256]) => ({ path, sha256 }));
    writeFrame(await tx.stage(CONSOLIDATED), all);
    const stored = await stageKey(tx, "gold_consolidated", "all", key, [CONSOLIDATED]);
    manifest.outputs = [{ path: CONSOLIDATED, rows, sha256: stored.outputs[CONSOLIDATED] }];
    manifest.rows = { in: rows, out: rows, filtered: 0, quarantined: 0, duplicates: 0 };
    return rows;
  });
  return { rows: result, dates, written: true };
}
