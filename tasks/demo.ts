/**
 * `deno task demo`: the whole pipeline on a simulated market, by the commands a person would type.
 *
 * @module
 */
import { previousTradingDay, shown, TidemarkError, tradingDays } from "../lib/base/mod.ts";
import { main, numberFrom } from "./_cli.ts";

/** The last simulated session: the six up to it hold the roll of December 2025. */
const LAST = "2025-12-16";

interface Step {
  task: string;
  args: string[];
  /** Exit code 1 is an answer (a check failed), not a reason to stop. */
  mayFail?: boolean;
}

function datesEndingAt(last: string, days: number): string[] {
  let first = last;
  for (let i = 1; i < days; i++) first = previousTradingDay(first);
  return tradingDays(first, last);
}

function steps(lake: string, dates: string[], seed: string, scale: string): Step[] {
  const span = `${dates[0]}..${dates.at(-1)}`, source = `${lake}/source`, at = ["--lake", lake];
  // One stage and ablation of six: the demo is to be quick, and says how to train them all.
  const models = ["--stage", "b", "--ablation", "full"];
  return [
    { task: "simulate", args: ["--out", source, "--dates", span, "--seed", seed, "--scale", scale] },
    { task: "backfill", args: [...at, "--dbn", source, "--all"] },
    { task: "options", args: [...at, "--file", source, "--dates", span] },
    { task: "audit", args: [...at, "--dates", span], mayFail: true },
    { task: "filter", args: [...at, "--dates", span] },
    { task: "silver", args: [...at, "--dates", span] },
    { task: "gold", args: [...at, "--dates", span] },
    { task: "validate", args: [...at], mayFail: true },
    { task: "train", args: [...at, ...models, "--skip"] },
    { task: "calibrate", args: [...at, ...models] },
    { task: "retrieval", args: [...at, ...models] },
    { task: "report", args: [...at] },
  ];
}

/** Runs one command; what it says goes through, its JSON summary comes back. */
async function runStep(
  { task, args, mayFail }: Step,
): Promise<{ json: Record<string, unknown>; code: number }> {
  Deno.stderr.writeSync(new TextEncoder().encode(`$ deno task ${task} ${shown(args.join(" "))}\n`));
  const command = new Deno.Command("deno", {
    args: ["task", "--quiet", task, ...args, "--json"],
    stdout: "piped",
    stderr: "inherit",
  });
  const { code, stdout } = await command.output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n"), last = lines.pop() ?? "";
  if (code > (mayFail ? 1 : 0)) {
    throw new TidemarkError(`Cannot finish the demo: deno task ${task} ended with exit code ${code}`);
  }
  Deno.stderr.writeSync(new TextEncoder().encode(lines.map((line) => `  ${line}\n`).join("")));
  return { json: JSON.parse(last), code };
}

await main({
  name: "demo",
  summary: "Simulates a market and runs every stage on it, from DBN bytes to labelled Gold and the report.",
  options: {
    days: { value: "N", help: `session dates, the last ${LAST}`, default: "6" },
    seed: { value: "N", help: "seed of the market: same seed, same bytes", default: "1" },
    scale: { value: "X", help: "activity of the market; 1 is about 350,000 books a session", default: "1" },
    lake: { value: "DIR", help: "folder of the lake", default: "lake/demo" },
  },
  async run(args) {
    const start = performance.now(), lake = String(args.lake);
    const dates = datesEndingAt(LAST, numberFrom(args, "days", { min: 1, max: 250, integer: true }));
    numberFrom(args, "scale", { min: 0.01, max: 100 });
    const timings: Record<string, number> = {}, results: Record<string, unknown> = {};
    let failed = false;
    for (const step of steps(lake, dates, String(args.seed), String(args.scale))) {
      const from = performance.now();
      const { json, code } = await runStep(step);
      failed ||= code === 1;
      results[step.task] = json;
      timings[step.task] = (timings[step.task] ?? 0) + (performance.now() - from) / 1000;
    }
    const seconds = (performance.now() - start) / 1000;
    return {
      summary: [
        "",
        `demo: ${dates.length} simulated sessions (${dates[0]} … ${dates.at(-1)}) in ${
          seconds.toFixed(0)
        } s: ${Object.entries(timings).map(([task, s]) => `${task} ${s.toFixed(1)}`).join(", ")}`,
        `  data set  ${lake}/gold/research/signals.parquet`,
        `  report    ${lake}/reports/index.html (open it in a browser)`,
        `  next      deno task causality --lake ${lake} --date ${dates.at(-1)}`,
        `            deno task train --lake ${lake} --stage both --ablation all --skip`,
        `            deno task notebooks --lake ${lake} (needs Jupyter)`,
      ].join("\n"),
      json: { dates, seconds, timings, results },
      exitCode: failed ? 1 : 0,
    };
  },
});
