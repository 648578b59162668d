/**
 * Gold from Silver.
 *
 * @module
 */
import { parquetFiles, readBatch, sessionFiles, sessionFolder } from "../lake/mod.ts";
import { SILVER_MBP10, SILVER_OPTIONS, SILVER_SCALE, SILVER_TRADES } from "../schema/mod.ts";
import { booksWanted, silverHours } from "./sources.ts";
import type { Tier } from "./tier.ts";

/** The tier that reads what `silver` wrote. */
export const SILVER_TIER: Tier = {
  name: "silver",
  trades: SILVER_TRADES,
  async inputs(lake, session, config) {
    const wanted = booksWanted(session, config);
    const files = await Promise.all(
      [SILVER_TRADES, SILVER_MBP10, SILVER_OPTIONS].map(async (table) =>
        (await sessionFiles(lake, table, session)).filter((f) => table !== SILVER_MBP10 || wanted(f.hour))
          .flatMap((f) => f.files)
      ),
    );
    return [...files.flat(), ...await parquetFiles(lake, sessionFolder(SILVER_SCALE, session.date))];
  },
  hours: (lake, session, _contract, config) => silverHours(lake, session, config),
  tradesOf: (lake, files) => readBatch(lake, SILVER_TRADES, files, ["ts_event_ns", "price"]),
};
