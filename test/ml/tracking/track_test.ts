import assert from "node:assert/strict";
import { SILENT, UsageError } from "../../../lib/base/mod.ts";
import { mlflowTracker, track, type TrackedRun, trackersOf } from "../../../lib/ml/mod.ts";
import { faultServer } from "../../helpers/http_fault_server.ts";

const RUN: TrackedRun = {
  experiment: "tidemark",
  name: "b-full",
  params: { stage: "b" },
  metrics: { "direction_4m.roc_auc": 0.6 },
  tags: { dataset: "abc" },
  artifacts: [{ path: "metrics.json", bytes: new Uint8Array(3) }],
  startMs: 1000,
  endMs: 2000,
};

async function warned(
  tracker: Parameters<typeof track>[0][number],
): Promise<{ error?: string; warnings: string[] }> {
  const warnings: string[] = [];
  const [told] = await track([tracker], RUN, { ...SILENT, warn: (text) => void warnings.push(text) });
  return { ...(told.error === undefined ? {} : { error: told.error }), warnings };
}

Deno.test("track() turns whatever a tracker throws into a warning, and goes on to the next", async () => {
  const warnings: string[] = [];
  const told = await track(
    [
      { name: "one", log: () => Promise.reject(new Error("no room")) },
      { name: "two", log: () => Promise.reject("text") },
      { name: "three", log: () => Promise.resolve("there") },
    ],
    RUN,
    { ...SILENT, warn: (text) => void warnings.push(text) },
  );
  assert.deepEqual(told, [
    { tracker: "one", error: "no room" },
    { tracker: "two", error: "text" },
    { tracker: "three", where: "there" },
  ]);
  assert.deepEqual(warnings, [
    "run b-full was not told to one: no room; its models are safe",
    "run b-full was not told to two: text; its models are safe",
  ]);
});

Deno.test("mlflowTracker() fails with the server's own words on 500, silence, and answers that are not MLflow's", async () => {
  const cases: [Parameters<typeof faultServer>[0], RegExp][] = [
    [
      () => ({ status: 500, body: '{"error_code": "INTERNAL_ERROR", "message": "disk"}' }),
      /500 INTERNAL_ERROR disk/,
    ],
    [() => ({ status: 503, body: "<html>busy</html>" }), /503 <html>busy/],
    [() => ({ body: "<html>login</html>" }), /an answer that is not MLflow's/],
    [() => ({ status: 401, body: "who?" }), /401 who\?/],
    [() => ({ body: "{", silentAfter: 1, headers: { "content-length": "99" } }), /timed out|aborted/],
  ];
  for (const [answer, message] of cases) {
    const server = await faultServer(answer);
    try {
      const { error, warnings } = await warned(mlflowTracker({ uri: server.endpoint, timeoutMs: 400 }));
      assert.match(error!, message);
      assert.equal(warnings.length, 1);
    } finally {
      await server.close();
    }
  }
});

Deno.test("mlflowTracker() sends its credentials and never tells them", async () => {
  const seen: (string | null)[] = [];
  const server = await faultServer(({ headers }) => {
    seen.push(headers.get("authorization"));
    return { status: 403, body: "no" };
  });
  try {
    const host = server.endpoint.replace("http://", "");
    const options = [
      { uri: server.endpoint, token: "s3cret" },
      { uri: server.endpoint, basic: { username: "me", password: "s3cret" } },
      { uri: `http://me:s3cret@${host}` },
    ];
    for (const one of options) {
      const { error, warnings } = await warned(mlflowTracker(one));
      assert.doesNotMatch(`${error} ${warnings}`, /s3cret/);
    }
    assert.deepEqual(seen, ["Bearer s3cret", `Basic ${btoa("me:s3cret")}`, `Basic ${btoa("me:s3cret")}`]);
  } finally {
    await server.close();
  }
});

Deno.test("trackersOf() turns nothing on by itself, and names a setting it cannot use", () => {
  const names = (env: Record<string, string>) =>
    trackersOf((name) => env[name], "/tmp/models").map((tracker) => tracker.name);
  assert.deepEqual(names({}), []);
  assert.deepEqual(names({ MLFLOW_TRACKING_URI: " ", WANDB_MODE: "disabled" }), []);
  assert.deepEqual(names({ MLFLOW_TRACKING_URI: "http://127.0.0.1:5000", WANDB_MODE: "offline" }), [
    "MLflow",
    "W&B",
  ]);
  for (
    const [env, message] of [
      [
        { MLFLOW_TRACKING_URI: "file:///mlruns" },
        /MLFLOW_TRACKING_URI: it is a folder, wanted a server over http/,
      ],
      [{ MLFLOW_TRACKING_URI: "file:mlruns" }, /it is a folder, .* run `mlflow server --backend-store-uri`/],
      [{ MLFLOW_TRACKING_URI: "sqlite:///x.db" }, /MLFLOW_TRACKING_URI: it is a database/],
      [{ MLFLOW_TRACKING_URI: "mysql+pymysql://u:hush@h/d" }, /^(?!.*hush).*it is a database, wanted/],
      [{ MLFLOW_TRACKING_URI: "./mlruns" }, /it is no address of a server/],
      [{ WANDB_MODE: "online" }, /WANDB_MODE "online": wanted offline/],
    ] as const
  ) {
    assert.throws(() => names(env), (error) => error instanceof UsageError && message.test(error.message));
  }
});
