/**
 * `live` and `replay` as processes of their own, with the permissions of deno.json, to be killed, interrupted and
 * listened to.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url).pathname;

/** A command of the stream that runs. */
export class LiveProcess implements AsyncDisposable {
  /** Lines of standard error so far. */
  readonly lines: string[] = [];
  /** Its last line of standard output, and how it ended. */
  readonly ended: Promise<{ code: number; out: string }>;
  readonly #child: Deno.ChildProcess;
  #over = false;
  #heard: (() => void)[] = [];

  /** Use {@linkcode startLive}. */
  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const listening = this.#listen();
    this.ended = (async () => {
      const [{ code }, out] = await Promise.all([child.status, new Response(child.stdout).text(), listening]);
      this.#over = true;
      this.#tell();
      return { code, out: out.trimEnd().split("\n").at(-1)! };
    })();
  }

  async #listen(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
      this.#tell();
    }
    if (rest !== "") this.lines.push(rest);
  }

  #tell(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }

  /** Waits for a line; false if it ends without one. */
  async says(pattern: RegExp): Promise<boolean> {
    for (;;) {
      if (this.lines.some((line) => pattern.test(line))) return true;
      if (this.#over) return false;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  /** Its id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a signal, by its id; one that has just ended does not hear it. */
  kill(signal: Deno.Signal): void {
    try {
      if (!this.#over) this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError && /already terminated/.test(error.message))) throw error;
    }
  }

  /** Ends it at once if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}

/**
 * Starts `live`; `await using` ends it.
 *
 * @param args Its options.
 * @param env Variables; others of the TIDEMARK_NATS_ names are not set.
 * @param task Another task of the stream.
 */
export function startLive(
  args: string[],
  env: Record<string, string> = {},
  task: "live" | "replay" = "live",
): LiveProcess {
  return startProcess([...wordsOf(task), ...args], env);
}

/** Starts a script of the tests with all permissions; `await using` ends it. */
export function startScript(path: string, args: string[]): LiveProcess {
  return startProcess(["--allow-all", path, ...args], {});
}

/** How a task is run, from deno.json. */
function wordsOf(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    tasks: Record<string, { command: string }>;
  };
  return tasks[task].command.split(" ").slice(2);
}

function startProcess(words: string[], env: Record<string, string>): LiveProcess {
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !/^TIDEMARK_NATS_/.test(name));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", ...words],
    cwd: ROOT,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new LiveProcess(child);
}
