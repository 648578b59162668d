/**
 * Mutated inputs by seed, against two rules: a typed error or a result, never anything else; in bounded time and
 * memory. The third, that what is accepted was read right, is the check's own.
 *
 * `TIDEMARK_FUZZ_SEED=7` runs another seed than 1, `TIDEMARK_FUZZ_SEED=7:123` its input 123 alone, as a failure
 * prints it; `TIDEMARK_FUZZ_INPUTS=10` runs ten times as many inputs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Random, TidemarkError } from "../../lib/base/mod.ts";

/** What to fuzz. */
export interface FuzzOptions {
  /** Mutants a run. */
  inputs: number;
  /** Good inputs, which the check must accept; the mutants are made of them. */
  base: readonly Uint8Array[];
  /**
   * Reads an input: returns where it is accepted, throws a `TidemarkError` where it is refused. Anything else it
   * throws, a failed assertion for one, is a failure. `random` is the input's own, for chunk boundaries and the like.
   */
  check: (bytes: Uint8Array, random: Random) => unknown;
  /** Seed, and perhaps an input's number; defaults to that of the environment, or 1. */
  seed?: string;
  /** Whether the check refuses nothing: a run in which nothing was refused is then no fault. */
  total?: boolean;
  /** Texts put in at random, such as a format's own marks and its hardest numbers. */
  tokens?: readonly string[];
  /** First bytes in which half of the mutations fall, where a format keeps its lengths; defaults to 512. */
  headBytes?: number;
  /** Most time that an input may take twice in a row, milliseconds; defaults to 3,000. */
  maxMs?: number;
  /** Most memory that the process may grow by at one input, bytes; defaults to 512 MB. */
  maxBytes?: number;
}

/** What came of a run. */
export interface FuzzFigures {
  /** Mutants that were accepted. */
  accepted: number;
  /** Mutants that were refused. */
  refused: number;
}

const EDGES = [
  0,
  1,
  2,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0x8000,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff,
];
/** Longer than any input may take: what has not ended by then hangs. */
const HANG_MS = 60_000;

/**
 * Runs mutants of good inputs through a check.
 *
 * @param name Name of the run, part of the seed.
 * @param options See {@linkcode FuzzOptions}.
 * @throws {Error} At the first input that breaks a rule, with what repeats it; or if the run tests nothing because
 *   every mutant was accepted, or every one refused.
 */
export async function fuzz(name: string, options: FuzzOptions): Promise<FuzzFigures> {
  // A Buffer's slice() is no copy.
  const base = options.base.map((bytes) => new Uint8Array(bytes));
  const { check, maxMs = 3000, maxBytes = 2 ** 29 } = options;
  const [seed, only] = (options.seed ?? Deno.env.get("TIDEMARK_FUZZ_SEED") ?? "1").split(":");
  const inputs = Math.ceil(options.inputs * Number(Deno.env.get("TIDEMARK_FUZZ_INPUTS") ?? 1));
  const figures = { accepted: 0, refused: 0 };
  for (const [k, bytes] of base.entries()) {
    await guarded(() => check(bytes.slice(), new Random(k)), `base ${k} of ${name}`);
  }
  const from = only === undefined ? 0 : Number(only), to = only === undefined ? inputs : from + 1;
  for (let i = from; i < to; i++) {
    const at = `${seed}:${i}`, key = `${name} ${at}`, bytes = mutant(new Random(key), { ...options, base });
    const before = Deno.memoryUsage().rss;
    const run = async () => {
      const start = performance.now();
      try {
        await guarded(() => check(bytes.slice(), new Random(`${key} check`)), key);
        return { outcome: "accepted", ms: performance.now() - start } as const;
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw failure(name, at, bytes, error);
        return { outcome: "refused", ms: performance.now() - start } as const;
      }
    };
    let result = await run();
    // A pause of the machine is not the input's doing: what is slow is slow again.
    if (result.ms > maxMs) result = await run();
    const grown = Deno.memoryUsage().rss - before;
    if (result.ms > maxMs) {
      throw failure(name, at, bytes, `${result.ms.toFixed(0)} ms, wanted at most ${maxMs}`);
    }
    if (grown > maxBytes) throw failure(name, at, bytes, `${grown} bytes more, wanted at most ${maxBytes}`);
    figures[result.outcome]++;
  }
  if (only === undefined && (figures.accepted === 0 || (figures.refused === 0 && !options.total))) {
    throw new Error(`fuzz "${name}" tests nothing: ${figures.accepted} accepted, ${figures.refused} refused`);
  }
  return figures;
}

