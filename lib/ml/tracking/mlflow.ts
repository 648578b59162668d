/**
 * MLflow over its REST API: experiments, runs, params, metrics, tags, and artifacts through the server's proxy.
 *
 * Source: https://mlflow.org/docs/latest/rest-api.html (2.0 paths, also served by MLflow 3).
 *
 * @module
 */
import { z } from "zod";
import type { TrackedRun, Tracker } from "./tracker.ts";

/** How a server is reached. */
export interface MlflowOptions {
  /** Its address, such as `http://127.0.0.1:5000`. */
  uri: string;
  /** Bearer token, if it wants one. */
  token?: string;
  /** User and password, if it wants them. */
  basic?: { username: string; password: string };
  /** Longest wait for an answer, milliseconds; defaults to 10,000. */
  timeoutMs?: number;
  /** Does the requests; defaults to `fetch`. */
  fetch?: typeof fetch;
}

/** Most items of each sort in one `log-batch` request. */
const BATCH = { metrics: 1000, params: 100, tags: 100 } as const;

const Experiment = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const Created = z.object({ experiment_id: z.string() });
const Run = z.object({ run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }) });
const Fault = z.object({ error_code: z.string(), message: z.string() });

/** An answer that was not the wanted one. */
class MlflowError extends Error {
  override name = "MlflowError";
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/**
 * A tracker that writes to an MLflow server.
 *
 * @param options Address and credentials; these enter no message.
 */
export function mlflowTracker(options: MlflowOptions): Tracker {
  const server = new Server(options);
  return { name: "MLflow", log: (run) => logRun(server, run) };
}

async function logRun(server: Server, run: TrackedRun): Promise<string> {
  const experiment = await experimentId(server, run.experiment);
  const { run: { info } } = await server.post("runs/create", Run, {
    experiment_id: experiment,
    run_name: run.name,
    start_time: run.startMs,
    tags: [{ key: "mlflow.runName", value: run.name }],
  });
  const update = (status: string) =>
    server.post("runs/update", z.unknown(), { run_id: info.run_id, status, end_time: run.endMs });
  try {
    const metrics = Object.entries(run.metrics).map(([key, value]) => ({
      key,
      value,
      timestamp: run.endMs,
      step: 0,
    }));
    await logBatches(server, info.run_id, "metrics", metrics);
    await logBatches(server, info.run_id, "params", pairs(run.params));
    // The names under which MLflow's own pages look for it.
    const source = { "mlflow.source.name": run.experiment, "mlflow.source.type": "LOCAL" };
    const commit = run.tags.commit ? { "mlflow.source.git.commit": run.tags.commit } : {};
    await logBatches(server, info.run_id, "tags", pairs({ ...source, ...commit, ...run.tags }));
    for (const { path, bytes } of run.artifacts) await server.upload(info.artifact_uri, path, bytes);
  } catch (error) {
    // The first fault is the one to tell of.
    await update("FAILED").catch(() => {});
    throw error;
  }
  await update("FINISHED");
  return `${server.address}/#/experiments/${experiment}/runs/${info.run_id}`;
}

function pairs(record: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

async function logBatches<T>(
  server: Server,
  id: string,
  sort: keyof typeof BATCH,
  items: T[],
): Promise<void> {
  for (let at = 0; at < items.length; at += BATCH[sort]) {
    const batch = { run_id: id, [sort]: items.slice(at, at + BATCH[sort]) };
    await server.post("runs/log-batch", z.unknown(), batch);
  }
}

async function experimentId(server: Server, name: string): Promise<string> {
  const find = async () =>
    (await server.get("experiments/get-by-name", Experiment, { experiment_name: name }))
      .experiment.experiment_id;
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== "RESOURCE_DOES_NOT_EXIST") throw error;
  }
  try {
    return (await server.post("experiments/create", Created, { name })).experiment_id;
  } catch (error) {
    // Another run has made it in between.
    if (error instanceof MlflowError && error.code === "RESOURCE_ALREADY_EXISTS") return await find();
    throw error;
  }
}

/** One server: addresses, credentials, faults. */
class Server {
  /** Address without credentials. */
  readonly address: string;
  readonly #headers: Record<string, string> = {};
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor({ uri, token, basic, timeoutMs = 10_000, fetch: request = fetch }: MlflowOptions) {
    const url = new URL(uri);
    const user = basic ?? (url.username ? { username: url.username, password: url.password } : undefined);
    url.username = url.password = "";
    this.address = url.href.replace(/\/+$/, "");
    if (token) this.#headers.authorization = `Bearer ${token}`;
    else if (user) this.#headers.authorization = `Basic ${btoa(`${user.username}:${user.password}`)}`;
    this.#fetch = request;
    this.#timeoutMs = timeoutMs;
  }

  get<T>(path: string, schema: z.ZodType<T>, query: Record<string, string>): Promise<T> {
    return this.#ask(`/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`, schema, { method: "GET" });
  }

  post<T>(path: string, schema: z.ZodType<T>, body: unknown): Promise<T> {
    return this.#ask(`/api/2.0/mlflow/${path}`, schema, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }

  async upload(artifactUri: string, path: string, bytes: Uint8Array): Promise<void> {
    const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(artifactUri);
    if (!proxied) {
      throw new MlflowError(
        "ARTIFACTS",
        `artifacts lie at ${artifactUri}; start the server with --serve-artifacts`,
      );
    }
    const place = [...proxied[1].split("/"), ...path.split("/")].map(encodeURIComponent).join("/");
    await this.#ask(`/api/2.0/mlflow-artifacts/artifacts/${place}`, z.unknown(), {
      method: "PUT",
      body: bytes as Uint8Array<ArrayBuffer>,
      headers: { "content-type": "application/octet-stream" },
    });
  }

  async #ask<T>(path: string, schema: z.ZodType<T>, init: RequestInit): Promise<T> {
    const what = `${init.method} ${this.address}${path.split("?")[0]}`;
    let response: Response, text: string;
    try {
      response = await this.#fetch(this.address + path, {
        ...init,
        headers: { ...this.#headers, ...init.headers as Record<string, string> },
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw new MlflowError("NETWORK", `${what}: ${error instanceof Error ? error.message : error}`);
    }
    const body = parse(text);
    if (!response.ok) {
      const fault = Fault.safeParse(body);
      const said = fault.success ? `${fault.data.error_code} ${fault.data.message}` : text.slice(0, 200);
      throw new MlflowError(fault.data?.error_code ?? "HTTP", `${what}: ${response.status} ${said}`);
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new MlflowError("ANSWER", `${what}: an answer that is not MLflow's`);
    return parsed.data;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
