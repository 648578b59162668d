/**
 * Ports for the servers of the tests.
 *
 * @module
 */

/** Below the ephemeral ports (32768 on Linux), which any connection of any test may take at any time. */
const FIRST = 20_000, COUNT = 12_000;

/** A port of 127.0.0.1 that nothing listens on, and that stays free while a server is started or started again. */
export function freePort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
