/**
 * Effects that pure code is handed: lines of log and progress. Silent in tests, a terminal in tasks.
 *
 * @module
 */

import { shown } from "./shown.ts";

/** Progress of one piece of work. */
export interface Progress {
  /** Adds finished units. */
  add(units: number): void;
  /** Ends the display. */
  done(): void;
}

/** What a stage may say while it works. */
export interface Effects {
  /** One line for the person who runs it. */
  log(line: string): void;
  /** One warning line; never for faults that stop the work. */
  warn(line: string): void;
  /** Starts a progress display; `total` in `unit`s where it is known. */
  progress(label: string, unit: string, total?: number): Progress;
}

/** Says nothing. */
export const SILENT: Effects = {
  log: () => {},
  warn: () => {},
  progress: () => ({ add: () => {}, done: () => {} }),
};

/** What {@linkcode terminalEffects} needs from the outside. */
export interface Terminal {
  /** Writes text to standard error. */
  write(text: string): void;
  /** Milliseconds that only grow. */
  now(): number;
  /** Whether a line can be redrawn. */
  interactive: boolean;
}

/**
 * Effects on a terminal: progress shows rate and ETA, and only for work over two seconds; a line is one line, with
 * nothing in it that steers the terminal.
 *
 * @param terminal Where to write and what time it is.
 */
export function terminalEffects(terminal: Terminal): Effects {
  let drawn = false;
  const clear = () => {
    if (drawn) terminal.write("\r\x1b[K");
    drawn = false;
  };
  const line = (text: string) => {
    clear();
    terminal.write(shown(text) + "\n");
  };
  return {
    log: line,
    warn: (text) => line(`warning: ${text}`),
    progress(label, unit, total) {
      const start = terminal.now(), name = shown(label);
      let count = 0, last = start;
      const status = () => {
        const seconds = (terminal.now() - start) / 1000, rate = count / seconds;
        const eta = total && rate > 0 ? `, ETA ${Math.max(0, (total - count) / rate).toFixed(0)} s` : "";
        const of = total ? ` of ${compact(total)} (${Math.round(100 * count / total)} %)` : "";
        const pace = rate < 10 ? rate.toPrecision(2) : compact(rate);
        return `${name}: ${compact(count)}${of} ${unit}, ${pace}/s${eta}`;
      };
      return {
        add(units) {
          count += units;
          const now = terminal.now();
          // A plain log is not redrawn: a line every ten seconds is enough there.
          if (now - start < 2000 || now - last < (terminal.interactive ? 200 : 10_000)) return;
          last = now;
          if (terminal.interactive) {
            terminal.write(`\r\x1b[K${status()}`);
            drawn = true;
          } else terminal.write(status() + "\n");
        },
        done: clear,
      };
    },
  };
}

/** A count in three digits: `999`, `12.3 k`, `4.56 M`. */
export function compact(n: number): string {
  if (n < 1000) return n.toFixed(0);
  return n < 1e6
    ? `${(n / 1e3).toPrecision(3)} k`
    : n < 1e9
    ? `${(n / 1e6).toPrecision(3)} M`
    : `${(n / 1e9).toPrecision(3)} G`;
}
