/** The real LightGBM by way of Python, for the tests of the trees. */
import type { TrainData } from "../../../lib/ml/gbdt/mod.ts";

/** What LightGBM made of a job. */
export interface OracleResult {
  /** The model's text, as LightGBM wrote it or was given it. */
  text: string;
  /** Raw scores, (rows). */
  raw: Float64Array;
  /** Predictions, (rows). */
  prediction: Float64Array;
  /** Contributions, a column a feature and the bias. */
  contributions: Float64Array[];
  /** Importance of each feature by gain. */
  gain: Float64Array;
  /** Importance of each feature by splits. */
  split: Float64Array;
}

/** Data, rows to predict, and a model to load or parameters to train with. */
export interface OracleJob {
  data: TrainData;
  features: Float64Array[];
  model?: string;
  params?: Record<string, unknown>;
  rounds?: number;
}

/** Lets LightGBM train or load each job's model and predict its rows, all in one process. */
export function askLightGbm(jobs: OracleJob[]): OracleResult[] {
  const dir = Deno.makeTempDirSync();
  try {
    jobs.forEach((job, k) => writeJob(`${dir}/${k}`, job));
    const script = new URL("./_oracle.py", import.meta.url).pathname;
    const dirs = jobs.map((_, k) => `${dir}/${k}`);
    const run = new Deno.Command("python3", { args: [script, ...dirs] }).outputSync();
    if (!run.success) throw new Error(new TextDecoder().decode(run.stderr));
    return jobs.map((job, k) => readResult(`${dir}/${k}`, job));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

function writeJob(dir: string, { data, features, model, params, rounds }: OracleJob): void {
  Deno.mkdirSync(dir);
  const write = (name: string, columns: Float64Array[]) =>
    Deno.writeFileSync(
      `${dir}/${name}.f64`,
      new Uint8Array(Float64Array.from(columns.flatMap((c) => [...c])).buffer),
    );
  write("features", features);
  if (model !== undefined) Deno.writeTextFileSync(`${dir}/model.txt`, model);
  else {
    write("train", data.features);
    write("labels", [data.labels]);
    if (data.weights) write("weights", [data.weights]);
  }
  const categorical = data.names.filter((name) => (data.categorical as Set<string>).has(name));
  Deno.writeTextFileSync(
    `${dir}/job.json`,
    JSON.stringify({ names: data.names, categorical, params, rounds }),
  );
}

function readResult(dir: string, { data, features }: OracleJob): OracleResult {
  const read = (name: string) => new Float64Array(Deno.readFileSync(`${dir}/${name}.f64`).buffer);
  const contributions = read("contributions"), n = features[0].length;
  return {
    text: Deno.readTextFileSync(`${dir}/model.txt`),
    raw: read("raw"),
    prediction: read("prediction"),
    contributions: [...data.names, "bias"].map((_, f) => contributions.slice(f * n, (f + 1) * n)),
    gain: read("gain"),
    split: read("split"),
  };
}
