/**
 * A nats-server with JetStream on a free port of 127.0.0.1, with a store of its own.
 *
 * @module
 */

import { freePort } from "./ports.ts";
import { until } from "./until.ts";

/** A server program that can be killed and started again on the same port and store. */
export class NatsServer {
  /** `nats://127.0.0.1:PORT`. */
  readonly url: string;
  /** Folder of its store. */
  readonly store: string;
  readonly #port: number;
  readonly #args: string[];
  #process: Deno.ChildProcess | undefined;

  /** Use {@linkcode startNats}. */
  constructor(port: number, store: string, args: string[]) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#port = port;
    this.store = store;
    this.#args = args;
  }

  /** Its id. */
  get pid(): number {
    if (!this.#process) throw new Error("nats-server does not run");
    return this.#process.pid;
  }

  /** Starts the program and waits until it answers. */
  async start(): Promise<void> {
    const args = ["-a", "127.0.0.1", "-p", String(this.#port), "-js", "-sd", this.store, ...this.#args];
    const process = new Deno.Command("nats-server", { args, stdout: "null", stderr: "null" }).spawn();
    this.#process = process;
    let ended: Deno.CommandStatus | undefined;
    process.status.then((status) => ended = status);
    const answers = async () => {
      if (ended) throw new Error(`nats-server ended with code ${ended.code}, signal ${ended.signal}`);
      const socket = await Deno.connect({ hostname: "127.0.0.1", port: this.#port }).catch(() => undefined);
      socket?.close();
      return socket !== undefined;
    };
    try {
      await until(`nats-server answers on port ${this.#port}`, answers);
    } catch (error) {
      if (ended) this.#process = undefined;
      else await this.kill();
      throw error;
    }
  }

  /** Ends the program, by default at once and without warning. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (!process) return;
    process.kill(signal);
    await process.status;
  }

  /** Removes its store under it. */
  async loseStore(): Promise<void> {
    await Deno.remove(this.store, { recursive: true });
  }

  /** Ends the program and removes its store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.loseStore().catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/**
 * Starts a server; `await using` stops it.
 *
 * @param args Further arguments, such as `--auth TOKEN`.
 */
export async function startNats(...args: string[]): Promise<NatsServer> {
  const server = new NatsServer(freePort(), await Deno.makeTempDir({ prefix: "tidemark-nats-" }), args);
  await server.start();
  return server;
}
