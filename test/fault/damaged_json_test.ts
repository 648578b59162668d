/** State that something cut, merged, emptied or swapped: named with what to do, never a stack trace. @module */
import assert from "node:assert/strict";
import { MOST_TEXT_BYTES } from "../../lib/lake/mod.ts";
import { stateLake } from "../helpers/json_state.ts";

const { lake, kinds } = await stateLake();
addEventListener("unload", () => Deno.removeSync(lake.root, { recursive: true }));

const write = (text: (good: string) => string) => async (path: string, good: string) =>
  await Deno.writeTextFile(path, text(good));
const merged = (text: string) => {
  const lines = text.replaceAll(",", ",\n").split("\n"), middle = lines.length >> 1;
  return [...lines.slice(0, middle), "<<<<<<< HEAD", lines[middle], "=======", lines[middle], ">>>>>>> other"]
    .concat(lines.slice(middle + 1)).join("\r\n");
};

/** Damages, and what is said of them. */
const DAMAGES: [string, RegExp, (path: string, good: string) => Promise<void>][] = [
  ["empty", /: it is empty; /, write(() => "")],
  ["blank", /: it is empty; /, write(() => "\ufeff \n")],
  ["cut off", /: it is cut off: its JSON does not end; /, write((good) => good.slice(0, good.length >> 1))],
  ["merged", /: a merge left its conflict markers in it; /, write(merged)],
  ["joined to another", /: not JSON at line \d+, column \d+; /, write((good) => `${good}${good}`)],
  ["of control characters", /: not JSON; /, write(() => "\x1b]0;x\x07")],
  ["of another shape", /: Invalid input: expected object, received array; /, write(() => "[]")],
  ["a number", /: Invalid input: expected object, received number; /, write(() => "7")],
  ["nested without end", /: it is nested deeper than 200; /, write(() => '{"a":'.repeat(1e6))],
  ["larger than any", /: it has \d+ bytes, wanted at most \d+; /, async (path) => {
    await Deno.truncate(path, MOST_TEXT_BYTES + 1);
  }],
  ["a folder", /: found a folder, wanted a file; /, async (path) => {
    await Deno.remove(path);
    await Deno.mkdir(path);
  }],
  ["a pipe", /: found a pipe, wanted a file; /, async (path) => {
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
  }],
  ["a link to itself", /: .*(symbolic|ELOOP|FilesystemLoop).*; /i, async (path) => {
    await Deno.remove(path);
    await Deno.symlink(path, path);
  }],
];

for (const { path, error, remedy, read } of kinds) {
  Deno.test(`${path.replace(/\/\d{8}T[^/]*$/, "/ID.json")} is named with what to do where it is damaged`, async () => {
    const file = `${lake.root}/${path}`, good = await Deno.readTextFile(file);
    for (const [what, found, damage] of DAMAGES) {
      await damage(file, good);
      await assert.rejects(read, (thrown: Error) => {
        assert.ok(thrown instanceof error, `${what}: ${thrown.stack}`);
        assert.ok(thrown.message.startsWith(`Cannot read "${file}": `), `${what}: ${thrown.message}`);
        assert.match(thrown.message, found, what);
        assert.match(thrown.message, remedy, what);
        // deno-lint-ignore no-control-regex -- what a terminal would obey
        assert.doesNotMatch(thrown.message, /[\n\x1b\x07]/, what);
        return true;
      });
      await Deno.remove(file, { recursive: true });
      await Deno.writeTextFile(file, good);
    }
    await Deno.writeTextFile(file, `\ufeff${good}`);
    await read();
    await Deno.writeTextFile(file, good);
    await read();
  });
}
