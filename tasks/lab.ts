/**
 * `deno task lab`: opens JupyterLab on the notebooks with the Deno kernel.
 *
 * @module
 */
import { openLake } from "../lib/lake/mod.ts";
import { main, numberFrom } from "./_cli.ts";
import { jupyterEnv, requireJupyter } from "./_jupyter.ts";

await main({
  name: "lab",
  summary:
    "Opens JupyterLab on the notebooks, with the Deno kernel installed for it and the lake as their parameter.",
  options: {
    port: { value: "N", help: "port of the server", default: "8888" },
    serve: { help: "open no browser, only print the address" },
    "allow-root": { help: "run as root, as in a container: Jupyter refuses to otherwise" },
  },
  examples: ["--lake lake/demo"],
  async run(args, effects) {
    const port = numberFrom(args, "port", { min: 1, max: 65535, integer: true });
    const env = await jupyterEnv(await openLake(String(args.lake), effects));
    await requireJupyter(["lab"], env);
    const switches = [
      ...args.serve ? ["--no-browser"] : [],
      ...args["allow-root"] ? ["--allow-root"] : [],
    ];
    const lab = new Deno.Command("jupyter", {
      // What is offered for a notebook whose kernel has another name.
      args: [
        "lab",
        `--port=${port}`,
        "--MappingKernelManager.default_kernel_name=deno",
        ...switches,
        "notebooks",
      ],
      env,
    })
      .spawn();
    const stop = () => lab.kill("SIGTERM");
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGTERM", stop);
    const { code, signal } = await lab.status, ended = code === 0 || signal === "SIGTERM";
    return {
      summary: ended ? "lab: JupyterLab ended" : `lab: JupyterLab ended with code ${code}`,
      json: { code },
      exitCode: ended ? 0 : 1,
    };
  },
});
