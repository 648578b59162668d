/**
 * Text from outside on a terminal: what would steer it is written out instead.
 *
 * @module
 */

/**
 * What a terminal obeys or turns round: C0 and C1 controls, line and paragraph separators, marks and overrides of
 * direction, invisible joiners.
 */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text as one line without effect on a terminal: `\x1b[2J` stands there as these six characters.
 *
 * @param text Any text.
 */
export function shown(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.charCodeAt(0), hex = code.toString(16);
    return NAMED[c] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
  });
}

/** A JSON text that means the same and has no effect on a terminal. */
export function shownJson(json: string): string {
  return json.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
