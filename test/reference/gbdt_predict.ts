/** A tree walked by one row, in the words of LightGBM's documentation. */
import type { Tree } from "../../lib/ml/gbdt/mod.ts";

/** The leaf a row ends in. */
export function naiveLeaf(tree: Tree, row: number[]): number {
  let node = tree.leafValue.length > 1 ? 0 : -1;
  while (node >= 0) node = naiveGoesLeft(tree, node, row) ? tree.leftChild[node] : tree.rightChild[node];
  return ~node;
}

/** The decision of one node. */
export function naiveGoesLeft(tree: Tree, node: number, row: number[]): boolean {
  let value = row[tree.splitFeature[node]];
  const type = tree.decisionType[node];
  if (type % 2 === 1) {
    if (Number.isNaN(value) || value <= -1) return false;
    const set = tree.threshold[node], code = Math.trunc(value);
    const words = tree.catThreshold.slice(tree.catBoundaries[set], tree.catBoundaries[set + 1]);
    return code < 32 * words.length && Math.floor(words[Math.floor(code / 32)] / 2 ** (code % 32)) % 2 === 1;
  }
  const missing = ["none", "zero", "nan"][Math.floor(type / 4) % 4];
  if (Number.isNaN(value) && missing !== "nan") value = 0;
  const isMissing = missing === "nan" ? Number.isNaN(value) : missing === "zero" && Math.abs(value) <= 1e-35;
  return isMissing ? Math.floor(type / 2) % 2 === 1 : value <= tree.threshold[node];
}
