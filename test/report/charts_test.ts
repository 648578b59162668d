import assert from "node:assert/strict";
import { FEATURES } from "../../lib/schema/mod.ts";
import {
  binValues,
  coverageChart,
  distributionChart,
  driftChart,
  nullMatrix,
  outcomeChart,
  priceChart,
  stageRowsChart,
  stageSecondsChart,
} from "../../lib/report/mod.ts";
import { assertDrawing } from "../helpers/snapshot.ts";
import { littleDay } from "./_day.ts";

const OUTCOMES = [
  { group: "VWAP", outcome: "BREAK", rows: 30 },
  { group: "VWAP", outcome: "CHOP", rows: 10 },
  { group: "ROUND", outcome: "BREAK", rows: 199 },
  { group: "ROUND", outcome: "BOUNCE", rows: 200 },
  { group: "ROUND", outcome: "UNDEFINED", rows: 1 },
];
const DATES = ["2025-12-11", "2025-12-12", "2025-12-16"];

function count(text: string, what: string): number {
  return text.split(what).length - 1;
}

Deno.test("priceChart() draws the session's price, the levels in its range and every touch", async () => {
  const { svg, title } = priceChart(littleDay());
  await assertDrawing("price_chart.svg", svg);
  assert.equal(title, "2025-12-16: 4 touches");
  assert.equal(count(svg, "with the approach"), 3, "a strength for each defined outcome");
  const labels = [...svg.matchAll(/>([A-Z]+_[A-Z]+|VWAP|ROUND)<\/text>/g)].map((m) => m[1]).sort();
  assert.deepEqual(labels, ["CALL_WALL", "PM_HIGH", "VWAP"], "neither the grid nor what is out of range");
  assert.match(svg, />10:00</, "Eastern ticks");
  assert.doesNotMatch(svg, />21:00</, "no UTC ticks");
});

Deno.test("priceChart() reads Eastern in summer too", () => {
  assert.match(priceChart(littleDay("2025-07-08")).svg, />10:00<\/text>/);
});

Deno.test("priceChart() ends where an early close does", () => {
  const { svg } = priceChart(littleDay("2025-11-28"));
  assert.match(svg, />13:00<\/text>/);
  assert.doesNotMatch(svg, />14:00<\/text>/);
});

Deno.test("priceChart() leaves out bars from before the day's scale was known, and says how many", () => {
  const day = littleDay(), scale = day.bars.columns.spy_per_es as Float64Array;
  scale.fill(0.0985, 0, 60 + 6);
  const { svg, title } = priceChart(day);
  assert.equal(title, "2025-12-16: 4 touches, 1 of them not drawn: 6 bars had no SPY scale yet");
  assert.equal(count(svg, "with the approach"), 2);
  assert.doesNotMatch(svg, />67[0-6].00</, "no price at the stand-in scale");
});

Deno.test("priceChart() says so when a date has no bar in the session", () => {
  const day = littleDay();
  const none = { length: 0, columns: { ...day.bars.columns } };
  for (const [name, column] of Object.entries(none.columns)) {
    none.columns[name] = (column as Float64Array).subarray(0, 0);
  }
  assert.match(priceChart({ ...day, bars: none }).svg, /no bars/);
});

Deno.test("outcomeChart() shows shares that fill each bar, largest group first", async () => {
  const { svg } = outcomeChart(OUTCOMES, { title: "Outcomes", by: "kind" });
  await assertDrawing("outcome_chart.svg", svg);
  assert.ok(svg.indexOf(">ROUND<") < svg.indexOf(">VWAP<"));
  assert.match(svg, /ROUND UNDEFINED: 1 rows, &lt;1 %|ROUND UNDEFINED: 1 rows, <1 %/);
  assert.match(svg, />75 %<\/text>/);
});

Deno.test("outcomeChart() in order of names keeps it when sizes differ", () => {
  const { svg } = outcomeChart(
    OUTCOMES.map((o) => ({ ...o, group: o.group === "VWAP" ? "09:00" : "10:00" })),
    {
      title: "By hour",
      by: "hour",
      order: "name",
    },
  );
  assert.ok(svg.indexOf(">09:00<") < svg.indexOf(">10:00<"));
});

Deno.test("coverageChart() marks trading days without rows and no weekend", async () => {
  const { svg, title } = coverageChart(DATES, [100, 120, 80]);
  await assertDrawing("coverage_chart.svg", svg);
  assert.match(title, /1 of 4 trading days/);
  assert.equal(count(svg, "✕"), 1);
  assert.match(coverageChart(DATES.slice(0, 2), [1, 1]).title, /every trading day/);
});

Deno.test("nullMatrix() shows the columns with nulls only", async () => {
  const rows = [
    { column: "atr", share: [0, 0.5, 1] },
    { column: "spot", share: [0, 0, 0] },
    { column: "wall_ratio", share: [0.004, 0, 0] },
  ];
  const { svg, title } = nullMatrix(rows, DATES);
  await assertDrawing("null_matrix.svg", svg);
  assert.equal(title, "Nulls: 2 of 3 columns have any");
  assert.doesNotMatch(svg, />spot</);
  assert.match(nullMatrix(rows.slice(1, 2), DATES).svg, /no nulls/);
});

Deno.test("driftChart() shows the largest first and says when there is nothing to compare", async () => {
  const drifts = [
    { column: "atr", psi: 0.05, reported: false },
    { column: "spot", psi: 0.7, reported: true },
    { column: "level_kind", psi: NaN, reported: false },
  ];
  const { svg, title } = driftChart(drifts);
  await assertDrawing("drift_chart.svg", svg);
  assert.match(title, /1 of 2 features/);
  assert.ok(svg.indexOf(">spot<") < svg.indexOf(">atr<"));
  assert.match(driftChart(drifts.slice(2)).title, /too few/);
});

Deno.test("distributionChart() draws bars for numbers and shares for words", async () => {
  const feature = (name: string) => FEATURES.find((f) => f.name === name)!;
  const values = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i) ** 3);
  const { svg } = distributionChart("some", [
    {
      feature: feature("book_imbalance"),
      known: 500,
      nulls: 100,
      bins: binValues(values, { range: [-1, 1] }),
    },
    {
      feature: feature("direction"),
      known: 4,
      nulls: 0,
      words: [{ word: "UP", rows: 3 }, { word: "DOWN", rows: 1 }],
    },
    { feature: feature("atr"), known: 0, nulls: 4 },
  ]);
  await assertDrawing("distribution_chart.html", svg);
  assert.match(svg, /17 % null/);
  assert.match(svg, /no known value/);
  assert.match(svg, /75 %/);
});

Deno.test("stage charts draw what became of the rows, and the seconds", async () => {
  const rows = { in: 1000, out: 700, filtered: 200, quarantined: 60, duplicates: 40 };
  const stages = [
    { stage: "backfill", runs: 2, failed: 0, seconds: 12.5, rows },
    { stage: "gold", runs: 1, failed: 1, seconds: 3 },
  ];
  const chart = stageRowsChart(stages);
  await assertDrawing("stage_rows_chart.svg", chart.svg);
  await assertDrawing("stage_seconds_chart.svg", stageSecondsChart(stages).svg);
  assert.match(chart.svg, /1K → 700/);
  assert.doesNotMatch(chart.svg, />gold</, "a stage that moves no rows has no bar");
});
