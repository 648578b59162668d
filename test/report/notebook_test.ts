import assert from "node:assert/strict";
import {
  hasLostOutputs,
  notebookDecision,
  notebookPage,
  notebookTitle,
  type PageHead,
  parseNotebook,
  showCharts,
  showDecision,
  type Shown,
  showTable,
  showVerdict,
} from "../../lib/report/mod.ts";
import { failedCell } from "../../tasks/_jupyter.ts";

const HEAD: PageHead = {
  title: "T",
  lake: "lake",
  dates: [],
  commit: "abc1234",
  inputs: {},
  made: "2026-01-02",
};

function bundle(shown: Shown): Record<string, unknown> {
  return (shown as unknown as Record<symbol, () => Record<string, unknown>>)[Symbol.for("Jupyter.display")]();
}

const parsed = (notebook: Record<string, unknown>) =>
  parseNotebook(JSON.stringify({ nbformat: 4, metadata: {}, ...notebook }), "n.ipynb");

function notebook(...outputs: Shown[]) {
  return parsed({
    cells: [
      { cell_type: "markdown", id: "a", metadata: {}, source: ["text\n", "# A <title>\n", "more"] },
      {
        cell_type: "code",
        id: "b",
        metadata: { tags: ["parameters"] },
        source: "const x = 1;",
        execution_count: 1,
        outputs: [
          { output_type: "stream", text: "x" },
          ...outputs.map((shown) => ({ output_type: "display_data", data: bundle(shown) })),
        ],
      },
    ],
  });
}

Deno.test("what a notebook shows is HTML in the pages' look, with text escaped", () => {
  const chart = {
    title: "a<b",
    unit: "$",
    source: "s",
    svg: "<svg></svg>",
    legend: [{ label: "l", color: "red" }],
  };
  const verdict = {
    status: "warn" as const,
    checks: 2,
    findings: [{
      check: "c",
      severity: "warn" as const,
      message: "<m>",
      count: 1,
      examples: [],
      remedy: "r",
    }],
  };
  const html = [
    showCharts(chart),
    showTable({ caption: "k", head: ["h"], rows: [["<x>"]] }),
    showVerdict(verdict),
  ].map((shown) => String(bundle(shown)["text/html"]));
  for (const text of html) assert.match(text, /^<div class="tidemark"><style>[^]*<\/style>[^]*<\/div>$/);
  assert.match(html[0], /<h3>a&lt;b<\/h3><small>\$ · source: s<\/small>/);
  assert.match(html[0], /\.tidemark\{[^]*\.legend i\{/);
  assert.match(html[1], /&lt;x&gt;/);
  assert.match(html[2], /<b>warn<\/b>2 checks, 1 findings[^]*&lt;m&gt;/);
});

Deno.test("the page of a notebook says its last decision first, and keeps one style sheet", () => {
  const decisions = [
    showDecision({ status: "pass", text: "first" }),
    showDecision({ status: "warn", text: "a < b" }),
  ];
  const executed = notebook(...decisions);
  assert.deepEqual(notebookDecision(executed), { status: "warn", text: "a < b" });
  assert.equal(notebookTitle(executed, "file"), "A <title>");
  const cells = decisions.map((shown) => bundle(shown)["text/html"]).join("") +
    '<div class="highlight hl-typescript"><pre>x</pre></div>';
  const html = notebookPage(HEAD, executed, cells);
  assert.equal(html.match(/<style>/g)?.length, 1);
  assert.ok(html.indexOf("a &lt; b") < html.indexOf('class="notebook"'));
  assert.match(html, /<details><summary>code<\/summary><div class="highlight/);
});

Deno.test("a notebook without a heading or a decision is shown all the same", () => {
  const plain = parsed({ cells: [{ cell_type: "code", metadata: {}, source: "1" }] });
  assert.equal(notebookTitle(plain, "file"), "file");
  assert.equal(notebookDecision(plain).status, "info");
  assert.throws(() => parsed({ cells: 1 }), /cells/);
  const odd = showDecision({ status: "good" as "pass", text: "t" });
  assert.equal(notebookDecision(notebook(odd)).status, "warn");
});

Deno.test("hasLostOutputs() sees a gap in what was shown, and a decision that is not there", () => {
  const executed = (numbers: number[], source = "x", decided = false) =>
    parsed({
      cells: [{
        cell_type: "code",
        metadata: {},
        source,
        outputs: numbers.map((shown, k) => ({
          output_type: "display_data",
          data: decided && k === numbers.length - 1
            ? bundle(showDecision({ status: "pass", text: "t" }))
            : {},
          metadata: { tidemark: { shown } },
        })),
      }],
    });
  const last = "await display(report.showDecision({}))";
  assert.equal(hasLostOutputs(executed([1, 2, 3])), false);
  assert.equal(hasLostOutputs(executed([1, 3])), true);
  assert.equal(hasLostOutputs(executed([2])), true);
  assert.equal(hasLostOutputs(executed([1, 2], last, true)), false);
  assert.equal(hasLostOutputs(executed([1], last)), true);
  assert.equal(hasLostOutputs(parsed({ cells: [] })), false);
});

Deno.test("failedCell() names the cell of nbconvert's traceback", () => {
  const said = (source: string) =>
    `Traceback\n  File x\nnbclient.exceptions.CellExecutionError: An error occurred while executing the following cell:\n${
      "-".repeat(18)
    }\n${source}\n${"-".repeat(18)}\n\n\n\x1b[31mError\x1b[0m: no\n    at <anonymous>:1:7\n`;
  assert.equal(
    failedCell(notebook(), said("const x = 1;")),
    "cell b (code cell 1): Error: no\n    at <anonymous>:1:7",
  );
  assert.match(failedCell(notebook(), said("const y = 1;")), /^no cell to blame:\n[^]*Error: no/);
  assert.match(failedCell(notebook(), "Kernel died"), /^no cell to blame:\nKernel died$/);
});
