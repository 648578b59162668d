/** Every damage at a file of every kind, and every command that reads it. */
import assert from "node:assert/strict";
import { hourOfPartition } from "../../../lib/base/mod.ts";
import { CONSOLIDATED, goldParts } from "../../../lib/gold/mod.ts";
import { hourFolder } from "../../../lib/lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  SILVER_MBP10,
  SILVER_OPTIONS,
  SILVER_TRADES,
  type TableSchema,
} from "../../../lib/schema/mod.ts";
import { DAMAGES, runDamaged, wholeLake } from "../../helpers/damage.ts";

const DATE = "2025-12-16", HOUR = hourOfPartition(DATE, "15");
const inHour = (table: TableSchema, name: string) => `${hourFolder(table, HOUR)}/${name}.parquet`;
const { signals, levels, bars } = goldParts(DATE);

const READERS: Record<string, string[]> = {
  [inHour(FUTURES_TRADES, "simulated-0000")]: [
    "filter",
    "dedup",
    "silver",
    "audit",
    `gold --date ${DATE} --tier bronze`,
    `causality --date ${DATE} --cuts 2`,
  ],
  [inHour(FUTURES_MBP10, "simulated-0000")]: ["filter", "silver", "audit"],
  [inHour(OPTIONS_TRADES, "simulated-0000")]: ["dedup", "silver", "audit"],
  [inHour(SILVER_TRADES, "part-0000")]: [`gold --date ${DATE}`, `causality --date ${DATE} --cuts 2`],
  [inHour(SILVER_MBP10, "part-0000")]: [`gold --date ${DATE}`],
  [inHour(SILVER_OPTIONS, "part-0000")]: [`gold --date ${DATE}`],
  [signals]: [`validate --date ${DATE}`, "report", `causality --date ${DATE} --cuts 2`],
  [levels]: ["report"],
  [bars]: ["report"],
  [CONSOLIDATED]: ["validate", "report"],
};

Deno.test("every command names the file that cannot be, whatever is wrong with it", async (t) => {
  const lake = await wholeLake(DATE);
  let refused = 0;
  try {
    for (const [file, commands] of Object.entries(READERS)) {
      for (const damage of Object.keys(DAMAGES)) {
        for (const command of commands) {
          await t.step(`${command}: ${damage} at ${file}`, async () => {
            if (await runDamaged(lake, { file, damage, command: command.split(" ") }) > 0) refused++;
          });
        }
      }
    }
    assert.ok(refused > 200, `${refused} refused`);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
