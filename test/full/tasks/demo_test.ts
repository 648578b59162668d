/** The demo of 44 sessions, from DBN bytes to the verdict, with and without an effect. */
import assert from "node:assert/strict";

Deno.test("demo --days 44 finds the planted effect, finds nothing in the null market, and prints both", async () => {
  const lake = await Deno.makeTempDir({ prefix: "tidemark-demo-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "demo", "--days", "44", "--lake", `${lake}/demo`, "--json"],
      cwd: new URL("../../../", import.meta.url).pathname,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout), log = new TextDecoder().decode(stderr);
    const { verdicts } = JSON.parse(text.trimEnd().split("\n").at(-1)!);
    const family = "Primary family .*fp_outcome in 1 set: Holm over the \\d of 3 that can be judged";
    assert.match(text, new RegExp(`^  planted   .*fp_outcome.* both baselines.*\n +${family}`, "m"));
    assert.match(text, new RegExp(`^  null      Nothing found: .*\n +${family}`, "m"));
    assert.deepEqual([verdicts.planted.status, verdicts.null.status], ["pass", "info"], text);
    assert.equal(code, 0, log);
    assert.ok((await Deno.stat(`${lake}/demo/reports/models.html`)).isFile);
    assert.ok((await Deno.stat(`${lake}/demo_null/models/b-full/metrics.json`)).isFile);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
