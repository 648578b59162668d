/**
 * What can be wrong with a file of the lake although it is there: values of the right type that cannot be, and things
 * that are no file.
 *
 * @module
 */
import assert from "node:assert/strict";
import pl, { type DataFrame, type DataType } from "nodejs-polars";
import { CONFIG, SILENT } from "../../lib/base/mod.ts";
import { buildGold, consolidate, SILVER_TIER } from "../../lib/gold/mod.ts";
import { type Lake, readFrame, writeFrame } from "../../lib/lake/mod.ts";
import { buildSilver } from "../../lib/silver/mod.ts";
import { startTask } from "./bronze_lake.ts";
import { simulatedLake } from "./simulated_lake.ts";

/** Does it to a file, absolute path. */
export type Damage = (path: string) => Promise<void>;

const frameOf = (change: (frame: DataFrame) => DataFrame): Damage => (path) => {
  writeFrame(path, change(readFrame(path)));
  return Promise.resolve();
};

/** The first rows of some columns set to a value, the other rows as they are. */
function firstRows(frame: DataFrame, names: readonly string[], value: string | null): DataFrame {
  const rows = Math.min(3, frame.height),
    mark = Int8Array.from({ length: frame.height }, (_, i) => +(i < rows));
  const marked = frame.withColumn(pl.Series("_mark", mark));
  const types = new Map<string, DataType>(frame.columns.map((name, i) => [name, frame.dtypes[i]]));
  const changed = names.map((name) => {
    const literal = value === null
      ? pl.lit(null)
      : pl.lit(value).cast(pl.Float64.equals(types.get(name)!) ? pl.Float64 : pl.Int64);
    return pl.when(pl.col("_mark").eq(pl.lit(1))).then(literal.cast(types.get(name)!)).otherwise(pl.col(name))
      .alias(name);
  });
  return marked.withColumns(...changed).drop("_mark");
}

const ofType = (frame: DataFrame, type: DataType) =>
  frame.columns.filter((_, i) => frame.dtypes[i].equals(type));
const times = (frame: DataFrame) => frame.columns.filter((name) => /^ts_(event_)?ns$/.test(name));

async function replaced(path: string, make: () => Promise<unknown>): Promise<void> {
  await Deno.remove(path);
  await make();
}

/** Every kind of damage, by what is wrong. */
export const DAMAGES: Record<string, Damage> = {
  "nulls in every column": frameOf((frame) => firstRows(frame, frame.columns, null)),
  "nothing but nulls": frameOf((frame) =>
    frame.withColumns(...frame.columns.map((name, i) => pl.lit(null).cast(frame.dtypes[i]).alias(name)))
  ),
  "times of zero": frameOf((frame) => firstRows(frame, times(frame), "0")),
  "the latest time": frameOf((frame) => firstRows(frame, times(frame), "9223372036854775807")),
  "times of another hour": frameOf((frame) =>
    frame.withColumns(
      ...times(frame).map((name) => pl.col(name).add(pl.lit(40 * 3600e9).cast(pl.Int64)).alias(name)),
    )
  ),
  "numbers that are none": frameOf((frame) => firstRows(frame, ofType(frame, pl.Float64), "NaN")),
  "numbers without end": frameOf((frame) => firstRows(frame, ofType(frame, pl.Float64), "inf")),
  "a folder": (path) => replaced(path, () => Deno.mkdir(path)),
  "a link to itself": (path) => replaced(path, () => Deno.symlink(path, path)),
  "a link to nothing": (path) => replaced(path, () => Deno.symlink(`${path}.gone`, path)),
  "a device": (path) => replaced(path, () => Deno.symlink("/dev/zero", path)),
  "a pipe": (path) => replaced(path, () => new Deno.Command("mkfifo", { args: [path] }).output()),
  "no bytes": (path) => Deno.writeFile(path, new Uint8Array()),
  "half of its bytes": async (path) => {
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length >> 1));
  },
};

/** A copy of a lake in a folder of its own. */
export async function copyLake(lake: Lake): Promise<Lake> {
  const root = await Deno.makeTempDir({ prefix: "tidemark-copy-" });
  const { success } = await new Deno.Command("cp", { args: ["-a", `${lake.root}/.`, root] }).output();
  if (!success) throw new Error(`cannot copy ${lake.root}`);
  return { root };
}

/** A lake of one simulated session, with Bronze, Silver and Gold. Remove it afterwards. */
export async function wholeLake(date: string): Promise<Lake> {
  const lake = await simulatedLake([date], { seed: 3, scale: 0.05 });
  await buildSilver(lake, date, {}, SILENT);
  await buildGold(lake, date, { tier: SILVER_TIER, config: CONFIG });
  await consolidate(lake);
  return lake;
}

/** What is damaged how, and the command that reads it. */
export interface DamageCase {
  /** Relative path. */
  file: string;
  /** A name of {@linkcode DAMAGES}. */
  damage: string;
  /** Task and its arguments, but for the lake. */
  command: readonly string[];
}

/**
 * Runs a command on a copy of a lake with one file damaged: it ends with a code of ours, without a trace, and where
 * it does not end well it names the file.
 *
 * @param base The lake.
 * @param damaged What is to be damaged, and what reads it.
 * @returns Its exit code.
 */
export async function runDamaged(base: Lake, { file, damage, command }: DamageCase): Promise<number> {
  const lake = await copyLake(base), [task, ...args] = command;
  try {
    await DAMAGES[damage](`${lake.root}/${file}`);
    const patience = AbortSignal.timeout(120_000), child = startTask(task, "--lake", lake.root, ...args);
    patience.onabort = () => child.kill("SIGKILL");
    const output = await child.output(),
      [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
    patience.onabort = null;
    const what = `${command.join(" ")}, ${damage} at ${file}: ${output.code} ${
      output.signal ?? ""
    }\n${out}\n${err}`;
    assert.ok([0, 1, 2].includes(output.code), what);
    assert.doesNotMatch(out + err, /^\s+at |panicked at|fault of ours/m, what);
    if (output.code === 2) {
      const last = err.trimEnd().split("\n").at(-1)!;
      assert.ok(last.startsWith(`${task}: `) && last.includes(file), what);
    }
    if (output.code === 1) assert.ok(out.includes(file) || /FAIL/.test(out), what);
    return output.code;
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
}
