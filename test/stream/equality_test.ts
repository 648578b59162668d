import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { sessionOf } from "../../lib/base/mod.ts";
import {
  closeBus,
  compareLive,
  ensureStream,
  MARKET,
  type Message,
  replay,
  replayMessages,
} from "../../lib/stream/mod.ts";
import { readFrame, sessionFiles, writeFrame } from "../../lib/lake/mod.ts";
import { LIVE_SIGNALS } from "../../lib/schema/mod.ts";
import { startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import {
  assertLiveEqualsBatch,
  DATE,
  disordered,
  FAST,
  goldRows,
  type LiveDay,
  liveDay,
  startService,
  testBus,
  untilComplete,
} from "./_live.ts";

const NAME = "live services end with the batch's lake: duplicates, disorder, servers and services restarted";

/** Asserts that `live --against` says so too, and finds what is changed. */
async function assertCompared(day: LiveDay): Promise<void> {
  const { height } = goldRows(day), none = { dates: [DATE], missing: 0, extra: 0, differs: {} };
  assert.deepEqual(await compareLive(day.live, day.batch), { ...none, same: height });
  const [{ files: [first] }] = await sessionFiles(day.live, LIVE_SIGNALS, sessionOf(DATE));
  const frame = readFrame(`${day.live.root}/${first}`), path = `${day.live.root}/${first}`;
  const changed = frame.withColumn(
    pl.when(pl.col("spot").isNotNull()).then(pl.lit(-1)).otherwise(pl.col("spot")).alias("spot"),
  );
  writeFrame(path, changed);
  assert.deepEqual(await compareLive(day.live, day.batch), {
    ...none,
    same: height - frame.height,
    differs: { spot: frame.height },
  });
  await Deno.remove(path);
  const lost = await compareLive(day.live, day.batch);
  assert.deepEqual([lost.same, lost.missing], [height - frame.height, frame.height]);
}

Deno.test(NAME, async () => {
  if (!requires("nats", NAME)) return;
  const day = await liveDay(0.02);
  await using server = await startNats();
  const bus = await testBus(server.url);
  await ensureStream(bus, MARKET);
  const start = (name: "bronze" | "signal" | "gold") => startService(name, server.url, day.live);
  const running = { bronze: await start("bronze"), signal: await start("signal"), gold: await start("gold") };
  let stored = 0, replies = 0;
  const faults: Record<number, () => Promise<void>> = {
    300: async () => {
      await server.kill();
      await server.start();
    },
    600: async () => {
      await running.signal.stop();
      running.signal = await start("signal");
    },
    900: async () => {
      await running.bronze.stop();
      running.bronze = await start("bronze");
      await running.gold.stop();
      running.gold = await start("gold");
    },
  };
  async function* withFaults(): AsyncGenerator<Message> {
    for await (const message of disordered(replayMessages(day.batch, sessionOf(DATE), FAST))) {
      yield message;
      await faults[++stored]?.();
    }
  }
  const done = await replay(bus, withFaults(), { speed: 0, stored: () => replies++ });
  assert.ok(stored > 1000 && done.duplicates > 100, `${stored} messages, ${done.duplicates} duplicates`);
  assert.equal(replies, stored);
  await untilComplete(day);
  const late = running.signal.metrics.get("late_rows_total"),
    again = running.signal.metrics.get("duplicates_total");
  for (const service of Object.values(running)) await service.stop();
  await closeBus(bus);
  assert.equal(late, 0);
  assert.ok(again > 0, "messages under two ids");
  await assertLiveEqualsBatch(day);
  await assertCompared(day);
  await day.remove();
});
