/**
 * Faults that can be planted in a simulated day: what each is, and where it goes.
 *
 * @module
 */
import { UsageError } from "../base/mod.ts";

/** What a fault is planted in. */
export type FaultPlace = "futures" | "options" | "file";

/** A kind of fault. */
export interface FaultKind {
  /** Rows of the futures tables, rows of the option file, or bytes of a file. */
  place: FaultPlace;
  /** What is planted, in one sentence. */
  meaning: string;
}

/** The kinds of faults, in the order in which they are planted through the morning. */
export const FAULTS = {
  "duplicates": {
    place: "futures",
    meaning: "each of a run of records comes twice in a row, trades and books alike",
  },
  "out-of-order": {
    place: "futures",
    meaning: "a block of 60 rows stands after the 60 rows that follow it, in each table",
  },
  "crossed-books": {
    place: "futures",
    meaning: "for half a minute bids are raised until the best is three ticks above the best ask",
  },
  "level-inversion": { place: "futures", meaning: "for six minutes the third and fourth bid are swapped" },
  "sequence-decrease": {
    place: "futures",
    meaning: "five books carry a sequence number that is 5,000 too low",
  },
  "silence": { place: "futures", meaning: "three minutes without a record, and no flag" },
  "flagged-gap": {
    place: "futures",
    meaning: "five seconds of records are lost and the next book is flagged 0x04",
  },
  "second-scale": { place: "futures", meaning: "for two minutes trades are priced in hundredths" },
  "stale-book": {
    place: "futures",
    meaning: "for three minutes books repeat the same ten levels while trades go on",
  },
  "bad-price": { place: "futures", meaning: "ten trades have a price of zero or less" },
  "slow-feed": { place: "futures", meaning: "for a minute records are received five seconds late" },
  "stray-contract": {
    place: "futures",
    meaning: "all regular session a third of the trades also appears under an unknown contract",
  },
  "missing-hour": { place: "futures", meaning: "no records from 12:00 to 13:00 Eastern" },
  "half-day": {
    place: "futures",
    meaning: "records and option prints end halfway through the regular session",
  },
  "other-root": {
    place: "options",
    meaning: "a hundred prints of an index ten times as high stand under SPY's root",
  },
  "expired-options": {
    place: "options",
    meaning: "a hundred prints are of options that expired days before",
  },
  "swapped-right": {
    place: "options",
    meaning: "up to a hundred out-of-the-money prints are written as the other right",
  },
  "option-duplicates": { place: "options", meaning: "each of a hundred prints comes twice" },
  "option-gap": { place: "options", meaning: "no prints for an hour" },
  "truncated-file": { place: "file", meaning: "the trades file ends after three fifths of its bytes" },
  "corrupt-frame": { place: "file", meaning: "64 bytes in the middle of the books file are overwritten" },
} as const satisfies Record<string, FaultKind>;

/** A fault's name. */
export type FaultName = keyof typeof FAULTS;

/**
 * Reads a list of faults.
 *
 * @param text Names with commas between, or `all`; empty for none.
 * @throws {UsageError} If a name is unknown.
 */
export function parseFaults(text: string): FaultName[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.includes("all")) return Object.keys(FAULTS) as FaultName[];
  for (const name of names) {
    if (!(name in FAULTS)) {
      throw new UsageError(`Cannot plant "${name}": wanted all or some of ${Object.keys(FAULTS).join(", ")}`);
    }
  }
  return names as FaultName[];
}

/** Those of some faults that belong to a place. */
export function faultsOf(names: readonly FaultName[], place: FaultPlace): FaultName[] {
  return (Object.keys(FAULTS) as FaultName[]).filter((name) =>
    names.includes(name) && FAULTS[name].place === place
  );
}
