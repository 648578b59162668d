/**
 * The causality audit on Bronze: builds of one session from rows before a cut, and many cuts over both cores.
 *
 * @module
 */
import {
  CONFIG,
  type Config,
  LakeError,
  MINUTE_NS,
  previousTradingDay,
  Random,
  runJobs,
  type Session,
  sessionOf,
} from "../base/mod.ts";
import type { Lake } from "../lake/mod.ts";
import { bronzeScale, bronzeSession } from "../silver/mod.ts";
import { playSession } from "./assemble.ts";
import { BRONZE_TIER, BronzeSource } from "./bronze_tier.ts";
import { type BuildUntil, type ColumnAudit } from "./causality.ts";
import { contractOf, readHistory } from "./tier.ts";

/**
 * Prepares builds of one session from Bronze rows before a cut; the rows stay in memory.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param config Windows and thresholds.
 * @throws {LakeError} If the lake has no ES trades of the date.
 */
export async function bronzeBuilds(lake: Lake, date: string, config: Config = CONFIG): Promise<BuildUntil> {
  const session = sessionOf(date), bronze = await bronzeSession(lake, session);
  const current = bronze.trades.length > 0
    ? await contractOf(lake, BRONZE_TIER, session, config.market.symbol)
    : undefined;
  if (!current) {
    throw new LakeError(
      `Cannot audit ${date}: no ES trades of it in Bronze; run deno task backfill --date ${date}`,
      lake.root,
    );
  }
  const { contract } = current;
  const history = await readHistory(lake, BRONZE_TIER, session, current, config);
  const before = await bronzeScale(lake, previousTradingDay(date), config);
  const source = new BronzeSource(lake, bronze, config, true);
  return async (cut) => {
    const whole = cut === Infinity, cutNs = whole ? undefined : session.startNs + BigInt(Math.floor(cut));
    const { builder, levels } = await playSession(
      { session, contract, history, config },
      source.hours(contract, before, cutNs),
      whole ? undefined : cut,
    );
    return { features: builder.features(), labels: builder.labels(whole ? undefined : cut), levels };
  };
}

/**
 * Random cuts of a session from five minutes before the open to the close: half at the open of a bar, half anywhere.
 *
 * @param session The session.
 * @param count How many.
 * @param seed Equal seeds give equal cuts.
 * @returns Ascending, ns since session start.
 */
export function randomCuts(session: Session, count: number, seed: number): number[] {
  const random = new Random(`cuts ${session.date} ${seed}`);
  const from = Number(session.openNs - session.startNs) - 5 * MINUTE_NS,
    to = Number(session.closeNs - session.startNs);
  return Array.from({ length: count }, (_, i) => {
    const at = from + random.uniform() * (to - from);
    return i % 2 === 0 ? Math.floor(at / MINUTE_NS) * MINUTE_NS : Math.floor(at);
  }).sort((a, b) => a - b);
}

/** Some cuts of a date, as sent to a worker. */
export interface CausalityJob {
  /** Folder of the lake. */
  lake: string;
  /** Trade date. */
  date: string;
  /** Cuts, ns since session start. */
  cuts: number[];
}

/** What a worker saw. */
export interface CausalityResult {
  /** Per column. */
  columns: ColumnAudit[];
  /** Cuts compared. */
  cuts: number;
}

/**
 * Audits cuts over both cores and yields what each worker saw.
 *
 * @param jobs Dates and their cuts.
 */
export function auditDates(jobs: readonly CausalityJob[]) {
  return runJobs<CausalityJob, CausalityResult>(new URL("./causality_worker.ts", import.meta.url), jobs);
}
