/** Folders of notebooks in which not all is well, under a real Jupyter. @module */
import assert from "node:assert/strict";
import { withLake } from "../helpers/bronze_lake.ts";
import { notebook, runNotebooks } from "../helpers/notebooks.ts";
import { requires } from "../helpers/requires.ts";

const merged = notebook().replace(
  '   "source": "# A question"',
  '<<<<<<< HEAD\n   "source": "# A question"\n=======\n   "source": "# Another question"\n>>>>>>> other',
);

Deno.test("notebooks that are damaged or foreign are named, the others run and get pages", async (t) => {
  if (!requires("python:nbconvert", t.name)) return;
  await withLake(async ({ root }) => {
    const { code, said, lines, stderr } = await runNotebooks(root, {
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
        source: `const x: number = 41;\nDeno.writeTextFileSync("${root}/ran.txt", String(x + 1));`,
      }),
      "._07_renamed.ipynb": "\0\x05\x16\x07",
    });
    assert.equal(code, 1, stderr);
    const wanted: [string, RegExp][] = [
      ["02_merged", /a merge left its conflict markers in it; mend it/],
      ["03_empty", /it is empty; mend it/],
      ["04_cut", /it is cut off: its JSON does not end; mend it/],
      ["05_deep", /nested deeper than 200/],
      ["06_python", /not run: it asks for kernel "python3", language "python"/],
    ];
    assert.equal(lines.length, wanted.length + 1, said);
    wanted.forEach(([name, why], k) => {
      assert.ok(lines[k].startsWith(`${name}.ipynb: `), lines[k]);
      assert.match(lines[k], why);
    });
    assert.match(lines.at(-1)!, /^notebooks: 2 of 7 run in \d+ s, 5 FAILED/);
    assert.doesNotMatch(said + stderr, /Traceback|\bat (async )?file:/);
    const index = await Deno.readTextFile(`${root}/reports/index.html`);
    const linked = [...index.matchAll(/href="notebooks\/(\w+)\.html"/g)].map((m) => m[1]).sort();
    assert.deepEqual([...new Set(linked)], ["01_good", "07_renamed"]);
    assert.equal(await Deno.readTextFile(`${root}/ran.txt`), "42");
  });
});
