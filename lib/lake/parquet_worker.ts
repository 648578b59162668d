/**
 * The worker of `BackgroundWriter`.
 *
 * @module
 */
import type { WriteJob, WriteResult } from "./background_writer.ts";
import { releaseMemory } from "./memory.ts";
import { toFrame, writeFrame } from "./parquet.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<WriteJob>) => void;
  postMessage(result: WriteResult): void;
};

scope.onmessage = async ({ data }) => {
  try {
    writeFrame(data.path, toFrame(data.table, data.batch));
    await releaseMemory();
    scope.postMessage({});
  } catch (error) {
    scope.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
