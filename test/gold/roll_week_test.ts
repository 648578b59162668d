/** A simulated roll week from Bronze with every contract in it to Gold. */
import assert from "node:assert/strict";
import { CONFIG, dayNumber, f64, i64, sessionOf, SILENT, strings } from "../../lib/base/mod.ts";
import { filterDate } from "../../lib/bronze/mod.ts";
import { buildGold, goldParts, SILVER_TIER } from "../../lib/gold/mod.ts";
import { openLake, readBatch } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES, GOLD_BARS, GOLD_LEVELS } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { instrumentsOf, simulateDay } from "../../lib/simulate/mod.ts";
import { MARKET } from "../../lib/simulate/parameters.ts";
import { writeBronze } from "../helpers/simulated_lake.ts";

const DATES = ["2025-12-10", "2025-12-11", "2025-12-12", "2025-12-15", "2025-12-16"];

/** What the later contract stands above the earlier one on a date, points: the market's carry between them. */
function spreadOn(date: string, price: number): number {
  const { all } = instrumentsOf(date);
  const growth = (name: string) => {
    const { expiry } = all.find((instrument) => instrument.name === name)!;
    return 1 + MARKET.carry.perYear * (dayNumber(expiry) - dayNumber(date)) / 365;
  };
  return price * (growth("ESH6") / growth("ESZ5") - 1);
}

Deno.test("a simulated roll week builds with no failed filter and moving averages continuous to $0.05", async () => {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-roll-" }));
  try {
    const closes: { price: number; date: string; contract: string }[] = [], contracts: string[] = [];
    let compared = 0;
    for (const date of DATES) {
      await writeBronze(lake, FUTURES_TRADES, simulateDay({ date, seed: 5, scale: 0.3 }).trades);
      const { choice } = await filterDate(
        lake,
        date,
        { rule: "calendar", config: CONFIG.filter, symbol: CONFIG.market.symbol },
        SILENT,
      );
      assert.notEqual(choice.status, "fail", `${date}: share ${choice.share}`);
      contracts.push(choice.contract);
      await buildSilver(lake, date, {}, SILENT);
      await buildGold(lake, date, { tier: SILVER_TIER, config: CONFIG });
      const levels = readBatch(lake, GOLD_LEVELS, [goldParts(date).levels]);
      const kind = strings(levels, "level_kind"), ts = i64(levels, "ts_ns");
      const { openNs, closeNs } = sessionOf(date);
      for (const n of [200, 400]) {
        const at = ts.findIndex((t, i) => t === openNs && kind.values[kind.codes[i]] === `SMA_${n}`);
        if (at < 0) continue;
        // The average goes on where it stood, by the true spread of the two contracts at the roll.
        const before = closes.findLast(({ contract }) => contract === "ESZ5")!;
        const spread = choice.contract === "ESH6" ? spreadOn(before.date, before.price) : 0;
        const wanted = closes.slice(-n).reduce(
          (sum, { price, contract }) => sum + price + (contract === "ESZ5" ? spread : 0),
          0,
        ) / n;
        const miss = (f64(levels, "level_es")[at] - wanted) * 0.1;
        assert.ok(Math.abs(miss) <= 0.05, `SMA_${n} at the open of ${date} is $${miss.toFixed(3)} off`);
        compared++;
      }
      const bars = readBatch(lake, GOLD_BARS, [goldParts(date).bars]);
      // The close of a two-minute bar: its last minute with a trade.
      const pairs = new Map<number, number>();
      i64(bars, "ts_ns").forEach((t, i) => {
        if (t >= openNs && t < closeNs) {
          pairs.set(Number((t - openNs) / 120_000_000_000n), f64(bars, "close")[i]);
        }
      });
      for (const price of pairs.values()) closes.push({ price, date, contract: choice.contract });
    }
    assert.deepEqual(contracts, ["ESZ5", "ESZ5", "ESZ5", "ESH6", "ESH6"]);
    assert.equal(compared, 5);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
