/**
 * Models as LightGBM text (version 4): what its own library, and every tool that reads its files, can load.
 *
 * @module
 */
import { ModelError } from "../../base/mod.ts";
import type { GbdtModel, Objective, Tree } from "./common.ts";
import { featureImportance } from "./shap.ts";

/** Arrays of a tree section: key, field, and whether it is one number a leaf (else one a node). */
const TREE_ARRAYS = [
  ["split_feature", "splitFeature", "node", Int32Array],
  ["split_gain", "splitGain", "node", Float64Array],
  ["threshold", "threshold", "node", Float64Array],
  ["decision_type", "decisionType", "node", Uint8Array],
  ["left_child", "leftChild", "node", Int32Array],
  ["right_child", "rightChild", "node", Int32Array],
  ["leaf_value", "leafValue", "leaf", Float64Array],
  ["leaf_weight", "leafWeight", "leaf", Float64Array],
  ["leaf_count", "leafCount", "leaf", Int32Array],
  ["internal_value", "internalValue", "node", Float64Array],
  ["internal_weight", "internalWeight", "node", Float64Array],
  ["internal_count", "internalCount", "node", Int32Array],
] as const;

/** Numbers as C++ writes them; JavaScript would also read `0x10` and blanks. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Lines that are no key with a value. */
const BARE_LINES = new Set(["tree", "average_output"]);
/** Names of values. */
const KEY = /^\w+$/;

/** Nodes from the root to a leaf, at most: trees are walked by recursion. */
const MOST_DEPTH = 1000;

/** What C++ writes where JavaScript writes NaN and Infinity; a NaN threshold sends every number right. */
const SPECIAL_NUMBERS = new Map([["inf", Infinity], ["-inf", -Infinity], ["nan", NaN], ["-nan", NaN]]);

/**
 * Writes a model as LightGBM text. Numbers are written so that reading gives the same bits.
 *
 * @param model The model.
 * @returns The file's text.
 */
export function writeLightGbmText(model: GbdtModel): string {
  const trees = model.trees.map((tree, k) => `Tree=${k}\n${writeTree(tree)}\n\n`);
  const importance = featureImportance(model, "split");
  const used = [...importance.keys()].filter((f) => importance[f] > 0)
    .sort((a, b) => importance[b] - importance[a] || a - b);
  return [
    "tree",
    "version=v4",
    "num_class=1",
    "num_tree_per_iteration=1",
    "label_index=0",
    `max_feature_idx=${model.featureNames.length - 1}`,
    `objective=${model.objective}${model.objective === "binary" ? ` sigmoid:${model.sigmoid}` : ""}`,
    `feature_names=${model.featureNames.join(" ")}`,
    `feature_infos=${model.featureInfos.join(" ")}`,
    `tree_sizes=${trees.map((text) => new TextEncoder().encode(text).length).join(" ")}`,
    "",
    `${trees.join("")}end of trees`,
    "",
    "feature_importances:",
    ...used.map((f) => `${model.featureNames[f]}=${importance[f]}`),
    "",
    "parameters:",
    ...Object.entries(model.parameters).map(([name, value]) => `[${name}: ${value}]`),
    "end of parameters",
    "",
    "pandas_categorical:null",
    "",
  ].join("\n");
}

function writeTree(tree: Tree): string {
  const sets = tree.catBoundaries.length - 1;
  const lines = [`num_leaves=${tree.leafValue.length}`, `num_cat=${sets}`];
  for (const [key, field] of TREE_ARRAYS) lines.push(`${key}=${textOf(tree[field])}`);
  if (sets > 0) {
    lines.push(
      `cat_boundaries=${tree.catBoundaries.join(" ")}`,
      `cat_threshold=${tree.catThreshold.join(" ")}`,
    );
  }
  return [...lines, "is_linear=0", `shrinkage=${tree.shrinkage}`, ""].join("\n");
}

function textOf(numbers: Iterable<number>): string {
  return Array.from(numbers, (x) => String(x).replace("Infinity", "inf").replace("NaN", "nan")).join(" ");
}

/** A place in the text: what a message names. */
interface Cursor {
  lines: string[];
  line: number;
  path: string;
}

/**
 * Reads a LightGBM text model: one of ours or one of LightGBM's own, versions 3 and 4.
 *
 * @param text The file's text.
 * @param path The file, for messages.
 * @throws {ModelError} If the text is no such model, is cut off, or is of a kind not supported here: several
 * classes, linear leaves, averaged output, or another objective than binary, regression, quantile.
 */
