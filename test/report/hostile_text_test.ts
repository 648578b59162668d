/** Names from outside are text on every page and in every cell, whatever they look like. */
import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import { CONFIG, isStrings, stringsOf } from "../../lib/base/mod.ts";
import { GOLD_CHECKS, validateGold } from "../../lib/gold/mod.ts";
import {
  auditPage,
  goldPage,
  indexPage,
  notebookPage,
  parseNotebook,
  renderPage,
  repairPage,
  showCharts,
  showDecision,
  showTable,
  showVerdict,
  validatePage,
} from "../../lib/report/mod.ts";
import { verdictOf } from "../../lib/schema/mod.ts";
import { tinyGold } from "../helpers/gold_lake.ts";
import { littleDay } from "./_day.ts";
import { littleProfile } from "./_profile.ts";

const HOSTILE = `"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt;b&gt;</style></title></svg>`;
const HEAD = {
  title: HOSTILE,
  lake: HOSTILE,
  dates: ["2025-12-15"],
  commit: HOSTILE,
  inputs: { [HOSTILE]: HOSTILE },
  made: HOSTILE,
  links: { [HOSTILE]: `javascript:alert(3)//${HOSTILE}` },
};
const FINDING = {
  check: HOSTILE,
  severity: "fail" as const,
  subject: HOSTILE,
  date: "2025-12-15",
  message: HOSTILE,
  count: 1,
  examples: [HOSTILE],
  remedy: HOSTILE,
};
const CHECK = {
  id: HOSTILE,
  meaning: HOSTILE,
  threshold: HOSTILE,
  severity: "fail" as const,
  remedy: HOSTILE,
};
const VERDICT = verdictOf(1, [FINDING]);
const STATUS = { status: "warn" as const, text: HOSTILE };

/** A value with every text that is a name from outside made hostile. */
function hostile<T>(value: T, isName: (text: string) => boolean): T {
  if (typeof value === "string") return (isName(value) ? HOSTILE : value) as T;
  if (Array.isArray(value)) return value.map((item) => hostile(item, isName)) as T;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [isName(key) ? HOSTILE : key, hostile(item, isName)]),
  ) as T;
}

/** The page says it as text, and nothing of it is an element, a handler or a script. */
function assertText(html: string, page: string): void {
  const { document } = parseHTML(html) as unknown as {
    document: {
      querySelectorAll(selector: string): Iterable<
        { tagName: string; attributes: Iterable<{ name: string; value: string }> }
      >;
    };
  };
  for (const { tagName, attributes } of document.querySelectorAll("*")) {
    assert.doesNotMatch(tagName, /^(script|img|iframe|object|embed|b[^orada])$/i, page);
    for (const { name, value } of attributes) {
      assert.doesNotMatch(name, /^on|^src$/i, page);
      if (/href$/.test(name)) assert.doesNotMatch(value, /^\s*(javascript:|data:text)/i, `${page}: ${value}`);
    }
  }
  // Also to another parser: outside quotes nothing opens a tag.
  assert.doesNotMatch(html.replaceAll(/="[^"]*"/g, "="), /<img|<script/, page);
  assert.match(html, /&lt;img src=x onerror=alert\(1\)/, `${page} shows it`);
}

Deno.test("pages show hostile names, titles, findings and files as text", async () => {
  const day = hostile(littleProfile(), (text) => /^ES[HMUZ]\d$/.test(text));
  const data = { verdict: VERDICT, checks: [CHECK], rows: [{ date: day.date, rows: { [HOSTILE]: 1 } }] };
  assertText(
    auditPage(HEAD, { ...data, days: [day], symbol: "ES", buyShare: CONFIG.audit.buyShare }),
    "audit",
  );

  const stock = [{ table: HOSTILE, group: HOSTILE, came: 9, stands: 4 }];
  const dates = [{ date: day.date, status: "warn" as const, note: HOSTILE, stock }];
  const groups = { groups: "contract", reason: HOSTILE, task: HOSTILE } as const;
  assertText(repairPage(HEAD, { ...groups, dates } as Parameters<typeof repairPage>[1]), "repair");

  const { signals } = await tinyGold("2025-12-15", 1);
  for (const [name, column] of Object.entries(signals.columns)) {
    if (isStrings(column) && name !== "event_id" && name !== "outcome") {
      signals.columns[name] = stringsOf(Array.from(column.codes, (code) => code < 0 ? null : HOSTILE));
    }
  }
  const { verdict, profile } = validateGold(signals, CONFIG);
  assertText(
    validatePage(HEAD, { verdict, checks: [...GOLD_CHECKS, CHECK], profile, rows: signals }),
    "validate",
  );

  const gold = hostile(littleDay(), () => false);
  for (const table of [gold.levels, gold.signals]) {
    const kinds = table.columns.level_kind;
    if (kinds && isStrings(kinds)) kinds.values = kinds.values.map((_, i) => `${HOSTILE}${i}`);
  }
  const manifest = { stage: HOSTILE, error: HOSTILE, status: "failed" as const, facts: {}, options: {} };
  const run = {
    ...manifest,
    id: HOSTILE,
    started: HOSTILE,
    ended: HOSTILE,
    seconds: 1,
    inputs: [],
    outputs: [],
  };
  assertText(goldPage(HEAD, { ...profile, labels: CONFIG.labels, days: [gold], manifests: [run] }), "gold");

  const card = { file: `javascript:alert(4)//${HOSTILE}.html`, title: HOSTILE, made: HOSTILE, ...STATUS };
  assertText(indexPage(HEAD, [card]), "index");
  assertText(
    renderPage(HEAD, STATUS, [{ title: HOSTILE, text: HOSTILE, stats: { [HOSTILE]: HOSTILE } }]),
    "page",
  );
});

Deno.test("links on the index lead to the files they name, whatever their names", () => {
  const files = ["a b.html", "notebooks/ü#1?.html", "100%.html", "javascript:x.html"];
  const html = indexPage(
    { ...HEAD, links: {} },
    files.map((file) => ({ file, title: "t", made: "", ...STATUS })),
  );
  const hrefs = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => new URL(href, "file:///reports/"));
  assert.deepEqual(
    hrefs.map(({ protocol, pathname, search, hash }) =>
      protocol + decodeURIComponent(pathname) + search + hash
    )
      .sort(),
    files.map((file) => `file:/reports/${file}`).sort(),
  );
});

Deno.test("cells of a notebook show hostile names as text, and so does the page made of them", () => {
  const table = { caption: HOSTILE, head: [HOSTILE], rows: [[HOSTILE]] };
  const chart = { title: HOSTILE, unit: HOSTILE, source: HOSTILE, svg: "<svg></svg>" };
  const legend = [{ label: HOSTILE, color: HOSTILE }];
  const cells = [
    showTable(table),
    showCharts({ ...chart, legend }),
    showVerdict(VERDICT),
    showDecision(STATUS),
  ];
  for (const cell of cells) {
    const bundle = (cell as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]();
    assertText(bundle["text/html"], "cell");
  }
  const decision = { "application/vnd.tidemark.decision+json": STATUS };
  const notebook = parseNotebook(
    JSON.stringify({
      nbformat: 4,
      metadata: {},
      cells: [{ cell_type: "code", source: "", metadata: {}, outputs: [{ data: decision }] }],
    }),
    "mine.ipynb",
  );
  assertText(notebookPage(HEAD, notebook, ""), "notebook");
});
