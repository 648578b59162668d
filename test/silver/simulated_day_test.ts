import assert from "node:assert/strict";
import {
  type Batch,
  calendarContract,
  f64,
  i64,
  i8,
  sessionOf,
  SILENT,
  strings,
  takeRows,
} from "../../lib/base/mod.ts";
import { openLake, parquetFiles, readBatch, sessionFiles, sessionFolder } from "../../lib/lake/mod.ts";
import { FUTURES_TRADES, OPTIONS_TRADES, SILVER_OPTIONS, SILVER_SCALE } from "../../lib/schema/mod.ts";
import { buildSilver, scaleAt } from "../../lib/silver/mod.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";
import { writeBronze } from "../helpers/simulated_lake.ts";

/** Days of several markets, calm and wild, before and after the roll. */
const DAYS = [["2025-12-16", 7], ["2025-12-15", 3], ["2025-12-12", 3], ["2025-11-12", 2], [
  "2025-12-10",
  1,
]] as const;

for (const [date, seed] of DAYS) {
  Deno.test(`buildSilver() finds the simulated scale by 09:45 and four of five aggressors (${date}, seed ${seed})`, async () => {
    const day = simulateDay({ date, seed, scale: 1 }), lake = await openLake(await Deno.makeTempDir());
    const contract = strings(day.trades, "contract");
    const leader = contract.values.indexOf(calendarContract("ES", date));
    const mine = Uint32Array.from(contract.codes.keys()).filter((i) => contract.codes[i] === leader);
    await writeBronze(lake, FUTURES_TRADES, takeRows(day.trades, mine));
    await writeBronze(lake, OPTIONS_TRADES, day.options);
    await buildSilver(lake, date, {}, SILENT);
    const rows = readBatch(lake, SILVER_SCALE, await parquetFiles(lake, sessionFolder(SILVER_SCALE, date)));
    const { minutes, options: truth } = day.truth, { openNs } = sessionOf(date);
    const at = i64(minutes, "ts_ns").indexOf(openNs + 14n * 60_000_000_000n);
    const { spyPerEs, source } = scaleAt(rows, openNs + 15n * 60_000_000_000n);
    const miss = (spyPerEs / f64(minutes, "spy_per_es")[at]! - 1) * f64(minutes, "spot")[at]!;
    assert.equal(source, "parity");
    assert.ok(Math.abs(miss) < 0.03, `the scale is $${miss.toFixed(4)} off`);
    const files = (await sessionFiles(lake, SILVER_OPTIONS, sessionOf(date))).flatMap((hour) => hour.files);
    const silver = readBatch(lake, SILVER_OPTIONS, files);
    const { right, all } = countSigns(silver, day.options, truth);
    assert.ok(right / all >= 0.8, `${right} of ${all} signs are right`);
    await Deno.remove(lake.root, { recursive: true });
  });
}

/** Signs that agree with the true ones among clean single-leg prints. */
function countSigns(silver: Batch, bronze: Batch, truth: Batch): { right: number; all: number } {
  const spyRow = truth.columns.spy_row as Int32Array, sign = i8(truth, "aggressor");
  const trueSign = new Int8Array(bronze.length);
  spyRow.forEach((row, i) => row >= 0 && (trueSign[row] = sign[i]!));
  const ts = i64(bronze, "ts_event_ns"), row = i64(bronze, "row");
  const order = Uint32Array.from(ts.keys()).sort((a, b) =>
    ts[a]! < ts[b]! ? -1 : ts[a]! > ts[b]! ? 1 : row[a]! < row[b]! ? -1 : 1
  );
  let right = 0, all = 0;
  const found = i8(silver, "aggressor"), single = i8(silver, "single_leg"), flow = i8(silver, "flow");
  order.forEach((from, i) => {
    if (!single[i] || !flow[i] || trueSign[from] === 0) return;
    all++;
    if (found[i] === trueSign[from]) right++;
  });
  return { right, all };
}
