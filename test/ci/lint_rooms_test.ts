import assert from "node:assert/strict";
import { forbidden, ROOMS } from "../../.ci/lint_rooms.ts";

const at = (path: string) => `/repo/${path}`;

Deno.test("forbidden() lets data flow one way only", () => {
  assert.equal(forbidden(at("lib/gold/build.ts"), "../features/mod.ts"), undefined);
  assert.match(forbidden(at("lib/features/tape.ts"), "../labels/mod.ts")!, /must not import lib\/labels/);
  assert.match(
    forbidden(at("lib/labels/outcomes.ts"), "../features/mod.ts")!,
    /must not import lib\/features/,
  );
  assert.match(forbidden(at("lib/silver/compact.ts"), "../bronze/mod.ts")!, /must not import lib\/bronze/);
  assert.match(forbidden(at("lib/gold/build.ts"), "../features/tape.ts")!, /through its mod\.ts/);
  assert.match(forbidden(at("lib/lake/lake.ts"), "../../tasks/gold.ts")!, /must not import tasks/);
  assert.match(forbidden(at("tasks/gold.ts"), "./silver.ts")!, /must not import tasks/);
  assert.equal(forbidden(at("tasks/gold.ts"), "./_cli.ts"), undefined);
  assert.equal(forbidden(at("test/gold/x_test.ts"), "../../lib/gold/build.ts"), undefined);
});

Deno.test("every room of lib/ is in the import table", async () => {
  for await (const entry of Deno.readDir(new URL("../../lib", import.meta.url))) {
    assert.ok(entry.name in ROOMS, entry.name);
  }
});

Deno.test("deno lint reports a wrong import of every kind", () => {
  const plugin = new URL("../../.ci/lint_rooms.ts", import.meta.url);
  return import(plugin.href).then(({ default: rules }: { default: Deno.lint.Plugin }) => {
    const source = `import a from "../labels/mod.ts";
export * from "../labels/mod.ts";
export { b } from "../labels/mod.ts";
const c = await import("../labels/mod.ts");
type D = import("../labels/mod.ts").D;
console.log(a, c, null as unknown as D);`;
    const found = Deno.lint.runPlugin(rules, at("lib/features/leak.ts"), source);
    assert.equal(found.length, 5);
  });
});
