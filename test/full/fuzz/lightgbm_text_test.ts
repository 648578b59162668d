/** Model text with other bytes, words and numbers: a typed error, or the predictions of LightGBM itself. */
import assert from "node:assert/strict";
import { ModelError, type Random } from "../../../lib/base/mod.ts";
import {
  featureImportance,
  GBDT_DEFAULTS,
  predict,
  readLightGbmText,
  shapContributions,
  trainGbdt,
  writeLightGbmText,
} from "../../../lib/ml/gbdt/mod.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { requires } from "../../helpers/requires.ts";
import { makeData } from "../../ml/gbdt/_data.ts";
import { askLightGbm } from "../../ml/gbdt/_oracle.ts";
import { python } from "../../ml/_python.ts";

const TOKENS = [
  ..." =-\n",
  "nan",
  "-inf",
  "1e400",
  "1e-400",
  "0x10",
  "2147483648",
  "4294967296",
  "999999999",
  "-1",
  "Tree=0\n",
  "\n\n",
  "end of trees\n",
  "num_leaves=",
  "num_cat=1\n",
  "cat_boundaries=0 1\n",
  "decision_type=",
  "is_linear=1\n",
  "average_output\n",
];

/** Rows as in training, and strange ones; LightGBM takes what is below 1e-35 for 0 before any tree sees it. */
const ROWS = makeData({ n: 60, seed: 9, codes: 90, missing: 0.4 }).features;
ROWS[0].set([NaN, 1e9, -1e9, 0, -0, 1e-34]);
ROWS[4].set([NaN, -1, 1e6, 0, 31, 32, 63, 64]);

/** Small models of ours, and of LightGBM where it is there. */
function baseTexts(oracle: boolean): string[] {
  const make = (objective: "binary" | "regression" | "quantile") =>
    ({ data: makeData({ n: 400, seed: 5, binary: objective === "binary" }), objective }) as const;
  const cases = (["binary", "regression", "quantile"] as const).map(make);
  const ours = cases.map(({ data, objective }) =>
    writeLightGbmText(
      trainGbdt(data, { ...GBDT_DEFAULTS, objective, numTrees: 3, numLeaves: 6, minDataPerGroup: 10 }),
    )
  );
  if (!oracle) return ours;
  const jobs = cases.map(({ data, objective }) => ({
    data,
    features: ROWS,
    params: { objective, num_leaves: 6, min_data_per_group: 10 },
    rounds: 3,
  }));
  return [...ours, ...askLightGbm(jobs).map(({ text }) => text)];
}

/** The trees alone, with and without their sizes: without them a text of other lengths is read all the same. */
function treesOf(text: string): string[] {
  const trees = text.slice(0, text.indexOf("feature_importances:"));
  return [trees, trees.replace(/\ntree_sizes=.*/, "")];
}

/** LightGBM itself dies of some texts: another process goes on with the text after it. */
const ASK = `
import lightgbm, os
import numpy as np
class Silent:
    def info(self, text): pass
    def warning(self, text): pass
lightgbm.register_logger(Silent())
rows = np.array([[np.nan if v is None else v for v in column] for column in x["rows"]], dtype=float).T
models, answers = x["models"], []
def predictions(text, features):
    try:
        booster = lightgbm.Booster(model_str=text)
        columns = [f % rows.shape[1] for f in range(features)]
        return [repr(float(p)) for p in booster.predict(rows[:, columns], num_threads=1)]
    except lightgbm.basic.LightGBMError as error:
        return str(error)
while len(answers) < len(models):
    there, here = os.pipe()
    if os.fork() == 0:
        os.close(there)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with os.fdopen(here, "w") as out:
            for m in models[len(answers):]: print(json.dumps(predictions(m["text"], m["features"])), file=out, flush=True)
        os._exit(0)
    os.close(here)
    with os.fdopen(there) as said: answers += [json.loads(line) for line in said]
    os.wait()
    if len(answers) < len(models): answers.append("died")
print(json.dumps(answers))`;

interface Accepted {
  text: string;
  features: number;
  predictions: Float64Array;
}

/** Reads a text and does with the model whatever is done with models. */
function use(text: string): Accepted {
  const model = readLightGbmText(text, "model.txt"), written = writeLightGbmText(model);
  assert.equal(writeLightGbmText(readLightGbmText(written, "again.txt")), written);
  const columns = model.featureNames.map((_, f) => ROWS[f % ROWS.length]);
  featureImportance(model, "gain");
  shapContributions(model, columns.map((column) => column.subarray(0, 3)));
  return { text, features: columns.length, predictions: predict(model, columns) };
}

async function assertAsLightGbm(accepted: readonly Accepted[]): Promise<void> {
  const rows = ROWS.map((column) => Array.from(column, (v) => Number.isNaN(v) ? null : v));
  const models = accepted.map(({ text, features }) => ({ text, features }));
  const answers = await python<(string[] | string)[]>(ASK, { rows, models });
  let compared = 0;
  answers.forEach((theirs, k) => {
    if (typeof theirs === "string") return;
    compared++;
    accepted[k].predictions.forEach((mine, i) => {
      const wanted = Number(theirs[i].replace("inf", "Infinity"));
      const same = Object.is(mine, wanted) ||
        Math.abs(mine - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
      assert.ok(same, `row ${i}: ${mine}, LightGBM says ${wanted}\n${accepted[k].text}`);
    });
  });
  assert.ok(compared > 0.8 * accepted.length, `LightGBM reads ${compared} of ${accepted.length}`);
}

/** A text with other numbers here and there. */
function otherNumbers(text: string, random: Random): string {
  const words = [...text.matchAll(/(?<=[= ])[-\d][^\s=]*/g)], pick = () => words[random.int(words.length)];
  const places = new Map(
    Array.from({ length: 1 + random.int(3) }, () => {
      const { index, 0: word } = pick(),
        odd = random.int(3) === 0 ? TOKENS[random.int(TOKENS.length)] : pick()[0];
      return [index, { word, other: random.int(4) === 0 ? `${Number(word) + random.int(3) - 1}` : odd }];
    }),
  );
  for (const [index, { word, other }] of [...places].sort(([a], [b]) => b - a)) {
    text = text.slice(0, index) + other + text.slice(index + word.length);
  }
  return text;
}

for (const what of ["other bytes", "other numbers"] as const) {
  Deno.test(`model text with ${what} is refused with a typed error, or predicts as LightGBM does`, async (t) => {
    const oracle = requires("python:lightgbm", t.name), texts = baseTexts(oracle);
    const base = [texts[0], ...texts.flatMap(treesOf)], accepted: Accepted[] = [];
    const encoder = new TextEncoder(), decoder = new TextDecoder();
    await fuzz(`LightGBM text, ${what}`, {
      inputs: what === "other bytes" ? 3000 : 2500,
      base: base.map((text) => encoder.encode(text)),
      tokens: TOKENS,
      headBytes: 4096,
      check: (bytes, random) => {
        const text = decoder.decode(bytes), isBase = base.includes(text);
        const from = base[random.int(base.length)];
        try {
          accepted.push(use(isBase || what === "other bytes" ? text : otherNumbers(from, random)));
        } catch (error) {
          if (error instanceof ModelError) assert.match(error.message, /^\P{Cc}{1,400}$/u);
          throw error;
        }
      },
    });
    if (oracle) await assertAsLightGbm(accepted);
  });
}
