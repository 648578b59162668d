/**
 * Boosted trees beside scikit-learn's HistGradientBoosting, XGBoost `hist` and LightGBM: 16,000 × 80, 300 trees of
 * depth 6 with an L2 penalty of 1, all on two cores, taking turns in one run.
 *
 * Run: `deno run -A test/bench/gbdt_bench.ts [rounds]`; defaults to 5. Needs python3 with scikit-learn, xgboost and
 * lightgbm. Not part of the test suite. On two quiet cores of an EPYC: one thread 1.1 times scikit-learn, two 0.8.
 *
 * @module
 */
import { Random } from "../../lib/base/mod.ts";
import { predict, type TrainData, trainGbdt } from "../../lib/ml/gbdt/mod.ts";

const ROWS = 16_000, FEATURES = 80;

/** What one turn of a trainer took. */
interface Turn {
  train: number;
  predict: number;
  auc: number;
}

/** Normal columns, a tenth of some missing; a third of them, and a product, make the label likely. */
function makeData(random: Random): { columns: Float64Array[]; labels: Float64Array } {
  const n = 2 * ROWS;
  const columns = Array.from(
    { length: FEATURES },
    () => Float64Array.from({ length: n }, () => random.normal()),
  );
  const labels = Float64Array.from({ length: n }, (_, i) => {
    let score = columns[20][i] * columns[21][i] / 2;
    for (let f = 0; f < 20; f++) score += 0.4 * columns[f][i];
    return Number(random.uniform() < 1 / (1 + Math.exp(-score)));
  });
  for (const column of columns.slice(60)) {
    column.forEach((_, i) => random.uniform() < 0.1 && (column[i] = NaN));
  }
  return { columns, labels };
}

function areaUnderCurve(labels: Float64Array, scores: Float64Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  let positives = 0, ranks = 0;
  order.forEach((i, rank) => {
    positives += labels[i];
    ranks += labels[i] * (rank + 1);
  });
  return (ranks - positives * (positives + 1) / 2) / (positives * (labels.length - positives));
}

function takeTurn(train: TrainData, test: Float64Array[], labels: Float64Array, threads: number): Turn {
  const start = performance.now();
  const model = trainGbdt(train, {
    objective: "binary",
    numTrees: 300,
    maxDepth: 6,
    numLeaves: 64,
    lambdaL2: 1,
    threads,
  });
  const trained = performance.now();
  const scores = predict(model, test);
  const done = performance.now();
  return {
    train: (trained - start) / 1e3,
    predict: (done - trained) / 1e3,
    auc: areaUnderCurve(labels, scores),
  };
}

const { columns, labels } = makeData(new Random(1));
const train: TrainData = {
  features: columns.map((column) => column.slice(0, ROWS)),
  names: columns.map((_, f) => `f${f}`),
  categorical: new Set(),
  labels: labels.slice(0, ROWS),
};
const test = columns.map((column) => column.slice(ROWS)), testLabels = labels.slice(ROWS);

const file = Deno.makeTempFileSync();
const all = new Float64Array((FEATURES + 1) * 2 * ROWS);
[...columns, labels].forEach((column, f) => all.set(column, f * 2 * ROWS));
Deno.writeFileSync(file, new Uint8Array(all.buffer));
const python = new Deno.Command("python3", {
  args: [new URL("./gbdt_bench.py", import.meta.url).pathname, file, String(ROWS), String(FEATURES)],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const writer = python.stdin.getWriter(),
  reader = python.stdout.pipeThrough(new TextDecoderStream()).getReader();

async function askPython(name: string): Promise<Turn> {
  await writer.write(new TextEncoder().encode(`${name}\n`));
  let text = "";
  while (!text.endsWith("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`python3 ended before it answered for ${name}`);
    text += value;
  }
  return JSON.parse(text);
}

const OURS = ["Tidemark, 1 thread", "Tidemark, 2 threads"], THEIRS = ["scikit-learn", "XGBoost", "LightGBM"];
const turns = new Map<string, Turn[]>([...OURS, ...THEIRS].map((name) => [name, []]));
const rounds = Number(Deno.args[0] ?? 5);
try {
  for (let round = 0; round <= rounds; round++) {
    for (const [name, taken] of turns) {
      const turn = THEIRS.includes(name)
        ? await askPython(name)
        : takeTurn(train, test, testLabels, OURS.indexOf(name) + 1);
      // The first round warms up compilers and caches.
      if (round > 0) taken.push(turn);
    }
  }
} finally {
  await writer.close();
  await python.status;
  Deno.removeSync(file);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const timeOf = (name: string) => median(turns.get(name)!.map((turn) => turn.train));
const table = [...turns].map(([name, taken]) => [name, {
  "train s, median": timeOf(name).toFixed(2),
  "train s, best": Math.min(...taken.map((turn) => turn.train)).toFixed(2),
  "÷ scikit-learn": (timeOf(name) / timeOf("scikit-learn")).toFixed(2),
  "÷ XGBoost": (timeOf(name) / timeOf("XGBoost")).toFixed(2),
  "AUC": taken[0].auc.toFixed(4),
  "predict rows/s": Math.round(ROWS / median(taken.map((turn) => turn.predict))),
}]);
// deno-lint-ignore no-console
console.table(Object.fromEntries(table));
// deno-lint-ignore no-console
console.log(
  `${rounds} rounds; resident memory of this process ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MB`,
);
