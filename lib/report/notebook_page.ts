/**
 * An executed notebook as a page: its decision first, then its cells.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../base/mod.ts";
import { type JsonOptions, parseJson, readJsonFile } from "../lake/mod.ts";
import { DECISION_TYPE, SHOWN_STYLE } from "./notebook.ts";
import { type PageHead, type PageVerdict, renderPage } from "./page.ts";

const Text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);
const Notebook = z.object({
  nbformat: z.literal(4),
  metadata: z.object({
    kernelspec: z.object({ name: z.string().default(""), language: z.string().optional() }).optional(),
    language_info: z.object({ name: z.string() }).optional(),
  }),
  cells: z.array(z.object({
    id: z.string().default(""),
    cell_type: z.string(),
    source: Text,
    execution_count: z.number().nullish(),
    outputs: z.array(z.object({
      data: z.record(z.string(), z.unknown()).default({}),
      metadata: z.object({ tidemark: z.object({ shown: z.number() }).optional() }).default({}),
    })).default([]),
    metadata: z.object({ tags: z.array(z.string()).default([]) }),
  })),
});
const Decision = z.object({ status: z.enum(["pass", "warn", "fail", "info"]), text: z.string() });

/** The code of a cell, as nbconvert writes it: no tag inside can close it early. */
const CODE = /<div class="highlight hl-\w+"><pre>[^]*?<\/pre><\/div>/g;

/** What of a notebook's file matters here. */
export type NotebookFile = z.infer<typeof Notebook>;

const READING: JsonOptions = { remedy: "mend it, or save it anew in JupyterLab (format 4)" };

/** Reads a notebook's file. @throws {LakeError} If it cannot be read or is not a notebook. */
export async function readNotebook(path: string): Promise<NotebookFile> {
  const notebook = await readJsonFile(path, Notebook, READING);
  if (notebook) return notebook;
  throw new LakeError(`Cannot read "${path}": it is not there; run notebooks again`, path);
}

/**
 * Reads a notebook's text.
 *
 * @param text JSON of format 4.
 * @param path The file, for the message.
 * @throws {LakeError} If it is not a notebook.
 */
export function parseNotebook(text: string, path: string): NotebookFile {
  return parseJson(text, path, Notebook, READING);
}

/**
 * What a notebook asks for that the Deno kernel is not; its kernel's name alone says nothing of its language.
 *
 * @returns The kernel and language asked for; undefined where Deno's kernel will do.
 */
export function foreignKernel({ metadata: { kernelspec, language_info } }: NotebookFile): string | undefined {
  const name = kernelspec?.name ?? "", language = kernelspec?.language ?? language_info?.name;
  if (language === undefined ? /^(deno.*)?$/.test(name) : /^(type|java)script$/i.test(language)) {
    return undefined;
  }
  return `kernel ${JSON.stringify(name)}, language ${JSON.stringify(language ?? "unknown")}`;
}

/** Title of a notebook: its first heading, or the name of its file. */
export function notebookTitle({ cells }: NotebookFile, name: string): string {
  const heading = cells.filter((cell) => cell.cell_type === "markdown").map((cell) =>
    /^# (.+)$/m.exec(cell.source)?.[1]
  ).find((title) => title !== undefined);
  return heading ?? name;
}

/** What an executed notebook came to: the last decision it shows. */
export function notebookDecision({ cells }: NotebookFile): PageVerdict {
  const shown = cells.flatMap((cell) => cell.outputs.map(({ data }) => data[DECISION_TYPE]));
  const last = shown.findLast((decision) => decision !== undefined);
  if (last === undefined) return { status: "info", text: "A notebook that ends without a decision." };
  const decision = Decision.safeParse(last);
  return decision.success ? decision.data : {
    status: "warn",
    text:
      "A notebook whose decision is none: showDecision() wants a status (pass, warn, fail, info) and a text.",
  };
}

/**
 * Whether something that an executed notebook showed did not arrive: the numbers that `notebooks/display.ts` gives
 * have a gap, or the last cell's decision is not there.
 */
export function hasLostOutputs({ cells }: NotebookFile): boolean {
  const numbers = cells.flatMap((cell) => cell.outputs.map(({ metadata }) => metadata.tidemark?.shown ?? 0));
  const arrived = numbers.filter((n) => n > 0), last = cells.findLast((cell) => cell.cell_type === "code");
  const decided = last?.outputs.some(({ data }) => DECISION_TYPE in data) ?? false;
  return arrived.length !== arrived.reduce((most, n) => Math.max(most, n), 0) ||
    (/\bshowDecision\(/.test(last?.source ?? "") && !decided);
}

/**
 * The page of an executed notebook.
 *
 * @param head Title, lake, dates, commit, inputs.
 * @param notebook The executed notebook.
 * @param cells HTML of its cells, as nbconvert's template `basic` makes it.
 * @returns HTML.
 */
export function notebookPage(head: PageHead, notebook: NotebookFile, cells: string): string {
  // The page has these styles already; code steps back behind what it shows.
  const body = cells.replaceAll(SHOWN_STYLE, "").replace(
    CODE,
    "<details><summary>code</summary>$&</details>",
  );
  return renderPage(head, notebookDecision(notebook), [{ notebook: body }]);
}
