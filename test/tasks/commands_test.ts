/** What holds for every command alike: its help, its answer to an option it does not know, its place in deno.json. */
import assert from "node:assert/strict";
import { runTask } from "../helpers/bronze_lake.ts";

const ROOT = new URL("../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as {
  tasks: Record<string, { description: string; command: string }>;
};

const commands = (await Array.fromAsync(Deno.readDir(new URL("tasks/", ROOT))))
  .filter(({ name }) => /^[a-z]+\.ts$/.test(name)).map(({ name }) => name.slice(0, -3)).sort();

Deno.test("deno.json has a task with a description for every command, with least permissions", () => {
  for (const name of commands) {
    const { description, command } = tasks[name] ?? assert.fail(`no task ${name}`);
    assert.ok(description.length > 10, name);
    assert.ok(command.includes(`tasks/${name}.ts`), command);
    assert.doesNotMatch(command, /\s(-A|--allow-all|--allow-run|--allow-env)(\s|$)/, name);
  }
});

for (const name of commands.filter((name) => name !== "readme")) {
  Deno.test(`${name} prints its help and refuses an option it does not know`, async () => {
    const help = await runTask(name, "--help");
    assert.equal(help.code, 0, help.stderr);
    assert.equal(help.stderr, "");
    assert.match(help.stdout, new RegExp(`^deno task ${name} \\[options\\]\n`));
    for (
      const part of ["--lake DIR", "--json", "--help", "Exit code: 0 done, 1 a check failed, 2 bad usage"]
    ) {
      assert.ok(help.stdout.includes(part), `${part} in the help of ${name}`);
    }
    const wrong = await runTask(name, "--shout");
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.equal(
      wrong.stderr,
      `${name}: Cannot use "--shout": not an option of ${name}; see deno task ${name} --help\n`,
    );
  });
}

Deno.test("commands with few permissions start with those that deno.json gives them", async () => {
  for (const name of ["demo", "readme"]) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", name, "--help"],
      cwd: ROOT,
    }).output();
    assert.equal(code, 0, `${name}: ${new TextDecoder().decode(stderr)}`);
  }
});