/** A check that also fails by what it lets fall outside of its own promise, and by never ending. */
async function guarded(check: () => unknown, key: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined, fail: (error: unknown) => void = () => {};
  const stray = new Promise<never>((_, reject) => fail = reject);
  const onError = (event: ErrorEvent) => (event.preventDefault(), fail(wrapped(event.error)));
  const onRejection = (event: PromiseRejectionEvent) => (event.preventDefault(), fail(wrapped(event.reason)));
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
  try {
    timer = setTimeout(() => fail(new Error(`${key} has not ended after ${HANG_MS} ms`)), HANG_MS);
    await Promise.race([Promise.resolve().then(check), stray]);
  } finally {
    clearTimeout(timer);
    removeEventListener("error", onError);
    removeEventListener("unhandledrejection", onRejection);
  }
}

/** Even a typed error is a fault where nobody can catch it. */
function wrapped(cause: unknown): Error {
  return new Error(`thrown where nobody can catch it: ${cause}`, { cause });
}

function failure(name: string, at: string, bytes: Uint8Array, cause: unknown): Error {
  const text = cause instanceof Error ? cause.stack ?? cause.message : String(cause);
  const head = bytes.length <= 512 ? "" : ", the first 512";
  return new Error(
    `fuzz "${name}": input ${at} breaks a rule; repeat it with TIDEMARK_FUZZ_SEED=${at}\n` +
      `${bytes.length} bytes${head}: ${bytes.subarray(0, 512).toHex()}\n${text}`,
    { cause },
  );
}

/**
 * One to four mutations of a good input.
 *
 * @param random Where chance comes from.
 * @param options Good inputs, which are left as they are, tokens, bytes of the head.
 */
export function mutant(
  random: Random,
  options: Pick<FuzzOptions, "base" | "tokens" | "headBytes">,
): Uint8Array {
  let bytes = pick(random, options.base);
  for (let left = 1 + random.int(4); left > 0; left--) {
    // An empty input is one case and not many.
    if (bytes.length === 0) return bytes;
    bytes = mutated(random, bytes, options);
  }
  return bytes;
}

function mutated(
  random: Random,
  bytes: Uint8Array,
  { base, tokens = [], headBytes = 512 }: Pick<FuzzOptions, "base" | "tokens" | "headBytes">,
): Uint8Array {
  const at = random.int(random.int(2) === 0 ? Math.min(bytes.length, headBytes) : bytes.length);
  const span = 1 + random.int(random.int(2) === 0 ? 8 : Math.min(bytes.length, 256));
  const out = new Uint8Array(bytes);
  switch (random.int(tokens.length > 0 ? 10 : 8)) {
    case 0:
      out[at] ^= 1 << random.int(8);
      return out;
    case 1:
      for (let i = at; i < Math.min(at + span, out.length); i++) out[i] = random.int(256);
      return out;
    case 2:
      return out.subarray(0, at);
    case 3:
      return spliced(out, at, at + span, new Uint8Array());
    case 4:
      return spliced(out, at, at, Uint8Array.from({ length: span }, () => random.int(256)));
    case 5:
      return spliced(out, at, at, out.slice(at, at + span));
    case 6: {
      const other = pick(random, base), from = random.int(other.length);
      return spliced(out, at, out.length, other.subarray(random.int(2) === 0 ? from : Math.min(at, from)));
    }
    case 7:
      return withNumber(random, out, at);
    case 8:
      return spliced(out, at, at, new TextEncoder().encode(pick(random, tokens)));
    default:
      return spliced(out, at, at + span, new TextEncoder().encode(pick(random, tokens)));
  }
}

/** A number of one to eight bytes, little-endian: an edge, one near the length or the place, or one near what stood there. */
function withNumber(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  const width = [1, 2, 4, 8][random.int(4)], view = new DataView(bytes.buffer, bytes.byteOffset);
  if (at + width > bytes.length) return bytes;
  const near = [pick(random, EDGES), bytes.length, at, bytes[at]][random.int(4)] + random.int(5) - 2;
  if (width === 1) view.setUint8(at, near);
  else if (width === 2) view.setUint16(at, near, true);
  else if (width === 4) view.setUint32(at, near, true);
  else view.setBigInt64(at, random.int(2) === 0 ? BigInt(near) : BigInt(near) << 32n, true);
  return bytes;
}

function spliced(bytes: Uint8Array, from: number, to: number, put: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(to, bytes.length)),
    out = new Uint8Array(from + put.length + tail.length);
  out.set(bytes.subarray(0, from));
  out.set(put, from);
  out.set(tail, from + put.length);
  return out;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.int(items.length)];
}

/**
 * What a Python program writes of accepted inputs: it is given a file of each and writes a line of each.
 *
 * @param program The program's text.
 * @param inputs The inputs.
 */
export async function linesOfPython(program: string, inputs: readonly Uint8Array[]): Promise<string[]> {
  const dir = await Deno.makeTempDir({ prefix: "tidemark-fuzz-" });
  try {
    const paths = inputs.map((_, i) => `${dir}/${i}`);
    for (const [i, bytes] of inputs.entries()) await Deno.writeFile(paths[i], bytes);
    const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", program, ...paths] })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assert.equal(lines.length, inputs.length);
    return lines;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
