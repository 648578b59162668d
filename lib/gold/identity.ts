/**
 * Identity of a Gold row: the same in every rebuild and live.
 *
 * @module
 */
import { createHash } from "node:crypto";

/**
 * Id of a touch: the first 16 hex digits of sha256 of `date|ts_ns|kind|level|direction`.
 *
 * @param date Trade date.
 * @param tsNs Bar open, ns UTC.
 * @param kind Name of the level's kind.
 * @param level Level in SPY dollars; written with six decimals.
 * @param direction `UP` or `DOWN`.
 */
export function eventId(date: string, tsNs: bigint, kind: string, level: number, direction: string): string {
  return createHash("sha256").update(`${date}|${tsNs}|${kind}|${level.toFixed(6)}|${direction}`).digest("hex")
    .slice(0, 16);
}
