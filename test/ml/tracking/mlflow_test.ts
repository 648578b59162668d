import assert from "node:assert/strict";
import { type Effects, SILENT } from "../../../lib/base/mod.ts";
import { hashFile, type Lake } from "../../../lib/lake/mod.ts";
import { DATASET_PATH, mlflowTracker, track, type TrackedRun } from "../../../lib/ml/mod.ts";
import { FEATURES_VERSION } from "../../../lib/schema/mod.ts";
import { goldLake, goldRows } from "../../helpers/gold_rows.ts";
import { type MlflowServer, startMlflow } from "../../helpers/mlflow_server.ts";
import { requires } from "../../helpers/requires.ts";

const HEADS = "direction_4m,tradeable_2_4m";

/** More of everything than one request may hold. */
const BIG: TrackedRun = {
  experiment: "a new one",
  name: "ünïcode – run",
  params: Object.fromEntries(Array.from({ length: 130 }, (_, k) => [`p${k}`, String(k)])),
  metrics: Object.fromEntries(Array.from({ length: 1200 }, (_, k) => [`head_${k}.log_loss`, k / 7])),
  tags: Object.fromEntries(Array.from({ length: 120 }, (_, k) => [`t${k}`, `value ${k}`])),
  artifacts: [
    { path: "metrics.json", bytes: new TextEncoder().encode('{"a": 1}') },
    { path: "models/a b.txt", bytes: Uint8Array.from({ length: 70_000 }, (_, i) => i % 251) },
  ],
  startMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  endMs: Date.UTC(2026, 0, 2, 3, 5, 6),
};

interface FoundRun {
  info: { run_id: string; run_name: string; status: string; start_time: number; end_time: number };
  data: Record<"params" | "metrics" | "tags", { key: string; value: string | number }[] | undefined>;
}

async function runsOf(server: MlflowServer, experiment: string): Promise<FoundRun[]> {
  const found = await server.ask(
    `mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`,
  ) as { experiment?: { experiment_id: string } };
  if (!found.experiment) return [];
  const { runs } = await server.ask("mlflow/runs/search", {
    experiment_ids: [found.experiment.experiment_id],
    max_results: 50,
  }) as { runs?: FoundRun[] };
  return runs ?? [];
}

const record = (items: { key: string; value: string | number }[] | undefined) =>
  Object.fromEntries((items ?? []).map(({ key, value }) => [key, value]));

function recorder(): { effects: Effects; warnings: string[] } {
  const warnings: string[] = [];
  return { effects: { ...SILENT, warn: (text) => void warnings.push(text) }, warnings };
}

/** `deno task train` as a person runs it. */
async function trainTask(lake: Lake, uri: string) {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["task", "--quiet", "train", "--lake", lake.root, "--stage", "b", "--heads", HEADS, "--test", "4"],
      ...["--workers", "1", "--json"],
    ],
    cwd: new URL("../../../", import.meta.url).pathname,
    env: { MLFLOW_TRACKING_URI: uri },
  });
  const { code, stdout, stderr } = await command.output(),
    decode = (b: Uint8Array) => new TextDecoder().decode(b);
  const json = code === 0 ? JSON.parse(decode(stdout).trim().split("\n").at(-1)!) : undefined;
  return { code, json, stderr: decode(stderr) };
}

