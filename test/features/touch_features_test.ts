import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import { barContext, derivedFeatures } from "../../lib/features/mod.ts";
import { LEVEL_KINDS, type LevelKind, newBoard, type Touch } from "../../lib/levels/mod.ts";
import { requires } from "../helpers/requires.ts";
import { MINUTE, realDay } from "../levels/_play.ts";
import { naiveApproach, naiveAttempts } from "../reference/attempts.ts";
import { naiveConfluence, naiveRunway } from "../reference/confluence.ts";
import { naiveContext, naiveKnownCloses } from "../reference/context.ts";
import { naiveFuel } from "../reference/fuel.ts";
import { naiveAtr, naiveBars } from "../reference/levels_naive.ts";
import { naivePressures, naiveScores, naiveTransforms, type Row } from "../reference/pressure.ts";
import { assertColumns } from "./_hand.ts";
import { type FlowDay, playDay, type PlayedDay, randomFlowDay } from "./_play.ts";

const GROUPS = "fuel context confluence approach attempts normalised sparse pressure score runway".split(" ");

/** Compares every `step`-th row with the naive twins; returns the cells compared. */
function assertTwins(day: FlowDay, played: PlayedDay, step: number): number {
  const { at } = played.state, bars = naiveBars(day.trades, Infinity);
  const closes = naiveKnownCloses(day.history?.closes ?? [], day.trades, at);
  const touches = played.rows.map((row) => row.touch), attempts = naiveAttempts(touches);
  let cells = 0;
  for (const [i, { touch, levels, context, flow, features }] of played.rows.entries()) {
    if (i % step !== 0) continue;
    const past = bars.filter((bar) => bar.ts <= touch.ts);
    const [index, cluster, first] = attempts[i], then = played.rows[first].flow;
    const row: Row = {
      ...flow,
      ...features,
      distance: Math.abs(touch.level - touch.spot),
      distance_signed: touch.level - touch.spot,
      atr: context.atr,
      spot: touch.spot,
    };
    const expected = {
      ...naiveFuel(day.prints, at, touch),
      ...naiveContext(past, closes, at.open, touch, levels),
      ...naiveConfluence(touch, levels, row as Record<string, number>),
      ...naiveApproach(past, touch, touches.slice(0, i)),
      attempt_index: index,
      attempt_cluster: cluster,
      replenishment_trend: flow.replenishment_ratio - then.replenishment_ratio,
      delta_liq_trend: flow.barrier_delta_liq - then.barrier_delta_liq,
      tape_velocity_trend: flow.tape_velocity - then.tape_velocity,
      tape_imbalance_trend: flow.tape_imbalance - then.tape_imbalance,
      ...naiveTransforms(row),
      ...naivePressures(row, touch.direction),
      ...naiveScores(row, touch.direction),
      ...naiveRunway(touch, levels),
    };
    const where = `of ${LEVEL_KINDS[touch.kind]} at ${(touch.ts - at.open) / MINUTE}`;
    assert.deepEqual(Object.keys(expected).sort(), Object.keys(features).sort());
    assertColumns(features, expected, where);
    assertColumns(context, { atr: naiveAtr(past) * touch.scale }, where);
    cells += Object.keys(expected).length;
  }
  return cells;
}

Deno.test("derivedFeatures() has exactly the columns features.json declares for its groups", async () => {
  const contract = JSON.parse(await Deno.readTextFile(new URL("../../features.json", import.meta.url)));
  const declared: { name: string; group: string; dtype: string; nullable: boolean }[] = contract.columns
    .filter((column: { group: string }) => GROUPS.includes(column.group));
  const { rows } = playDay(randomFlowDay(1));
  const { features } = rows[0];
  assert.deepEqual(Object.keys(features).sort(), declared.map((column) => column.name).sort());
  for (const { name, dtype, nullable } of declared) {
    const values = rows.map((row) => (row.features as unknown as Row)[name]);
    for (const value of values) {
      const text = dtype === "utf8";
      assert.ok(text ? value === null || typeof value === "string" : typeof value === "number", name);
      if (!nullable) assert.ok(value !== null && !Number.isNaN(value), `${name} is null`);
      if (/^(bool|i)/.test(dtype) && !Number.isNaN(value)) assert.ok(Number.isInteger(value), name);
    }
  }
});

