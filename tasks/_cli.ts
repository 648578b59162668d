/**
 * The frame of every command: options, `--help`, `--json`, progress, exit codes.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  CONFIG,
  type Effects,
  parseDates,
  terminalEffects,
  TidemarkError,
  UsageError,
} from "../lib/base/mod.ts";

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
  /** One line, or a few, for a person. */
  summary: string;
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
    "Exit code: 0 done, 1 a check failed, 2 bad usage or input.",
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

/**
 * Runs a command and ends the process with its exit code.
 *
 * @param command What to run.
 */
export async function main(command: Command): Promise<void> {
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
  let code: number;
  try {
    const args = parse(command, Deno.args);
    if (args.help) {
      print(helpText(command));
      Deno.exit(0);
    }
    const outcome = await command.run(args, stderrEffects());
    print(outcome.summary);
    if (args.json) print(JSON.stringify(outcome.json));
    code = outcome.exitCode ?? 0;
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${command.name}: ${error.message}\n`));
    code = error.exitCode;
  }
  Deno.exit(code);
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
