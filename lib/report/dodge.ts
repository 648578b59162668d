/**
 * Moves labels apart.
 *
 * @module
 */

/**
 * Positions at least `gap` apart, in the order of `values` and as near to them as that allows.
 *
 * @param values Wanted positions, in any order.
 * @param gap Least distance of two labels.
 * @param low Lowest position allowed.
 * @param high Highest position allowed; exceeded only where the labels do not fit.
 * @returns Position of each value, in the order given.
 */
export function dodge(values: readonly number[], gap: number, low: number, high: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b);
  const placed = new Array<number>(values.length);
  // Labels that would overlap form a block, centred on the mean of where its members want to be.
  const blocks: { from: number; size: number; start: number }[] = [];
  const startOf = (from: number, size: number) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += values[order[from + k]] - k * gap;
    return Math.max(low, Math.min(high - (size - 1) * gap, sum / size));
  };
  for (let i = 0; i < order.length; i++) {
    let block = { from: i, size: 1, start: startOf(i, 1) };
    for (
      let below = blocks.at(-1);
      below && below.start + below.size * gap > block.start;
      below = blocks.at(-1)
    ) {
      const size = below.size + block.size;
      block = { from: below.from, size, start: startOf(below.from, size) };
      blocks.pop();
    }
    blocks.push(block);
  }
  for (const { from, size, start } of blocks) {
    for (let k = 0; k < size; k++) placed[order[from + k]] = start + k * gap;
  }
  return placed;
}
