/**
 * The Gold service: `levels.signals` into the lake, every touch once.
 *
 * @module
 */
import { type Batch, concatBatches, hoursOf, i64, strings, takeRows } from "../base/mod.ts";
import {
  hourFolder,
  type Lake,
  parquetFiles,
  readBatch,
  toFrame,
  type Transaction,
  writeFrame,
} from "../lake/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { byTable, runSink, type ServiceOptions, type Sink } from "./sink.ts";
import { SIGNALS } from "./subjects.ts";

/**
 * Runs the service until its signal fires; see {@linkcode runSink}. A touch that the lake has, by its `event_id`, is
 * not written again, whoever published it.
 *
 * @param options Connection, lake, numbers, signal.
 */
export function runGoldService(options: ServiceOptions): Promise<void> {
  const { lake, metrics } = options;
  const sink: Sink = {
    name: "gold",
    stream: SIGNALS,
    async stage(tx, arrived, _ingest, stem) {
      let rows = 0;
      for (const [{ table }, batches] of byTable(arrived)) {
        const batch = concatBatches(batches), stored = await stageNew(tx, lake, table, batch, stem);
        metrics.add("duplicates_total", batch.length - stored);
        rows += stored;
      }
      return rows;
    },
  };
  return runSink(sink, options);
}

/** Stages the rows whose `event_id` the lake does not have, hour by hour. */
async function stageNew(
  tx: Transaction,
  lake: Lake,
  table: TableSchema,
  batch: Batch,
  stem: string,
): Promise<number> {
  const hours = hoursOf(i64(batch, "ts_ns")), { codes, values } = strings(batch, "event_id");
  let stored = 0;
  for (const hour of [...new Set(hours)].sort((a, b) => a - b)) {
    const folder = hourFolder(table, hour);
    const known = strings(readBatch(lake, table, await parquetFiles(lake, folder), ["event_id"]), "event_id");
    const seen = new Set(known.values);
    const fresh = Uint32Array.from(codes.keys()).filter((i) => {
      if (hours[i] !== hour || seen.has(values[codes[i]])) return false;
      seen.add(values[codes[i]]);
      return true;
    });
    if (fresh.length === 0) continue;
    writeFrame(await tx.stage(`${folder}/${stem}.parquet`), toFrame(table, takeRows(batch, fresh)));
    stored += fresh.length;
  }
  return stored;
}
