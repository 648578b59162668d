/**
 * Gold of a small random market, in memory and in a lake.
 *
 * @module
 */
import { CONFIG, sessionOf } from "../../lib/base/mod.ts";
import {
  consolidate,
  goldParts,
  type HourEvents,
  playSession,
  type SessionTables,
} from "../../lib/gold/mod.ts";
import { type Lake, noRows, runStage, toFrame, writeFrame } from "../../lib/lake/mod.ts";
import { GOLD_BARS, GOLD_LEVELS, GOLD_SIGNALS } from "../../lib/schema/mod.ts";
import { tinyMarket } from "./tiny_market.ts";

/** Gold's three tables of a date. */
export async function tinyGold(date: string, seed = 5, minutes = 120): Promise<SessionTables> {
  const session = sessionOf(date);
  async function* feed(): AsyncGenerator<HourEvents> {
    yield* tinyMarket(session, seed, minutes);
  }
  const history = {
    closes: new Float64Array(430).fill(6795),
    previous: { high: 6812, low: 6788, close: 6801 },
  };
  const { builder } = await playSession({ session, contract: "ESH6", history, config: CONFIG }, feed());
  return builder.tables();
}

/** Writes dates of Gold as the stage would, and the consolidated file. */
export async function writeTinyGold(lake: Lake, dates: Record<string, SessionTables>): Promise<void> {
  const schemas = { signals: GOLD_SIGNALS, bars: GOLD_BARS, levels: GOLD_LEVELS };
  for (const [date, tables] of Object.entries(dates)) {
    await runStage(lake, "gold", { date }, async ({ tx, manifest }) => {
      for (const name of ["signals", "bars", "levels"] as const) {
        writeFrame(await tx.stage(goldParts(date)[name]), toFrame(schemas[name], tables[name]));
      }
      const { length } = tables.signals;
      manifest.rows = { ...noRows(), in: length, out: length };
    });
  }
  await consolidate(lake);
}
