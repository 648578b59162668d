/**
 * `deno task readme`: brings the generated parts of the READMEs up to date.
 *
 * @module
 */
import { lakeReadme } from "../lib/schema/mod.ts";
import { main } from "./_cli.ts";
import { readmeWithTree } from "./_tree.ts";

await main({
  name: "readme",
  summary:
    "Writes lake/README.md from lib/schema, and the README's map of the folders from the files' own first sentences.",
  options: {},
  async run() {
    await Deno.writeTextFile("lake/README.md", lakeReadme());
    await Deno.writeTextFile("README.md", await readmeWithTree("."));
    return {
      summary: "readme: wrote lake/README.md and README.md",
      json: { wrote: ["lake/README.md", "README.md"] },
    };
  },
});
