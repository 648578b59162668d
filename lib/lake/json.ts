/**
 * JSON files: whatever wrote, cut or merged them, they are what their shape says or are named with what to do.
 *
 * @module
 */
import type { z } from "zod";
import { LakeError, type TidemarkError } from "../base/mod.ts";
import type { Lake } from "./root.ts";
import { readTextFile } from "./text.ts";

/** Arrays and objects within each other, at most: what is deeper overflows the stack of whoever walks it. */
const MOST_DEPTH = 200;

/** How to say that a file is not what it should be. */
export interface JsonOptions {
  /** What to do then, such as `run deno task train`. */
  remedy: string;
  /** Class of the error; defaults to {@linkcode LakeError}. */
  error?: new (message: string, path: string, options?: ErrorOptions) => TidemarkError;
}

/**
 * Reads a JSON file of the lake, or nothing where there is none.
 *
 * @param lake The lake.
 * @param path Relative path.
 * @param shape What it must be.
 * @param options What to say where it is not.
 * @throws {TidemarkError} If it cannot be read, is not JSON, or not of the shape.
 */
export async function readJson<T>(
  lake: Lake,
  path: string,
  shape: z.ZodType<T>,
  options: JsonOptions,
): Promise<T | undefined> {
  lake.seen?.file(path);
  return await readJsonFile(`${lake.root}/${path}`, shape, options);
}

/**
 * Reads a JSON file, or nothing where there is none.
 *
 * @param path Its path.
 * @param shape What it must be.
 * @param options What to say where it is not.
 * @throws {TidemarkError} If it cannot be read, is not JSON, or not of the shape.
 */
export async function readJsonFile<T>(
  path: string,
  shape: z.ZodType<T>,
  options: JsonOptions,
): Promise<T | undefined> {
  let text: string | undefined;
  try {
    text = await readTextFile(path);
  } catch (cause) {
    if (!(cause instanceof LakeError)) throw cause;
    throw new (options.error ?? LakeError)(`${cause.message}; ${options.remedy}`, path, { cause });
  }
  return text === undefined ? undefined : parseJson(text, path, shape, options);
}

/**
 * Reads JSON.
 *
 * @param text The file's text.
 * @param path The file, for the message.
 * @param shape What it must be.
 * @param options What to say where it is not.
 * @throws {TidemarkError} If it is not JSON, or not of the shape.
 */
export function parseJson<T>(text: string, path: string, shape: z.ZodType<T>, options: JsonOptions): T {
  const refuse = (found: string, cause?: unknown): never => {
    const message = `Cannot read "${path}": ${found}; ${options.remedy}`;
    throw new (options.error ?? LakeError)(message, path, { cause });
  };
  // Some editors put a byte order mark before the text.
  text = text.replace(/^\ufeff/, "");
  if (text.trim() === "") return refuse("it is empty");
  if (isDeep(text)) return refuse(`it is nested deeper than ${MOST_DEPTH}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse(faultOf(text, cause as SyntaxError), cause);
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  // Keys are the file's own: a terminal would obey control characters.
  const [{ message, path: at }] = parsed.error.issues, where = at.join(".").slice(0, 100);
  return refuse(`${message}${where && ` at ${where.replaceAll(/\p{Cc}/gu, "\ufffd")}`}`);
}

/** What is wrong with a text that is not JSON; its own words are left out, as a terminal might obey them. */
function faultOf(text: string, { message }: SyntaxError): string {
  // No text of JSON has a line of its own.
  if (/^\s*(?:<{7}|={7}|>{7})(?: |\r?$)/m.test(text)) return "a merge left its conflict markers in it";
  const [, at, line, column] = /position (\d+) \(line (\d+) column (\d+)\)/.exec(message) ?? [];
  const ends = /end of JSON input|Unterminated/.test(message) || Number(at) >= text.trimEnd().length;
  if (ends) return "it is cut off: its JSON does not end";
  return line === undefined ? "not JSON" : `not JSON at line ${line}, column ${column}`;
}

function isDeep(text: string): boolean {
  let depth = 0, quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) quoted = !quoted;
    else if (quoted) i += Number(c === BACKSLASH);
    else if (c === OBJECT || c === ARRAY) {
      if (++depth > MOST_DEPTH) return true;
    } else if (c === OBJECT_END || c === ARRAY_END) depth--;
  }
  return false;
}

const QUOTE = 34, BACKSLASH = 92, ARRAY = 91, ARRAY_END = 93, OBJECT = 123, OBJECT_END = 125;
