/** Folders of notebooks in which not all is well, under a real Jupyter. @module */
import assert from "node:assert/strict";
import { withLake } from "../helpers/bronze_lake.ts";
import { requires } from "../helpers/requires.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function notebooks(lake: string, files: Record<string, string>) {
  const from = await Deno.makeTempDir({ prefix: "tidemark-notebooks-" });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${from}/${name}`, text);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "notebooks", "--lake", lake, "--from", from],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  await Deno.remove(from, { recursive: true });
  const decoder = new TextDecoder(), said = decoder.decode(stdout);
  return { code, said, lines: said.trim().split("\n"), stderr: decoder.decode(stderr) };
}

/** A notebook of one heading and one cell of code. */
function notebook(
  change: { kernel?: Record<string, string>; source?: string; heading?: string } = {},
): string {
  const { kernel = { name: "deno", display_name: "Deno", language: "typescript" } } = change;
  return JSON.stringify(
    {
      cells: [
        { cell_type: "markdown", id: "a1", metadata: {}, source: change.heading ?? "# A question" },
        {
          cell_type: "code",
          id: "b1",
          execution_count: null,
          metadata: {},
          outputs: [],
          source: change.source ?? "const x: number = 41;\nx + 1",
        },
      ],
      metadata: { kernelspec: kernel, language_info: { name: kernel.language } },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  );
}

const merged = notebook().replace(
  '   "source": "# A question"',
  '<<<<<<< HEAD\n   "source": "# A question"\n=======\n   "source": "# Another question"\n>>>>>>> other',
);

Deno.test("notebooks that are damaged, foreign or cannot be shown are named, the others run and get pages", async (t) => {
  if (!requires("python:nbconvert", t.name)) return;
  await withLake(async ({ root }) => {
    const { code, said, lines, stderr } = await notebooks(root, {
      "01_good.ipynb": notebook(),
      "02_merged.ipynb": merged,
      "03_empty.ipynb": "",
      "04_cut.ipynb": notebook().slice(0, 200),
      "05_deep.ipynb": "[".repeat(300_000),
      "06_python.ipynb": notebook({
        kernel: { name: "python3", display_name: "Python 3", language: "python" },
      }),
      "07_renamed.ipynb": notebook({
        kernel: { name: "deno-8f2c1b", display_name: "Deno", language: "typescript" },
      }),
      "08_attachment.ipynb": notebook({ heading: "![](attachment:gone.png)" }),
      "09_output.ipynb": notebook().replace('"outputs": []', '"outputs": [{"output_type": "odd"}]'),
      "._07_renamed.ipynb": "\0\x05\x16\x07",
    });
    assert.equal(code, 1, stderr);
    const wanted: [string, RegExp][] = [
      ["02_merged", /a merge left its conflict markers in it; mend it/],
      ["03_empty", /it is empty; mend it/],
      ["04_cut", /it is cut off: its JSON does not end; mend it/],
      ["05_deep", /nested deeper than 200/],
      ["06_python", /not run: it asks for kernel "python3", language "python"/],
      ["08_attachment", /it ran, but no page can be made of it: .*attachment/],
      ["09_output", /no notebook of format 4: .*odd.*; save it anew/],
    ];
    assert.equal(lines.length, wanted.length + 1, said);
    wanted.forEach(([name, why], k) => {
      assert.ok(lines[k].startsWith(`${name}.ipynb: `), lines[k]);
      assert.match(lines[k], why);
    });
    assert.match(lines.at(-1)!, /^notebooks: 2 of 9 run in \d+ s, 7 FAILED/);
    assert.doesNotMatch(said + stderr, /Traceback|\bat (async )?file:/);
    const index = await Deno.readTextFile(`${root}/reports/index.html`);
    const linked = [...index.matchAll(/href="notebooks\/(\w+)\.html"/g)].map((m) => m[1]).sort();
    assert.deepEqual([...new Set(linked)], ["01_good", "07_renamed"]);
    const { cells } = JSON.parse(await Deno.readTextFile(`${root}/reports/notebooks/07_renamed.ipynb`));
    assert.match(cells[1].outputs[0].data["text/plain"].join(""), /42/);
  });
});
