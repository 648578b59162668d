/**
 * A trade date in the audit's eyes: its bounds as offsets, and what every family of checks needs.
 *
 * @module
 */
import {
  type Config,
  type GlobexSpan,
  globexSpans,
  isOutright,
  SECOND_NS,
  type Session,
  sessionOf,
} from "../../base/mod.ts";
import type { ContractKind } from "../../schema/mod.ts";
import { type Part, sessionMinutes } from "./coverage.ts";

/** A trade date; times are ns since the session's start. */
export interface Day {
  /** Trade date. */
  date: string;
  /** The session. */
  session: Session;
  /** Its Globex spans, holidays' included; the last is the date's own. */
  spans: GlobexSpan[];
  /** The same spans as offsets: open, close, open, close, … */
  bounds: number[];
  /** Parts of the futures' own session. */
  parts: Part[];
  /** Regular session open. */
  open: number;
  /** Regular session close. */
  close: number;
  /** Minutes of the whole session, weekends included. */
  minutes: number;
  /** All thresholds. */
  config: Config;
}

/**
 * The day of a trade date.
 *
 * @param date A trading day.
 * @param config All thresholds.
 */
export function dayOf(date: string, config: Config): Day {
  const session = sessionOf(date), spans = globexSpans(session);
  const at = (ns: bigint) => Number(ns - session.startNs);
  const open = at(session.openNs), close = at(session.closeNs);
  const evening = at(session.overnightNs), morning = at(session.premarketNs), end = at(session.globexCloseNs);
  return {
    date,
    session,
    spans,
    bounds: spans.flatMap(({ openNs, closeNs }) => [at(openNs), at(closeNs)]),
    parts: [
      { name: "overnight", from: evening, to: morning },
      { name: "premarket", from: morning, to: open },
      { name: "regular", from: open, to: close },
      { name: "after the close", from: close, to: end },
    ],
    open,
    close,
    minutes: sessionMinutes(session),
    config,
  };
}

/** Whether Globex is open at a time; the opening moment itself still belongs to the auction. */
export function isOpen({ bounds }: Day, t: number): boolean {
  for (let i = 0; i < bounds.length; i += 2) if (t > bounds[i] && t < bounds[i + 1]) return true;
  return false;
}

/** Whether a trade can have happened at a time: Globex was open, or had closed within the slack. */
export function mayTrade({ bounds, config }: Day, t: number): boolean {
  const slack = config.audit.silenceSeconds * SECOND_NS;
  for (let i = 0; i < bounds.length; i += 2) if (t >= bounds[i] && t < bounds[i + 1] + slack) return true;
  return false;
}

/**
 * What a contract's name says.
 *
 * @param symbol Product.
 * @param name The name.
 */
export function kindOf(symbol: string, name: string): ContractKind {
  if (isOutright(symbol, name)) return "outright";
  const legs = name.split("-");
  if (legs.length === 2 && legs.every((leg) => isOutright(symbol, leg))) return "spread";
  return /^_\d+$/.test(name.slice(symbol.length)) && name.startsWith(symbol) ? "unnamed" : "other";
}
