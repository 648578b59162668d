/** The causality audit as the command runs it: a simulated day rebuilt from Bronze that ends at each cut. */
import assert from "node:assert/strict";
import { sessionOf } from "../../lib/base/mod.ts";
import { auditCausality, bronzeBuilds, LEVELS_OFFERED, randomCuts } from "../../lib/gold/mod.ts";
import { runTask } from "../helpers/bronze_lake.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";

const DATES = ["2025-12-11", "2025-12-12"], DATE = DATES[1];

Deno.test("nothing of a simulated day changes when its Bronze is cut, and the command says so", async () => {
  const lake = await simulatedLake(DATES, { seed: "causality", scale: 0.1 });
  try {
    const session = sessionOf(DATE), cuts = randomCuts(session, 8, 1);
    const audit = await auditCausality(await bronzeBuilds(lake, DATE), cuts, session.startNs);
    assert.deepEqual(audit.columns.filter((c) => c.changed > 0), []);
    assert.equal(audit.cuts, cuts.length);
    for (const { column, compared } of audit.columns) {
      assert.ok(compared > (column === LEVELS_OFFERED ? 20 : 50), `${column}: ${compared} compared`);
    }
    const run = (...args: string[]) => runTask("causality", "--lake", lake.root, ...args);
    const done = await run("--date", DATE, "--cuts", "4", "--json");
    assert.equal(done.code, 0, done.stderr);
    const { changed, compared, cuts: made } = JSON.parse(done.stdout.trimEnd().split("\n").at(-1)!);
    assert.deepEqual([changed, made, compared > 1000], [0, 4, true]);
    assert.match(
      done.stdout,
      /4 cuts of 2025-12-12: \d+ cells compared, 0 changed: nothing reads the future/,
    );
    const none = await run("--date", "2025-12-10");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /Cannot audit 2025-12-10|2025-12-10: Cannot audit/);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
