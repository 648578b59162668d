/**
 * `deno task bench`: every bench of test/bench, and one table of what they promise.
 *
 * @module
 */
import { TidemarkError, UsageError } from "../lib/base/mod.ts";
import { type Args, main, type Outcome } from "./_cli.ts";

const FOLDER = new URL("../test/bench/", import.meta.url).pathname;

/** What a bench cannot do without: commands that succeed where it is there. */
const NATS = { "nats-server": ["nats-server", "--version"] };
const NEEDS: Record<string, Record<string, string[]>> = {
  gbdt: Object.fromEntries(
    ["sklearn", "xgboost", "lightgbm"].map((name) => [`python:${name}`, ["python3", "-c", `import ${name}`]]),
  ),
  live_latency: NATS,
  live_rate: NATS,
};

/** A number that a bench promises, as `claim` of test/bench/_bench.ts prints it. */
interface Claim {
  bench: string;
  what: string;
  value: number;
  least?: number;
  most?: number;
}

const CLAIM = "claim: ";
const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

/** Runs a bench; what it says goes through, its claims come back. */
async function runBench(bench: string): Promise<Claim[]> {
  const file = `${FOLDER}${bench}_bench.ts`;
  const kernels = (await Deno.readTextFile(file)).includes("Deno.bench(");
  const child = new Deno.Command("deno", {
    args: [...(kernels ? ["bench"] : ["run"]), "--allow-all", "--v8-flags=--expose-gc", file],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const claims: Claim[] = [], lines = child.stdout.pipeThrough(new TextDecoderStream());
  let rest = "";
  const take = (line: string) => {
    if (line.startsWith(CLAIM)) claims.push({ bench, ...JSON.parse(line.slice(CLAIM.length)) });
    else print(`  ${line}`);
  };
  for await (const text of lines) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    parts.forEach(take);
  }
  if (rest !== "") take(rest);
  const { code } = await child.status;
  if (code !== 0) {
    throw new TidemarkError(`Cannot finish the bench ${bench}: it ended with exit code ${code}`);
  }
  return claims;
}

/** Names of the needs whose command does not succeed. */
async function missing(needs: Record<string, string[]>): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(needs).map(async ([name, [command, ...args]]) => {
      try {
        const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
          .output();
        return success ? [] : [name];
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [name];
        throw error;
      }
    }),
  );
  return found.flat();
}

const holds = ({ value, least = -Infinity, most = Infinity }: Claim) => value >= least && value <= most;

function table(claims: readonly Claim[]): string {
  const number = (value: number) => value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
  return claims.map((claim) => {
    const { bench, what, value, least, most } = claim;
    const wanted = least !== undefined ? `at least ${number(least)}` : `at most ${number(most!)}`;
    return `${bench.padEnd(11)}${what.padEnd(62)}${number(value).padStart(12)}  ${wanted.padEnd(18)}${
      holds(claim) ? "ok" : "MISSED"
    }`;
  }).join("\n");
}

async function run(args: Args): Promise<Outcome> {
  const all: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (/^[a-z]\w*_bench\.ts$/.test(name)) all.push(name.slice(0, -"_bench.ts".length));
  }
  all.sort();
  const chosen = args.only === undefined ? all : String(args.only).split(",");
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`Cannot run the bench "${unknown[0]}": there are ${all.join(", ")}`);
  }
  const claims: Claim[] = [], skipped: string[] = [];
  for (const bench of chosen) {
    const lacking = await missing(NEEDS[bench] ?? {});
    if (lacking.length > 0) {
      skipped.push(bench);
      print(`${bench}: skipped, lacks ${lacking.join(", ")}`);
      continue;
    }
    print(`${bench}:`);
    claims.push(...await runBench(bench));
  }
  const missed = claims.filter((claim) => !holds(claim)).length;
  const parts = [
    `bench: ${chosen.length - skipped.length} benches, ${
      claims.length - missed
    } of ${claims.length} claims hold`,
    ...(skipped.length > 0 ? [`skipped ${skipped.join(", ")}`] : []),
  ];
  return {
    summary: [...(claims.length > 0 ? ["", table(claims), ""] : []), parts.join("; ")].join("\n"),
    json: { claims, skipped, missed },
    exitCode: missed > 0 ? 1 : 0,
  };
}

await main({
  name: "bench",
  summary:
    "Runs the benches: kernels by deno bench, whole files by timed scripts beside naive twins and other libraries; " +
    "then prints what they promise. Let nothing else run meanwhile: rates are of this machine, ratios of one run.",
  options: { only: { value: "LIST", help: "some benches, with commas between (default all)" } },
  examples: ["--only backfill,gold,twins"],
  run,
});
