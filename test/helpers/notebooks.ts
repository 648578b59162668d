/** Notebooks made by tests, and the task that runs them. @module */

const ROOT = new URL("../../", import.meta.url).pathname;

/** Runs `notebooks` on a folder of files with these texts. */
export async function runNotebooks(lake: string, files: Record<string, string>) {
  const from = await Deno.makeTempDir({ prefix: "tidemark-notebooks-" });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${from}/${name}`, text);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "notebooks", "--lake", lake, "--from", from],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  await Deno.remove(from, { recursive: true });
  const decoder = new TextDecoder(), said = decoder.decode(stdout);
  return { code, said, lines: said.trim().split("\n"), stderr: decoder.decode(stderr) };
}

/** A notebook of one heading and one cell of code. */
export function notebook(
  change: { kernel?: Record<string, string>; source?: string; heading?: string } = {},
): string {
  const { kernel = { name: "deno", display_name: "Deno", language: "typescript" } } = change;
  return JSON.stringify(
    {
      cells: [
        { cell_type: "markdown", id: "a1", metadata: {}, source: change.heading ?? "# A question" },
        {
          cell_type: "code",
          id: "b1",
          execution_count: null,
          metadata: {},
          outputs: [],
          source: change.source ?? "const x: number = 41;\nx + 1",
        },
      ],
      metadata: { kernelspec: kernel, language_info: { name: kernel.language } },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  );
}
