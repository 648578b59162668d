/** Builds the index of past touches and scores what their outcomes foretell beside the trees. @module */
import { CONFIG, UsageError } from "../lib/base/mod.ts";
import { existingLake } from "../lib/lake/mod.ts";
import {
  buildRetrieval,
  FILTER_COLUMNS,
  type FilterColumn,
  readDataset,
  retrievalFolder,
  type RetrievalMetrics,
} from "../lib/ml/mod.ts";
import { type Args, main, numberFrom } from "./_cli.ts";
import { SET_OPTIONS, setsFrom } from "./_models.ts";

function filtersFrom(args: Args): FilterColumn[] {
  const names = String(args.same).split(",").map((name) => name.trim()).filter((name) => name !== "none");
  return names.map((name) => {
    const found = FILTER_COLUMNS.find((column) => column === name);
    if (!found) {
      throw new UsageError(
        `Cannot read --same "${name}": wanted none or some of ${FILTER_COLUMNS.join(", ")}`,
      );
    }
    return found;
  });
}

const HEADER = ["  head", "rows", "base rate", "trees", "retrieval", "ensemble", "ensemble against trees"]
  .map((text, i) => i === 0 ? text.padEnd(24) : text.padStart(i === 6 ? 24 : 11)).join("");

/** Log loss, or squared error of dollars, of each. */
function line(name: string, { rows, metrics, against }: RetrievalMetrics["heads"][string]): string {
  const loss = (m: { log_loss: number | null; mse: number | null }) =>
    (m.log_loss ?? m.mse ?? NaN).toFixed(4).padStart(11);
  const cells = [metrics.base_rate, metrics.trees, metrics.retrieval, metrics.ensemble].map(loss);
  return `${`  ${name}`.padEnd(24)}${String(rows).padStart(11)}${cells.join("")}${
    against.trees_ensemble.verdict.padStart(24)
  }`;
}

await main({
  name: "retrieval",
  summary:
    "Builds an exact nearest-neighbour index of past touches for trained sets of models, and scores its probabilities on their test rows, alone and with the trees.",
  options: {
    ...SET_OPTIONS,
    neighbours: {
      value: "N",
      help: "neighbours a query, one a date and attempt cluster",
      default: String(CONFIG.retrieval.neighbours),
    },
    same: {
      value: "LIST",
      help: `what a neighbour must share with the query: ${FILTER_COLUMNS.join(", ")}, none`,
      default: CONFIG.retrieval.same.join(","),
    },
  },
  examples: ["--stage b --neighbours 30 --same level_kind,direction"],
  async run(args, effects) {
    const neighbours = numberFrom(args, "neighbours", { min: 1, max: 10_000, integer: true });
    const same = filtersFrom(args), sets = setsFrom(args);
    const lake = await existingLake(String(args.lake), effects), dataset = await readDataset(lake);
    const lines: string[] = [], results = [];
    for (const set of sets) {
      const metrics = await buildRetrieval(lake, dataset, { ...set, neighbours, same, config: CONFIG });
      lines.push(`${retrievalFolder(set.stage, set.ablation)}: loss on test dates`, HEADER);
      lines.push(...Object.entries(metrics.heads).map(([name, head]) => line(name, head)));
      results.push({ ...set, metrics });
    }
    const heads = Math.max(...results.map(({ metrics }) => Object.keys(metrics.heads).length));
    lines.push(`  verdicts: beside the primary family, Holm over the judged of ${heads} head(s) of each set`);
    return {
      summary: `${lines.join("\n")}\nretrieval: ${dataset.batch.length} touches, ${results.length} index(es)`,
      json: { sets: results },
    };
  },
});