Deno.test("derivedFeatures() equals its naive twins on random days", () => {
  let rows = 0;
  for (const seed of [2, 3, 4]) {
    const day = randomFlowDay(seed, 2500, 1500), played = playDay(day);
    assert.ok(assertTwins(day, played, 5) > 1000);
    rows += played.rows.length;
  }
  assert.ok(rows > 1000, `${rows} rows`);
});

Deno.test("derivedFeatures() fills every column on a random day", () => {
  const { rows } = playDay(randomFlowDay(5));
  for (const name of Object.keys(rows[0].features)) {
    const values = rows.map((row) => (row.features as unknown as Row)[name]);
    const known = values.filter((v) => v !== null && !Number.isNaN(v));
    assert.ok(known.length > rows.length / 4, `${name}: ${known.length} of ${rows.length}`);
    assert.ok(new Set(known).size > 1, `${name} is constant`);
  }
});

Deno.test("derivedFeatures() equals its naive twins on the real ES trades", () => {
  if (!requires("shared", "derived features on the real ES trades")) return;
  const { session, trades } = realDay();
  const day: FlowDay = {
    session,
    trades,
    prints: [],
    history: { closes: Float64Array.from({ length: 395 }, (_, i) => 4800 + i / 8), previous: noPrevious },
    scale: () => 0.1,
  };
  const played = playDay(day);
  assert.ok(played.rows.length > 50, `${played.rows.length} rows`);
  assertTwins(day, played, 2);
});

const noPrevious = { high: NaN, low: NaN, close: NaN };

Deno.test("derivedFeatures() gives the same bits when everything after the bar is cut off", () => {
  const day = randomFlowDay(6), whole = playDay(day), random = new Random(66);
  let compared = 0;
  for (let cut = 0; cut < 12; cut++) {
    const until = whole.state.at.open + random.int(385) * MINUTE;
    const available = whole.rows.filter((row) => row.touch.ts + MINUTE <= until);
    const rows = playDay(day, until).rows;
    assert.deepEqual(rows, available, `cut at ${until}`);
    compared += rows.length;
  }
  assert.ok(compared > 200);
});

Deno.test("derivedFeatures() does not look at what the state and the log hold from the bar's end on", () => {
  const { state, log, rows } = playDay(randomFlowDay(7));
  for (const { touch, levels, flow, features, context } of rows) {
    const again = barContext(state, newBoard(), touch.bar, touch.scale, CONFIG);
    assert.deepEqual(again, context);
    assert.deepEqual(
      derivedFeatures(touch, { state, log, levels, context: again, flow }, CONFIG),
      features,
    );
  }
});

Deno.test("derivedFeatures() would change if it read the minute after the bar", () => {
  const day = randomFlowDay(8), whole = playDay(day);
  const { ts } = whole.rows[Math.floor(whole.rows.length / 2)].touch;
  const inBar = (row: { ts: number }) => row.ts >= ts && row.ts < ts + MINUTE;
  const after = (row: { ts: number }) => row.ts >= ts + MINUTE;
  const shaken = (hit: (row: { ts: number }) => boolean): FlowDay => ({
    ...day,
    trades: day.trades.map((t) => hit(t) ? { ...t, price: t.price + 0.25 } : t),
    prints: day.prints.map((p) => hit(p) ? { ...p, size: p.size + 50, iv: 0.9, dealerFlow: 1e6 } : p),
  });
  const at = (d: FlowDay) => playDay(d).rows.filter((row) => row.touch.ts === ts);
  const before = whole.rows.filter((row) => row.touch.ts === ts);
  assert.deepEqual(at(shaken(after)), before);
  assert.notDeepEqual(at(shaken(inBar)), before);
});

