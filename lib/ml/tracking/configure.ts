/**
 * Which trackers are on: those that the environment or an option names, none otherwise.
 *
 * @module
 */
import { UsageError } from "../../base/mod.ts";
import { mlflowTracker } from "./mlflow.ts";
import type { Tracker } from "./tracker.ts";
import { wandbTracker } from "./wandb_offline.ts";

/** Variables of the environment that tracking reads, and what they are. Secrets come from nowhere else. */
export const TRACKING_VARIABLES: Record<string, { help: string }> = {
  MLFLOW_TRACKING_URI: { help: "address of an MLflow server; turns MLflow on" },
  MLFLOW_TRACKING_TOKEN: { help: "its bearer token" },
  MLFLOW_TRACKING_USERNAME: { help: "user of the server, with a password" },
  MLFLOW_TRACKING_PASSWORD: { help: "that user's password" },
  WANDB_MODE: { help: "offline writes a run for `wandb sync`; turns W&B on" },
  WANDB_DIR: { help: "folder in which wandb/ is made, instead of the lake's models/" },
  WANDB_PROJECT: { help: "project of W&B runs, instead of the experiment's name" },
  WANDB_ENTITY: { help: "entity of W&B runs" },
};

/** What MLflow's own client takes beside servers, by the address's protocol. */
const KNOWN_STORES: Record<string, string> = {
  "file:": "a folder",
  "sqlite:": "a database",
  "postgresql:": "a database",
  "mysql:": "a database",
  "mssql:": "a database",
  "databricks:": "Databricks",
};

/**
 * The trackers that are on.
 *
 * @param read Reads a variable of the environment.
 * @param modelsDir Folder of the lake's models.
 * @throws {UsageError} If an address is none, or W&B is asked to go online, which only its own program can.
 */
export function trackersOf(read: (name: string) => string | undefined, modelsDir: string): Tracker[] {
  const value = (name: string) => read(name)?.trim() || undefined;
  const trackers: Tracker[] = [];
  const uri = value("MLFLOW_TRACKING_URI");
  if (uri) {
    const url = URL.parse(uri);
    if (!url || !/^https?:$/.test(url.protocol)) {
      // The address itself stays out of the message: it may hold a password.
      const found = KNOWN_STORES[url?.protocol.replace(/\+.*/, ":") ?? ""] ?? "no address of a server";
      throw new UsageError(
        `Cannot use MLFLOW_TRACKING_URI: it is ${found}, wanted a server over http or https, such as ` +
          "http://127.0.0.1:5000; to write to a folder or a database, run `mlflow server --backend-store-uri` " +
          "on it and give that server's address",
      );
    }
    const token = value("MLFLOW_TRACKING_TOKEN"), username = value("MLFLOW_TRACKING_USERNAME");
    trackers.push(mlflowTracker({
      uri,
      ...(token ? { token } : {}),
      ...(username ? { basic: { username, password: value("MLFLOW_TRACKING_PASSWORD") ?? "" } } : {}),
    }));
  }
  const mode = value("WANDB_MODE");
  if (mode === "offline") {
    const project = value("WANDB_PROJECT"), entity = value("WANDB_ENTITY");
    trackers.push(wandbTracker({
      dir: value("WANDB_DIR") ?? modelsDir,
      ...(project ? { project } : {}),
      ...(entity ? { entity } : {}),
    }));
  } else if (mode && mode !== "disabled") {
    throw new UsageError(
      `Cannot use WANDB_MODE "${mode}": wanted offline (then send the run by wandb sync) or disabled`,
    );
  }
  return trackers;
}
