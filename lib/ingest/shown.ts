/**
 * Text from outside as it may stand in a message.
 *
 * @module
 */

/**
 * A text whose control characters, direction marks and the like are written as escapes, cut at a length.
 *
 * @param text Text of a file or a server.
 * @param most Characters kept; defaults to 60.
 */
export function shown(text: string, most = 60): string {
  const kept = text.slice(0, most).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0)!.toString(16).padStart(2, "0");
    return code.length > 2 ? `\\u{${code}}` : `\\x${code}`;
  });
  return text.length > most ? `${kept}…` : kept;
}
