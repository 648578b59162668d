/**
 * What the timed scripts share: lines of output, memory, child processes, and claims that end in one table.
 *
 * @module
 */

/** Prints a line. */
export function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

/** Peak resident memory of a process so far, MB. @param pid Defaults to this process. */
export function peakMb(pid: number | "self" = "self"): number {
  return Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

/** A command that ran to its end. */
export interface Measured {
  /** Wall seconds. */
  seconds: number;
  /** Peak resident memory, MB. */
  peakMb: number;
  /** What it printed. */
  text: string;
}

/**
 * Runs a command and measures it.
 *
 * @throws {Error} If it fails, with the last line it wrote.
 */
export async function measure(command: string, args: string[]): Promise<Measured> {
  const start = performance.now();
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "piped" }).spawn();
  let peak = 0;
  const poll = setInterval(() => {
    try {
      peak = Math.max(peak, peakMb(child.pid));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }, 20);
  const { success, stdout, stderr } = await child.output(), decoder = new TextDecoder();
  clearInterval(poll);
  if (!success) {
    const why = decoder.decode(stderr).trimEnd().split("\n").at(-1);
    throw new Error(`Cannot run ${command} ${args.at(-1)}: ${why}`);
  }
  return { seconds: (performance.now() - start) / 1000, peakMb: peak, text: decoder.decode(stdout) };
}

/** A number that a bench promises. */
export interface Claim {
  /** What is measured, with its unit. */
  what: string;
  /** The number. */
  value: number;
  /** Least it may be. */
  least?: number;
  /** Most it may be. */
  most?: number;
}

/** Starts the lines that {@linkcode claim} prints; the runner gathers them. */
export const CLAIM = "claim: ";

/** Prints a claim for a person and for the runner. */
export function claim(claim: Claim): void {
  say(CLAIM + JSON.stringify(claim));
}
