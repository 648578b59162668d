/** Trains every head on the consolidated Gold and says, head by head, whether it beats its baselines. @module */
import { CONFIG, type Effects, UsageError } from "../lib/base/mod.ts";
import { existingLake, type Lake } from "../lib/lake/mod.ts";
import {
  countVerdicts,
  type HeadMetrics,
  readDataset,
  sayVerdict,
  type SetChoice,
  setName,
  type TrackedRun,
  TRACKING_VARIABLES,
  type TrainedSet,
  trainModels,
} from "../lib/ml/mod.ts";
import { type Args, main, numberFrom, type Outcome } from "./_cli.ts";
import { currentCommit, SET_OPTIONS, setsFrom, tell, trackersFrom } from "./_models.ts";

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const sets = setsFrom(args), start = performance.now();
  const bounds = { min: 1, max: 10_000, integer: true };
  const number = (name: string) => args[name] === undefined ? undefined : numberFrom(args, name, bounds);
  const valid = number("val"), test = number("test"), workers = number("workers");
  const heads = args.heads === undefined ? undefined : String(args.heads).split(",").map((h) => h.trim());
  if (heads?.includes("")) throw new UsageError(`Cannot read --heads "${args.heads}": a name is missing`);
  const lake = await existingLake(String(args.lake), effects);
  const trackers = trackersFrom(lake.root);
  const dataset = await readDataset(lake), commit = await currentCommit();
  const startMs = Date.now();
  const trained = await trainModels(lake, dataset, {
    sets,
    commit,
    skip: args.skip === true,
    config: CONFIG,
    ...(valid === undefined ? {} : { valid }),
    ...(test === undefined ? {} : { test }),
    ...(workers === undefined ? {} : { workers }),
    ...(heads === undefined ? {} : { heads }),
  }, effects);
  const tracked: Result["tracked"][] = [];
  for (const set of trained) {
    tracked.push(
      trackers.length === 0 ? [] : await tell(trackers, await trackedRun(lake, set, startMs), effects),
    );
  }
  const results = sets.map((set, k) => ({ ...set, trained: trained[k], tracked: tracked[k] }));
  return summarise(lake, dataset.batch.length, results, (performance.now() - start) / 1000);
}

type Result = SetChoice & { trained: TrainedSet; tracked: unknown[] };

function summarise(lake: Lake, rows: number, results: Result[], seconds: number): Outcome {
  const lines = results.flatMap(({ trained: { folder, metrics, metadata } }) => {
    const { folds } = metadata.splits, tests = folds.flatMap((fold) => fold.test);
    const last = folds[folds.length - 1];
    return [
      `${folder}: ${Object.keys(metrics.heads).length} heads, ${folds.length} fold(s); trained to ${
        last.train.at(-1)
      }, tested on ${tests.length} date(s) from ${tests[0]}`,
      HEADER,
      ...Object.entries(metrics.heads).map(([name, head]) => line(name, head)),
    ];
  });
  const verdict = sayVerdict(
    results.map((result) => ({ set: setName(result), metrics: result.trained.metrics })),
    CONFIG,
  );
  return {
    summary: [
      ...lines,
      `verdict: ${verdict.text}`,
      `  ${verdict.family}`,
      `train: ${rows} touches, ${results.length} set(s) in ${seconds.toFixed(1)} s, in ${lake.root}/models`,
    ].join("\n"),
    json: {
      seconds,
      verdict,
      sets: results.map(({ stage, ablation, trained, tracked }) => ({
        stage,
        ablation,
        folder: trained.folder,
        families: trained.metrics.families,
        verdicts: countVerdicts(trained.metrics),
        skipped: trained.metadata.skipped,
        tracked,
      })),
    },
  };
}

const HEADER = ["  head", "rows", "auc", "loss", "base rate", "volatility", "verdict", "family"]
  .map(cell).join("");

function cell(text: string, i: number): string {
  return i === 0 ? text.padEnd(24) : i < 6 ? text.padStart(11) : i === 6 ? text.padStart(15) : `  ${text}`;
}

/** Loss is log loss, or squared error of dollars; the baselines' stand beside it. */
function line(name: string, head: HeadMetrics): string {
  const loss = ({ log_loss, mse }: HeadMetrics["model"]) => (log_loss ?? mse ?? NaN).toFixed(4);
  return [
    `  ${name}`,
    String(head.rows),
    head.model.roc_auc?.toFixed(3) ?? "–",
    loss(head.model),
    loss(head.baselines.base_rate),
    loss(head.baselines.volatility),
    head.verdict,
    head.family,
  ].map(cell).join("");
}

async function trackedRun(lake: Lake, { folder, metadata, metrics }: TrainedSet, startMs: number) {
  const { stage, ablation, dataset, splits, params } = metadata;
  const numbers = Object.entries(metrics.heads).flatMap(([name, head]) => [
    ...Object.entries(head.model).map(([key, value]) => [`${name}.${key}`, value] as const),
    [`${name}.gain_on_base_rate`, head.against.base_rate.difference] as const,
    [`${name}.gain_on_volatility`, head.against.volatility.difference] as const,
  ]);
  const files = ["metadata.json", "metrics.json", ...metadata.heads.map((head) => head.file)];
  const run: TrackedRun = {
    experiment: "tidemark",
    name: `${stage}-${ablation}`,
    params: {
      stage,
      ablation,
      folds: String(splits.folds.length),
      test_dates: String(splits.folds.reduce((n, fold) => n + fold.test.length, 0)),
      ...Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)])),
    },
    metrics: Object.fromEntries(
      numbers.filter(([, value]) => value !== null && Number.isFinite(value)),
    ) as Record<
      string,
      number
    >,
    tags: {
      dataset: dataset.sha256,
      commit: metadata.commit,
      features_version: metadata.features_version,
      stage,
      ablation,
    },
    artifacts: await Promise.all(
      files.map(async (path) => ({ path, bytes: await Deno.readFile(`${lake.root}/${folder}/${path}`) })),
    ),
    startMs,
    endMs: Date.now(),
  };
  return run;
}

await main({
  name: "train",
  summary:
    "Trains every head (for 2, 4 and 8 minutes and the first passage) walk-forward by date, and judges it against the base rate and against volatility alone.",
  options: {
    ...SET_OPTIONS,
    val: { value: "N", help: "validation dates of a fold (by default 15 % of the dates)" },
    test: {
      value: "N",
      help:
        `test dates, the last ones (by default 20 % of the dates, and at least ${CONFIG.training.bootstrap.minDates} from ${CONFIG.training.verdictFrom} dates on)`,
    },
    heads: { value: "LIST", help: "heads to train, comma separated (by default all)" },
    skip: { help: "leave out heads that cannot be trained, such as those with one class" },
    workers: { value: "N", help: "workers (by default one a core); the models are the same" },
  },
  environment: TRACKING_VARIABLES,
  examples: ["--stage b --ablation all --val 10 --test 20", "--stage a --heads tradeable_2_4m,direction_4m"],
  run,
});
