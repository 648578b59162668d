/**
 * The Bronze service: `market.>` into Bronze, every row once.
 *
 * @module
 */
import { repeatString } from "../base/mod.ts";
import { PART_ROWS, PartWriter } from "../bronze/mod.ts";
import { BackgroundWriter } from "../lake/mod.ts";
import { type Arrived, byTable, runSink, type ServiceOptions, type Sink } from "./sink.ts";
import { MARKET, rowOrdinals } from "./subjects.ts";

/** What rows of a stream say they come from. */
const SOURCE = "nats";

/** Makes durable what the service takes; one worker for all of its flushes: each of its own would leave memory
 * behind, and in this thread it would hold up the signals. */
function bronzeSink(background: BackgroundWriter): Sink {
  return {
    name: "bronze",
    stream: MARKET,
    async stage(tx, arrived, ingest, stem) {
      let rows = 0;
      for (const [{ table }, batches] of byTable(arrived, (a) => bronzeRows(a, ingest))) {
        const writer = new PartWriter(tx, table, stem, PART_ROWS, background);
        try {
          for (const batch of batches) await writer.add(batch);
          await writer.finish();
        } finally {
          await writer.close();
        }
        rows += writer.parts.reduce((n, part) => n + part.rows, 0);
      }
      return rows;
    },
  };
}

/**
 * A message's rows as Bronze stores them.
 *
 * @param arrived The message.
 * @param ingest Id of the stream.
 */
export function bronzeRows({ batch, streamSequence }: Arrived, ingest: string) {
  const { length } = batch;
  return {
    length,
    columns: {
      ...batch.columns,
      source: repeatString(SOURCE, length),
      ingest: repeatString(ingest, length),
      row: rowOrdinals(streamSequence, length),
    },
  };
}

/**
 * Runs the service until its signal fires; see {@linkcode runSink}.
 *
 * @param options Connection, lake, numbers, signal.
 */
export async function runBronzeService(options: ServiceOptions): Promise<void> {
  const background = new BackgroundWriter();
  try {
    await runSink(bronzeSink(background), options);
  } finally {
    await background.close();
  }
}
