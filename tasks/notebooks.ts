/**
 * `deno task notebooks`: runs every notebook headless on a lake and keeps executed copies and pages.
 *
 * @module
 */
import { type Effects, LakeError, TidemarkError } from "../lib/base/mod.ts";
import { existingLake, hashFile, type Lake, readContracts } from "../lib/lake/mod.ts";
import {
  foreignKernel,
  hasLostOutputs,
  notebookDecision,
  type NotebookFile,
  notebookPage,
  notebookTitle,
  readNotebook,
} from "../lib/report/mod.ts";
import { type Args, DATE_OPTIONS, datesFrom, main, type Outcome } from "./_cli.ts";
import { failedCell, jupyterEnv, requireJupyter, runJupyter } from "./_jupyter.ts";
import { pageHead, writeIndex, writePage } from "./_pages.ts";

const IOPUB_SECONDS = 60;
/** Runs of a notebook whose outputs are lost between kernel and Jupyter, at most. */
const TRIES = 3;

interface Done {
  name: string;
  seconds: number;
  /** Why it could not be run to its end, the cell named. */
  failure?: string;
  /** Whether that is only because the machine was too busy for its outputs to arrive. */
  lost?: boolean;
}

async function notebooksIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    // What begins with a dot is of the operating system.
    const names = entries.filter((e) => !e.isDirectory && /^[^.].*\.ipynb$/.test(e.name)).map((e) => e.name);
    if (names.length > 0) return names.sort();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  throw new TidemarkError(
    `Cannot find notebooks in "${folder}": run this in Tidemark's folder, or give --from`,
  );
}

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const lake = await existingLake(String(args.lake), effects),
    dates = datesFrom(args),
    from = String(args.from);
  const names = await notebooksIn(from), start = performance.now();
  const env = {
    ...await jupyterEnv(lake),
    ...(dates ? { TIDEMARK_DATES: dates.join(",") } : {}),
  };
  await requireJupyter(["nbconvert"], env);
  const out = `${await Deno.realPath(lake.root)}/reports/notebooks`, done: Done[] = [];
  const progress = effects.progress("notebooks", "notebooks", names.length);
  for (const name of names) {
    effects.log(`${name}: running`);
    let ran = await execute(`${from}/${name}`, out, env);
    for (let tries = 1; ran.lost && tries < TRIES; tries++) {
      effects.log(`${name}: what it showed did not all arrive, running it again`);
      ran = await execute(`${from}/${name}`, out, env);
    }
    effects.log(`${name}: ${ran.failure ? `FAILED, ${ran.failure}` : `${ran.seconds.toFixed(1)} s`}`);
    done.push({ name, ...ran });
    progress.add(1);
  }
  progress.done();
  const good = done.filter((d) => !d.failure),
    shown = dates ?? (await readContracts(lake)).map((choice) => choice.date);
  const unshown = await writePages(lake, { names: good.map((d) => d.name), from, out, env, dates: shown });
  for (const d of good) {
    const failure = unshown.get(d.name);
    if (failure !== undefined) d.failure = `it ran, but no page can be made of it: ${failure}`;
  }
  const bad = done.filter((d) => d.failure);
  await writeIndex(lake, await pageHead(lake, "Notebooks", shown), effects.warn);
  const seconds = (performance.now() - start) / 1000;
  return {
    summary: [
      ...bad.map((d) => `${d.name}: ${d.failure}`),
      `notebooks: ${done.length - bad.length} of ${done.length} run in ${seconds.toFixed(0)} s${
        bad.length > 0 ? `, ${bad.length} FAILED` : ""
      }; open ${lake.root}/reports/index.html`,
    ].join("\n"),
    json: { notebooks: done, folder: out, seconds },
    exitCode: bad.length > 0 ? 1 : 0,
  };
}

/** Runs a notebook; its executed copy appears when every cell has ended well. */
async function execute(path: string, out: string, env: Record<string, string>): Promise<Omit<Done, "name">> {
  const from = performance.now(), name = path.slice(path.lastIndexOf("/") + 1);
  await removeCopies(out, name);
  let notebook: NotebookFile;
  try {
    notebook = await readNotebook(path);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { seconds: 0, failure: error.message };
  }
  const foreign = foreignKernel(notebook);
  if (foreign) {
    return {
      seconds: 0,
      failure: `not run: it asks for ${foreign}; notebooks run TypeScript on Deno's kernel`,
    };
  }
  // On a busy machine the kernel's last messages take longer than the few seconds that are the default.
  const patience = `--ExecutePreprocessor.iopub_timeout=${IOPUB_SECONDS}`;
  // Another machine may have given the kernel another name.
  const kernel = "--ExecutePreprocessor.kernel_name=deno";
  const args = ["nbconvert", "--to", "notebook", "--execute", patience, kernel, "--output-dir", out, path];
  const { failure } = await runJupyter(args, env), seconds = (performance.now() - from) / 1000;
  if (failure !== undefined) return { seconds, failure: failedCell(notebook, failure) };
  if (!hasLostOutputs(await readNotebook(`${out}/${name}`))) return { seconds };
  await removeCopies(out, name);
  return {
    seconds,
    lost: true,
    failure: "what it showed did not all arrive; try again on a less busy machine",
  };
}

/** What an earlier run left must not pass for this one's. */
async function removeCopies(out: string, name: string): Promise<void> {
  for (const end of ["ipynb", "html", "json"]) {
    await Deno.remove(`${out}/${name.replace(/ipynb$/, end)}`).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

interface Pages {
  names: string[];
  from: string;
  out: string;
  env: Record<string, string>;
  dates: string[];
}

/** Pages of executed notebooks, and why there is none of some; nbconvert starts once for all that have no fault. */
async function writePages(lake: Lake, { names, from, out, env, dates }: Pages): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  if (names.length === 0) return failed;
  const fragments = await Deno.makeTempDir({ dir: env.JUPYTER_RUNTIME_DIR, prefix: "html-" });
  const html = ["--to", "html", "--template", "basic", "--output-dir", fragments];
  const convert = (names: readonly string[]) =>
    runJupyter(["nbconvert", ...html, ...names.map((name) => `${out}/${name}`)], env);
  if ((await convert(names)).failure !== undefined) {
    for (const name of names) {
      const { failure } = await convert([name]);
      if (failure !== undefined) failed.set(name, failure.split("\n").at(-1)!);
    }
  }
  for (const name of names.filter((name) => !failed.has(name))) {
    const stem = name.replace(/\.ipynb$/, "");
    const notebook = await readNotebook(`${out}/${name}`);
    const head = await pageHead(lake, notebookTitle(notebook, stem), dates);
    head.inputs = { [name]: (await hashFile(`${from}/${name}`)).slice(0, 12), ...head.inputs };
    head.links = { "All pages": "../index.html", "Executed notebook": name };
    const cells = await Deno.readTextFile(`${fragments}/${stem}.html`);
    const page = { html: notebookPage(head, notebook, cells), head, verdict: notebookDecision(notebook) };
    await writePage(lake, `notebooks/${stem}`, page);
  }
  await Deno.remove(fragments, { recursive: true });
  return failed;
}

await main({
  name: "notebooks",
  summary:
    "Runs every notebook headless on a lake, in their order; executed copies and pages go to LAKE/reports/notebooks. Exit code 1 when a cell fails.",
  options: {
    ...DATE_OPTIONS,
    from: { value: "FOLDER", help: "folder of the notebooks", default: "notebooks" },
  },
  examples: ["--lake lake/demo"],
  run,
});
