import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import {
  aggressorChart,
  auditDayCharts,
  auditPage,
  auditVerdict,
  basisChart,
  contractColors,
  contractPathChart,
  contractShareChart,
  depthChart,
  findingsTable,
  histogramChart,
  hourRowsChart,
  multiLegChart,
  presenceChart,
  repairChart,
  repairPage,
  repairVerdict,
  rollChart,
  spreadChart,
  strikeMap,
} from "../../lib/report/mod.ts";
import { type Check, type Finding, verdictOf } from "../../lib/schema/mod.ts";
import { assertDrawing } from "../helpers/snapshot.ts";
import { littleProfile } from "./_profile.ts";

const DAY = littleProfile();
const HEAD = {
  title: "Audit",
  lake: "lake",
  dates: [DAY.date],
  commit: "abc1234",
  inputs: {},
  made: "2026-01-01",
};

Deno.test("hourRowsChart() paints hours that are missing and damaged, and says how many", async () => {
  const { svg, title } = hourRowsChart([littleProfile("2025-12-12"), DAY]);
  await assertDrawing("hour_rows_chart.svg", svg);
  assert.equal(title, "Rows by hour: hours 4 missing, 6 with a damaged file");
  assert.match(svg, /futures.trades 2025-12-15 12:00: missing/);
  assert.match(hourRowsChart([]).svg, /no session/);
});

Deno.test("contractPathChart() draws every contract, breaks at a gap and bridges single minutes", async () => {
  const { svg, title, legend } = contractPathChart(DAY);
  await assertDrawing("contract_path_chart.svg", svg);
  assert.match(title, /^Price: ESZ5 and ESH6 between 67\d\d/);
  assert.deepEqual(legend!.map(({ label }) => label), ["ESZ5", "ESH6"]);
  assert.equal(
    svg.match(/stroke-width="1.4"[^>]*>(<path[^>]*>(<\/path>)?)+/)?.[0].match(/<path/g)?.length,
    4,
  );
  assert.match(svg, /futures.trades: nothing from 12:00 to 13:00/);
  assert.match(contractPathChart({ ...DAY, paths: [] }).svg, /no trades/);
});

Deno.test("presenceChart() shows where tables overlap and what is silent", async () => {
  const { svg, title } = presenceChart(DAY);
  await assertDrawing("presence_chart.svg", svg);
  assert.equal(title, "Overlap: 85 % of the regular minutes have both ES and options");
  assert.match(presenceChart({ ...DAY, overlap: NaN }).title, /not both/);
});

