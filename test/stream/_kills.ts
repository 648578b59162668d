/**
 * Killing live services, the server and the publisher at random moments.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Random } from "../../lib/base/mod.ts";
import type { LiveProcess } from "../helpers/live_process.ts";
import type { NatsServer } from "../helpers/nats_server.ts";

/** Longest time that a victim lives once it is ready, milliseconds. */
const LIFE_MS = 900;

/** What services say that must never be said, whatever is killed. */
export const NEVER = /^error|Uncaught|panicked|the lake lacks|says it holds|is gone/;

/** Waits. */
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills so far, of all victims. */
export interface Kills {
  /** How many. */
  count: number;
  /** What those said that were killed. */
  said: string[];
}

/**
 * Starts a process and kills it at a random moment after it is ready, again and again.
 *
 * @param start Starts it.
 * @param ready What it says when it is.
 * @param times Kills wanted.
 * @param random Where chance comes from.
 * @param kills Counts them.
 */
export async function torment(
  start: () => LiveProcess,
  ready: RegExp,
  times: number,
  random: Random,
  kills: Kills,
): Promise<void> {
  for (let own = 0; own < times;) {
    await using victim = start();
    const isReady = await victim.says(ready);
    await pause(random.uniform() * LIFE_MS);
    victim.kill("SIGKILL");
    const { code } = await victim.ended;
    kills.said.push(...victim.lines);
    // Started while the server was down, it ends by itself and says so.
    if (code === 2) {
      assert.match(victim.lines.join("\n"), /no server answers|it has no JetStream|Cannot use stream/);
    } else assert.equal(code, 137, victim.lines.join("\n"));
    if (isReady && code === 137) own++, kills.count++;
  }
}

/** Kills the server and starts it again, at random moments. */
export async function tormentServer(
  server: NatsServer,
  times: number,
  random: Random,
  kills: Kills,
): Promise<void> {
  for (let own = 0; own < times; own++, kills.count++) {
    await pause(1000 + random.uniform() * 2 * LIFE_MS);
    await server.kill();
    await pause(random.uniform() * 100);
    await server.start();
  }
}
