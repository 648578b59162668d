/**
 * The worker of `BackgroundWriter`.
 *
 * @module
 */
import { answerUncaught, failureOf } from "../base/mod.ts";
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
    scope.postMessage({ failure: failureOf(error) });
  }
};
answerUncaught((failure) => scope.postMessage({ failure }));
