/** Says what runs that died left in a lake, and mends it: finishes or undoes what stopped half way. @module */
import type { Effects } from "../lib/base/mod.ts";
import { clearLeftovers, examine, existingLake, type Stuck } from "../lib/lake/mod.ts";
import { type Args, main, type Outcome } from "./_cli.ts";

function lines({ id, direction, paths, why }: Stuck): string[] {
  const shown = paths.slice(0, 3).join(", "), more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return [
    `STUCK ${id}: cannot ${direction}: ${why}`,
    `     it touches ${shown}${more}`,
    direction === "finish"
      ? `     remove what is in its way and run doctor again, or deno task doctor --undo ${id}`
      : `     remove what is in its way and run doctor again: it is half undone`,
  ];
}

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const lake = await existingLake(String(args.lake)), chosen = new Map<string, Stuck["direction"]>();
  if (args.finish) chosen.set(String(args.finish), "finish");
  if (args.undo) chosen.set(String(args.undo), "undo");
  const { stuck, leftovers } = await examine(lake, chosen);
  if (args.clean) await clearLeftovers(lake, leftovers);
  else for (const path of leftovers) effects.log(`left by a dead run: ${path} (--clean removes it)`);
  const left = args.clean ? "removed" : "found";
  const summary = `doctor: ${stuck.length === 0 ? "nothing stuck" : `${stuck.length} stuck`}; ` +
    `${leftovers.length} temporary files of dead runs ${left}`;
  return {
    summary: [...stuck.flatMap(lines), summary].join("\n"),
    json: { stuck, leftovers },
    exitCode: stuck.length > 0 ? 1 : 0,
  };
}

await main({
  name: "doctor",
  summary:
    "Says what runs that died left in a lake and mends it: a change that stopped half way is finished or undone.",
  options: {
    finish: { value: "ID", help: "finish this change" },
    undo: { value: "ID", help: "undo this change: what stood there before stands again" },
    clean: { help: "remove temporary files that dead runs left" },
  },
  examples: ["", "--undo 20261201T120000000Z-filter-1a2b3c4d", "--clean"],
  run,
});
