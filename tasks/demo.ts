/**
 * `deno task demo`: the whole pipeline on a simulated market, by the commands a person would type.
 *
 * @module
 */
import { CONFIG, previousTradingDay, shown, TidemarkError, tradingDays } from "../lib/base/mod.ts";
import type { SaidVerdict } from "../lib/ml/mod.ts";
import { type Args, main, numberFrom, type Outcome } from "./_cli.ts";

/** The last simulated session: the six up to it hold the roll of December 2025. */
const LAST = "2025-12-16";

/** Activity of a market of many sessions: its book shows the effect within 44 of them, and a session takes seconds. */
const QUIET = 0.3;

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

/** A market to make and what to run on it. */
interface Market {
  /** Folder of its lake. */
  lake: string;
  /** Session dates, ascending. */
  dates: string[];
  /** Seed of the market. */
  seed: string;
  /** Its activity. */
  scale: string;
  /** Whether nothing follows from a touch. */
  none: boolean;
}

function steps({ lake, dates, seed, scale, none }: Market, only: "verdict" | "all"): Step[] {
  const span = `${dates[0]}..${dates.at(-1)}`, source = `${lake}/source`, at = ["--lake", lake];
  // One stage and ablation of six: the demo is to be quick, and says how to train them all.
  const models = ["--stage", "b", "--ablation", "full"];
  const market = ["--seed", seed, "--scale", scale, "--signal", none ? "0" : "1"];
  const heads = only === "verdict" ? ["--heads", CONFIG.training.primaryFamily.join(",")] : [];
  const all: (Step & { evidence?: true })[] = [
    { task: "simulate", args: ["--out", source, "--dates", span, ...market] },
    { task: "backfill", args: [...at, "--dbn", source, "--all"] },
    { task: "options", args: [...at, "--file", source, "--dates", span] },
    { task: "audit", args: [...at, "--dates", span], mayFail: true, evidence: true },
    { task: "filter", args: [...at, "--dates", span] },
    { task: "silver", args: [...at, "--dates", span] },
    { task: "gold", args: [...at, "--dates", span] },
    { task: "validate", args: [...at], mayFail: true },
    { task: "train", args: [...at, ...models, ...heads, "--skip"] },
    { task: "calibrate", args: [...at, ...models], evidence: true },
    { task: "retrieval", args: [...at, ...models], evidence: true },
    { task: "report", args: [...at], evidence: true },
  ];
  return all.filter(({ evidence }) => only === "all" || !evidence);
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

/** A market that was run through the pipeline. */
interface Played {
  /** The run's verdict. */
  verdict: SaidVerdict;
  /** Seconds by command. */
  timings: Record<string, number>;
  /** What each command said. */
  results: Record<string, unknown>;
  /** Whether a check failed. */
  failed: boolean;
}

async function play(market: Market, only: "verdict" | "all"): Promise<Played> {
  const played: Omit<Played, "verdict"> = { timings: {}, results: {}, failed: false };
  for (const step of steps(market, only)) {
    const from = performance.now(), { json, code } = await runStep(step);
    played.failed ||= code === 1;
    played.results[step.task] = json;
    played.timings[step.task] = (performance.now() - from) / 1000;
  }
  const { verdict } = played.results.train as { verdict: SaidVerdict };
  return { ...played, verdict };
}

async function run(args: Args): Promise<Outcome> {
  const start = performance.now(), none = args.null === true;
  const dates = datesEndingAt(LAST, numberFrom(args, "days", { min: 1, max: 250, integer: true }));
  const judged = dates.length >= CONFIG.training.verdictFrom;
  const scale = String(args.scale ?? (judged ? QUIET : 1));
  numberFrom({ scale }, "scale", { min: 0.01, max: 100 });
  const lake = String(args.lake ?? (none ? "lake/demo_null" : "lake/demo"));
  const market = { lake, dates, seed: String(args.seed), scale, none };
  const first = await play(market, "all");
  // A pipeline that finds what is there is believed when it finds nothing where nothing is.
  const twin = { ...market, lake: `${lake}_null`, none: true };
  const other = judged && !none ? await play(twin, "verdict") : undefined;
  const seconds = (performance.now() - start) / 1000;
  const planted = none ? undefined : first.verdict, empty = none ? first.verdict : other?.verdict;
  const wrong = judged && ((planted !== undefined && planted.status !== "pass") || empty?.status === "pass");
  const said = ({ text, family }: SaidVerdict) => `${text}\n            ${family}`;
  return {
    summary: [
      "",
      `demo: ${dates.length} simulated sessions (${dates[0]} … ${dates.at(-1)}) in ${seconds.toFixed(0)} s: ${
        Object.entries(first.timings).map(([task, s]) => `${task} ${s.toFixed(1)}`).join(", ")
      }${
        other ? `; the null market ${Object.values(other.timings).reduce((a, b) => a + b, 0).toFixed(0)}` : ""
      }`,
      ...(planted ? [`  planted   ${said(planted)}`] : []),
      ...(empty ? [`  null      ${said(empty)}`] : []),
      ...(judged ? [] : [`            a verdict wants --days ${CONFIG.training.verdictFrom} or more`]),
      `  data set  ${lake}/gold/research/signals.parquet`,
      `  report    ${lake}/reports/index.html (open it in a browser)`,
      `  next      deno task causality --lake ${lake} --date ${dates.at(-1)}`,
      `            deno task train --lake ${lake} --stage both --ablation all --skip`,
      `            deno task notebooks --lake ${lake} (needs Jupyter)`,
    ].join("\n"),
    json: {
      dates,
      seconds,
      timings: first.timings,
      results: first.results,
      verdicts: { planted: planted ?? null, null: empty ?? null },
      ...(other ? { null: { lake: twin.lake, timings: other.timings, results: other.results } } : {}),
    },
    exitCode: first.failed || other?.failed || wrong ? 1 : 0,
  };
}

await main({
  name: "demo",
  summary:
    "Simulates a market and runs every stage on it, from DBN bytes to labelled Gold and the report. From 44 sessions on it says whether the planted effect is found, and makes a second market without any effect, in which nothing may be.",
  options: {
    days: { value: "N", help: `session dates, the last ${LAST}`, default: "6" },
    null: { help: "the market without any effect alone, into lake/demo_null" },
    seed: { value: "N", help: "seed of the market: same seed, same bytes", default: "1" },
    scale: {
      value: "X",
      help:
        `activity of the market; 1, the default up to ${CONFIG.training.verdictFrom} sessions, is about 350,000 books a session; from there on ${QUIET}`,
    },
    lake: { value: "DIR", help: "folder of the lake (default lake/demo)" },
  },
  examples: ["", `--days ${CONFIG.training.verdictFrom}`, "--days 104 --null"],
  run,
});
