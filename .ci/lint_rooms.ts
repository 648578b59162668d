/**
 * Lint rule `tidemark/rooms`: the import table of lib/, so that a wrong import fails `deno lint`.
 *
 * A room may import itself and the rooms listed for it, through their `mod.ts`. Nothing imports tasks/,
 * notebooks/ or test/; tasks never import each other.
 *
 * @module
 */

/** Which rooms of lib/ each room may import. */
export const ROOMS: Record<string, readonly string[]> = {
  base: [],
  schema: ["base"],
  lake: ["base", "schema"],
  ingest: ["base", "schema"],
  simulate: ["base", "schema", "ingest"],
  bronze: ["base", "schema", "lake", "ingest"],
  silver: ["base", "schema", "lake"],
  levels: ["base", "schema"],
  features: ["base", "schema", "levels"],
  labels: ["base", "schema", "levels"],
  gold: ["base", "schema", "lake", "silver", "levels", "features", "labels"],
  ml: ["base", "schema", "lake"],
  report: ["base", "schema", "lake", "ml"],
  stream: [
    "base",
    "schema",
    "lake",
    "ingest",
    "bronze",
    "silver",
    "levels",
    "features",
    "labels",
    "gold",
    "ml",
  ],
  std_cli: [],
};

const ROOT = new URL("..", import.meta.url).pathname;
const TOPS = new Set(["lib", "tasks", "notebooks", "test"]);

/** Splits a path into its top folder below the repository, its room of lib/ if any, and the rest. */
function place(path: string): { top: string; room: string; file: string } | undefined {
  // Below this repository, test/tasks/ is of test/; elsewhere (in tests of the rule) the last name counts.
  const parts = path.replaceAll("\\", "/").replace(ROOT, "").split("/");
  const at = path.startsWith(ROOT)
    ? parts.findIndex((p) => TOPS.has(p))
    : parts.findLastIndex((p) => TOPS.has(p));
  if (at < 0) return undefined;
  return { top: parts[at]!, room: parts[at + 1] ?? "", file: parts.slice(at + 2).join("/") };
}

/**
 * Says why `from` may not import `source`, or nothing where it may.
 *
 * @param from Absolute path of the importing file.
 * @param source The specifier as written.
 */
export function forbidden(from: string, source: string): string | undefined {
  if (!source.startsWith(".")) return undefined;
  const me = place(from);
  const it = place(new URL(source, `file://${from}`).pathname);
  if (!me || !it || me.top === "test") return undefined;
  if (it.top !== "lib") {
    if (me.top === it.top && me.top === "tasks" && it.room.startsWith("_")) return undefined;
    return `${me.top}/ must not import ${it.top}/`;
  }
  if (me.top !== "lib" || me.room === it.room) return undefined;
  if (!(ROOMS[me.room] ?? []).includes(it.room)) return `lib/${me.room} must not import lib/${it.room}`;
  if (it.file !== "mod.ts") return `Import lib/${it.room} through its mod.ts`;
  return undefined;
}

interface SourceNode {
  type: string;
  value?: unknown;
  source?: SourceNode | null;
  argument?: SourceNode;
  literal?: SourceNode;
  range: [number, number];
}

const plugin: Deno.lint.Plugin = {
  name: "tidemark",
  rules: {
    rooms: {
      create(context) {
        const check = (node: SourceNode) => {
          const source = node.source ?? node.argument?.literal ?? node.argument;
          if (!source || typeof source.value !== "string") return;
          const why = forbidden(context.filename, source.value);
          if (why) context.report({ range: node.range, message: why });
        };
        return {
          ImportDeclaration: (n) => check(n as unknown as SourceNode),
          ImportExpression: (n) => check(n as unknown as SourceNode),
          ExportNamedDeclaration: (n) => check(n as unknown as SourceNode),
          ExportAllDeclaration: (n) => check(n as unknown as SourceNode),
          TSImportType: (n) => check(n as unknown as SourceNode),
        };
      },
    },
  },
};
export default plugin;
