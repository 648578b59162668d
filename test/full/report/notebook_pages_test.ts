/** Notebooks that nbconvert itself refuses, before they run or when they are to be shown. @module */
import assert from "node:assert/strict";
import { withLake } from "../../helpers/bronze_lake.ts";
import { notebook, runNotebooks } from "../../helpers/notebooks.ts";
import { requires } from "../../helpers/requires.ts";

Deno.test("a notebook that is invalid, or ran and cannot be shown, is named and costs the others no page", async (t) => {
  if (!requires("python:nbconvert", t.name)) return;
  await withLake(async ({ root }) => {
    const { code, said, lines, stderr } = await runNotebooks(root, {
      "01_good.ipynb": notebook(),
      "02_attachment.ipynb": notebook({ heading: "![](attachment:gone.png)" }),
      "03_output.ipynb": notebook().replace('"outputs": []', '"outputs": [{"output_type": "odd"}]'),
      "04_good.ipynb": notebook(),
    });
    assert.equal(code, 1, stderr);
    assert.equal(lines.length, 3, said);
    assert.match(lines[0], /^02_attachment\.ipynb: it ran, but no page can be made of it: .*attachment/);
    assert.match(lines[1], /^03_output\.ipynb: it is no notebook of format 4: .*odd.*; save it anew/);
    assert.match(lines[2], /^notebooks: 2 of 4 run in \d+ s, 2 FAILED/);
    assert.doesNotMatch(said + stderr, /Traceback|\bat (async )?file:/);
    const index = await Deno.readTextFile(`${root}/reports/index.html`);
    const linked = [...index.matchAll(/href="notebooks\/(\w+)\.html"/g)].map((m) => m[1]).sort();
    assert.deepEqual([...new Set(linked)], ["01_good", "04_good"]);
  });
});
