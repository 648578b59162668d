/**
 * Small inputs that went wrong, at the shell: each is refused in one line that names the place.
 */
import assert from "node:assert/strict";
import { runTask } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";

const CASES: { what: string; args: [task: string, ...string[]]; says: RegExp }[] = [
  {
    what: "a flat file cut inside the ticker of its last line",
    args: ["options", "--file", "15-csv-last-line/cut-ticker-2025-11-12.csv"],
    says: /at line 4: found 1 field, wanted 7; is the file cut short\?/,
  },
  {
    what: "a price of 400 digits",
    args: ["options", "--file", "15-csv-last-line/price-400-digits-2025-11-12.csv"],
    says: /at line 2: found price "9{40}…", wanted dollars/,
  },
  {
    what: "8 kB that unfold to metadata without end",
    args: ["backfill", "--all", "--dbn", "16-metadata-bomb/bomb-symbols.trades.dbn.zst"],
    says: /at byte 0: \d+ compressed bytes of metadata unfold to more than \d+/,
  },
];

for (const { what, args: [task, ...options], says } of CASES) {
  Deno.test(`${task} refuses ${what} of ../shared/cases`, async () => {
    if (!requires("shared", what)) return;
    const path = shared(`../cases/${options.at(-1)}`),
      folder = await Deno.makeTempDir({ prefix: "tidemark-case-" });
    try {
      const { code, stdout, stderr } = await runTask(
        task,
        ...["--lake", `${folder}/lake`],
        ...options.slice(0, -1),
        path,
      );
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.ok(stderr.includes(path), stderr);
      assert.match(stderr, says);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
