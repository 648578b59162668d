/**
 * Jupyter as the notebook tasks call it: there, with the Deno kernel, on a lake, and nothing of it in the user's home.
 *
 * @module
 */
import { TidemarkError } from "../lib/base/mod.ts";
import type { Lake } from "../lib/lake/mod.ts";
import type { NotebookFile } from "../lib/report/mod.ts";

/**
 * Says what to install when a Jupyter command is missing.
 *
 * @param commands Subcommands that will be called.
 * @throws {TidemarkError} If one is missing.
 */
export async function requireJupyter(
  commands: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  for (const command of commands) {
    const { failure } = await runJupyter([command, "--version"], env);
    if (failure === undefined) continue;
    throw new TidemarkError(
      `Cannot find jupyter ${command}: install it with \`pip install jupyterlab nbconvert\`, put it on the PATH and ` +
        `try again (${failure.split("\n").at(-1)})`,
    );
  }
}

/**
 * Environment for Jupyter in which the Deno kernel is known, whatever the user has installed, and in which Jupyter
 * keeps what it writes beside the lake's other bookkeeping.
 *
 * @param lake The lake; the kernel's specification lies in its `_meta/jupyter`.
 */
export async function jupyterEnv(lake: Lake): Promise<Record<string, string>> {
  const spec = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.mkdir(`${lake.root}/_meta/jupyter/data/kernels/deno`, { recursive: true });
  await Deno.mkdir(`${lake.root}/_meta/jupyter/runtime`, { recursive: true });
  const root = await Deno.realPath(lake.root), home = `${root}/_meta/jupyter`;
  await Deno.writeTextFile(`${home}/data/kernels/deno/kernel.json`, JSON.stringify(spec, null, 2) + "\n");
  return {
    TIDEMARK_LAKE: root,
    JUPYTER_PATH: `${home}/data`,
    JUPYTER_DATA_DIR: `${home}/data`,
    JUPYTER_CONFIG_DIR: `${home}/config`,
    JUPYTER_RUNTIME_DIR: `${home}/runtime`,
    JUPYTERLAB_SETTINGS_DIR: `${home}/lab/settings`,
    JUPYTERLAB_WORKSPACES_DIR: `${home}/lab/workspaces`,
    IPYTHONDIR: `${home}/ipython`,
  };
}

/** How a Jupyter command ended. */
export interface JupyterRun {
  /** What it printed. */
  stdout: string;
  /** What it complained of when it failed; absent when it succeeded. */
  failure?: string;
}

/**
 * Runs a Jupyter command to its end.
 *
 * @param args Subcommand and arguments.
 * @param env Environment to add.
 */
export async function runJupyter(args: readonly string[], env: Record<string, string>): Promise<JupyterRun> {
  try {
    const command = new Deno.Command("jupyter", { args: [...args], env, stdout: "piped", stderr: "piped" });
    const { success, stdout, stderr } = await command.output(), decoder = new TextDecoder();
    const run = { stdout: decoder.decode(stdout) };
    return success ? run : { ...run, failure: decoder.decode(stderr).trimEnd() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { stdout: "", failure: "jupyter is not on the PATH" };
    throw error;
  }
}

// deno-lint-ignore no-control-regex -- terminals' colours
const COLORS = /\x1b\[[0-9;]*m/g;

/**
 * Which cell failed, and how, from what nbconvert says.
 *
 * @param notebook The notebook that was run.
 * @param failure What nbconvert complained of.
 */
export function failedCell({ cells }: NotebookFile, failure: string): string {
  const text = failure.replaceAll(COLORS, "");
  const [, source, said] = /the following cell:\n-{18}\n([^]*?)\n-{18}\n([^]*)$/.exec(text) ?? [];
  const k = cells.findIndex((cell) => cell.cell_type === "code" && cell.source.trim() === source?.trim());
  const invalid = /NotebookValidationError: (.*)/.exec(text)?.[1];
  if (invalid) return `it is no notebook of format 4: ${invalid.slice(0, 200)}; save it anew in JupyterLab`;
  if (k < 0) return `no cell to blame:\n${text.split("\n").slice(-20).join("\n")}`;
  const code = cells.slice(0, k + 1).filter((cell) => cell.cell_type === "code").length;
  return `cell ${cells[k].id} (code cell ${code}): ${said.trim()}`;
}
