/**
 * W&B without its package or a network: writes the folder of an offline run, which `wandb sync FOLDER` sends.
 *
 * @module
 */
import { type Field, message, transactionLog } from "./wandb_records.ts";
import type { TrackedRun, Tracker } from "./tracker.ts";

/** Where and as what runs are kept. */
export interface WandbOptions {
  /** Folder in which `wandb/offline-run-…` is made. */
  dir: string;
  /** Project; the run's experiment by default. */
  project?: string;
  /** Entity: user or team; the sender's own by default. */
  entity?: string;
}

/** Fields of `wandb_internal.Record`. */
const RECORD = {
  num: 1,
  history: 2,
  summary: 3,
  files: 6,
  run: 17,
  exit: 18,
  header: 21,
  info: 200,
} as const;

/** Field of a value as JSON, of config, summary and history items alike. */
const VALUE_JSON = 16;

/**
 * A tracker that writes offline runs.
 *
 * @param options Where to, and the project.
 */
export function wandbTracker(options: WandbOptions): Tracker {
  return { name: "W&B", log: (run) => writeRun(options, run) };
}

async function writeRun(options: WandbOptions, run: TrackedRun): Promise<string> {
  const id = runId();
  const stamp = new Date(run.startMs).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
  const folder = `${options.dir}/wandb/offline-run-${stamp}-${id}`;
  await Deno.mkdir(`${folder}/files`, { recursive: true });
  for (const { path, bytes } of run.artifacts) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) await Deno.mkdir(`${folder}/files/${path.slice(0, slash)}`, { recursive: true });
    await Deno.writeFile(`${folder}/files/${path}`, bytes);
  }
  await Deno.writeFile(`${folder}/run-${id}.wandb`, transactionLog(recordsOf(options, run, id)));
  return `${folder} (send it by: wandb sync ${folder})`;
}

/** Eight characters of W&B's alphabet. */
function runId(): string {
  const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  return Array.from(crypto.getRandomValues(new Uint32Array(8)), (x) => alphabet[x % alphabet.length]).join(
    "",
  );
}

/**
 * The records of a run: header, run, files, one step of history, summary, exit.
 *
 * @param id The run's id.
 */
export function recordsOf(options: WandbOptions, run: TrackedRun, id: string): Uint8Array[] {
  const metrics = Object.entries(run.metrics), seconds = (run.endMs - run.startMs) / 1000;
  const config = { ...run.params, ...run.tags };
  const history: [string, number][] = [
    ...metrics,
    ["_timestamp", run.endMs / 1000],
    ["_runtime", seconds],
    ["_step", 0],
  ];
  const bodies: Field[] = [
    [RECORD.header, message([1, message([1, "tidemark"], [2, "0.16.0"])])],
    [RECORD.run, runRecord(options, run, id, config)],
    [RECORD.files, message(...run.artifacts.map(({ path }): Field => [1, message([1, path], [2, 1])]))],
    [
      RECORD.history,
      message(...history.map(([key, value]): Field => [1, item(2, key, value)]), [2, message()]),
    ],
    [RECORD.summary, message(...history.map(([key, value]): Field => [1, item(2, key, value)]))],
    [RECORD.exit, message([2, Math.round(seconds)])],
  ];
  return bodies.map((body, k) => message([RECORD.num, k + 1], body, [RECORD.info, message([1, id])]));
}

function runRecord(
  options: WandbOptions,
  run: TrackedRun,
  id: string,
  config: Record<string, string>,
): Uint8Array {
  const items = Object.entries(config).map(([key, value]): Field => [1, item(1, key, value)]);
  const start = message([1, Math.floor(run.startMs / 1000)], [2, Math.round(run.startMs % 1000 * 1e6)]);
  return message(
    [1, id],
    ...(options.entity ? [[2, options.entity] as Field] : []),
    [3, options.project ?? run.experiment],
    [4, message(...items)],
    [8, run.name],
    ...Object.entries(run.tags).filter(([, value]) => value.length <= 64)
      .map(([key, value]): Field => [10, `${key}:${value}`.slice(0, 64)]),
    [17, start],
  );
}

/** An item of config (key in field 1), or of history and summary (in field 2, so that dots stay in the key). */
function item(field: 1 | 2, key: string, value: string | number): Uint8Array {
  return message([field, key], [VALUE_JSON, JSON.stringify(value)]);
}
