import assert from "node:assert/strict";
import { readmeWithTree } from "../../tasks/_tree.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

Deno.test("readmeWithTree() is what README.md says", async () => {
  const found = await Deno.readTextFile(`${ROOT}/README.md`);
  assert.equal(found, await readmeWithTree(ROOT), "README.md is stale: run deno task readme");
});
