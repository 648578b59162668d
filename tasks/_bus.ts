/**
 * The options and the environment of commands that speak to NATS.
 *
 * @module
 */
import { type Effects, UsageError } from "../lib/base/mod.ts";
import { type Bus, openBus, type StreamSettings } from "../lib/stream/mod.ts";
import type { Args, Option } from "./_cli.ts";

const DEFAULT_URL = "nats://127.0.0.1:4222";

/** Options of every such command. */
export const BUS_OPTIONS: Record<string, Option> = {
  nats: { value: "URL", help: "server, instead of TIDEMARK_NATS_URL" },
};

/** Variables of the environment, what they are; the help shows them. */
export const BUS_VARIABLES: Record<string, { help: string; default?: string }> = {
  TIDEMARK_NATS_URL: { help: "server, nats://host:port or tls://host:port", default: DEFAULT_URL },
  TIDEMARK_NATS_TOKEN: { help: "token, if the server wants one" },
  TIDEMARK_NATS_USER: { help: "user" },
  TIDEMARK_NATS_PASSWORD: { help: "and password" },
  TIDEMARK_NATS_CREDS: { help: "credentials file (JWT and seed)" },
  TIDEMARK_NATS_TLS_CA: { help: "certificate of the authority that signed the server's" },
  TIDEMARK_NATS_TLS_CERT: { help: "our certificate, if the server wants one" },
  TIDEMARK_NATS_TLS_KEY: { help: "and its key" },
};

/**
 * Connects to the server that the options and the environment name.
 *
 * @param args Parsed options.
 * @param settings Retries and limits.
 * @param effects Where to say what happens to the connection.
 * @param name Name of the command.
 * @throws {BusError} If there is no such server, or it refuses.
 * @throws {UsageError} If a file that the environment names cannot be read.
 */
export async function busFrom(
  args: Args,
  settings: StreamSettings,
  effects: Effects,
  name: string,
): Promise<Bus> {
  hearConsole(effects);
  const env = (key: string) => Deno.env.get(`TIDEMARK_NATS_${key}`) || undefined;
  const tls = { ca: env("TLS_CA"), cert: env("TLS_CERT"), key: env("TLS_KEY") };
  const creds = env("CREDS");
  for (const [name, path] of [["CA", tls.ca], ["CERT", tls.cert], ["KEY", tls.key]] as const) {
    if (path !== undefined) await readFileOf(`TLS_${name}`, path);
  }
  return await openBus(
    {
      url: typeof args.nats === "string" ? args.nats : env("URL") ?? DEFAULT_URL,
      name: `tidemark ${name}`,
      token: env("TOKEN"),
      user: env("USER"),
      password: env("PASSWORD"),
      creds: creds === undefined ? undefined : await readFileOf("CREDS", creds),
      tls: tls.ca || tls.cert ? tls : undefined,
    },
    settings,
    effects,
  );
}

/** What the client's library prints, with its traces and a server's words, becomes a line of ours. */
function hearConsole(effects: Effects): void {
  const line = (...parts: unknown[]) => {
    const texts = parts.map((part) => part instanceof Error ? part.message : String(part));
    effects.warn(`NATS client: ${texts.join(" ")}`);
  };
  Object.assign(globalThis.console, { log: line, info: line, warn: line, error: line, debug: line });
}

async function readFileOf(variable: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read "${path}", named by TIDEMARK_NATS_${variable}`, { cause });
  }
}

/** A signal that fires on SIGINT and SIGTERM; further ones are ignored while the command drains. */
export function interrupted(effects: Effects): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (!controller.signal.aborted) effects.log(`${name}: draining`);
      controller.abort();
    });
  }
  return controller;
}
