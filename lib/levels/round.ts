/**
 * ROUND: whole steps of dollars near the price.
 *
 * @module
 */

/**
 * Multiples of `step` within `distance` of the spot, bounds inclusive.
 *
 * @param spot SPY dollars.
 * @param options Step, distance and slack in dollars.
 * @returns SPY dollars, ascending.
 */
export function roundLevels(
  spot: number,
  options: { step: number; distance: number; slack: number },
): number[] {
  const { step, distance, slack } = options;
  const levels: number[] = [];
  const last = Math.floor((spot + distance + slack) / step);
  for (let k = Math.ceil((spot - distance - slack) / step); k <= last; k++) levels.push(k * step);
  return levels;
}
