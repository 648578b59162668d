/**
 * The instruments of a simulated session: two quarterlies and the spread between them.
 *
 * @module
 */
import { addDays, type Contract, dayNumber, quarterlies } from "../base/mod.ts";
import { MARKET } from "./parameters.ts";

/** One instrument of a session. */
export interface Instrument {
  /** Raw symbol: `ESZ5`, or `ESZ5-ESH6` for the spread, which trades at another price scale. */
  name: string;
  /** The venue's id. */
  id: number;
  /** Price step, points. */
  tick: number;
  /** Volume as a share of the session's. */
  share: number;
  /** Expiry of an outright, of the near leg of a spread. */
  expiry: string;
}

/** The instruments of a session; the leader is the outright with most volume. */
export interface Instruments {
  /** Near quarterly, next quarterly, spread between them. */
  all: [near: Instrument, far: Instrument, spread: Instrument];
  /** Index of the leading outright in `all`. */
  leader: 0 | 1;
}

/** Ids that are the venue's own; the rest are made from the name. */
const KNOWN_IDS: Record<string, number> = { ESZ5: 294_973 };

/** The venue's id of an instrument, the same on every date. */
export function instrumentId(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return KNOWN_IDS[name] ?? 1000 + hash % 40_000_000;
}

/**
 * The instruments of a trade date. Volume moves to the next quarterly around the Monday of the expiry week.
 *
 * @param date Trade date, `YYYY-MM-DD`.
 */
export function instrumentsOf(date: string): Instruments {
  const [near, far] = quarterlies("ES", date, 2);
  const days = dayNumber(date) - dayNumber(addDays(near.expiry, -4));
  const moved = 1 / (1 + Math.exp(-(days + 1.2) / 1.3));
  const { shares } = MARKET;
  const spread = days > -8 ? shares.spreadInRoll : shares.spread;
  const farShare = shares.far + (1 - 2 * shares.far) * moved;
  return {
    all: [
      outright(near, (1 - spread) * (1 - farShare)),
      outright(far, (1 - spread) * farShare),
      {
        name: `${near.name}-${far.name}`,
        id: instrumentId(`${near.name}-${far.name}`),
        tick: 0.05,
        share: spread,
        expiry: near.expiry,
      },
    ],
    leader: farShare > 0.5 ? 1 : 0,
  };
}

function outright({ name, expiry }: Contract, share: number): Instrument {
  return { name, id: instrumentId(name), tick: 0.25, share, expiry };
}
