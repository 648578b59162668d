/**
 * Text from outside on a terminal: what would steer it is written out instead.
 *
 * @module
 */

/** What a terminal obeys, turns round by or does not show: Unicode's category C, line and paragraph separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text as one line without effect on a terminal: `\x1b[2J` stands there as these six characters.
 *
 * @param text Any text.
 */
export function shown(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0)!, hex = code.toString(16);
    if (code > 0xffff) return `\\u{${hex}}`;
    return NAMED[c] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
  });
}

/** A JSON text that means the same and has no effect on a terminal. */
export function shownJson(json: string): string {
  return json.replace(UNSAFE, (c) => {
    const units = Array.from({ length: c.length }, (_, i) => c.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}