Deno.test("charts of trades and books say the number that matters in their titles", async () => {
  const limits = CONFIG.audit.buyShare;
  const aggressor = aggressorChart(DAY, limits), spread = spreadChart(DAY), depth = depthChart(DAY);
  await assertDrawing("aggressor_chart.svg", aggressor.svg);
  await assertDrawing("spread_chart.svg", spread.svg);
  await assertDrawing("depth_chart.svg", depth.svg);
  assert.match(aggressor.title, /^Aggressors: buyers take 5\d % of ESH6's volume$/);
  assert.equal(spread.title, "Spread: one tick in 92 % of ESH6's books");
  assert.equal(depth.title, "Depth: 125 contracts bid, 125 asked on ten levels");
  assert.match(spreadChart({ ...DAY, spreads: new Float64Array() }).svg, /no two-sided books/);
  assert.match(depthChart({ ...DAY, depth: new Float64Array() }).svg, /no two-sided books/);
  assert.match(aggressorChart({ ...DAY, sides: new Float64Array() }, limits).svg, /no trades/);
});

Deno.test("histogramChart() lays distributions over each other", async () => {
  const [trades, books] = DAY.delays, options = { title: "Delay", unit: "ms", source: "bronze" };
  const series = [{ name: "trades", histogram: trades.delays }, { name: "books", histogram: books.delays }];
  const chart = histogramChart(series, options);
  await assertDrawing("histogram_chart.svg", chart.svg);
  assert.equal(chart.legend!.length, 2);
  const empty = { ...trades.delays, counts: new Float64Array(trades.delays.counts.length) };
  assert.match(histogramChart([{ name: "trades", histogram: empty }], options).svg, /nothing to count/);
});

Deno.test("charts of options say so when there are none", async () => {
  const { options: _, ...none } = DAY;
  await assertDrawing("strike_map.svg", strikeMap(DAY).svg);
  await assertDrawing("basis_chart.svg", basisChart(DAY).svg);
  await assertDrawing("multi_leg_chart.svg", multiLegChart(DAY).svg);
  assert.match(strikeMap(DAY).title, /^Strikes: [\d.K]+ same-day contracts on 3 strikes$/);
  assert.equal(basisChart(DAY).title, "Basis: ES/10 is $7.10 above SPY in the middle");
  assert.equal(multiLegChart(DAY).title, "Multi-leg: 35 % of 1,320 prints");
  assert.match(strikeMap(none).svg, /no same-day options/);
  assert.match(multiLegChart(none).svg, /no options/);
  assert.match(basisChart({ ...DAY, basis: DAY.basis.map(() => NaN) }).svg, /no pairs/);
});

Deno.test("contractShareChart() shows shares that fill the bar, and where the rules disagree", async () => {
  const { svg, title } = contractShareChart([DAY]);
  await assertDrawing("contract_share_chart.svg", svg);
  assert.equal(title, "Contracts: the three rules disagree on 1 of 1 dates");
  assert.match(svg, /2025-12-15 prior: ESZ5 with 28 %/);
});

Deno.test("rollChart() shows the fronts around the sessions, and the spread at the roll", async () => {
  const { svg, title } = rollChart([DAY], { symbol: "ES" });
  await assertDrawing("roll_chart.svg", svg);
  assert.equal(title, "Rolls: none within these sessions, the next on 2026-03-16");
  for (const name of ["ESZ5", "ESH6"]) assert.match(svg, new RegExp(`>${name}<`));
  assert.match(svg, /ESZ5 expires on 2025-12-19/);
});

Deno.test("repairChart() and its page balance what came, what stands and what is set aside", async () => {
  const stock = [
    { table: "futures.trades", group: "ESZ5", came: 900, stands: 900 },
    { table: "futures.trades", group: "ESH6", came: 100, stands: 0 },
  ];
  const rows = stock.map((one) => ({ ...one, date: DAY.date }));
  const colors = contractColors(["ESZ5", "ESH6"]);
  const chart = repairChart(rows, { table: "futures.trades", colors });
  await assertDrawing("repair_chart.svg", chart.svg);
  assert.equal(chart.title, "futures.trades: 100 of 1K rows are set aside");
  const data = { groups: "contract", reason: "contract", task: "deno task filter" } as const;
  const dates = [{ date: DAY.date, status: "warn", note: "ESZ5", stock }] as const;
  const html = repairPage(HEAD, { ...data, dates });
  assert.match(html, /1,000 rows of 1 dates came, 900 stand, 100 are set aside; look at 2025-12-15/);
  assert.match(html, /deno task filter --restore/);
  const whole = [{ date: DAY.date, stock: stock.slice(0, 1) }];
  assert.deepEqual(repairVerdict({ dates: whole }).status, "pass");
  const ingests = repairPage(HEAD, { ...data, groups: "ingest", dates: [{ date: DAY.date, stock }] });
  assert.match(ingests, /copy of another ingest/);
});

const CHECK: Check = { id: "a.b", meaning: "means", threshold: "none", severity: "fail", remedy: "mend it" };
const finding = (severity: Finding["severity"], date?: string): Finding => ({
  check: "a.b",
  severity,
  message: "found <this>",
  count: 3,
  examples: ["here", "there"],
  remedy: "mend it",
  ...(date ? { date } : {}),
});

Deno.test("auditVerdict() says which dates can be used", () => {
  const rows = ["2025-12-11", "2025-12-12", "2025-12-15"].map((date) => ({ date, rows: {} }));
  const findings = [
    finding("fail", "2025-12-12"),
    finding("warn", "2025-12-11"),
    finding("info", "2025-12-15"),
  ];
  assert.deepEqual(auditVerdict({ verdict: verdictOf(1, findings), rows }), {
    status: "fail",
    text: "1 of 3 dates can be used as they are; look at 2025-12-11; do not use 2025-12-12 before mending.",
  });
});

Deno.test("auditPage() has the checklist first, then findings with what to do, then every chart", () => {
  const data = {
    verdict: verdictOf(1, [finding("fail", DAY.date)]),
    checks: [CHECK, { ...CHECK, id: "c.d" }],
    rows: [{ date: DAY.date, rows: { "futures.trades": 900 } }],
    days: [DAY],
    symbol: "ES",
    buyShare: CONFIG.audit.buyShare,
  };
  const html = auditPage(HEAD, data);
  const order = ["Checks</h2>", "Findings</h2>", "mend it", "All sessions</h2>", `${DAY.date}: fail</h2>`];
  const places = order.map((text) => html.indexOf(text));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert.ok(places[0] > 0);
  assert.ok(html.includes("found &lt;this&gt;"));
  for (const { title } of auditDayCharts(DAY, data)) {
    assert.ok(html.includes(title), title);
  }
  assert.equal(findingsTable(data.verdict.findings).head.includes("where"), true);
});
