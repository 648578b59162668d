import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CONFIG, sessionOf } from "../../lib/base/mod.ts";
import { GOLD_VERSION, type HourEvents, playSession } from "../../lib/gold/mod.ts";
import { FEATURES_VERSION } from "../../lib/schema/mod.ts";
import { tinyMarket } from "../helpers/tiny_market.ts";

const SESSION = sessionOf("2025-12-16");

/** What version of the stage gives which rows. A new hash with the old version would leave stale Gold in place. */
const GOLDEN: Record<string, string> = {
  "3 3.0.0": "94ae720bed53f8da",
};

Deno.test("GOLD_VERSION is raised whenever the same events give other rows", async () => {
  async function* feed(): AsyncGenerator<HourEvents> {
    yield* tinyMarket(SESSION, 3, 150);
  }
  const history = {
    closes: Float64Array.from({ length: 420 }, (_, i) => 6800 + (i % 40)),
    previous: { high: 6825, low: 6780, close: 6802 },
  };
  const { builder } = await playSession(
    { session: SESSION, contract: "ESH6", history, config: CONFIG },
    feed(),
  );
  const tables = builder.tables(),
    text = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  const hash = createHash("sha256");
  for (const { columns } of [tables.signals, tables.bars, tables.levels]) {
    hash.update(JSON.stringify(columns, text));
  }
  assert.equal(
    hash.digest("hex").slice(0, 16),
    GOLDEN[`${GOLD_VERSION} ${FEATURES_VERSION}`],
    "Gold's rows changed: raise GOLD_VERSION in lib/gold/stage.ts and put the new hash here",
  );
});
