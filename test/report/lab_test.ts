import assert from "node:assert/strict";
import { withLake } from "../helpers/bronze_lake.ts";
import { freePort } from "../helpers/ports.ts";
import { requires } from "../helpers/requires.ts";
import { until } from "../helpers/until.ts";

function lab(args: string[], env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "lab", ...args],
    cwd: new URL("../../", import.meta.url).pathname,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("lab and notebooks say what to install where Jupyter is missing, exit code 2", async () => {
  await withLake(async (lake) => {
    const { code, stderr } = await lab(["--lake", lake.root], { PATH: lake.root }).output();
    assert.equal(code, 2);
    assert.match(
      new TextDecoder().decode(stderr),
      /^lab: Cannot find jupyter lab: install it with `pip install jupyterlab nbconvert`, put it on the PATH/m,
    );
  });
});

Deno.test("lab serves the notebooks with the Deno kernel, and ends when it is told to", async (t) => {
  if (!requires("python:jupyterlab", t.name)) return;
  await withLake(async (lake) => {
    const process = lab(["--lake", lake.root, "--port", String(freePort()), "--serve", "--allow-root"], {});
    const reader = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let said = "", found: RegExpExecArray | null = null;
    while (!found) {
      const { value, done } = await reader.read();
      assert.ok(!done, said);
      found = /127\.0\.0\.1:(\d+)\/lab\?token=(\w+)\s/.exec(said += value);
    }
    // Where the port is in use, Jupyter takes another.
    const [, taken, token] = found, headers = { authorization: `token ${token}` };
    const ask = async (path: string) =>
      await (await fetch(`http://127.0.0.1:${taken}/api/${path}`, { headers })).json();
    // Jupyter prints its address before it binds it.
    await until("Jupyter answers", () => ask("status").then(() => true, () => false));
    const kernels = await ask("kernelspecs"), { content } = await ask("contents");
    assert.equal(kernels.kernelspecs.deno.spec.argv[0], Deno.execPath());
    assert.equal(kernels.default, "deno");
    assert.ok(content.some((file: { name: string }) => file.name === "05_model_training.ipynb"));
    process.kill("SIGTERM");
    for (let read = await reader.read(); !read.done; read = await reader.read()) said += read.value;
    assert.match(await new Response(process.stdout).text(), /^lab: JupyterLab ended$/m, said);
    assert.equal((await process.status).code, 0, said);
  });
});
