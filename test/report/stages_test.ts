import assert from "node:assert/strict";
import type { Manifest } from "../../lib/lake/mod.ts";
import { stageTable, summariseStages } from "../../lib/report/mod.ts";

let number = 0;

function run(stage: string, date: string, more: Partial<Manifest> = {}): Manifest {
  return {
    id: String(number++),
    stage,
    status: "completed",
    started: "2026-01-02T00:00:00.000Z",
    seconds: 2,
    options: { date },
    inputs: [],
    outputs: [],
    facts: {},
    rows: { in: 10, out: 6, filtered: 2, quarantined: 1, duplicates: 1 },
    ...more,
  };
}

Deno.test("summariseStages() adds the dates of a stage and puts stages in the pipeline's order", () => {
  const stages = summariseStages([
    run("gold", "a"),
    run("custom", "a"),
    run("silver", "a"),
    run("backfill", "a"),
    run("backfill", "b"),
  ]);
  assert.deepEqual(stages.map((s) => s.stage), ["backfill", "silver", "gold", "custom"]);
  assert.deepEqual(stages[0], {
    stage: "backfill",
    runs: 2,
    failed: 0,
    seconds: 4,
    rows: { in: 20, out: 12, filtered: 4, quarantined: 2, duplicates: 2 },
  });
});

Deno.test("summariseStages() counts a repeated run once, forced or not", () => {
  const rows = { in: 7, out: 7, filtered: 0, quarantined: 0, duplicates: 0 };
  const [stage] = summariseStages([
    run("gold", "a", { options: { date: "a", force: false } }),
    run("gold", "a", { options: { force: true, date: "a" }, rows, seconds: 5 }),
  ]);
  assert.deepEqual([stage.runs, stage.seconds, stage.rows], [1, 5, rows]);
});

Deno.test("summariseStages() keeps the run that moved rows when a later one had nothing to do", () => {
  const idle = { in: 0, out: 0, filtered: 0, quarantined: 0, duplicates: 0 };
  const [stage] = summariseStages([run("backfill", "a"), run("backfill", "a", { rows: idle, seconds: 0.1 })]);
  assert.deepEqual([stage.runs, stage.seconds, stage.rows!.in], [1, 2, 10]);
});

Deno.test("summariseStages() counts failed and killed runs until one succeeds", () => {
  const failed = run("silver", "a", { status: "failed" }), killed = run("silver", "b", { status: "started" });
  assert.equal(summariseStages([failed, killed])[0].failed, 2);
  assert.equal(summariseStages([failed, killed])[0].runs, 0);
  const [mended] = summariseStages([failed, killed, run("silver", "a"), run("silver", "b")]);
  assert.deepEqual([mended.failed, mended.runs], [0, 2]);
  const [relapsed] = summariseStages([run("silver", "a"), failed]);
  assert.deepEqual([relapsed.failed, relapsed.runs, relapsed.rows!.in], [1, 1, 10]);
});

Deno.test("stageTable() has the exact numbers, and none where a stage moves no rows", () => {
  const { rows: _none, ...manifest } = run("train", "a");
  const { rows } = stageTable(summariseStages([run("silver", "a"), manifest]));
  assert.deepEqual(rows, [["silver", 1, 0, 10, 6, 2, 1, 1, 2], [
    "train",
    1,
    0,
    null,
    null,
    null,
    null,
    null,
    2,
  ]]);
});
