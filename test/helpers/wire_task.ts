/**
 * `deno task options` in a process of its own, with the permissions of deno.json and keys in its environment.
 *
 * @module
 */
import type { S3Settings } from "../../lib/ingest/mod.ts";
import type { CommandResult } from "./bronze_lake.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Variables that open an S3 server. */
export function s3Environment(
  { endpoint, bucket, region, keyId, secret }: S3Settings,
): Record<string, string> {
  return {
    TIDEMARK_S3_ENDPOINT: endpoint,
    TIDEMARK_S3_BUCKET: bucket,
    TIDEMARK_S3_REGION: region,
    TIDEMARK_S3_KEY_ID: keyId,
    TIDEMARK_S3_SECRET: secret,
  };
}

/** Variables that open a REST service. */
export function restEnvironment(endpoint: string, key: string): Record<string, string> {
  return { TIDEMARK_REST_ENDPOINT: endpoint, TIDEMARK_REST_KEY: key };
}

/**
 * Starts the command.
 *
 * @param env Variables; others of the TIDEMARK_ names are not set.
 * @param args Arguments.
 */
export function startOptions(env: Record<string, string>, ...args: string[]): Deno.ChildProcess {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    tasks: { options: { command: string } };
  };
  const [, , ...words] = tasks.options.command.split(" ");
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) =>
    !/^TIDEMARK_(S3|REST)_/.test(name)
  );
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", ...words, ...args],
    cwd: ROOT,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the command to its end. */
export async function runOptions(env: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  const output = await startOptions(env, ...args).output(), decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}
