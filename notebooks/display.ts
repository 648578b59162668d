/**
 * What every notebook shows its values with.
 *
 * @module
 */
import type { Shown } from "../lib/report/mod.ts";

/** Long enough, but for a very busy machine, for a message to get from the kernel to Jupyter. */
const ARRIVAL_MS = 150;

let shown = 0;

/**
 * Shows a value and waits until Jupyter should have it. The kernel may call a cell done before what the cell shows has
 * been sent, and Jupyter drops what comes after that: of 300 cells that only awaited `Deno.jupyter.display()` on a
 * busy machine 4 stayed empty. So every value carries its number, and `deno task notebooks` sees whether one is lost.
 *
 * @param value A chart, a table, a verdict or a decision.
 */
export async function display(value: Shown): Promise<void> {
  const data = value[Symbol.for("Jupyter.display")](), metadata = { tidemark: { shown: ++shown } };
  await Deno.jupyter.broadcast("display_data", { data, metadata, transient: {} });
  await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
}
