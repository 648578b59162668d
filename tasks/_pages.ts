/**
 * Report pages on disk: a page, the card beside it that the index reads, and the index.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../lib/base/mod.ts";
import { type Lake, listFolder, readKey, readTextFile, writeAtomic } from "../lib/lake/mod.ts";
import { indexPage, type PageCard, type PageHead, type PageVerdict } from "../lib/report/mod.ts";

const ROOT = new URL("../", import.meta.url);

const Card = z.object({
  title: z.string(),
  status: z.enum(["pass", "warn", "fail", "info"]),
  text: z.string(),
  made: z.string(),
});

/** The short commit id of the code, read from `.git` without running git; `unknown` where there is none. */
export async function commitId(): Promise<string> {
  const read = (file: URL) => Deno.readTextFile(file).then((text) => text.trim());
  try {
    // A worktree's `.git` is a file that names its folder, and that folder names the one with the branches.
    const dot = new URL(".git", ROOT), linked = (await Deno.stat(dot)).isFile;
    const own = linked
      ? new URL(`file://${(await read(dot)).replace(/^gitdir: /, "")}/`)
      : new URL(".git/", ROOT);
    const shared = linked ? new URL(`${await read(new URL("commondir", own))}/`, own) : own;
    const head = await read(new URL("HEAD", own)), ref = /^ref: (\S+)$/.exec(head)?.[1];
    if (!ref) return head.slice(0, 7);
    const packed = async () =>
      (await read(new URL("packed-refs", shared))).split("\n").find((line) => line.endsWith(` ${ref}`));
    return ((await read(new URL(ref, shared)).catch(packed)) ?? "unknown").slice(0, 7);
  } catch {
    return "unknown";
  }
}

/** The header of a page made now; its inputs are what the consolidated data set's key says. */
export async function pageHead(lake: Lake, title: string, dates: readonly string[]): Promise<PageHead> {
  const key = await readKey(lake, "gold_consolidated", "all");
  const inputs = Object.entries(key?.outputs ?? {}).map(([path, sha256]) =>
    [path.slice(path.lastIndexOf("/") + 1), sha256.slice(0, 12)] as const
  );
  return {
    title,
    lake: lake.root,
    dates,
    commit: await commitId(),
    inputs: Object.fromEntries(inputs),
    made: new Date().toISOString().slice(0, 19) + "Z",
    links: { "All pages": "index.html" },
  };
}

/**
 * Writes a page and its card under the lake's reports, and the index anew.
 *
 * @param lake The lake.
 * @param name File name without `.html`.
 * @param page Its HTML, its header and its one-line answer.
 * @returns Path of the page.
 */
export async function writePage(
  lake: Lake,
  name: string,
  page: { html: string; head: PageHead; verdict: PageVerdict; more?: Record<string, unknown> },
): Promise<string> {
  const { html, head, verdict, more = {} } = page, path = `${lake.root}/reports/${name}`;
  const card = { title: head.title, status: verdict.status, text: verdict.text, made: head.made, ...more };
  await writeAtomic(`${path}.html`, html);
  await writeAtomic(`${path}.json`, JSON.stringify(card, null, 2) + "\n");
  await writeIndex(lake, head);
  return `${path}.html`;
}

/** Writes `index.html` over all pages under the lake's reports. */
export async function writeIndex(lake: Lake, like: PageHead): Promise<string> {
  await Deno.mkdir(`${lake.root}/reports`, { recursive: true });
  const path = `${lake.root}/reports/index.html`, cards = await readCards(`${lake.root}/reports`, "");
  await writeAtomic(path, indexPage({ ...like, title: "Reports", inputs: {}, links: {} }, cards));
  return path;
}

/** Cards of the pages in a folder and the folders in it; a page without a readable card shows by its title. */
async function readCards(root: string, folder: string): Promise<PageCard[]> {
  const cards: PageCard[] = [];
  for (const entry of await listFolder(`${root}/${folder}`)) {
    const file = `${folder}${entry.name}`;
    if (entry.isDirectory) cards.push(...await readCards(root, `${file}/`));
    else if (entry.isFile && entry.name.endsWith(".html") && file !== "index.html") {
      cards.push(await readCard(root, file));
    }
  }
  return cards;
}

async function readCard(root: string, file: string): Promise<PageCard> {
  const path = `${root}/${file}`;
  try {
    return {
      file,
      ...Card.parse(JSON.parse((await readTextFile(path.replace(/\.html$/, ".json"))) ?? "null")),
    };
  } catch (error) {
    const known = error instanceof LakeError || error instanceof SyntaxError || error instanceof z.ZodError;
    if (!known) throw error;
    const title = unescapeHtml(/<title>([^<]*)<\/title>/.exec(await Deno.readTextFile(path))?.[1] ?? file);
    const made = (await Deno.stat(path)).mtime?.toISOString().slice(0, 19) ?? "";
    return { file, title, status: "info", text: "A page without a verdict.", made: made && `${made}Z` };
  }
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll(
    "&amp;",
    "&",
  );
}
