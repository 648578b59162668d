/**
 * What the checks of options found, in words, and how options and futures fit together.
 *
 * @module
 */
import { MINUTE_NS, SECOND_NS } from "../../base/mod.ts";
import { OPTIONS_TRADES } from "../../schema/mod.ts";
import type { Findings } from "./checks.ts";
import type { Coverage, Gap } from "./coverage.ts";
import type { Day } from "./day.ts";
import { reporter } from "./integrity.ts";
import type { OptionChecks } from "./options.ts";

/**
 * Reports what is wrong with option prints.
 *
 * @param day The day.
 * @param checks What was seen.
 * @param findings Where to report.
 */
export function judgeOptions(day: Day, checks: OptionChecks, findings: Findings): void {
  const report = reporter(day, OPTIONS_TRADES, findings), { counts } = checks;
  if (counts.rows === 0) return;
  const { underlying } = day.config.market;
  report("options.root", checks.otherRoot, (n) => `${n} prints are of another root than ${underlying}`);
  report("options.symbol", checks.mismatch, (n) => `${n} prints whose columns are not those of their symbol`);
  report("options.expiration", checks.expired, (n) => `${n} prints are of options that had expired`);
  report(
    "options.expiration",
    checks.closed,
    (n) => `${n} prints expire on a day that was known to be closed`,
    { remedy: CLOSED_REMEDY },
  );
  report("options.strikes", checks.farStrike, (n) => `${n} prints have strikes on another scale than spot`);
  report("options.right", checks.wrongRight, (n) => `${n} prints are below what exercising them pays`);
  report("prices.sign", checks.badSign, (n) => `${n} prints at a price of zero or less`);
  report("sizes.zero", checks.noSize, (n) => `${n} prints have no size`);
  report("session.outside", checks.early, (n) => `${n} prints before the options open`);
  report(
    "basis.scale",
    checks.offScale,
    (n) => `${n} minutes in which parity gives no SPY price for this ES`,
  );
  judgeShares(day, checks, findings);
}

const CLOSED_REMEDY =
  "check the symbols' dates; where the exchange listed that day, its closing was announced later and lacks in the " +
  "table of closings";

function judgeShares({ config }: Day, { counts }: OptionChecks, findings: Findings): void {
  const { callShare: [low, high], zeroDteShare, multiLegShare } = config.audit, { rows } = counts;
  const share = (n: number) => `${(100 * n / rows).toFixed(1)} %`, subject = "options.trades";
  if (counts.calls < low * rows || counts.calls > high * rows) {
    const message = `calls are ${share(counts.calls)} of ${rows} prints`;
    findings.add("options.calls", { subject, message, count: counts.calls });
  }
  if (counts.zeroDte < zeroDteShare * rows) {
    const message = `${share(counts.zeroDte)} of ${rows} prints expire on the date`;
    findings.add("options.zero_dte", { subject, message, count: counts.zeroDte });
  }
  if (counts.multiLeg > multiLegShare * rows) {
    const message = `${share(counts.multiLeg)} of ${rows} prints are multi-leg`;
    findings.add("options.multi_leg", { subject, message, count: counts.multiLeg });
  }
}

/**
 * Reports too few regular minutes with both ES and options; where gaps already reported explain it, as information.
 *
 * @param day The day.
 * @param futures Minutes with trades, and with books.
 * @param options Minutes with prints.
 * @param gaps What was reported as silent of any of them.
 * @param findings Where to report.
 * @returns Share of the regular minutes with both.
 */
export function judgeOverlap(
  day: Day,
  futures: readonly Coverage[],
  options: Coverage,
  gaps: readonly Gap[],
  findings: Findings,
): number {
  const first = day.open / MINUTE_NS, last = day.close / MINUTE_NS, all = last - first;
  let both = 0, explained = 0;
  for (let m = first; m < last; m++) {
    const es = futures.some(({ rows }) => rows[m] > 0), print = options.rows[m] > 0;
    if (es && print) both++;
    else if (gaps.some(({ from, to }) => from < (m + 1) * MINUTE_NS && to > m * MINUTE_NS)) explained++;
  }
  const { overlapShare } = day.config.audit;
  if (both < overlapShare * all) {
    const isExplained = both + explained >= overlapShare * all;
    findings.add("overlap.minutes", {
      subject: "options.trades",
      message: `${both} of ${all} regular minutes (${
        (100 * both / all).toFixed(0)
      } %) have both ES and options`,
      count: all - both,
      severity: isExplained ? "info" : "fail",
      ...(isExplained ? { remedy: "nothing more to do: the silence reported on the date explains it" } : {}),
    });
  }
  return both / all;
}

/**
 * Last price at each second, carried forward for a while; the input is left as it is.
 *
 * @param seconds Last price of each second, NaN without; Float64Array (seconds).
 * @param most Seconds after which a price is too old to stand for the present.
 */
export function carried(seconds: Float64Array, most: number): Float64Array {
  const out = seconds.slice();
  for (let s = 1, age = 0; s < out.length; s++) {
    if (!Number.isNaN(out[s])) age = 0;
    else if (++age <= most) out[s] = out[s - 1];
  }
  return out;
}

/**
 * ES/10 − SPY at the end of each minute with parity pairs, dollars; NaN without.
 *
 * @param es Last ES price at each second, carried forward; Float64Array (seconds).
 * @param ratio SPY per ES by minute; Float64Array (minutes).
 */
export function basisOf(es: Float64Array, ratio: Float64Array): Float64Array {
  const perMinute = MINUTE_NS / SECOND_NS;
  return ratio.map((r, m) => es[m * perMinute + perMinute - 1] * (0.1 - r));
}
