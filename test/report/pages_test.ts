import assert from "node:assert/strict";
import { concatBatches, CONFIG } from "../../lib/base/mod.ts";
import { GOLD_CHECKS, validateGold } from "../../lib/gold/mod.ts";
import {
  type GoldDay,
  goldPage,
  goldVerdict,
  indexPage,
  type PageCard,
  type PageHead,
  renderPage,
  validatePage,
  verdictLine,
} from "../../lib/report/mod.ts";
import { verdictOf } from "../../lib/schema/mod.ts";
import { tinyGold } from "../helpers/gold_lake.ts";
import { littleDay } from "./_day.ts";

const HEAD: PageHead = {
  title: "A <page>",
  lake: 'lake/"demo"',
  dates: ["2025-12-15", "2025-12-16"],
  commit: "abc1234",
  inputs: { "signals.parquet": "0123456789ab" },
  made: "2026-01-02T03:04:05Z",
  links: { "All pages": "index.html" },
};

/** What every page must be: whole, closed, without scripts, and with nothing to fetch. */
function assertSelfContained(html: string): void {
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /<script|\son\w+="|@import|<link(?! rel="icon" href="data:,")|<img|<iframe/i);
  const addresses = [...html.matchAll(/(?:href|src|url)\s*[=(]\s*["']?([^"')\s>]+)/g)].map((m) => m[1]);
  for (const address of addresses) assert.doesNotMatch(address, /^(https?:)?\/\//, address);
  for (const tag of ["section", "figure", "table", "svg", "div", "ul", "p", "text"]) {
    const opened = html.match(new RegExp(`<${tag}[\\s>]`, "g"))?.length ?? 0;
    assert.equal(html.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0, opened, `<${tag}> closed`);
  }
  assert.doesNotMatch(html, /\bNaN\b|>undefined<|\[object/);
  assert.match(html, /prefers-color-scheme:dark/);
  assert.match(html, /@media print/);
}

Deno.test("renderPage() escapes text and says the verdict before any evidence", () => {
  const html = renderPage(HEAD, { status: "fail", text: "a < b & c" }, [{
    title: "S & T",
    text: "<script>alert(1)</script>",
    stats: { "x<y": 12345 },
    charts: [{
      title: "c<d",
      unit: "$",
      source: "s",
      svg: "<svg></svg>",
      legend: [{ label: "<", color: "red" }],
    }],
    tables: [{ caption: "k", head: ["a", "b"], rows: [["x<y", 1.23456], ["fail", null]] }],
  }]);
  assertSelfContained(html);
  assert.match(html, /a &lt; b &amp; c/);
  assert.match(html, /lake\/&quot;demo&quot;/);
  assert.match(html, /12,345/);
  assert.match(html, /<td class="n">1.2346<\/td>/);
  assert.match(html, /<span class="fail">fail<\/span>/);
  assert.ok(html.indexOf('class="verdict"') < html.indexOf("<section>"));
  for (const fact of ["abc1234", "0123456789ab", "2026-01-02T03:04:05Z", "2025-12-15 … 2025-12-16 (2)"]) {
    assert.ok(html.includes(fact), fact);
  }
});

function goldData(days: GoldDay[]) {
  return {
    labels: CONFIG.labels,
    rows: 4,
    dates: days.map((d) => d.date).sort(),
    days,
    outcomesByKind: [{ kind: "VWAP", outcome: "BREAK", rows: 3 }, {
      kind: "ROUND",
      outcome: "CHOP",
      rows: 1,
    }],
    outcomesByHour: [{ hour: 9, outcome: "BREAK", rows: 3 }, { hour: 10, outcome: "CHOP", rows: 1 }],
    anchors: { mid: 3, trade: 1 },
    manifests: [],
  };
}

Deno.test("goldPage() draws each date it is given, in that order, the same bytes every time", () => {
  const data = goldData([littleDay("2025-12-16"), littleDay("2025-12-15")]);
  const html = goldPage(HEAD, data);
  assertSelfContained(html);
  assert.ok(html.indexOf("2025-12-16: 4 touches") < html.indexOf("2025-12-15: 4 touches"));
  assert.match(html, />09:00</);
  assert.match(html, /middle of the book 4 minutes .*\(75 % of the touches\), the last trade .*\(25 %\)/);
  assert.equal(goldPage(HEAD, data), html);
});

Deno.test("goldVerdict() counts outcomes, and warns of failed runs", () => {
  const data = goldData([littleDay()]);
  assert.deepEqual(goldVerdict(data), {
    status: "info",
    text: "4 touches on 1 date: 75 % BREAK, 0 % BOUNCE, 25 % CHOP.",
  });
  const failed = {
    id: "1",
    stage: "silver",
    status: "failed" as const,
    started: "",
    options: {},
    inputs: [],
    outputs: [],
    facts: {},
  };
  const { status, text } = goldVerdict({ ...data, manifests: [failed] });
  assert.equal(status, "warn");
  assert.match(text, /1 of silver/);
});

Deno.test("validatePage() shows findings, every check, every feature and both dates", async () => {
  const days = [await tinyGold("2025-12-15", 1), await tinyGold("2025-12-17", 2)];
  const rows = concatBatches(days.map((d) => d.signals));
  (rows.columns.distance as Float64Array)[2] += 1;
  const { verdict, profile } = validateGold(rows, CONFIG);
  const html = validatePage(HEAD, { verdict, checks: GOLD_CHECKS, profile, rows });
  assertSelfContained(html);
  assert.match(html, /<b>fail<\/b>/);
  for (const { id } of GOLD_CHECKS) assert.ok(html.includes(`>${id}</td>`), id);
  assert.match(
    html,
    /<td><span class="fail">fail<\/span><\/td><td class="k">invariant.distance<\/td><td class="n">1</,
  );
  assert.match(html, /1 of 3 trading days have no rows/);
  for (
    const name of [
      "barrier_<wbr>state",
      "net_<wbr>break_<wbr>pressure",
      "tape_<wbr>score",
      "strength_<wbr>abs",
    ]
  ) {
    assert.ok(html.includes(`<figcaption>${name}`), name);
  }
  assert.ok(!html.includes("<figcaption>event_<wbr>id"));
  assert.ok(!html.includes("<figcaption>strength_<wbr>abs_<wbr>2m"));
});

Deno.test("validatePage() says so when the table could not be read", () => {
  const finding = {
    check: "schema.columns",
    severity: "fail" as const,
    message: "column atr is missing",
    count: 1,
    examples: [],
    remedy: "rebuild",
  };
  const html = validatePage(HEAD, { verdict: verdictOf(1, [finding]), checks: GOLD_CHECKS });
  assertSelfContained(html);
  assert.match(html, /column atr is missing/);
});

Deno.test("verdictLine() counts findings by severity", () => {
  assert.deepEqual(verdictLine(verdictOf(39, []), 1200, 1), {
    status: "pass",
    text: "1,200 rows of 1 date, 39 checks: nothing found.",
  });
});

Deno.test("indexPage() lists newest first and points to what is worst", () => {
  const card = (file: string, status: PageCard["status"], made: string): PageCard => ({
    file,
    title: `T ${file}`,
    status,
    text: "x < y",
    made,
  });
  const html = indexPage(HEAD, [
    card("old.html", "pass", "2026-01-01T00:00:00Z"),
    card("new.html", "warn", "2026-01-03T00:00:00Z"),
    card("mid.html", "info", "2026-01-02T00:00:00Z"),
  ]);
  assertSelfContained(html);
  const order = ["new.html", "mid.html", "old.html"].map((file) => html.indexOf(`href="${file}"`));
  assert.ok(order[0] > 0 && order[0] < order[1] && order[1] < order[2]);
  assert.match(html, /<b>warn<\/b>3 pages; look first at “T new.html”/);
  assert.match(indexPage(HEAD, []), /<b>info<\/b>0 pages/);
});
