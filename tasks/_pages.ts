/**
 * Report pages on disk: a page, the card beside it that the index reads, and the index.
 *
 * @module
 */
import { z } from "zod";
import { LakeError } from "../lib/base/mod.ts";
import { type Lake, readJsonFile, readKey, readTextFile, writeAtomic } from "../lib/lake/mod.ts";
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
  return {
    title,
    lake: lake.root,
    dates,
    commit: await commitId(),
    inputs: await goldInputs(lake),
    made: new Date().toISOString().slice(0, 19) + "Z",
    links: { "All pages": "index.html" },
  };
}

async function goldInputs(lake: Lake): Promise<Record<string, string>> {
  try {
    const key = await readKey(lake, "gold_consolidated", "all");
    return Object.fromEntries(
      Object.entries(key?.outputs ?? {}).map(([path, sha256]) =>
        [path.slice(path.lastIndexOf("/") + 1), sha256.slice(0, 12)] as const
      ),
    );
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { "consolidated Gold": "its key is damaged, run gold" };
  }
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

/**
 * Writes `index.html` over all pages under the lake's reports.
 *
 * @param lake The lake.
 * @param like Header of its pages.
 * @param warn Told of each damaged card; the index says so too.
 * @returns Its path.
 */
export async function writeIndex(
  lake: Lake,
  like: PageHead,
  warn: (message: string) => void = () => {},
): Promise<string> {
  await Deno.mkdir(`${lake.root}/reports`, { recursive: true });
  const path = `${lake.root}/reports/index.html`, cards = await readCards(`${lake.root}/reports`, "", warn);
  await writeAtomic(path, indexPage({ ...like, title: "Reports", inputs: {}, links: {} }, cards));
  return path;
}

/** Cards of the pages in a folder and the folders in it; a page without a readable card shows by its title. */
async function readCards(
  root: string,
  folder: string,
  warn: (message: string) => void,
): Promise<PageCard[]> {
  const cards: PageCard[] = [];
  for await (const entry of Deno.readDir(`${root}/${folder}`)) {
    const file = `${folder}${entry.name}`;
    if (entry.isDirectory) cards.push(...await readCards(root, `${file}/`, warn));
    else if (/^[^.].*\.html$/.test(entry.name) && file !== "index.html") {
      cards.push(await readCard(root, file, warn));
    }
  }
  return cards;
}

async function readCard(root: string, file: string, warn: (message: string) => void): Promise<PageCard> {
  const path = `${root}/${file}`, faults: string[] = [];
  const orFault = <T>(work: Promise<T>) =>
    work.catch((error) => {
      if (!(error instanceof LakeError)) throw error;
      warn(error.message);
      faults.push(error.message);
      return undefined;
    });
  const remedy = "make the page again";
  const card = await orFault(readJsonFile(path.replace(/\.html$/, ".json"), Card, { remedy }));
  if (card) return { file, ...card };
  const title = /<title>([^<]*)<\/title>/.exec(await orFault(readTextFile(path)) ?? "")?.[1];
  const made = (await Deno.stat(path)).mtime?.toISOString().slice(0, 19) ?? "";
  return {
    file,
    title: title === undefined ? file : unescapeHtml(title),
    ...faults.length > 0
      ? { status: "warn", text: faults.join(". ") }
      : { status: "info", text: "A page without a verdict." },
    made: made && `${made}Z`,
  };
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll(
    "&amp;",
    "&",
  );
}
