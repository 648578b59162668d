import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { type Batch } from "../../lib/base/mod.ts";
import { type Lake, readFrame, writeFrame } from "../../lib/lake/mod.ts";
import { DATASET_PATH } from "../../lib/ml/mod.ts";
import { DAMAGES } from "../helpers/damage.ts";
import { goldLake, goldRows } from "../helpers/gold_rows.ts";

const HEADS = ["--heads", "tradeable_2_4m,direction_4m,strength_signed_4m"];

async function withGold(batch: Batch, work: (lake: Lake) => Promise<void>): Promise<void> {
  const lake = await goldLake(batch);
  try {
    await work(lake);
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
}

const gold = (dates = 10) => goldRows({ dates, perDate: 20, seed: 4, signal: 2 });

function changed(name: string, change: (column: Batch["columns"][string]) => void): Batch {
  const batch = gold();
  change(batch.columns[name]);
  return batch;
}

/** A command with the permissions that deno.json gives it. */
async function task(name: string, ...args: string[]) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, ...args],
    cwd: new URL("../../", import.meta.url).pathname,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

async function train(lake: Lake, ...args: string[]) {
  return await task("train", "--lake", lake.root, "--stage", "b", "--workers", "1", ...args);
}

/** The command ends with 2 and one line that says all of `parts`, and nothing lies under models/. */
async function assertRefused(lake: Lake, args: string[], ...parts: RegExp[]): Promise<void> {
  const { code, stdout, stderr } = await train(lake, ...args);
  assert.equal(code, 2, `${stdout}\n${stderr}`);
  const lines = stderr.trim().split("\n"), last = lines[lines.length - 1];
  for (const part of parts) assert.match(last, part);
  assert.doesNotMatch(stderr, /\bat (async )?file:/, "no stack trace");
  await assert.rejects(Deno.stat(`${lake.root}/models/b-full`), Deno.errors.NotFound);
}

Deno.test("train refuses too few dates, with the counts", async () => {
  await withGold(gold(4), async (lake) => {
    await assertRefused(
      lake,
      HEADS,
      /^train: Cannot split 4 dates: 1 test, 1 validation, .* make 5; build more Gold/,
    );
    await assertRefused(lake, [...HEADS, "--test", "9"], /9 test, .* make 13/);
  });
});

Deno.test("train refuses a head with one class, by name, unless it may skip it", async () => {
  const batch = changed("tradeable_2_4m", (column) => {
    const values = column as Int8Array;
    values.forEach((x, i) => values[i] = x === 1 ? 0 : x);
  });
  await withGold(batch, async (lake) => {
    await assertRefused(
      lake,
      HEADS,
      /head "tradeable_2_4m": only label 0 in \d+ training rows of 2025-/,
      /--skip/,
    );
    const { code, stdout, stderr } = await train(lake, ...HEADS, "--skip", "--json");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /head tradeable_2_4m left out: only label 0/);
    const { sets: [set] } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.deepEqual(set.skipped.map((s: { head: string }) => s.head), ["tradeable_2_4m"]);
  });
});

Deno.test("train refuses Gold without a column, or with one of another dtype, by name", async () => {
  await withGold(gold(), async (lake) => {
    const path = `${lake.root}/${DATASET_PATH}`, before = readFrame(path);
    writeFrame(path, before.drop("wall_ratio"));
    await assertRefused(lake, HEADS, /wall_ratio/, /missing/);
    writeFrame(path, before.withColumns(pl.col("atr").cast(pl.Float32).alias("atr")));
    await assertRefused(lake, HEADS, /atr/, /f64/);
  });
});

Deno.test("train refuses a label that is unknown although its outcome is not, by row and event", async () => {
  let row = -1;
  const batch = changed("strength_signed_4m", (column) => {
    const values = column as Float64Array;
    row = values.findIndex((x) => !Number.isNaN(x));
    values[row] = NaN;
  });
  await withGold(batch, async (lake) => {
    await assertRefused(
      lake,
      HEADS,
      new RegExp(`label "strength_signed_4m" of row ${row} \\([0-9a-f]{16}\\) is NaN .*; validate Gold`),
    );
  });
});

Deno.test("train refuses an unknown head, stage or number by name, and a lake without Gold", async () => {
  await withGold(gold(), async (lake) => {
    await assertRefused(lake, ["--heads", "direction_5m"], /head "direction_5m": no such head/);
    await assertRefused(lake, ["--heads", "direction_4m,,"], /--heads "direction_4m,,": a name is missing/);
    await assertRefused(lake, ["--ablation", "none"], /--ablation "none": wanted full, ta, mechanics, all/);
    await assertRefused(lake, ["--test", "0"], /--test "0": wanted a whole number from 1/);
    await Deno.remove(`${lake.root}/${DATASET_PATH}`);
    await assertRefused(lake, HEADS, /signals\.parquet/);
  });
});

Deno.test("calibrate and retrieval refuse models of another features version, or of another Gold", async () => {
  await withGold(gold(), async (lake) => {
    const { code, stderr } = await train(lake, ...HEADS);
    assert.equal(code, 0, stderr);
    const path = `${lake.root}/models/b-full/metadata.json`, text = await Deno.readTextFile(path);
    const refused = async (name: string, ...parts: RegExp[]) => {
      const result = await task(name, "--lake", lake.root, "--stage", "b", "--ablation", "full");
      assert.equal(result.code, 2, result.stderr);
      for (const part of parts) assert.match(result.stderr.trim().split("\n").at(-1)!, part);
    };
    await Deno.writeTextFile(path, text.replace(/"features_version": ".*"/, '"features_version": "0.9.0"'));
    await refused("calibrate", /trained on features\.json 0\.9\.0, wanted /, /deno task train --stage b/);
    await refused("retrieval", /trained on features\.json 0\.9\.0, wanted /);
    await Deno.writeTextFile(path, text.replace(/"sha256": "[0-9a-f]+"/, `"sha256": "${"0".repeat(64)}"`));
    await refused("retrieval", /models b-full were trained on another Gold; run deno task train/);
    await Deno.writeTextFile(path, text);
    const predictions = `${lake.root}/models/b-full/predictions.parquet`,
      good = await Deno.readFile(predictions);
    for (const damage of ["nulls in every column", "numbers that are none", "a device"]) {
      await DAMAGES[damage](predictions);
      await refused(
        "calibrate",
        /models\/b-full\/predictions\.parquet/,
        /values (null|not finite) in|found a device/,
      );
      await refused(
        "retrieval",
        /models\/b-full\/predictions\.parquet/,
        /values (null|not finite) in|found a device/,
      );
      await Deno.remove(predictions);
      await Deno.writeFile(predictions, good);
    }
    for (const made of ["calibration.json", "retrieval/index.json"]) {
      await assert.rejects(Deno.stat(`${lake.root}/models/b-full/${made}`), Deno.errors.NotFound);
    }
  });
});
