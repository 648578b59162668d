/**
 * Which contract a trade date keeps. Pure.
 *
 * @module
 */
import { calendarContract, type Config, isOutright, quarterlies } from "../base/mod.ts";
import type { ContractChoice } from "../lake/mod.ts";
import type { ContractCount } from "./census.ts";

/** A rule that can be asked for. */
export type ContractRule = ContractChoice["rule"];

/** What a choice is made from. */
export interface ChoiceInputs {
  /** Trade date. */
  date: string;
  /** Product. */
  symbol: string;
  /** Its contracts. */
  contracts: readonly ContractCount[];
  /** Contracts of the latest earlier session that has regular trades; empty if there is none. */
  prior: readonly ContractCount[];
}

/**
 * Chooses by a rule, or by its fallback where that has nothing to go by: `calendar` with unnamed contracts only
 * turns to `prior`; `prior` without an earlier session, or whose contract is not there, to the date's volume before
 * 09:30 and then to the whole date's; `session` without regular trades to the whole date's.
 *
 * @param inputs At least one contract.
 * @param rule The rule asked for.
 * @returns The contract's name and the rule that decided; the name may be of none of the contracts (`calendar`).
 *   An instrument of the earlier session is recognised by its id: its name may be another there.
 */
export function chooseContract(
  inputs: ChoiceInputs,
  rule: ContractRule,
): Pick<ContractChoice, "contract" | "contract_rule"> {
  const { contracts, prior, symbol, date } = inputs;
  const named = contracts.some(({ contract }) => isOutright(symbol, contract));
  if (rule === "calendar" && named) {
    const wanted = calendarContract(symbol, date);
    const found = contracts.find(({ contract }) => sameContract(symbol, contract, wanted));
    return { contract: found?.contract ?? wanted, contract_rule: "calendar" };
  }
  if (rule === "session") {
    const found = most(contracts, (count) => count.regular);
    if (found) return { contract: found.contract, contract_rule: "session" };
  } else {
    const before = most(prior, (count) => count.regular);
    const again = before && contracts.find(({ instrumentId }) => instrumentId === before.instrumentId);
    if (again) return { contract: again.contract, contract_rule: "prior" };
    const early = most(contracts, (count) => count.beforeOpen);
    if (early) return { contract: early.contract, contract_rule: "premarket" };
  }
  const whole = most(contracts, (count) => count.whole) ?? most(contracts, (count) => count.books);
  return { contract: whole?.contract ?? contracts[0].contract, contract_rule: "whole_date" };
}

/** The contract with most of something, the lower instrument id of equals; undefined where none has any. */
function most(
  contracts: readonly ContractCount[],
  of: (count: ContractCount) => number,
): ContractCount | undefined {
  let best: ContractCount | undefined;
  for (const count of contracts) {
    const more = of(count) - (best ? of(best) : 0);
    if (more > 0 || (best && more === 0 && count.instrumentId < best.instrumentId)) best = count;
  }
  return best;
}

/** Whether two names are of one contract: the year may have one digit or two. */
export function sameContract(symbol: string, a: string, b: string): boolean {
  const key = (name: string) => name[symbol.length] + name.at(-1);
  return isOutright(symbol, a) && isOutright(symbol, b) && key(a) === key(b);
}

/** Whether a date lies in the week of a roll: its front contract by the calendar is not the nearest any more. */
export function isRollWeek(symbol: string, date: string): boolean {
  return calendarContract(symbol, date) !== quarterlies(symbol, date, 1)[0].name;
}

/**
 * The choice with the shares of all contracts and the verdict on them: by volume of the regular session; without any
 * by the session's, without trades by book records.
 *
 * @param inputs At least one contract.
 * @param rule The rule asked for.
 * @param config Shares that pass and fail.
 */
export function judgeChoice(
  inputs: ChoiceInputs,
  rule: ContractRule,
  config: Pick<Config["filter"], "passShare" | "failShare">,
): ContractChoice {
  const { contract, contract_rule } = chooseContract(inputs, rule);
  const { contracts, date, symbol } = inputs;
  const has = (of: (count: ContractCount) => number) => contracts.some((count) => of(count) > 0);
  const counted = has((c) => c.regular)
    ? "regular_volume"
    : has((c) => c.whole)
    ? "session_volume"
    : "book_records";
  const amount = (c: ContractCount) =>
    counted === "regular_volume" ? c.regular : counted === "session_volume" ? c.whole : c.books;
  const total = contracts.reduce((sum, count) => sum + amount(count), 0);
  const sorted = contracts.toSorted((a, b) => amount(b) - amount(a) || a.instrumentId - b.instrumentId);
  const shares = Object.fromEntries(sorted.map((count) => [count.contract, amount(count) / total]));
  const share = shares[contract] ?? 0;
  const roll_week = isRollWeek(symbol, date);
  const low = share < config.failShare ? "fail" : share < config.passShare ? "warn" : "pass";
  const status = low === "fail" && roll_week && contract in shares
    ? "warn"
    : low === "pass" && contract_rule === "whole_date"
    ? "warn"
    : low;
  const instrument_id = contracts.find((count) => count.contract === contract)?.instrumentId ?? 0;
  return { date, contract, instrument_id, rule, contract_rule, counted, share, roll_week, status, shares };
}
