/** The demo, small: its notebooks under a real Jupyter, its pages in a real browser. @module */
import assert from "node:assert/strict";
import { notebookDecision, parseNotebook } from "../../lib/report/mod.ts";
import { openBrowser } from "../helpers/browser.ts";
import { requires } from "../helpers/requires.ts";

const ROOT = new URL("../../", import.meta.url).pathname, PHONE = 390, DESK = 1280;
const JUPYTER = "python:nbconvert";

async function task(args: string[], env: Record<string, string> = {}) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output(), decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** An empty home, with the cache of this process so that nothing is fetched again. */
async function newHome() {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  return { HOME: await Deno.makeTempDir(), DENO_DIR: String(denoDir) };
}

async function names(folder: string, end: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  return entries.filter((name) => name.endsWith(end)).sort();
}

Deno.test("the demo's notebooks run headless, and its pages open in a browser", async (t) => {
  const jupyter = requires(JUPYTER, t.name), chromium = requires("chromium", t.name);
  if (!jupyter && !chromium) return;
  const lake = await Deno.makeTempDir({ prefix: "tidemark-demo-" }), reports = `${lake}/reports`;
  const demo = await task(["demo", "--lake", lake, "--scale", "0.1"]);
  assert.ok(demo.code <= 1, demo.stderr);

  await t.step({
    name: "all five run to their end, with a decision each, and leave nothing in the home",
    ignore: !jupyter,
    fn: async () => {
      const home = await newHome();
      const { code, stdout, stderr } = await task(["notebooks", "--lake", lake, "--json"], home);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stderr, /05_model_training\.ipynb: \d/, "progress is shown");
      assert.deepEqual(await Array.fromAsync(Deno.readDir(home.HOME), (entry) => entry.name), []);
      const wanted = await names(`${ROOT}/notebooks`, ".ipynb");
      assert.deepEqual(await names(`${reports}/notebooks`, ".ipynb"), wanted);
      const index = await Deno.readTextFile(`${reports}/index.html`);
      for (const name of wanted) {
        const executed = parseNotebook(await Deno.readTextFile(`${reports}/notebooks/${name}`), name);
        const code = executed.cells.filter((cell) => cell.cell_type === "code").slice(1);
        for (const { id, outputs } of code) {
          assert.ok(outputs.length > 0, `${name}: cell ${id} shows nothing`);
        }
        const { text } = notebookDecision(executed), page = name.replace("ipynb", "html");
        assert.match(text, /\d/, "a decision has its numbers");
        if (name.startsWith("05")) {
          const [said] = text.split("; "), models = await Deno.readTextFile(`${reports}/models.html`);
          assert.ok(models.includes(said), `the page of models does not say: ${said}`);
        }
        assert.ok(index.includes(`href="notebooks/${page}"`), `the index links ${page}`);
        assert.match(await Deno.readTextFile(`${reports}/notebooks/${page}`), /<figure class="chart/);
      }
    },
  });

  await t.step({
    name: "a cell that fails is named, the others are run, the exit code is 1",
    ignore: !jupyter,
    fn: async () => {
      const from = await Deno.makeTempDir();
      const write = (name: string, source: string) =>
        Deno.writeTextFile(
          `${from}/${name}.ipynb`,
          JSON.stringify({
            cells: ["const level = 1;", source].map((source, k) => ({
              cell_type: "code",
              id: `cell-${k}`,
              metadata: {},
              execution_count: null,
              outputs: [],
              source,
            })),
            metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
            nbformat: 4,
            nbformat_minor: 5,
          }),
        );
      await write("1_bad", "throw new Error(`no such level ${level}`);");
      await write("2_good", "await Deno.jupyter.display(Deno.jupyter.md`# ${String(level)}`);");
      await Deno.writeTextFile(`${reports}/notebooks/1_bad.ipynb`, "of an earlier run");
      const { code, stdout } = await task(["notebooks", "--lake", lake, "--from", from]);
      assert.equal(code, 1);
      assert.match(stdout, /^1_bad\.ipynb: cell cell-1 \(code cell 2\): Error: no such level 1/);
      assert.match(stdout, /^notebooks: 1 of 2 run in \d+ s, 1 FAILED/m);
      const kept = (await names(`${reports}/notebooks`, ".ipynb")).filter((name) => /^\d_/.test(name));
      assert.deepEqual(kept, ["2_good.ipynb"]);
      await Deno.remove(from, { recursive: true });
    },
  });

  await t.step({
    name: "every page opens without a word on the console, a request or a sideways scroll",
    ignore: !chromium,
    fn: async () => {
      await using browser = await openBrowser();
      const wrong = `${lake}/wrong.html`;
      await Deno.writeTextFile(
        wrong,
        `<title>w</title><p style="width:2000px">x<script>console.error(1)</script><img src="http://127.0.0.1:9/x.png">`,
      );
      await browser.setWindow(PHONE, 844);
      const seen = await browser.visit(`file://${wrong}`);
      assert.ok(
        seen.width > PHONE && seen.requests.length === 1 && seen.complaints.length >= 1,
        "the eyes are open",
      );
      const pages = [
        ...await names(reports, ".html"),
        ...jupyter ? (await names(`${reports}/notebooks`, ".html")).map((name) => `notebooks/${name}`) : [],
      ];
      for (const page of ["audit", "gold", "index", "models", "validate"]) {
        assert.ok(pages.includes(`${page}.html`));
      }
      for (const page of pages) {
        for (const [width, scheme] of [[PHONE, "light"], [DESK, "dark"]] as const) {
          await browser.setWindow(width, 844, scheme);
          const { complaints, requests, width: found } = await browser.visit(`file://${reports}/${page}`);
          assert.deepEqual({ complaints, requests }, { complaints: [], requests: [] }, page);
          assert.ok(found <= width, `${page} is ${found} px wide in a window of ${width}`);
        }
        assert.deepEqual(await browser.evaluate(HEADER), [true, true, true, true], `header of ${page}`);
        assert.deepEqual(
          await browser.evaluate(UNNAMED_CHARTS),
          [],
          `charts of ${page} without title, unit or source`,
        );
      }
    },
  });
  await Deno.remove(lake, { recursive: true });
});

/** Lake, commit, moment; and the verdict before anything else but the header. */
const HEADER = `(() => {
  const meta = document.querySelector(".meta")?.innerText ?? "";
  const before = document.querySelector("main > section")?.previousElementSibling?.className;
  return [/lake \\S/.test(meta), /commit [0-9a-f]{7}|commit unknown/.test(meta), /made \\d{4}-/.test(meta), before === "verdict"];
})()`;

const UNNAMED_CHARTS = `[...document.querySelectorAll("figure.chart")].filter((chart) => {
  const title = chart.querySelector("h3")?.innerText, unit = chart.querySelector("small")?.innerText ?? "";
  return !title || !/^\\S.* · source: \\S/.test(unit);
}).map((chart) => chart.innerText.slice(0, 80))`;
