/** Levels go by instrument: whatever its rows are called, the same Gold; never one instrument's prices in another's. */
import assert from "node:assert/strict";
import { CONFIG, f64, i64, sessionOf, SILENT, type Strings, strings, u32 } from "../../lib/base/mod.ts";
import { filterDate } from "../../lib/bronze/mod.ts";
import { BRONZE_TIER, buildGold, goldParts, SILVER_TIER } from "../../lib/gold/mod.ts";
import {
  contractPath,
  type Lake,
  openLake,
  readBatch,
  readContract,
  writeAtomic,
} from "../../lib/lake/mod.ts";
import { FUTURES_TRADES, GOLD_BARS, GOLD_LEVELS, GOLD_SIGNALS } from "../../lib/schema/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";
import { instrumentId } from "../../lib/simulate/instruments.ts";
import { plainColumns } from "../helpers/bronze_lake.ts";
import { ofContract, writeBronze } from "../helpers/simulated_lake.ts";

const DATES = ["2025-12-12", "2025-12-15", "2025-12-16"];
/** The date inside whose session a continuous name changes its instrument, at midnight UTC. */
const ROLL = "2025-12-15";

const days = DATES.map((date) => simulateDay({ date, seed: 5, scale: 0.05 }).trades);

/** The rows that a continuous download of a date has. */
function frontRows(date: string, d: number) {
  if (date < ROLL) return [ofContract(days[d], "ESZ5")];
  const later = ofContract(days[d], "ESH6");
  if (date > ROLL) return [later];
  const midnight = BigInt(Date.parse(`${ROLL}T00:00Z`)) * 1_000_000n;
  const part = (contract: string, before: boolean) => {
    const rows = ofContract(days[d], contract), ts = i64(rows, "ts_event_ns");
    return ofContract(
      { ...rows, columns: { ...rows.columns, contract: mark(ts, (t) => t < midnight === before) } },
      "yes",
    );
  };
  return [named(part("ESZ5", true), "ESZ5"), named(part("ESH6", false), "ESH6")];
}

function mark(ts: BigInt64Array, holds: (t: bigint) => boolean): Strings {
  return { codes: Int32Array.from(ts, (t) => Number(holds(t))), values: ["no", "yes"] };
}

function named(rows: ReturnType<typeof ofContract>, name: string) {
  const contract = { codes: new Int32Array(rows.length), values: [name] };
  return { ...rows, columns: { ...rows.columns, contract } };
}

async function lakeOf(nameOf: (date: string, contract: string, id: number) => string): Promise<Lake> {
  const lake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-names-" }));
  for (const [d, date] of DATES.entries()) {
    for (const [part, rows] of frontRows(date, d).entries()) {
      const { values, codes } = strings(rows, "contract"), id = u32(rows, "instrument_id")[0];
      await writeBronze(
        lake,
        FUTURES_TRADES,
        named(rows, nameOf(date, values[codes[0]], id)),
        `part-${part}`,
      );
    }
  }
  return lake;
}

async function goldOf(lake: Lake) {
  const built = [];
  for (const date of DATES) {
    const options = { rule: "session", config: CONFIG.filter, symbol: "ES" } as const;
    await filterDate(lake, date, options, SILENT);
    await buildSilver(lake, date, {}, SILENT);
    await buildGold(lake, date, { tier: SILVER_TIER, config: CONFIG });
    const { levels, bars, signals } = goldParts(date);
    const rows = [
      readBatch(lake, GOLD_LEVELS, [levels]),
      readBatch(lake, GOLD_BARS, [bars]),
      readBatch(lake, GOLD_SIGNALS, [signals]),
    ];
    built.push({ levels: rows[0], rows: rows.map((batch) => ({ ...plainColumns(batch), contract: [] })) });
  }
  return built;
}

/** What a level stands at in the first bar that has it, ES points; undefined where none has. */
function levelAt({ levels }: Awaited<ReturnType<typeof goldOf>>[number], kind: string): number | undefined {
  const { codes, values } = strings(levels, "level_kind");
  const at = codes.findIndex((code) => values[code] === kind);
  return at < 0 ? undefined : f64(levels, "level_es")[at];
}

Deno.test("Gold is the same under continuous and under exchange names, and mixes no instruments", async () => {
  const exchange = await lakeOf((_date, contract) => contract);
  // A continuous history, then the exchange's names; the history's instruments have no name but their ids.
  const changing = await lakeOf((date, contract) => (date > ROLL ? contract : "ES.c.0"));
  try {
    const [wanted, got] = [await goldOf(exchange), await goldOf(changing)];
    for (const [d, { rows }] of got.entries()) {
      // Names of columns alone: a difference of whole columns takes minutes to print.
      const differ = rows.flatMap((columns, t) =>
        Object.entries(columns).filter(([name, column]) =>
          String(column) !== String((wanted[d].rows[t] as Record<string, unknown[]>)[name])
        ).map(([name]) => name)
      );
      assert.deepEqual(differ, [], DATES[d]);
    }
    const choices = await Promise.all(DATES.map((date) => readContract(changing, date)));
    assert.deepEqual(choices.map((choice) => choice!.contract), [
      `ES_${instrumentId("ESZ5")}`,
      `ES_${instrumentId("ESH6")}`,
      "ESH6",
    ]);
    const [, monday, tuesday] = got, previous = ["PD_HIGH", "PD_LOW", "PD_CLOSE"];
    // Nothing tells what the one instrument costs in the other's prices: no level rather than a wrong one.
    assert.deepEqual(previous.map((kind) => levelAt(monday, kind)), [undefined, undefined, undefined]);
    const extremes = (d: number) => {
      const { openNs, closeNs } = sessionOf(DATES[d]), rows = ofContract(days[d], "ESH6");
      const ts = i64(rows, "ts_event_ns");
      const price = f64(rows, "price").filter((_, i) => ts[i] >= openNs && ts[i] < closeNs);
      return [Math.max(...price), Math.min(...price), price.at(-1)!];
    };
    assert.deepEqual(previous.map((kind) => levelAt(tuesday, kind)), extremes(1));
    const average = levelAt(tuesday, "SMA_200")!, [[a, b], [c, d]] = [extremes(1), extremes(2)];
    assert.ok(average >= Math.min(b, d) && average <= Math.max(a, c), `SMA_200 at ${average}`);
  } finally {
    for (const lake of [exchange, changing]) await Deno.remove(lake.root, { recursive: true });
  }
});

Deno.test("buildGold() does not trust a choice that names no instrument, as earlier versions made it", async () => {
  const lake = await lakeOf(() => "ES.c.0");
  try {
    const options = { rule: "session", config: CONFIG.filter, symbol: "ES", dryRun: true } as const;
    const { choice } = await filterDate(lake, ROLL, options, SILENT);
    assert.equal(await readContract(lake, ROLL), undefined);
    const path = `${lake.root}/${contractPath(ROLL)}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await writeAtomic(path, JSON.stringify({ ...choice, contract: "ES.c.0", shares: { "ES.c.0": 1 } }));
    await assert.rejects(
      () => buildGold(lake, ROLL, { tier: BRONZE_TIER, config: CONFIG }),
      /its trades hold ES_\d+, ES_\d+; run deno task filter --date 2025-12-15/,
    );
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
