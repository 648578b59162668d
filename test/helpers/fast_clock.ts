import type { Clock } from "../../lib/ingest/mod.ts";

/** A clock that never waits, and keeps for how long it was asked to. */
export function fastClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => 0,
    random: () => 0.5,
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
}
