/**
 * Today's volatilities by strike, and the one a print gets that has none of its own.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";

/** Where a volatility comes from, in order of preference. */
export const IV_SOURCES = ["trade", "other_right", "surface", "carried", "default"] as const;

/** Last own volatilities at one strike; NaN and −Infinity where there was none. */
interface Cell {
  strike: number;
  iv: [call: number, put: number];
  ts: [call: number, put: number];
  latestIv: number;
  latestTs: number;
}

/** Own volatilities of the contracts that expire today. Get one from {@linkcode newSurface}. */
export interface Surface {
  /** Cells by ascending strike. */
  cells: Cell[];
}

/** A volatility and the index of its source in {@linkcode IV_SOURCES}. */
export interface FoundIv {
  /** Volatility per √trading year. */
  iv: number;
  /** Index in {@linkcode IV_SOURCES}. */
  source: number;
}

/** An empty surface. */
export function newSurface(): Surface {
  return { cells: [] };
}

/**
 * Notes a volatility that a print's own price gave.
 *
 * @param surface State; IN and OUT.
 * @param strike Strike, dollars.
 * @param isCall Whether the print is a call.
 * @param ts ns since session start, not before those noted earlier.
 * @param iv The volatility.
 */
export function noteIv(surface: Surface, strike: number, isCall: boolean, ts: number, iv: number): void {
  const { cells } = surface, at = position(cells, strike);
  let cell: Cell | undefined = cells[at];
  if (cell?.strike !== strike) {
    cell = { strike, iv: [NaN, NaN], ts: [-Infinity, -Infinity], latestIv: NaN, latestTs: -Infinity };
    cells.splice(at, 0, cell);
  }
  const side = isCall ? 0 : 1;
  cell.iv[side] = iv;
  cell.ts[side] = ts;
  cell.latestIv = iv;
  cell.latestTs = ts;
}

/**
 * The volatility of a print that has none of its own: `other_right` of its strike; `surface`, linear in strike between
 * the nearest strikes on both sides (its own strike counts) with a fresh volatility of either right; `carried`, the
 * contract's last own one of any age; `default`. Fresh is at most `surfaceMinutes` old.
 *
 * @param surface State.
 * @param strike Strike, dollars.
 * @param isCall Whether the print is a call.
 * @param ts ns since session start.
 * @param options `CONFIG.options`.
 */
export function findIv(
  surface: Surface,
  strike: number,
  isCall: boolean,
  ts: number,
  options: Config["options"],
): FoundIv {
  const { cells } = surface, at = position(cells, strike), oldest = ts - options.surfaceMinutes * MINUTE_NS;
  const here = cells[at]?.strike === strike ? cells[at] : undefined;
  const own = isCall ? 0 : 1;
  if (here && here.ts[1 - own] >= oldest) return { iv: here.iv[1 - own], source: 1 };
  let low = here ? at : at - 1, high = at;
  while (low >= 0 && !(cells[low].latestTs >= oldest)) low--;
  while (high < cells.length && !(cells[high].latestTs >= oldest)) high++;
  if (low >= 0 && high < cells.length) {
    const a = cells[low], b = cells[high];
    const share = low === high ? 0 : (strike - a.strike) / (b.strike - a.strike);
    return { iv: a.latestIv + share * (b.latestIv - a.latestIv), source: 2 };
  }
  if (here && !Number.isNaN(here.iv[own])) return { iv: here.iv[own], source: 3 };
  return { iv: options.defaultIv, source: 4 };
}

/** First cell whose strike is not below `strike`. */
function position(cells: readonly Cell[], strike: number): number {
  let low = 0, high = cells.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cells[middle].strike < strike) low = middle + 1;
    else high = middle;
  }
  return low;
}
