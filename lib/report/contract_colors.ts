/**
 * One colour a contract, the same all over a page.
 *
 * @module
 */
import { COLORS } from "./plot.ts";

const PALETTE = [COLORS.accent, COLORS.warm, "#3f9e92", "#8f7bd6", "#c4639a", "#8a9a3f"];

/** Names and their colours, for legends and charts. */
export interface ColorScale {
  /** Names. */
  domain: string[];
  /** Their colours. */
  range: string[];
}

/** A quarterly's place in time: the year's digits, then the month's letter (H, M, U, Z ascend). */
function expiryKey(name: string): string {
  const found = /([HMUZ])(\d{1,2})$/.exec(name);
  return found && !name.includes("-") ? `0${found[2]}${found[1]}` : `1${name}`;
}

/**
 * Colours of contracts: outrights by expiry, then the rest by name.
 *
 * @param names Contracts, repeats allowed.
 */
export function contractColors(names: Iterable<string>): ColorScale {
  const domain = [...new Set(names)].sort((a, b) => (expiryKey(a) < expiryKey(b) ? -1 : 1));
  return { domain, range: domain.map((_, i) => PALETTE[i % PALETTE.length]) };
}
