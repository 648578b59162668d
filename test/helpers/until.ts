/**
 * Waiting for what a program or a service does in its own time.
 *
 * @module
 */

/**
 * Waits until something holds.
 *
 * @throws Error that names it after some seconds.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
