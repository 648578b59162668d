/**
 * A real MLflow server on a free port of 127.0.0.1, with a SQLite store and an artifact folder of its own.
 *
 * @module
 */

import { freePort } from "./ports.ts";
import { until } from "./until.ts";

/** A running server; `await using` stops it. */
export interface MlflowServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Asks its REST API. */
  ask(path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Ends the program at once. */
  kill(): Promise<void>;
}

// A session of its own, so that the program's children end with it.
const PROGRAM = `
import os, sys
os.setsid()
from mlflow.cli import cli
cli(sys.argv[1:])
`;

/** How long a busy machine may take to start it. */
const PATIENCE_S = 180;

/** Starts a server and waits until it answers. */
export async function startMlflow(): Promise<MlflowServer> {
  const port = freePort();
  const store = await Deno.makeTempDir({ prefix: "tidemark-mlflow-" }), url = `http://127.0.0.1:${port}`;
  const places = [
    "--backend-store-uri",
    `sqlite:///${store}/runs.db`,
    "--artifacts-destination",
    `${store}/artifacts`,
  ];
  const process = new Deno.Command("python3", {
    args: [
      "-c",
      PROGRAM,
      "server",
      ...places,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--workers",
      "1",
    ],
    env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false", MLFLOW_DISABLE_TELEMETRY: "true" },
    cwd: store,
    stdout: "null",
    stderr: "null",
  }).spawn();
  let running = true;
  const kill = async () => {
    if (!running) return;
    running = false;
    // Negative: the whole group.
    Deno.kill(-process.pid, "SIGKILL");
    await process.status;
  };
  const server: MlflowServer = {
    url,
    kill,
    async ask(path, body) {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/2.0/${path}`, {
        ...init,
        headers: { "content-type": "application/json" },
      });
      return await response.json();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await Deno.remove(store, { recursive: true });
    },
  };
  const healthy = () => fetch(`${url}/health`).then(async (r) => await r.text() === "OK", () => false);
  try {
    await until(`mlflow answers on port ${port}`, healthy, PATIENCE_S);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}
