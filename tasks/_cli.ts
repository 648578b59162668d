/**
 * The frame of every command: options, `--help`, `--json`, progress, exit codes.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  CONFIG,
  type Effects,
  notedTrace,
  parseDates,
  shown,
  shownJson,
  terminalEffects,
  TidemarkError,
  traceOf,
  UsageError,
} from "../lib/base/mod.ts";
// Not through mod.ts: that loads the native library, for which some commands have no permission.
import { keepFault } from "../lib/lake/faults.ts";

/** An option of a command. */
export interface Option {
  /** Placeholder of its value (`DIR`); none for a switch. */
  value?: string;
  /** What it does. */
  help: string;
  /** Default value, shown in the help. */
  default?: string;
}

/** Parsed options: strings, and true for switches that were given. */
export type Args = Record<string, string | boolean | undefined>;

/** What a command says at its end. */
export interface Outcome {
  /** For a person: a text of lines of ours, or lines that may hold text from outside. */
  summary: string | readonly string[];
  /** The same for a machine; printed as the last line with `--json`. */
  json: Record<string, unknown>;
  /** 1 when a check failed; defaults to 0. */
  exitCode?: 0 | 1 | 2;
}

/** A command. */
export interface Command {
  /** Name, as in `deno task NAME`. */
  name: string;
  /** What it does, in one sentence. */
  summary: string;
  /** Its own options; `--lake`, `--json` and `--help` are added. */
  options: Record<string, Option>;
  /** Example calls. */
  examples?: string[];
  /** Variables of the environment it reads. */
  environment?: Record<string, Omit<Option, "value">>;
  /** Does it. */
  run(args: Args, effects: Effects): Promise<Outcome>;
}

const COMMON: Record<string, Option> = {
  lake: { value: "DIR", help: "folder of the lake", default: "lake" },
  json: { help: "print a machine-readable summary as the last line" },
  help: { help: "print this" },
};

function helpText(command: Command): string {
  const options = { ...command.options, ...COMMON, ...command.options };
  const names = Object.entries(options).map(([name, o]) => `--${name}${o.value ? ` ${o.value}` : ""}`);
  const width = Math.max(...[...names, ...Object.keys(command.environment ?? {})].map((n) => n.length)) + 2;
  const line = (name: string, o: Option) =>
    `  ${name.padEnd(width)}${o.help}${o.default === undefined ? "" : ` (default ${o.default})`}`;
  const lines = Object.values(options).map((o, i) => line(names[i], o));
  const variables = Object.entries(command.environment ?? {}).map(([name, o]) => line(name, o));
  const examples = command.examples?.length
    ? ["", "Examples:", ...command.examples.map((e) => `  deno task ${command.name} ${e}`)]
    : [];
  return [
    `deno task ${command.name} [options]`,
    "",
    command.summary,
    "",
    "Options:",
    ...lines,
    ...(variables.length > 0 ? ["", "Environment:", ...variables] : []),
    ...examples,
    "",
    "Exit code: 0 done, 1 a check failed, 2 bad usage or input, 3 a fault of ours.",
  ].join("\n");
}

function parse(command: Command, argv: string[]): Args {
  const options = { ...command.options, ...COMMON, ...command.options };
  const names = Object.keys(options);
  const parsed = parseArgs(argv, {
    boolean: names.filter((n) => !options[n].value),
    string: names.filter((n) => options[n].value),
    unknown: (arg) => {
      throw new UsageError(
        `Cannot use "${arg}": not an option of ${command.name}; see deno task ${command.name} --help`,
      );
    },
  });
  const args: Args = {};
  for (const name of names) {
    const value = parsed[name];
    if (Array.isArray(value)) throw new UsageError(`Cannot use --${name} twice`);
    if (options[name].value && value === "") {
      throw new UsageError(`Cannot use --${name}: it wants a ${options[name].value}`);
    }
    const given = value === false ? undefined : value as string | true | undefined;
    const chosen = given ?? options[name].default;
    if (chosen !== undefined) args[name] = chosen;
  }
  return args;
}

