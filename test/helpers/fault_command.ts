/** A command with faults: how it fails is its option. @module */
import { jobError, runJobs, TidemarkError, UsageError } from "../../lib/base/mod.ts";
import { existingLake, runStage } from "../../lib/lake/mod.ts";
import { type Args, main } from "../../tasks/_cli.ts";

const never = () => new Promise<never>(() => setTimeout(() => {}, 60_000));

async function inWorker(work: string): Promise<void> {
  const base = new URL("../../lib/base/mod.ts", import.meta.url);
  const code = `import { serveJobs } from "${base}"; serveJobs(${work});`;
  for await (const { result } of runJobs(new URL(`data:text/javascript,${encodeURIComponent(code)}`), [1])) {
    if (!result.ok) throw jobError(result, (why) => new TidemarkError(why));
  }
}

const WAYS: Record<string, (args: Args) => Promise<unknown>> = {
  not: () => Promise.resolve(),
  thrown: () => Promise.reject(new TypeError("a fault\nin two lines")),
  typed: () => Promise.reject(new UsageError("Cannot use \x1b[2J\u202e: wanted less\nthan this")),
  "no error": () => Promise.reject("a string"),
  "in a run": async (args) => {
    const lake = await existingLake(String(args.lake));
    await runStage(
      lake,
      "faulty",
      {},
      () => Promise.reject(new TypeError("a fault", { cause: new Error("why") })),
    );
  },
  "typed in a run": async (args) => {
    const lake = await existingLake(String(args.lake));
    await runStage(lake, "faulty", {}, () => Promise.reject(new TidemarkError("Cannot do it")));
  },
  "nobody waits": () => {
    Promise.reject(new TypeError("a fault"));
    return never();
  },
  later: () => {
    setTimeout(() => {
      throw new TypeError("a fault");
    });
    return never();
  },
  "in a worker": () => inWorker(`() => Promise.reject(new TypeError("a fault"))`),
  "later in a worker": () =>
    inWorker(`() => new Promise(() => setTimeout(() => { throw new TypeError("a fault"); }))`),
  "not waited for in a worker": () =>
    inWorker(`() => new Promise(() => Promise.reject(new TypeError("a fault")))`),
};

await main({
  name: "faulty",
  summary: "Fails.",
  options: { how: { value: "WAY", help: "how it fails" } },
  async run(args) {
    await WAYS[String(args.how)](args);
    return { summary: ["one\x1b[31m line\u0085", "two\nlines"], json: { said: "\x1b\u009b\u202e" } };
  },
});
