import assert from "node:assert/strict";
import { notebookTitle, parseNotebook } from "../../lib/report/mod.ts";

const ROOT = new URL("../../", import.meta.url), FOLDER = new URL("notebooks/", ROOT);
const NAMES = [
  "01_bronze_audit",
  "02_contract_filter",
  "03_gold_build",
  "04_label_stats",
  "05_model_training",
];

async function codeCells(name: string) {
  const notebook = parseNotebook(await Deno.readTextFile(new URL(`${name}.ipynb`, FOLDER)), name);
  return { notebook, code: notebook.cells.filter((cell) => cell.cell_type === "code") };
}

Deno.test("the five notebooks are there, and no other", async () => {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER), (entry) => entry.name);
  assert.deepEqual(
    entries.filter((name) => name.endsWith(".ipynb")).sort(),
    NAMES.map((name) => `${name}.ipynb`),
  );
});

for (const name of NAMES) {
  Deno.test(`${name} is committed without outputs`, async () => {
    const { code } = await codeCells(name);
    for (const { id, outputs, execution_count } of code) {
      const mend = "run: jupyter nbconvert --clear-output --inplace notebooks/*.ipynb";
      assert.deepEqual([outputs.length, execution_count], [0, null], `cell ${id} was run and saved; ${mend}`);
    }
  });

  Deno.test(`${name} is a story: parameters, a question, short cells that wait for what they show, a decision`, async () => {
    const { notebook, code } = await codeCells(name);
    assert.deepEqual(notebook.cells[0].metadata.tags, ["parameters"]);
    assert.match(code[0].source, /TIDEMARK_LAKE"\) \?\? "\.\.\/lake"/);
    assert.match(code[0].source, /TIDEMARK_DATES/);
    assert.notEqual(notebookTitle(notebook, ""), "");
    assert.match(notebook.cells[1].source, /\*\*Question:\*\*/);
    for (const { id, source } of notebook.cells.filter((cell) => cell.cell_type === "markdown")) {
      assert.doesNotMatch(
        source,
        /(?<!\\)\$/,
        `cell ${id}: JupyterLab reads text between two $ as mathematics`,
      );
    }
    assert.match(code.at(-1)!.source, /await display\(\s*report\.showDecision\(/);
    for (const { id, source } of code.slice(1)) {
      const shown = source.match(/\bdisplay\(/g)?.length ?? 0;
      assert.ok(shown > 0, `cell ${id} shows nothing`);
      assert.equal(source.match(/\bawait display\(/g)?.length, shown, `cell ${id} does not await display()`);
      assert.ok(source.split("\n").length <= 60, `cell ${id} is long: code lives in lib/`);
    }
  });
}

// `deno fmt --check` 2.9.6 refuses every notebook with Markdown in it, also those that `deno fmt` leaves as they are.
Deno.test("the code of the notebooks is formatted", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of NAMES) {
    for (const { id, source } of (await codeCells(name)).code) {
      await Deno.writeTextFile(`${folder}/${name}_${id}.ts`, `${source}\n`);
    }
  }
  const args = ["fmt", "--check", "--no-config", "--line-width=110", folder];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } })
    .output();
  await Deno.remove(folder, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
});

// The kernel makes undefined of an import that is not there, and checks no types.
Deno.test("the code of the notebooks is well typed", async () => {
  const folder = await Deno.makeTempDir();
  const files = await Promise.all(NAMES.map(async (name) => {
    const { code } = await codeCells(name), path = `${folder}/${name}.ts`;
    const text = code.map((cell) => cell.source).join("\n");
    await Deno.writeTextFile(
      path,
      text.replaceAll(/"\.\.?\/[^"]+"/g, (path) => `"${new URL(path.slice(1, -1), FOLDER).href}"`) +
        "\nexport {};\n",
    );
    return path;
  }));
  const args = ["check", "--quiet", "--config", new URL("deno.json", ROOT).pathname, ...files];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } })
    .output();
  await Deno.remove(folder, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
});