export function readLightGbmText(text: string, path: string): GbdtModel {
  const cursor: Cursor = { lines: text.split(/\r?\n/), line: 0, path };
  if (cursor.lines[0] !== "tree") {
    fail(cursor, `"${cursor.lines[0]}"`, 'a LightGBM model\'s "tree"');
  }
  // LightGBM takes it for the end of the text.
  if (text.includes("\0")) fail(cursor, "a zero byte", "text");
  const header = readFields(cursor);
  const version = header.get("version");
  if (version !== "v3" && version !== "v4") fail(cursor, `version ${version}`, "v3 or v4");
  for (const key of ["num_class", "num_tree_per_iteration"]) {
    if (header.get(key) !== "1") fail(cursor, `${key} ${header.get(key)}`, "1: one class or a regression");
  }
  if (header.has("average_output")) fail(cursor, "averaged output", "boosted trees");
  const featureNames = wordsOf(header, "feature_names", cursor);
  const featureInfos = wordsOf(header, "feature_infos", cursor);
  const wanted = Number(header.get("max_feature_idx")) + 1;
  if (featureNames.length !== wanted || featureInfos.length !== wanted) {
    fail(cursor, `${featureNames.length} names and ${featureInfos.length} infos of features`, `${wanted}`);
  }
  const trees: Tree[] = [], sizes: number[] = [];
  while (cursor.lines[cursor.line]?.startsWith("Tree=")) {
    const first = cursor.line, number = cursor.lines[first].slice(5);
    // A tree that ran into the lines before it would go unseen.
    if (number !== `${trees.length}`) fail(cursor, `tree "${number}"`, `tree ${trees.length}`);
    trees.push(readTree(readFields(cursor), wanted, cursor));
    sizes.push(cursor.lines.slice(first, cursor.line).reduce((n, line) => n + line.length + 1, 0));
  }
  if (cursor.lines[cursor.line] !== "end of trees") {
    fail(
      cursor,
      `"${(cursor.lines[cursor.line] ?? "end of file")}"`,
      '"end of trees"; is the file whole?',
    );
  }
  // LightGBM finds its trees by these sizes.
  const said = header.has("tree_sizes") ? numbersOf(header, "tree_sizes", trees.length, cursor) : sizes;
  const other = sizes.findIndex((size, k) => size !== said[k]);
  if (other >= 0) fail(cursor, `${sizes[other]} bytes of tree ${other}`, `the ${said[other]} of tree_sizes`);
  return {
    ...readObjective(header.get("objective") ?? "", cursor),
    featureNames,
    featureInfos,
    trees,
    parameters: readParameters(cursor),
    validLoss: new Float64Array(0),
  };
}

/** The `key=value` lines up to an empty one, and the empty ones after it. */
function readFields(cursor: Cursor): Map<string, string> {
  const fields = new Map<string, string>();
  const { lines } = cursor;
  for (; cursor.line < lines.length && lines[cursor.line] !== ""; cursor.line++) {
    const line = lines[cursor.line], at = line.indexOf("="), key = at < 0 ? line : line.slice(0, at);
    if (at < 0 ? !BARE_LINES.has(line) : !KEY.test(key)) {
      fail(cursor, `"${line}"`, "a key and its value");
    }
    if (fields.has(key)) fail(cursor, `a second ${key}`, "each key once");
    fields.set(key, at < 0 ? "" : line.slice(at + 1));
  }
  while (cursor.line < lines.length && lines[cursor.line] === "") cursor.line++;
  return fields;
}

function readTree(fields: Map<string, string>, numFeatures: number, cursor: Cursor): Tree {
  const leaves = countOf(fields, "num_leaves", cursor);
  if (leaves === 0) fail(cursor, "num_leaves 0", "a leaf");
  if ((fields.get("is_linear") ?? "0") !== "0") fail(cursor, "linear leaves", "constant ones");
  const arrays = TREE_ARRAYS.map(([key, field, per, Kind]) => {
    const count = per === "leaf" ? leaves : leaves - 1;
    // A tree of one leaf has no counts or weights in it.
    const optional = leaves === 1 && key !== "leaf_value";
    const numbers = optional ? [] : numbersOf(fields, key, count, cursor);
    return [field, optional ? new Kind(count) : held(Kind.from(numbers), numbers, key, cursor)];
  });
  const sets = countOf(fields, "num_cat", cursor);
  const boundaries = sets > 0 ? numbersOf(fields, "cat_boundaries", sets + 1, cursor) : [0];
  const words = sets > 0 ? numbersOf(fields, "cat_threshold", boundaries[sets], cursor) : [];
  const tree: Tree = {
    ...Object.fromEntries(arrays),
    catBoundaries: held(Int32Array.from(boundaries), boundaries, "cat_boundaries", cursor),
    catThreshold: held(Uint32Array.from(words), words, "cat_threshold", cursor),
    shrinkage: fields.has("shrinkage") ? numbersOf(fields, "shrinkage", 1, cursor)[0] : 1,
  };
  checkTree(tree, numFeatures, cursor);
  return tree;
}