async function withGold(work: (lake: Lake) => Promise<void>): Promise<void> {
  const lake = await goldLake(goldRows({ dates: 14, perDate: 25, seed: 3, signal: 2 }));
  try {
    await work(lake);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
}

Deno.test("MLflow shows what a run was, through a real server", async (t) => {
  if (!requires("python:mlflow", "MLflow shows what a run was, through a real server")) return;
  await using server = await startMlflow();
  const tracker = mlflowTracker({ uri: `${server.url}/` });

  await t.step("a run with more than one request's worth of everything arrives whole", async () => {
    const where = await tracker.log(BIG), [run, ...others] = await runsOf(server, BIG.experiment);
    assert.equal(others.length, 0);
    assert.ok(where.startsWith(`${server.url}/#/experiments/`) && where.endsWith(run.info.run_id));
    assert.deepEqual(
      [run.info.run_name, run.info.status, run.info.start_time, run.info.end_time],
      [BIG.name, "FINISHED", BIG.startMs, BIG.endMs],
    );
    assert.deepEqual(record(run.data.params), BIG.params);
    assert.deepEqual(record(run.data.metrics), BIG.metrics);
    const tags = record(run.data.tags);
    for (const [key, value] of Object.entries(BIG.tags)) assert.equal(tags[key], value);
    const { experiment_id } = (await server.ask(
      `mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(BIG.experiment)}`,
    ) as { experiment: { experiment_id: string } }).experiment;
    for (const { path, bytes } of BIG.artifacts) {
      const place = `${experiment_id}/${run.info.run_id}/artifacts/${path}`;
      const answer = await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${encodeURI(place)}`);
      assert.deepEqual(await answer.bytes(), bytes);
    }
  });

  await t.step("a second run joins its experiment", async () => {
    await tracker.log({ ...BIG, name: "again", artifacts: [] });
    assert.deepEqual((await runsOf(server, BIG.experiment)).map((run) => run.info.run_name).sort(), [
      "again",
      BIG.name,
    ]);
  });

  await t.step("a run that the server refuses ends as failed there, and as a warning here", async () => {
    const { effects, warnings } = recorder();
    const bad = { ...BIG, experiment: "refused", metrics: { "bad!key*": 1 } };
    const [told] = await track([tracker], bad, effects);
    assert.match(told.error!, /400 INVALID_PARAMETER_VALUE/);
    assert.equal(warnings.length, 1);
    const [run] = await runsOf(server, "refused");
    assert.equal(run.info.status, "FAILED");
  });

  await t.step("deno task train tells it of the set, tagged by what it was trained on", async () => {
    await withGold(async (lake) => {
      const { code, json, stderr } = await trainTask(lake, server.url);
      assert.equal(code, 0, stderr);
      assert.equal(json.sets[0].tracked[0].error, undefined);
      const [run] = await runsOf(server, "tidemark"), tags = record(run.data.tags);
      assert.equal(run.info.run_name, "b-full");
      const { dataset, features_version, stage, ablation, commit } = tags;
      assert.deepEqual(
        { dataset, features_version, stage, ablation },
        {
          dataset: await hashFile(`${lake.root}/${DATASET_PATH}`),
          features_version: FEATURES_VERSION,
          stage: "b",
          ablation: "full",
        },
      );
      assert.match(String(commit), /^([0-9a-f]{40}|unknown)$/);
      assert.equal(tags["mlflow.source.git.commit"], commit);
      const metrics = JSON.parse(await Deno.readTextFile(`${lake.root}/models/b-full/metrics.json`));
      const told = record(run.data.metrics);
      assert.equal(told["direction_4m.roc_auc"], metrics.heads.direction_4m.model.roc_auc);
      assert.equal(record(run.data.params).numTrees, "300");
      const { files } = await server.ask(`mlflow/artifacts/list?run_id=${run.info.run_id}`) as {
        files: { path: string }[];
      };
      assert.deepEqual(files.map(({ path }) => path).sort(), [
        "direction_4m.txt",
        "metadata.json",
        "metrics.json",
        "tradeable_2_4m.txt",
      ]);
    });
  });

  await t.step("a server that is gone costs a warning and no model", async () => {
    await server.kill();
    await withGold(async (lake) => {
      const { code, json, stderr } = await trainTask(lake, server.url);
      assert.equal(code, 0, stderr);
      assert.match(json.sets[0].tracked[0].error, /GET http:\/\/127\.0\.0\.1:\d+\/api\/2\.0\/mlflow/);
      assert.match(stderr, /run b-full was not told to MLflow: .*; its models are safe/);
      assert.ok((await Deno.stat(`${lake.root}/models/b-full/direction_4m.txt`)).size > 0);
    });
  });
});
