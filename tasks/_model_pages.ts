/**
 * The pages over models: one a set of the lake.
 *
 * @module
 */
import { CONFIG, type Effects, LakeError, ModelError, SchemaError } from "../lib/base/mod.ts";
import { type Lake, readText } from "../lib/lake/mod.ts";
import {
  type Ablation,
  ABLATIONS,
  type Dataset,
  modelFolder,
  readDataset,
  readModelSet,
  type Stage,
  STAGES,
} from "../lib/ml/mod.ts";
import {
  modelPage,
  type ModelPageData,
  type ModelSet,
  modelVerdict,
  readModelView,
} from "../lib/report/mod.ts";
import { pageHead, writePage } from "./_pages.ts";

/** Sets in the order in which the first one there is gets the main page: the most features first. */
const ORDER = STAGES.toReversed().flatMap((stage) => ABLATIONS.map((ablation) => ({ stage, ablation })));

/**
 * Writes `models.html` for the fullest set of models, and `models_<stage>_<ablation>.html` for the others.
 *
 * @param lake The lake.
 * @param effects For warnings of sets that cannot be read.
 * @returns Paths; none without models.
 */
export async function writeModelPages(lake: Lake, effects: Effects): Promise<string[]> {
  const found: { stage: Stage; ablation: Ablation; set: ModelSet }[] = [];
  for (const { stage, ablation } of ORDER) {
    const set = await tryOr(effects, async () => {
      const text = await readText(lake, `${modelFolder(stage, ablation)}/metadata.json`);
      if (text === undefined) return undefined;
      return await readModelSet(lake, stage, ablation);
    });
    if (set) found.push({ stage, ablation, set });
  }
  if (found.length === 0) return [];
  const dataset = await tryOr(effects, () => readDataset(lake)), pages: string[] = [];
  const files = found.map(({ stage, ablation }, k) => k === 0 ? "models" : `models_${stage}_${ablation}`);
  const links = Object.fromEntries(
    found.map(({ stage, ablation }, k) => [`${stage}-${ablation}`, `${files[k]}.html`]),
  );
  const sets = found.map(({ set }) => set);
  for (const [k, { stage, ablation }] of found.entries()) {
    const page = await tryOr(
      effects,
      () =>
        writeOne(lake, files[k], { stage, ablation, learning: k === 0, ...(dataset ? { dataset } : {}) }, {
          sets,
          links,
        }),
    );
    if (page) pages.push(page);
  }
  return pages;
}

async function writeOne(
  lake: Lake,
  file: string,
  options: { stage: Stage; ablation: Ablation; learning: boolean; dataset?: Dataset },
  { sets, links }: { sets: readonly ModelSet[]; links: Record<string, string> },
): Promise<string> {
  const { stage, ablation, dataset } = options;
  const view = await readModelView(lake, { ...options, config: CONFIG }), { metadata } = view;
  const data: ModelPageData = {
    view,
    sets,
    config: CONFIG,
    stale: dataset?.hash !== metadata.dataset.sha256,
  };
  const head = await pageHead(lake, `Models: stage ${stage}, ${ablation}`, metadata.dataset.dates);
  // The page is about the Gold the models were trained on, by the code that trained them.
  head.inputs = {
    "trained on": metadata.dataset.sha256.slice(0, 12),
    "trained by": metadata.commit.slice(0, 7),
  };
  head.links = { ...head.links, ...(sets.length > 1 ? links : {}) };
  return await writePage(lake, file, { html: modelPage(head, data), head, verdict: modelVerdict(data) });
}

/** A set that cannot be read must not cost the other pages. */
async function tryOr<T>(effects: Effects, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof LakeError || error instanceof SchemaError)) {
      throw error;
    }
    effects.warn(error.message);
    return undefined;
  }
}
