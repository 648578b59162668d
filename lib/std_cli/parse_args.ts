/**
 * A stand-in for `jsr:@std/cli/parse-args` with its signature, for machines that cannot reach JSR.
 *
 * Whoever can reach JSR deletes the `links` line of deno.json and gets the original.
 *
 * @module
 */
import minimist from "minimist";

/** Options of {@linkcode parseArgs}, a subset of upstream's. */
export interface ParseOptions {
  /** Names that take no value. */
  boolean?: readonly string[];
  /** Names whose value stays a string. */
  string?: readonly string[];
  /** Default values by name. */
  default?: Record<string, unknown>;
  /** Short names by long name. */
  alias?: Record<string, string | string[]>;
  /** Names that may be given more than once and become arrays. */
  collect?: readonly string[];
  /** Called for each argument that is not declared; return false to drop it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/**
 * Parses command-line arguments as `jsr:@std/cli/parse-args` does.
 *
 * @param args Arguments, usually `Deno.args`.
 * @param options Which names are booleans or strings, defaults, aliases.
 * @returns Values by name, positional arguments under `_`.
 */
export function parseArgs(
  args: string[],
  options: ParseOptions = {},
): Record<string, unknown> & { _: string[] } {
  const parsed = minimist(args, {
    boolean: [...(options.boolean ?? [])],
    string: [...(options.string ?? []), "_"],
    default: options.default,
    alias: options.alias,
    unknown: options.unknown &&
      ((arg: string) => {
        const eq = arg.indexOf("=");
        const key = arg.startsWith("-")
          ? arg.replace(/^--?/, "").slice(0, eq < 0 ? undefined : eq - 2)
          : undefined;
        return options.unknown!(arg, key) !== false;
      }),
  });
  for (const name of options.collect ?? []) {
    const value = parsed[name];
    parsed[name] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  }
  return parsed as Record<string, unknown> & { _: string[] };
}
