/** One verdict, wherever it stands: the command's output, the pages and the notebook. */
import assert from "node:assert/strict";
import { CONFIG, SILENT } from "../../lib/base/mod.ts";
import { readMetrics, sayVerdict } from "../../lib/ml/mod.ts";
import { parseNotebook } from "../../lib/report/mod.ts";
import { writeModelPages } from "../../tasks/_model_pages.ts";
import { goldLake, goldRows } from "../helpers/gold_rows.ts";

const ROOT = new URL("../../", import.meta.url);
const HEADS = "fp_outcome,direction_4m,reach_1_60s_4m";

Deno.test("train, both its pages and the notebook say the same verdict, family and count", async () => {
  const lake = await goldLake(goldRows({ dates: 46, perDate: 30, seed: 11, signal: 3 }));
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "train", "--lake", lake.root, "--heads", HEADS, "--json"],
      cwd: ROOT.pathname,
      env: { NO_COLOR: "1" },
    }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const a = await readMetrics(lake, "a", "full"), b = await readMetrics(lake, "b", "full");
    const { status, text, family } = sayVerdict(
      [{ set: "a-full", metrics: a }, { set: "b-full", metrics: b }],
      CONFIG,
    );
    // Two sets were trained, each of two primary heads: the four are corrected together, 20 test dates by default.
    assert.equal(status, "pass");
    assert.match(family, /^Primary family direction_4m, fp_outcome in 2 sets: Holm over the 4 of 4 that can/);
    assert.ok(lines.includes(`verdict: ${text}`) && lines.includes(`  ${family}`), lines.join("\n"));
    assert.deepEqual(JSON.parse(lines.at(-1)!).verdict, { status, text, family });
    for (const [set, file, metrics] of [["b-full", "models", b], ["a-full", "models_a_full", a]] as const) {
      await writeModelPages(lake, SILENT);
      const page = await Deno.readTextFile(`${lake.root}/reports/${file}.html`);
      const said = sayVerdict([{ set, metrics }], CONFIG);
      assert.ok(page.includes(`${said.text}; 20 test dates, stage ${set[0]}, full. ${said.family}.`), page);
      assert.ok(said.family.startsWith(family.split(";")[0]));
    }
    const notebook = parseNotebook(
      await Deno.readTextFile(new URL("notebooks/05_model_training.ipynb", ROOT)),
      "05_model_training.ipynb",
    );
    const code05 = notebook.cells.filter((cell) => cell.cell_type === "code").map(({ source }) => source);
    assert.match(code05.at(-1)!, /ml\.sayVerdict\(\s*\[\{ set: .*, metrics: judged \}\]/);
    assert.match(code05.join("\n"), /const judged = saved\?\..* === all\.hash .* \? saved\.metrics : own;/);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
