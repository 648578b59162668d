/**
 * Which contract leads a date under each rule, strays, and where the rolls are.
 *
 * @module
 */
import {
  addDays,
  type Batch,
  calendarContract,
  type Config,
  fallbackName,
  formatNs,
  HOUR_NS,
  i64,
  MINUTE_NS,
  quarterlies,
  relativeNs,
  SECOND_NS,
  sessionHours,
  strings,
  takeRows,
  TidemarkError,
  tradingDays,
  u32,
} from "../../base/mod.ts";
import {
  hourFolder,
  type Lake,
  parquetFiles,
  quarantinePath,
  readBatch,
  sessionFolder,
} from "../../lake/mod.ts";
import {
  type ContractProfile,
  FUTURES_ROLLS,
  FUTURES_TRADES,
  quarantineTable,
  REASONS,
  type RollProfile,
  type RollSpread,
} from "../../schema/mod.ts";
import type { ContractCount } from "../census.ts";
import { type ContractRule, judgeChoice } from "../contract_choice.ts";
import { rowsWhere } from "../restore.ts";
import { calendarSpread } from "../rolls.ts";
import type { ContractBooks } from "./books.ts";
import type { Findings } from "./checks.ts";
import { type Day, kindOf } from "./day.ts";
import type { ContractTrades } from "./trades.ts";

const RULES: ContractRule[] = ["calendar", "prior", "session"];

/** Counts of contracts, without the prices that choosing does not read. */
function newCount(contract: string, instrumentId: number): ContractCount {
  const none = new Float64Array();
  const minutes = { price: none, at: none, seq: none };
  return { contract, instrumentId, regular: 0, beforeOpen: 0, whole: 0, books: 0, minutes };
}

/** Counts of a day's rows and of those the filter has set aside; a broken file in quarantine is reported. */
export async function countDay(
  lake: Lake,
  day: Day,
  found: { trades: readonly ContractTrades[]; books: readonly ContractBooks[] },
  names: ReadonlyMap<number, string>,
  findings: Findings,
): Promise<ContractCount[]> {
  const counts = new Map<number, ContractCount>();
  const of = (id: number) => {
    let count = counts.get(id);
    if (!count) counts.set(id, count = newCount(names.get(id)!, id));
    return count;
  };
  for (const { instrumentId, regular, beforeOpen, whole } of found.trades) {
    Object.assign(of(instrumentId), { regular, beforeOpen, whole });
  }
  for (const { instrumentId, rows } of found.books) of(instrumentId).books = rows;
  const aside = quarantineTable(FUTURES_TRADES), first = Number(day.session.startNs / BigInt(HOUR_NS));
  for (const hour of sessionHours(day.session)) {
    for (const file of await parquetFiles(lake, quarantinePath(hourFolder(FUTURES_TRADES, hour)))) {
      try {
        const batch = readBatch(lake, aside, [file], ["ts_event_ns", "instrument_id", "size", "reason"]);
        const rows = rowsWhere(batch, { reason: (reason) => reason === REASONS.contract });
        addCounts(takeRows(batch, rows), day, of);
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error;
        findings.add("files.unreadable", {
          subject: `hour ${hour - first} of quarantine`,
          message: error.message,
          count: 1,
          examples: [file],
        });
      }
    }
  }
  return [...counts.values()].sort((a, b) => a.instrumentId - b.instrumentId);
}

function addCounts(batch: Batch, day: Day, of: (instrumentId: number) => ContractCount): void {
  const t = relativeNs(i64(batch, "ts_event_ns"), day.session.startNs);
  const id = u32(batch, "instrument_id"), size = u32(batch, "size");
  for (let i = 0, count: ContractCount | undefined; i < t.length; i++) {
    if (count?.instrumentId !== id[i]) count = of(id[i]);
    count.whole += size[i];
    if (t[i] < day.open) count.beforeOpen += size[i];
    else if (t[i] < day.close) count.regular += size[i];
  }
}

/**
 * Volumes of an earlier session's instruments, for the rule that looks back and knows them by their ids; nothing where
 * it cannot be read.
 *
 * @param lake The lake.
 * @param day The earlier day.
 */
export async function countPrior(lake: Lake, day: Day): Promise<ContractCount[]> {
  const counts = new Map<number, ContractCount>(), { symbol } = day.config.market;
  const of = (id: number) => {
    let count = counts.get(id);
    if (!count) counts.set(id, count = newCount(fallbackName(symbol, id), id));
    return count;
  };
  const names = ["ts_event_ns", "instrument_id", "size"];
  const aside = quarantineTable(FUTURES_TRADES);
  for (const hour of sessionHours(day.session)) {
    const folder = hourFolder(FUTURES_TRADES, hour);
    for (const [table, at] of [[FUTURES_TRADES, folder], [aside, quarantinePath(folder)]] as const) {
      for (const file of await parquetFiles(lake, at)) {
        try {
          addCounts(readBatch(lake, table, [file], names), day, of);
        } catch (error) {
          // The earlier date's own audit says what is wrong with it.
          if (!(error instanceof TidemarkError)) throw error;
        }
      }
    }
  }
  return [...counts.values()];
}

