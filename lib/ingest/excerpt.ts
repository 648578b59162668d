/**
 * Text from outside as it may stand in a message.
 *
 * @module
 */
import { shown } from "../base/mod.ts";

/**
 * The beginning of a text, without effect on a terminal.
 *
 * @param text Text of a file or a server.
 * @param most Characters kept; defaults to 60.
 */
export function excerpt(text: string, most = 60): string {
  return text.length > most ? `${shown(text.slice(0, most))}…` : shown(text);
}
