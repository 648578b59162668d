/**
 * A nats-server with JetStream on a free port of 127.0.0.1, with a store of its own.
 *
 * @module
 */

/** A server program that can be killed and started again on the same port and store. */
export class NatsServer {
  /** `nats://127.0.0.1:PORT`. */
  readonly url: string;
  readonly #port: number;
  readonly #store: string;
  readonly #args: string[];
  #process: Deno.ChildProcess | undefined;

  /** Use {@linkcode startNats}. */
  constructor(port: number, store: string, args: string[]) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#port = port;
    this.#store = store;
    this.#args = args;
  }

  /** Its id. */
  get pid(): number {
    if (!this.#process) throw new Error("nats-server does not run");
    return this.#process.pid;
  }

  /** Starts the program and waits until it answers. */
  async start(): Promise<void> {
    const args = ["-a", "127.0.0.1", "-p", String(this.#port), "-js", "-sd", this.#store, ...this.#args];
    this.#process = new Deno.Command("nats-server", { args, stdout: "null", stderr: "null" }).spawn();
    for (let tries = 0; tries < 200; tries++) {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port: this.#port }).catch(() => undefined);
      if (socket) return socket.close();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await this.kill();
    throw new Error(`nats-server does not answer on port ${this.#port}`);
  }

  /** Ends the program, by default at once and without warning. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (!process) return;
    process.kill(signal);
    await process.status;
  }

  /** Ends the program and removes its store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#store, { recursive: true });
  }
}

/**
 * Starts a server; `await using` stops it.
 *
 * @param args Further arguments, such as `--auth TOKEN`.
 */
export async function startNats(...args: string[]): Promise<NatsServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const server = new NatsServer(port, await Deno.makeTempDir({ prefix: "tidemark-nats-" }), args);
  await server.start();
  return server;
}