/** Effects that write to standard error. */
export function stderrEffects(): Effects {
  const encoder = new TextEncoder();
  return terminalEffects({
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    now: () => performance.now(),
    interactive: Deno.stderr.isTerminal(),
  });
}

const write = (to: { writeSync(bytes: Uint8Array): number }, line: string) => {
  const bytes = new TextEncoder().encode(line + "\n");
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
};

/**
 * Runs a command and ends the process with its exit code.
 *
 * @param command What to run.
 */
export async function main(command: Command): Promise<void> {
  let lake = String(COMMON.lake.default);
  const end = async (error: unknown) => {
    const typed = error instanceof TidemarkError;
    const message = typed ? error.message : await faultLine(error, command.name, lake);
    write(Deno.stderr, `${command.name}: ${shown(message)}`);
    Deno.exit(typed ? error.exitCode : 3);
  };
  // What nobody waits for ends the command like what it throws.
  for (const kind of ["error", "unhandledrejection"]) {
    addEventListener(kind, (event) => {
      event.preventDefault();
      end(
        event instanceof ErrorEvent ? event.error ?? event.message : (event as PromiseRejectionEvent).reason,
      );
    });
  }
  try {
    const args = parse(command, Deno.args);
    lake = String(args.lake ?? lake);
    if (args.help) {
      write(Deno.stdout, helpText(command));
      Deno.exit(0);
    }
    const { summary, json, exitCode = 0 } = await command.run(args, stderrEffects());
    const lines = typeof summary === "string" ? summary.split("\n") : summary;
    write(Deno.stdout, lines.map(shown).join("\n"));
    if (args.json) write(Deno.stdout, shownJson(JSON.stringify(json)));
    Deno.exit(exitCode);
  } catch (error) {
    await end(error);
  }
}

/** One line on a fault of ours: what, that it is one, and where its trace lies. */
async function faultLine(error: unknown, command: string, lake: string): Promise<string> {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const path = notedTrace(error) ?? await keepFault(lake, command, traceOf(error));
  // Without a lake to keep it in, the place where it was thrown is all that can be told.
  const where = path ?? /\bat .*/.exec(traceOf(error))?.[0] ?? "what you did";
  return `${message}; this is a fault of ours, please report it with ${where}`;
}

/** The options that name trade dates. */
export const DATE_OPTIONS: Record<string, Option> = {
  date: { value: "D", help: "one trade date, YYYY-MM-DD" },
  dates: { value: "A..B", help: "trade dates from A to B, both included" },
};

/**
 * The trade dates asked for, or undefined when neither option was given.
 *
 * @param args Parsed options.
 * @throws {UsageError} If a date cannot be read or both options were given.
 */
export function datesFrom(args: Args): string[] | undefined {
  if (args.date && args.dates) throw new UsageError("Cannot use --date and --dates together: give one");
  if (args.date) return parseDates(String(args.date), "--date");
  if (args.dates) return parseDates(String(args.dates), "--dates");
  return undefined;
}

/**
 * A number given as an option.
 *
 * @param args Parsed options.
 * @param name Option name.
 * @param bounds Lowest and highest value allowed.
 * @throws {UsageError} If it is not a number within the bounds.
 */
export function numberFrom(
  args: Args,
  name: string,
  bounds: { min?: number; max?: number; integer?: boolean } = {},
): number {
  const text = args[name], value = Number(text);
  const { min = -Infinity, max = Infinity, integer = false } = bounds;
  if (
    text === undefined || text === "" || Number.isNaN(value) || value < min || value > max ||
    (integer && !Number.isInteger(value))
  ) {
    throw new UsageError(
      `Cannot read --${name} "${text}": wanted ${
        integer ? "a whole number" : "a number"
      } from ${min} to ${max}`,
    );
  }
  return value;
}

/** The defaults of every stage. */
export const config = CONFIG;