/** A wrong child or feature number would make a prediction loop or read past an array. */
function checkTree(tree: Tree, numFeatures: number, cursor: Cursor): void {
  const nodes = tree.splitFeature.length, { catBoundaries } = tree;
  if (catBoundaries[0] !== 0 || catBoundaries.some((at, k) => k > 0 && at < catBoundaries[k - 1])) {
    fail(cursor, `cat_boundaries ${catBoundaries.subarray(0, 8).join(" ")}`, "ascending ones from 0");
  }
  const bad = tree.leafValue.find((value) => !Number.isFinite(value));
  if (bad !== undefined) fail(cursor, `leaf_value ${bad}`, "a finite number");
  const reached = new Set<number>(), depth = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++) {
    if (!(tree.splitFeature[node] >= 0 && tree.splitFeature[node] < numFeatures)) {
      fail(cursor, `split_feature ${tree.splitFeature[node]}`, `below ${numFeatures}`);
    }
    const type = tree.decisionType[node], threshold = tree.threshold[node];
    if (type > 11) fail(cursor, `decision_type ${type}`, "0 to 11");
    if (
      type & 1 && !(Number.isInteger(threshold) && threshold >= 0 && threshold + 1 < catBoundaries.length)
    ) {
      fail(cursor, `categorical threshold ${threshold}`, `below num_cat ${catBoundaries.length - 1}`);
    }
    for (const child of [tree.leftChild[node], tree.rightChild[node]]) {
      // LightGBM numbers nodes as they grow: a child that stood before its parent could lead round in a circle.
      const isThere = child < 0 ? ~child <= nodes : child > node && child < nodes;
      if (!isThere || reached.has(child)) {
        fail(cursor, `child ${child} of node ${node}`, "each node and leaf once, behind its parent");
      }
      reached.add(child);
      if (child < 0) continue;
      depth[child] = depth[node] + 1;
      if (depth[child] >= MOST_DEPTH) fail(cursor, `a tree deeper than ${MOST_DEPTH}`, "one that is not");
    }
  }
}

function readObjective(text: string, cursor: Cursor): { objective: Objective; sigmoid: number } {
  const [name, ...options] = text.split(" ");
  const sigmoid = options.find((option) => option.startsWith("sigmoid:"))?.slice(8);
  if (name === "regression" && options.includes("sqrt")) {
    fail(cursor, "objective regression sqrt", "plain regression");
  }
  if (name === "binary" || name === "regression" || name === "quantile") {
    const slope = sigmoid === undefined ? 1 : numberOf(sigmoid);
    if (!(slope !== undefined && slope > 0 && slope < Infinity)) {
      fail(cursor, `sigmoid ${sigmoid}`, "a slope above 0");
    }
    return { objective: name, sigmoid: slope };
  }
  return fail(cursor, `objective "${text}"`, "binary, regression or quantile");
}

function readParameters(cursor: Cursor): Record<string, string> {
  const parameters: Record<string, string> = {};
  const first = cursor.lines.indexOf("parameters:", cursor.line);
  if (first < 0) return parameters;
  const last = cursor.lines.indexOf("end of parameters", first);
  if (last < 0) fail(cursor, "no end of parameters", "one; is the file whole?");
  for (const line of cursor.lines.slice(first + 1, last)) {
    const match = /^\[([^:]+): (.*)\]$/.exec(line);
    if (match) parameters[match[1]] = match[2];
  }
  return parameters;
}

function wordsOf(fields: Map<string, string>, key: string, cursor: Cursor): string[] {
  const value = fields.get(key);
  if (value === undefined) return fail(cursor, `no ${key}`, "one in the header");
  return value.split(" ").filter(Boolean);
}

function numbersOf(fields: Map<string, string>, key: string, count: number, cursor: Cursor): number[] {
  const words = wordsOf(fields, key, cursor);
  if (words.length !== count) fail(cursor, `${words.length} numbers of ${key}`, `${count}`);
  return words.map((word) => numberOf(word) ?? fail(cursor, `"${word}" in ${key}`, "a number"));
}

/** A number, unless the word is none or one that no float holds: too large, or not zero and too small. */
function numberOf(word: string): number | undefined {
  const digits = NUMBER.exec(word)?.[1];
  if (digits === undefined) return SPECIAL_NUMBERS.get(word.toLowerCase());
  const value = Number(word);
  return Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(digits)) ? value : undefined;
}

function countOf(fields: Map<string, string>, key: string, cursor: Cursor): number {
  const text = fields.get(key) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : fail(cursor, `${key} "${text}"`, "a count");
}

/** An array that holds the numbers as they are: one out of its range would turn into another. */
function held<T extends ArrayLike<number>>(array: T, numbers: number[], key: string, cursor: Cursor): T {
  const at = numbers.findIndex((x, k) => !Object.is(x, array[k]));
  if (at >= 0) fail(cursor, `${numbers[at]} in ${key}`, "a whole number in range");
  return array;
}

function fail(cursor: Cursor, found: string, wanted: string): never {
  // A terminal obeys control characters.
  const shown = found.slice(0, 120).replaceAll(/\p{Cc}/gu, "\ufffd");
  throw new ModelError(
    `Cannot read model "${cursor.path}" near line ${cursor.line + 1}: found ${shown}, wanted ${wanted}`,
    cursor.path,
  );
}
