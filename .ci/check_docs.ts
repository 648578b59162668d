/**
 * Fails on an exported symbol of lib/ without a doc comment.
 *
 * `deno doc --lint` also reports types that belong to other rooms, which is how rooms are meant to be used here, and
 * inferred types of constants; those are left out.
 *
 * @module
 */
const rooms: string[] = [];
for await (const entry of Deno.readDir("lib")) {
  if (entry.name !== "std_cli") rooms.push(`lib/${entry.name}/mod.ts`);
}
const { stderr } = await new Deno.Command("deno", {
  args: ["doc", "--lint", ...rooms.sort()],
  env: { NO_COLOR: "1" },
}).output();
const reports = new TextDecoder().decode(stderr).split(/\n(?=error)/);
const missing = reports.filter((report) => report.startsWith("error[missing-jsdoc]"));
if (missing.length > 0) {
  const places = missing.map((report) => /-->\s*(\S+)/.exec(report)?.[1] ?? report);
  throw new Error(`${missing.length} exported symbols have no doc comment:\n${places.join("\n")}`);
}
