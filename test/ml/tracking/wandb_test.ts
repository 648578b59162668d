import assert from "node:assert/strict";
import { type TrackedRun, wandbTracker } from "../../../lib/ml/mod.ts";
import { requires } from "../../helpers/requires.ts";

/** Enough metrics for records of several blocks of the log. */
const RUN: TrackedRun = {
  experiment: "tidemark",
  name: "b-full",
  params: { stage: "b", numTrees: "300", note: 'quotes " and ünïcode' },
  metrics: Object.fromEntries(Array.from({ length: 2500 }, (_, k) => [`head_${k}.log_loss`, k / 7 - 3])),
  tags: { dataset: "0".repeat(64), commit: "c".repeat(40), features_version: "2.0.0" },
  artifacts: [
    { path: "metrics.json", bytes: new TextEncoder().encode("{}") },
    { path: "models/a.txt", bytes: new Uint8Array(70_000).fill(7) },
  ],
  startMs: Date.UTC(2026, 0, 2, 3, 4, 5) + 250,
  endMs: Date.UTC(2026, 0, 2, 3, 5, 6),
};

Deno.test("W&B's own program reads the offline run that we write", async () => {
  if (!requires("python:wandb", "W&B's own program reads the offline run that we write")) return;
  const dir = await Deno.makeTempDir({ prefix: "tidemark-wandb-" });
  try {
    const where = await wandbTracker({ dir, project: "levels", entity: "us" }).log(RUN);
    const [folder] = [...Deno.readDirSync(`${dir}/wandb`)].map((entry) => `${dir}/wandb/${entry.name}`);
    assert.ok(where.startsWith(folder) && where.includes(`wandb sync ${folder}`));
    assert.match(folder, /offline-run-20260102_030405-[0-9a-z]{8}$/);
    const id = folder.slice(-8), log = `${folder}/run-${id}.wandb`;
    const inspect = async (...args: string[]) => {
      const program = "from wandb.cli.cli import cli; cli()";
      const { success, stdout, stderr } = await new Deno.Command("python3", {
        args: ["-c", program, "leet", "inspect", ...args, log],
        env: { WANDB_ERROR_REPORTING: "false", WANDB_MODE: "offline" },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    const summary = JSON.parse(await inspect("--summary", "--json"));
    const { run_id, project, entity, name, state, exit_code, config, start_time } = summary;
    assert.deepEqual(
      { run_id, project, entity, name, state, exit_code, start_time },
      {
        run_id: id,
        project: "levels",
        entity: "us",
        name: "b-full",
        state: "finished",
        exit_code: 0,
        start_time: "2026-01-02T03:04:05.25Z",
      },
    );
    assert.deepEqual(config, { ...RUN.params, ...RUN.tags });
    assert.ok(summary.tags.includes("features_version:2.0.0"));
    for (const [key, value] of Object.entries(RUN.metrics)) assert.equal(summary.summary[key], value);
    const types = (await inspect("--json")).trim().split("\n").map((line) => JSON.parse(line).type);
    assert.deepEqual(types, ["header", "run", "files", "history", "summary", "exit"]);
    for (const { path, bytes } of RUN.artifacts) {
      assert.deepEqual(await Deno.readFile(`${folder}/files/${path}`), bytes);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