/** Prices mirrored about 6000 ES points, order flow and sides as they are. */
function mirrored(day: FlowDay): FlowDay {
  const history = day.history!;
  return {
    ...day,
    trades: day.trades.map((t) => ({ ...t, price: 12_000 - t.price })),
    history: { closes: history.closes.map((close) => 12_000 - close), previous: noPrevious },
  };
}

function mirrorKind(kind: LevelKind): LevelKind {
  const swap: Record<string, string> = { HIGH: "LOW", LOW: "HIGH" };
  return kind.replace(/HIGH|LOW/, (side) => swap[side]) as LevelKind;
}

Deno.test("derivedFeatures() of mirrored prices has UP for DOWN and opposite signs", () => {
  const day = { ...randomFlowDay(9, 3000, 0), scale: () => 0.1 };
  day.history = { ...day.history!, previous: noPrevious };
  const image = Map.groupBy(playDay(mirrored(day)).rows, (row) => row.touch.ts);
  const imageOf = ({ ts, kind, level }: Touch) =>
    image.get(ts)!.find(({ touch }) =>
      LEVEL_KINDS[touch.kind] === mirrorKind(LEVEL_KINDS[kind]) && Math.abs(touch.level + level - 1200) < 1e-6
    )!;
  const negated = [
    "sma_spread",
    ...["200", "400"].flatMap((n) =>
      [`level_minus_sma_${n}`, `sma_${n}_slope`, `sma_${n}_slope_5bar`].concat(
        `mean_reversion_pressure_${n}`,
        `mean_reversion_velocity_${n}`,
      )
    ),
  ];
  const kept = ["rv_30m", "approach_velocity", "approach_bars", "approach_distance", "prior_touches"].concat(
    ["attempt_index", "attempt_cluster", "confluence_count", "confluence_weighted", "reversion_pressure"],
    ["runway_distance", "runway_quality", "distance_atr"],
  );
  const { rows } = playDay(day);
  let compared = 0;
  for (const { touch, features } of rows) {
    if (Math.abs(touch.level - touch.spot) <= 1e-6) continue;
    const other = imageOf(touch);
    const row = features as unknown as Row, mirror = other.features as unknown as Row;
    assert.equal(other.touch.direction, -touch.direction);
    for (const name of kept) assertColumns(mirror, { [name]: row[name] }, `mirrored at ${touch.ts}`);
    for (const name of negated) assertColumns(mirror, { [name]: -(row[name] as number) }, "mirrored");
    assertColumns(mirror, { level_minus_pm_low: -(row.level_minus_pm_high as number) });
    compared++;
  }
  assert.ok(compared > 100 && compared > 0.9 * rows.length, `${compared} of ${rows.length}`);
});

Deno.test("derivedFeatures() gives nulls where there is nothing to tell", () => {
  const day = { ...randomFlowDay(10, 3000, 0) };
  delete day.history;
  const { rows } = playDay(day), early = rows.filter((row) => row.touch.ts < rows[0].touch.ts + 60 * MINUTE);
  assert.ok(early.length > 10);
  for (const { features } of early) {
    assertColumns(features, {
      gamma_exposure: NaN,
      gamma_norm: NaN,
      fuel_effect: null,
      gamma_bucket: "UNKNOWN",
      gamma_flow_velocity: NaN,
      gamma_flow_impulse: NaN,
      iv_trade_share: NaN,
      gamma_pressure: NaN,
      hedge_score: NaN,
      break_score: NaN,
      level_minus_sma_200: NaN,
      sma_200_slope: NaN,
      mean_reversion_velocity_400: NaN,
      reversion_pressure: NaN,
      confluence_alignment: 0,
    });
    assert.ok(!Number.isNaN(features.net_break_pressure));
  }
});
