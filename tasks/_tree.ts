/**
 * The map of the folders in the README: one phrase a file, taken from the file's own first sentence.
 *
 * @module
 */
import { TidemarkError } from "../lib/base/mod.ts";

/** Rooms in the order the data flows. */
const ROOMS = [
  "base",
  "schema",
  "lake",
  "ingest",
  "simulate",
  "bronze",
  "silver",
  "levels",
  "features",
  "labels",
  "gold",
  "ml",
  "report",
  "stream",
  "std_cli",
];

/** Marks between which the README's tree stands. */
export const TREE_MARKS = ["<!-- tree -->", "<!-- /tree -->"] as const;

/** The first sentence of a module's doc comment, without its full stop. */
function phraseOf(text: string, path: string): string {
  const doc = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  const first = doc?.replaceAll(/^\s*\* ?/gm, "").split("@module")[0].trim().split(/\n\s*\n/)[0].replaceAll(
    /\s+/g,
    " ",
  );
  if (!first) throw new TidemarkError(`Cannot describe "${path}": it does not begin with a doc comment`);
  return first.split(/(?<=[^.])\.(?:\s|$)/)[0].replace(/:$/, "");
}

async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) found.push(...await filesIn(path));
      else if (entry.name.endsWith(".ts")) found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/**
 * The tree of lib/ and tasks/ as Markdown.
 *
 * @param root Folder of the repository, without a trailing slash.
 * @throws {TidemarkError} If a file does not begin with a doc comment.
 */
export async function repositoryTree(root: string): Promise<string> {
  const lines: string[] = [];
  for (const folder of [...ROOMS.map((room) => `lib/${room}`), "tasks"]) {
    const files = await filesIn(`${root}/${folder}`);
    if (files.length === 0) continue;
    const mod = files.find((file) => file === `${root}/${folder}/mod.ts`);
    const about = mod
      ? phraseOf(await Deno.readTextFile(mod), mod)
      : folder === "tasks"
      ? "one file a command"
      : "";
    lines.push(`- **\`${folder}/\`** ${about}`.trimEnd());
    for (const file of files) {
      if (file.endsWith("/mod.ts")) continue;
      lines.push(
        `  - \`${file.slice(root.length + folder.length + 2)}\` ${
          phraseOf(await Deno.readTextFile(file), file)
        }`,
      );
    }
  }
  return lines.join("\n");
}

/** The README with its tree brought up to date. */
export async function readmeWithTree(root: string): Promise<string> {
  const text = await Deno.readTextFile(`${root}/README.md`);
  const [open, close] = TREE_MARKS, from = text.indexOf(open), to = text.indexOf(close);
  if (from < 0 || to < from) {
    throw new TidemarkError(`Cannot update README.md: the marks ${open} and ${close} are missing`);
  }
  return `${text.slice(0, from + open.length)}\n\n${await repositoryTree(root)}\n\n${text.slice(to)}`;
}
