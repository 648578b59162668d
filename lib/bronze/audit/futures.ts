/**
 * What the checks of trades and books found, in words.
 *
 * @module
 */
import { FUTURES_MBP10, FUTURES_TRADES } from "../../schema/mod.ts";
import type { BookChecks, ContractBooks } from "./books.ts";
import type { Findings } from "./checks.ts";
import { type Day, kindOf } from "./day.ts";
import { judgeDelay, reporter } from "./integrity.ts";
import { Marks } from "./marks.ts";
import type { ContractTrades, TradeChecks } from "./trades.ts";

/** Contracts whose prices are those of the product: outrights, or unnamed ones where none has a name. */
function priced<T extends { kind: string; contract: string }>(day: Day, contracts: readonly T[]): T[] {
  const named = contracts.some(({ kind }) => kind === "outright");
  return contracts.filter(({ contract }) =>
    kindOf(day.config.market.symbol, contract) === (named ? "outright" : "unnamed")
  );
}

/** The marks of several contracts together. */
function together(day: Day, marks: readonly Marks[]): Marks {
  const all = new Marks(day.config.audit.examples);
  for (const one of marks) all.merge(one);
  return all;
}

/**
 * Reports what is wrong with trades.
 *
 * @param day The day.
 * @param checks What was seen.
 * @param main The leading contract's trades, if it has any.
 * @param findings Where to report.
 */
export function judgeTrades(
  day: Day,
  checks: TradeChecks,
  main: ContractTrades | undefined,
  findings: Findings,
): void {
  const report = reporter(day, FUTURES_TRADES, findings), mine = priced(day, [...checks.contracts.values()]);
  const all = (of: (contract: ContractTrades) => Marks) => together(day, mine.map(of));
  report("rows.flagged", checks.flagged, (n) => `${n} records are flagged as after a gap`);
  report("prices.sign", all((c) => c.badSign), (n) => `${n} trades at a price of zero or less`);
  report("prices.scale", all((c) => c.badScale), (n) => `${n} trades are priced on another scale`);
  report("prices.outlier", all((c) => c.outliers), (n) => `${n} trades step away from the price and back`);
  report("sizes.zero", checks.noSize, (n) => `${n} trades have no size`);
  report("session.outside", checks.outside, (n) => `${n} trades while Globex is closed`);
  judgeDelay(day, FUTURES_TRADES, checks.late.marks, findings);
  if (main) judgeBalance(day, main, findings);
}

function judgeBalance({ config }: Day, { contract, sides }: ContractTrades, findings: Findings): void {
  let buys = 0, sells = 0;
  for (let i = 0; i < sides.length; i += 3) {
    buys += sides[i];
    sells += sides[i + 1];
  }
  const share = buys / (buys + sells), [low, high] = config.audit.buyShare;
  if (share >= low && share <= high || buys + sells === 0) return;
  findings.add("aggressor.balance", {
    subject: "futures.trades",
    message: `buyers take ${(100 * share).toFixed(1)} % of ${contract}'s volume`,
    count: buys + sells,
  });
}

/**
 * Reports what is wrong with books.
 *
 * @param day The day.
 * @param checks What was seen.
 * @param findings Where to report.
 */
export function judgeBooks(day: Day, checks: BookChecks, findings: Findings): void {
  const report = reporter(day, FUTURES_MBP10, findings), { audit } = day.config;
  const every = [...checks.contracts.values()], mine = priced(day, every);
  const open = every.reduce((sum, { openRows }) => sum + openRows, 0);
  const all = (of: (contract: ContractBooks) => Marks) => together(day, every.map(of));
  const own = (of: (contract: ContractBooks) => Marks) => together(day, mine.map(of));
  const severe = (
    marks: Marks,
    share: number,
  ) => ({ severity: marks.count > share * open ? "fail" : "warn" } as const);
  const percent = (n: number) => `${(100 * n / open).toPrecision(2)} %`;
  report("rows.flagged", checks.flagged, (n) => `${n} records are flagged as after a gap`);
  report("prices.sign", own((c) => c.badSign), (n) => `${n} books with a best price of zero or less`);
  report("prices.scale", own((c) => c.badScale), (n) => `${n} books are priced on another scale`);
  const crossed = all((c) => c.crossed), locked = every.reduce((sum, c) => sum + c.locked, 0);
  report(
    "books.crossed",
    crossed,
    (n) =>
      `${n} books (${percent(n)}) are crossed${
        locked ? ` or locked (${locked})` : ""
      } while the market is open`,
    severe(crossed, audit.crossedShare),
  );
  report("books.crossed_preopen", all((c) => c.preopen), (n) => `${n} books are crossed up to the open`);
  const inverted = all((c) => c.inverted);
  report(
    "books.inverted",
    inverted,
    (n) => `${n} books (${percent(n)}) have levels out of order`,
    severe(inverted, audit.inversionShare),
  );
  report(
    "books.stale",
    own((c) => c.stale),
    (n) => `${n} records show a book that stands still while trades go on`,
  );
  judgeDelay(day, FUTURES_MBP10, checks.late.marks, findings);
}

/**
 * Reports a thin market: few minutes with a trade, few books one tick wide, a holiday before.
 *
 * @param day The day.
 * @param trades The leading contract's trades, if any.
 * @param books The leading contract's books, if any.
 * @param findings Where to report.
 */
export function judgeThin(
  day: Day,
  trades: ContractTrades | undefined,
  books: ContractBooks | undefined,
  findings: Findings,
): void {
  const { thinShare, oneTickShare } = day.config.audit;
  const from = day.parts[0].from, to = day.parts[day.parts.length - 1].to, all = (to - from) / 60e9;
  if (trades) {
    const busy = trades.coverage.minutes(from, to);
    if (busy < thinShare * all) {
      findings.add("session.thin", {
        subject: "futures.trades",
        message: `${trades.contract} trades in ${busy} of the session's ${all} minutes`,
        count: busy,
      });
    }
  }
  if (books && books.events > 0) {
    const share = books.spreads[1] / books.events;
    if (share < oneTickShare) {
      findings.add("session.thin", {
        subject: "futures.mbp10",
        message: `${(100 * share).toFixed(1)} % of ${books.contract}'s books are one tick wide`,
        count: books.events - books.spreads[1],
      });
    }
  }
}
