/**
 * Traces of faults of ours that no run's manifest took.
 *
 * @module
 */
import { writeAtomic } from "./files.ts";

/**
 * Keeps a trace in the lake, if there is one that can be written.
 *
 * @param root Folder of the lake.
 * @param command The command that failed.
 * @param trace Where it failed.
 * @returns Path of the file; undefined where it could not be kept: the fault itself matters more.
 */
export async function keepFault(root: string, command: string, trace: string): Promise<string | undefined> {
  const id = `${new Date().toISOString().replace(/[-:.]/g, "")}-${command}-${
    crypto.randomUUID().slice(0, 8)
  }`;
  const path = `${root}/_meta/faults/${id}.txt`;
  try {
    // Asked for, it would be a question on the terminal.
    const may = ["read", "write"].map((name) =>
      Deno.permissions.querySync({ name: name as "read", path: root })
    );
    if (may.some(({ state }) => state !== "granted")) return undefined;
    if (!(await Deno.stat(`${root}/_meta`)).isDirectory) return undefined;
    await writeAtomic(path, `${trace}\n`);
    return path;
  } catch {
    return undefined;
  }
}
