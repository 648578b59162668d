/**
 * Plants faults in option prints and in the bytes of files.
 *
 * @module
 */
import { addDays, previousTradingDay, Random, type Session } from "../base/mod.ts";
import { FaultPlan } from "./fault_plan.ts";
import { halfwayNs } from "./fault_rows.ts";
import { type FaultName, FAULTS } from "./faults.ts";
import { occTicker, type OptionPrint } from "./prints.ts";
import type { PlantedFault } from "./truth.ts";

const RUN = 100;
const HOUR = 3_600_000_000_000n;

/** Prints with their faults and what was planted. */
export interface PlantedPrints {
  /** The prints, in no particular order. */
  prints: OptionPrint[];
  /** What was planted. */
  planted: PlantedFault[];
}

/** An OCC ticker of SPY, taken apart. */
function partsOf(ticker: string): { expiration: string; right: string; strike: number } | undefined {
  const found = /^O:SPY(\d\d)(\d\d)(\d\d)([CP])(\d{8})$/.exec(ticker);
  if (!found) return undefined;
  const [, year, month, day, right, strike] = found;
  return { expiration: `20${year}-${month}-${day}`, right, strike: Number(strike) / 1000 };
}

/**
 * Plants the wanted option faults; `half-day` cuts the prints too.
 *
 * @param prints Every print of the session.
 * @param names Faults wanted; those of other places are left alone.
 * @param options The session and the market's seed.
 */
export function plantPrints(
  prints: readonly OptionPrint[],
  names: readonly FaultName[],
  { session, seed }: { session: Session; seed: string },
): PlantedPrints {
  let out = [...prints].sort((a, b) => a.t - b.t);
  const planted: PlantedFault[] = [];
  for (const name of Object.keys(FAULTS) as FaultName[]) {
    if (!names.includes(name)) continue;
    const plan = new FaultPlan(name, session, seed);
    out = plant(out, plan, session);
    planted.push(...plan.planted());
  }
  return { prints: out, planted };
}

function plant(prints: OptionPrint[], plan: FaultPlan, session: Session): OptionPrint[] {
  const at = (print: OptionPrint) => session.overnightNs + BigInt(print.t);
  const note = (touched: readonly OptionPrint[]) => plan.note("options", touched.map(at));
  const drop = (from: bigint, until: bigint) => {
    const gone = prints.filter((p) => at(p) >= from && at(p) < until);
    note(gone);
    return prints.filter((p) => at(p) < from || at(p) >= until);
  };
  const rewrite = (wanted: (p: OptionPrint) => string | undefined) => {
    let left = RUN;
    const touched: OptionPrint[] = [];
    const out = prints.map((p) => {
      const ticker = left > 0 && at(p) >= plan.startNs ? wanted(p) : undefined;
      if (ticker === undefined) return p;
      left--;
      touched.push(p);
      return { ...p, ticker, aggressor: 0 };
    });
    note(touched);
    return out;
  };
  switch (plan.kind) {
    case "half-day":
      return drop(halfwayNs(session), 2n ** 62n);
    case "option-gap":
      return drop(plan.startNs, plan.startNs + HOUR);
    case "other-root":
      return rewrite((p) => {
        const parts = partsOf(p.ticker);
        return parts && occTicker("SPY", parts.expiration, parts.right, parts.strike * 10);
      });
    case "expired-options":
      return rewrite((p) => {
        const parts = partsOf(p.ticker);
        const past = previousTradingDay(addDays(session.date, -2));
        return parts && occTicker("SPY", past, parts.right, parts.strike);
      });
    case "swapped-right":
      return rewrite((p) => swapped(p, session.date));
    case "option-duplicates": {
      const chosen = prints.filter((p) => at(p) >= plan.startNs && partsOf(p.ticker)).slice(0, RUN);
      note(chosen);
      return [...prints, ...chosen.map((p) => ({ ...p }))];
    }
    default:
      return prints;
  }
}

/** The other right's ticker of a same-day print at least $3 out of the money: its price is below that one's worth. */
function swapped(print: OptionPrint, date: string): string | undefined {
  const parts = partsOf(print.ticker);
  if (!parts || parts.expiration !== date || print.aggressor === 0) return undefined;
  const out = parts.right === "C" ? parts.strike - print.spot : print.spot - parts.strike;
  return out < 3 || print.price > 1
    ? undefined
    : occTicker("SPY", date, parts.right === "C" ? "P" : "C", parts.strike);
}

/**
 * Damages a file.
 *
 * @param kind `truncated-file` or `corrupt-frame`.
 * @param name The file's name, for the truth.
 * @param bytes The whole file; changed in place.
 * @returns The damaged file and what was planted.
 */
export function plantBytes(
  kind: "truncated-file" | "corrupt-frame",
  name: string,
  bytes: Uint8Array,
): { bytes: Uint8Array; planted: PlantedFault } {
  const planted = { kind, table: name, first_ts_ns: "", last_ts_ns: "" };
  if (kind === "truncated-file") {
    const length = Math.floor(bytes.length * 0.6);
    const detail = `the file ends after byte ${length} of ${bytes.length}`;
    return { bytes: bytes.slice(0, length), planted: { ...planted, count: bytes.length - length, detail } };
  }
  const start = Math.floor(bytes.length / 2), random = new Random(`${kind}/${name}`);
  for (let i = start; i < start + 64 && i < bytes.length; i++) bytes[i] = random.int(256);
  return {
    bytes,
    planted: { ...planted, count: 64, detail: `bytes ${start} to ${start + 63} are overwritten` },
  };
}
