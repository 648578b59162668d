/**
 * Drawings that are looked at: each is kept as a file a person can open, and compared with it.
 *
 * @module
 */
import assert from "node:assert/strict";

const OUTPUT = new URL("../output/", import.meta.url);

/** A standalone file: a browser wants the namespace, a person one element a line. */
function standalone(drawing: string): string {
  return drawing
    .replace(/^<svg(?![^>]*\sxmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"')
    .replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100))
    .replaceAll("><", ">\n<") + "\n";
}

/**
 * Compares a drawing with `test/output/<name>`; a mismatch is kept beside it as `<name>-changed`.
 *
 * @param name File name with extension: `.svg`, or `.html` for a fragment.
 * @param drawing SVG or HTML.
 */
export async function assertDrawing(name: string, drawing: string): Promise<void> {
  const path = new URL(name, OUTPUT), changed = new URL(name.replace(/(\.\w+)$/, "-changed$1"), OUTPUT);
  const found = standalone(drawing);
  const wanted = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found === wanted) {
    await Deno.remove(changed).catch(() => {});
    return;
  }
  await Deno.writeTextFile(changed, found);
  const what = wanted === undefined ? "is new" : "differs";
  assert.fail(`${name} ${what}: look at ${changed.pathname}, and rename it to ${name} if it is right`);
}
