/** What a command says of a fault of ours, and of text that would steer the terminal. */
import assert from "node:assert/strict";
import { type CommandResult, runTask, withLake } from "../helpers/bronze_lake.ts";
import { readManifests } from "../../lib/lake/mod.ts";

const faulty = (lake: string, how: string, ...more: string[]): Promise<CommandResult> =>
  runTask("../test/helpers/fault_command", "--lake", lake, "--how", how, ...more);

/** The one line, and the file it names. */
function reported({ code, stdout, stderr }: CommandResult): string {
  assert.deepEqual([code, stdout], [3, ""], stderr);
  const [line, ...more] = stderr.trimEnd().split("\n");
  assert.deepEqual(more, [], "one line");
  const [, path] = /^faulty: .*; this is a fault of ours, please report it with (.*)$/.exec(line) ?? [];
  return path ?? assert.fail(line);
}

const HOW = ["thrown", "no error", "nobody waits", "later"];
const IN_WORKERS = ["in a worker", "later in a worker", "not waited for in a worker"];
for (const how of [...HOW, ...IN_WORKERS]) {
  Deno.test(`a fault (${how}) is one line, exit code 3 and a trace in the lake`, async () => {
    await withLake(async (lake) => {
      const path = reported(await faulty(lake.root, how));
      assert.match(path, new RegExp(`^${lake.root}/_meta/faults/[^/]+-faulty-[^/]+\\.txt$`));
      const trace = await Deno.readTextFile(path);
      if (how === "no error") assert.equal(trace, "a string\n");
      else assert.match(trace, /a fault[^]*\n +at /);
    });
  });
}

Deno.test("a fault in a run leaves its trace, causes included, in the run's manifest; bad input leaves none", async () => {
  await withLake(async (lake) => {
    const path = reported(await faulty(lake.root, "in a run")), [run] = await readManifests(lake);
    assert.equal(path, `${lake.root}/_meta/runs/${run.id}.json`);
    assert.deepEqual([run.status, run.error], ["failed", "a fault"]);
    assert.match(run.trace!, /^TypeError: a fault\n +at [^]*\ncaused by Error: why\n +at /);
    const { code, stderr } = await faulty(lake.root, "typed in a run");
    assert.deepEqual([code, stderr], [2, "faulty: Cannot do it\n"]);
    const [, typed] = await readManifests(lake);
    assert.deepEqual([typed.error, typed.trace], ["Cannot do it", undefined]);
  });
});

Deno.test("a fault without a lake to keep it in names the place where it was thrown, and makes no lake", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-none-" });
  try {
    const place = reported(await faulty(`${folder}/none`, "thrown"));
    assert.match(place, /^at .*fault_command\.ts:\d+:\d+/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what a command says steers no terminal: controls are written out, lines of ours stay lines", async () => {
  await withLake(async (lake) => {
    const bad = await faulty(lake.root, "typed");
    assert.deepEqual([bad.code, bad.stderr], [
      2,
      "faulty: Cannot use \\x1b[2J\\u202e: wanted less\\nthan this\n",
    ]);
    const good = await faulty(lake.root, "not", "--json"), [one, two, json] = good.stdout.split("\n");
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual([one, two], ["one\\x1b[31m line\\x85", "two\\nlines"]);
    assert.deepEqual(JSON.parse(json), { said: "\x1b\u009b\u202e" });
    assert.doesNotMatch(good.stdout, /[^\x20-\x7e\n]/);
  });
});