/** Contracts that belong: outrights and spreads of the product; without any outright every unnamed one. */
function belongs(symbol: string, names: readonly string[]): (name: string) => boolean {
  const named = names.some((name) => kindOf(symbol, name) === "outright");
  const good = named ? ["outright", "spread"] : ["unnamed", "spread"];
  return (name) => good.includes(kindOf(symbol, name));
}

/**
 * Reports strays and the leader's share; what each rule chooses.
 *
 * @param day The day.
 * @param counts Its contracts.
 * @param prior Those of the latest earlier session.
 * @param found Trades and books by contract, for the strays' places.
 * @param findings Where to report.
 */
export function judgeContracts(
  day: Day,
  counts: readonly ContractCount[],
  prior: readonly ContractCount[],
  found: { trades: readonly ContractTrades[]; books: readonly ContractBooks[] },
  findings: Findings,
): ContractProfile {
  const { config, date } = day, { symbol } = config.market;
  const mine = belongs(symbol, counts.map(({ contract }) => contract));
  for (const [table, contracts] of Object.entries(found)) {
    for (const { contract, rows, span } of contracts) {
      if (mine(contract)) continue;
      findings.add("contracts.stray", {
        subject: table === "trades" ? "futures.trades" : "futures.mbp10",
        message: `${rows} rows of ${contract}, which is no contract of ${symbol} known on the date`,
        count: rows,
        examples: span.map((t) => formatNs(day.session.startNs + BigInt(t))),
      });
    }
  }
  const contracts = counts.filter(({ contract }) => mine(contract));
  if (contracts.length === 0) return { main: "", shares: {}, rules: [] };
  const inputs = { date, symbol, contracts, prior };
  const choices = RULES.map((rule) => judgeChoice(inputs, rule, config.filter));
  const { contract, share, status, shares, counted } = choices[0];
  if (status !== "pass" && counted !== "book_records") {
    const near = isNearRoll(config, date) && contract in shares;
    const leader = Object.keys(shares)[0];
    const led = leader === contract ? "" : `, ${leader} ${(100 * shares[leader]).toFixed(1)} %`;
    findings.add("contracts.share", {
      severity: near ? "info" : status,
      subject: contract,
      message: `${contract} has ${(100 * share).toFixed(1)} % of the volume${led}${
        near ? "; a roll is near" : ""
      }`,
      count: 1,
      ...(near ? { remedy: "nothing to do: around a roll two contracts share the volume" } : {}),
    });
  }
  const rules = choices.map((c) => ({
    rule: c.rule,
    decided: c.contract_rule,
    contract: c.contract,
    share: c.share,
  }));
  // Rows that the filter took out cannot be looked at: statistics are of a contract that is here.
  const here = (name: string) => Object.values(found).some((list) => list.some((c) => c.contract === name));
  const main = [contract, ...Object.keys(shares)].find(here) ?? contract;
  return { main, shares, rules };
}

function isNearRoll({ market, audit }: Config, date: string): boolean {
  return quarterlies(market.symbol, addDays(date, -14), 2).some(({ expiry }) => {
    const [first, last] = [date, addDays(expiry, -4)].sort();
    return tradingDays(first, last).length - 1 <= audit.rollDays;
  });
}

/**
 * A date's place in the roll calendar.
 *
 * @param lake The lake.
 * @param day The day.
 * @param main Its leading contract.
 * @param contracts What the contracts traded.
 */
export async function rollProfile(
  lake: Lake,
  day: Day,
  main: string,
  contracts: readonly ContractTrades[],
): Promise<RollProfile> {
  const { config, date } = day, { symbol } = config.market, front = calendarContract(symbol, date);
  const { expiry } = quarterlies(symbol, date, 2).find(({ name }) => name === front)!;
  const spreads = await recordedSpreads(lake, date);
  const from = contracts.find(({ contract }) => contract === main);
  for (const other of contracts) {
    if (!from || other === from || other.kind !== "outright") continue;
    if (spreads.some(({ to }) => to === other.contract)) continue;
    const spread = calendarSpread(
      regularMinutes(day, from),
      regularMinutes(day, other),
      config.filter.spreadMinutes,
    );
    if (!spread) continue;
    const { points, minutes } = spread;
    spreads.push({ from: main, to: other.contract, points, minutes, origin: "measured" });
  }
  return { front, expiry, rolls: addDays(expiry, -4), near: isNearRoll(config, date), spreads };
}

async function recordedSpreads(lake: Lake, date: string): Promise<RollSpread[]> {
  const files = await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, date));
  try {
    const { length, columns } = readBatch(lake, FUTURES_ROLLS, files);
    const batch = { length, columns },
      from = strings(batch, "from_contract"),
      to = strings(batch, "to_contract");
    return Array.from({ length }, (_, i) => ({
      from: from.values[from.codes[i]],
      to: to.values[to.codes[i]],
      points: (columns.spread_es as Float64Array)[i],
      minutes: (columns.minutes as Int32Array)[i],
      origin: "recorded" as const,
    }));
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    return [];
  }
}

/** Last price of each regular minute. */
function regularMinutes({ open, close }: Day, { seconds }: ContractTrades): Float64Array {
  const first = open / SECOND_NS, n = (close - open) / MINUTE_NS;
  return Float64Array.from({ length: n }, (_, m) => {
    for (let s = first + 60 * m + 59; s >= first + 60 * m; s--) {
      if (seconds[s] === seconds[s]) return seconds[s];
    }
    return NaN;
  });
}
