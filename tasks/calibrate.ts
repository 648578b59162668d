/** Says how far the probabilities of trained models can be believed, before and after calibration. @module */
import { CONFIG } from "../lib/base/mod.ts";
import { existingLake } from "../lib/lake/mod.ts";
import { calibrateModels, type Calibration, type HeadCalibration, modelFolder } from "../lib/ml/mod.ts";
import { main } from "./_cli.ts";
import { SET_OPTIONS, setsFrom } from "./_models.ts";

const COLUMNS = ["raw", "platt", "isotonic"] as const;

const HEADER = `${"  head".padEnd(24)}${"base rate".padStart(11)}${
  COLUMNS.map((c) => `${c} Brier`.padStart(16) + "ECE".padStart(8)).join("")
}`;

function line(name: string, head: HeadCalibration): string {
  const cells = COLUMNS.map((c) =>
    head[c].brier.toFixed(4).padStart(16) + head[c].ece.toFixed(3).padStart(8)
  );
  return `${`  ${name}`.padEnd(24)}${head.base_rate.brier.toFixed(4).padStart(11)}${cells.join("")}`;
}

function brief({ heads }: Calibration): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(heads).map(([name, head]) => [
      name,
      Object.fromEntries(COLUMNS.map((c) => [c, {
        brier: head[c].brier,
        ece: head[c].ece,
        log_loss: head[c].log_loss,
      }])),
    ]),
  );
}

await main({
  name: "calibrate",
  summary:
    "Judges the probabilities of trained models on their test dates: reliability, Brier score and its parts, ECE, log loss; before and after Platt's and isotonic calibration fitted on validation dates.",
  options: SET_OPTIONS,
  examples: ["--stage b --ablation full"],
  async run(args, effects) {
    const lake = await existingLake(String(args.lake), effects), lines: string[] = [], sets = [];
    for (const set of setsFrom(args)) {
      const calibration = await calibrateModels(lake, set, CONFIG);
      lines.push(`${modelFolder(set.stage, set.ablation)}: Brier score and ECE on test dates`, HEADER);
      lines.push(...Object.entries(calibration.heads).map(([name, head]) => line(name, head)));
      sets.push({ ...set, heads: brief(calibration) });
    }
    return {
      summary: `${
        lines.join("\n")
      }\ncalibrate: ${sets.length} set(s); curves in calibration.json beside the models`,
      json: { sets },
    };
  },
});
