/**
 * The declared table of the audit's checks: what drives it, heads its page and prints as `audit --list`.
 *
 * @module
 */
import { CALENDAR_YEARS, type Config } from "../../base/mod.ts";
import type { Check, Finding, Severity } from "../../schema/mod.ts";

interface Declared {
  meaning: string;
  threshold: (config: Config) => string;
  severity: Severity;
  remedy: string;
}

const none = () => "none";
const percent = (share: number) => `${+(100 * share).toFixed(2)} %`;

const silence = ({ audit: { silenceSeconds, silenceGaps: { regular, other }, silenceMost } }: Config) =>
  `${silenceSeconds} s and ${regular} mean gaps around it, ${other} outside regular hours; at most ${
    silenceMost / 60
  } minutes`;

const DECLARED = {
  "sessions.missing": {
    meaning: "Every trading day of the exchange calendar between the first and the last date has rows",
    threshold: none,
    severity: "warn",
    remedy: "get the missing days and run backfill and options on them, or leave them out of the study",
  },
  "sessions.future": {
    meaning: "No trade date lies after today",
    threshold: none,
    severity: "fail",
    remedy: "find the source whose clock is wrong and ingest it again",
  },
  "sessions.calendar": {
    meaning: "Every date lies in the years that the exchange calendar knows",
    threshold: () => CALENDAR_YEARS.join(" to "),
    severity: "fail",
    remedy:
      "its sessions, holidays and halts are not known: leave the date out, or remove it with its source",
  },
  "tables.absent": {
    meaning: "A date has futures trades, futures books and option prints",
    threshold: () => "all three tables",
    severity: "fail",
    remedy: "run backfill (futures) or options on the date",
  },
  "files.unreadable": {
    meaning: "Every Parquet file can be read",
    threshold: none,
    severity: "fail",
    remedy: "the file is cut short or damaged: remove it and ingest its source again with --force",
  },
  "files.lost": {
    meaning: "Every Parquet file that a run wrote is there until a run removes it",
    threshold: none,
    severity: "fail",
    remedy: "restore the file, or ingest its source again: backfill and options see that it is gone",
  },
  "files.changed": {
    meaning: "Every Parquet file has the size and the sha256 that it was written with",
    threshold: none,
    severity: "fail",
    remedy: "its bytes changed on disk: restore it from a copy, or remove it and ingest its source again",
  },
  "files.unknown": {
    meaning: "Every Parquet file was written by a run, which left its sha256",
    threshold: none,
    severity: "info",
    remedy: "it cannot be compared: it was put there by hand, or by a version that kept no sums",
  },
  "stages.changed": {
    meaning: "What silver and gold wrote is as they wrote it",
    threshold: none,
    severity: "fail",
    remedy: "run the stage again on the date: it rebuilds what is not as it was written",
  },
  "source.condition": {
    meaning: "The vendor's condition.json calls every date of a source available",
    threshold: none,
    severity: "warn",
    remedy:
      "download the date again when the vendor has mended it, and backfill it with --clean; until then doubt it",
  },
  "source.notice": {
    meaning: "The gateway reported no error and no gap while the source was captured",
    threshold: none,
    severity: "warn",
    remedy: "records may lack from that moment on: replace the capture by the vendor's history of that date",
  },
  "files.schema": {
    meaning: "Every file has the declared columns, each of its type",
    threshold: none,
    severity: "fail",
    remedy: "the file was not written by this version: ingest its source again with --clean",
  },
  "files.empty": {
    meaning: "Every partition has rows",
    threshold: none,
    severity: "fail",
    remedy: "remove the empty folder or file, or ingest its source again",
  },
  "files.partition": {
    meaning: "Every row lies in the folder of the UTC date and hour of its event time",
    threshold: none,
    severity: "fail",
    remedy: "files were moved by hand: ingest their source again with --clean",
  },
  "rows.count": {
    meaning: "Rows of a table against the median of the lake's nearest other sessions, per hour of session",
    threshold: ({ audit: { rowsRatio: [low, high] } }) => `${low} to ${high} times the median`,
    severity: "warn",
    remedy: "compare the source's size with its neighbours'; an incomplete download is ingested again",
  },
  "hours.missing": {
    meaning: "Every hour of the session has rows of each table",
    threshold: none,
    severity: "fail",
    remedy: "ingest the hour again; where the source lacks it, leave the date out",
  },
  "session.starts_late": {
    meaning: "Each table's rows begin when the session opens",
    threshold: silence,
    severity: "fail",
    remedy: "get the rest of the day; until then use the date for nothing that needs its beginning",
  },
  "session.stops_early": {
    meaning: "Each table's rows go on to the session's end by the exchange calendar, half-days included",
    threshold: silence,
    severity: "fail",
    remedy: "get the rest of the day, or leave the date out: its touches would have no outcome",
  },
  "session.silence": {
    meaning: "No silence inside the session; outside regular hours it only warns",
    threshold: silence,
    severity: "fail",
    remedy: "ingest the span again; no flow is counted across it",
  },
  "session.halt": {
    meaning: "A silence that is known and dated: the market stood still",
    threshold: none,
    severity: "info",
    remedy: "there is nothing to ingest: no flow is counted across it, and touches around it deserve a look",
  },
  "sessions.fragment": {
    meaning:
      "A date with no more than its evening hours comes of a neighbour's file and is not audited by itself",
    threshold: none,
    severity: "info",
    remedy: "ingest the date's own files if it is wanted, or ask for it by --date",
  },
  "session.thin": {
    meaning: "The market is as busy as on a working day: minutes with a trade, books one tick wide",
    threshold: ({ audit: { thinShare, oneTickShare } }) =>
      `trades in ${percent(thinShare)} of the minutes, ${percent(oneTickShare)} of books one tick wide`,
    severity: "warn",
    remedy: "leave the date out, or judge its liquidity features with care",
  },
  "session.holiday": {
    meaning: "The session does not border on an exchange holiday",
    threshold: none,
    severity: "info",
    remedy: "expect a thin market",
  },
  "session.outside": {
    meaning: "No trades while Globex is closed, no option prints before the open",
    threshold: none,
    severity: "warn",
    remedy: "check the source's clock against the exchange calendar",
  },
  "rows.duplicates": {
    meaning:
      "No record is there twice because its source, or another kind of source of its day, was ingested too",
    threshold: none,
    severity: "fail",
    remedy: "run dedup on the date",
  },
  "rows.repeated": {
    meaning: "No run of records comes twice within one ingest",
    threshold: ({ audit: { repeatedRun } }) => `${repeatedRun} records in a row`,
    severity: "fail",
    remedy: "the source repeats itself: get it again; dedup keeps what one ingest holds twice",
  },
  "rows.order": {
    meaning: "Rows of an ingest come in order of event time (option files may be sorted by ticker)",
    threshold: none,
    severity: "warn",
    remedy: "nothing to do for the batch, which sorts; a live run of this source would be late",
  },
  "rows.sequence": {
    meaning: "Sequence numbers never decrease in order of time; gaps and repeats are normal",
    threshold: none,
    severity: "warn",
    remedy: "events around it may be in the wrong order: compare with another source of the day",
  },
  "rows.flagged": {
    meaning: "The feed flags no record as after a gap (0x04)",
    threshold: none,
    severity: "warn",
    remedy: "nothing to do: no flow is counted across the record",
  },
  "prices.sign": {
    meaning: "Prices of outright contracts and options are above zero",
    threshold: none,
    severity: "fail",
    remedy: "the source is damaged: get it again",
  },
  "prices.scale": {
    meaning: "One price scale: every price of a contract is near its others",
    threshold: ({ audit: { scaleRatio } }) => `within a factor of ${scaleRatio}`,
    severity: "fail",
    remedy: "find where the source changes its price unit and get it again",
  },
  "prices.outlier": {
    meaning: "No trade steps away from the price and back",
    threshold: ({ audit: { priceJump, jumpTrades } }) =>
      `${percent(priceJump)}, for fewer than ${jumpTrades} trades`,
    severity: "warn",
    remedy: "look at the trades: a busted trade or a wrong digit would make false levels",
  },
  "sizes.zero": {
    meaning: "Every trade has a size",
    threshold: none,
    severity: "warn",
    remedy: "the source is damaged: get it again",
  },
  "sizes.level": {
    meaning: "The 99th percentile of trade sizes against the median of the other sessions audited",
    threshold: ({ audit: { rowsRatio: [low, high] } }) => `${low} to ${high} times the median`,
    severity: "warn",
    remedy: "check that sizes are in contracts on both sides of the change",
  },
  "aggressor.balance": {
    meaning: "Buyers' share of the volume with an aggressor",
    threshold: ({ audit: { buyShare: [low, high] } }) => `${low} to ${high}`,
    severity: "warn",
    remedy: "check that side A is read as a sell; a true one-sided day is rare",
  },
  "contracts.names": {
    meaning:
      "Every name is one contract's: no continuous or parent symbol, one instrument a name and one contract an instrument",
    threshold: none,
    severity: "warn",
    remedy:
      "filter and audit go by instrument id; get the data by raw symbols (ESZ5, ESH6), or with symbology.json beside it, to know which contract it is",
  },
  "contracts.stray": {
    meaning: "Only outright contracts of the product and spreads between them",
    threshold: none,
    severity: "warn",
    remedy: "run filter on the date: it sets other contracts aside",
  },
  "contracts.share": {
    meaning: "The contract the calendar names leads the volume, but around a roll",
    threshold: ({ filter: { passShare, failShare } }) =>
      `passes from ${percent(passShare)}, fails below ${percent(failShare)}`,
    severity: "fail",
    remedy: "run filter with --rule prior or session, or get the contract that leads",
  },
  "delay.receive": {
    meaning: "Records are received soon after their event; snapshots and bad receive times (0x08) apart",
    threshold: ({ audit: { delayMs } }) => `0 to ${delayMs} ms`,
    severity: "warn",
    remedy: "nothing to do for the batch; a live run would have been late here",
  },
  "books.crossed": {
    meaning: "No locked or crossed books while the market is open",
    threshold: ({ audit: { crossedShare } }) => `warns at one, fails above ${percent(crossedShare)}`,
    severity: "fail",
    remedy: "no flow is counted across a crossed book; where there are many, get the books again",
  },
  "books.crossed_preopen": {
    meaning: "Crossed books before the open, where orders cross until the auction",
    threshold: none,
    severity: "info",
    remedy: "nothing to do: nothing is measured before the open",
  },
  "books.inverted": {
    meaning: "Levels of each side are in order of price",
    threshold: ({ audit: { inversionShare } }) => `warns at one, fails at ${percent(inversionShare)}`,
    severity: "fail",
    remedy: "depth in these books is wrong: get the books again",
  },
  "books.stale": {
    meaning: "The book changes while trades go on",
    threshold: ({ audit: { staleSeconds } }) => `${staleSeconds} s`,
    severity: "fail",
    remedy: "book updates were lost: get the books again; barrier features are wrong here",
  },
  "options.root": {
    meaning: "Every option is of the underlying's own root",
    threshold: none,
    severity: "fail",
    remedy: "run options again on the date with this version, which matches the root exactly",
  },
  "options.symbol": {
    meaning: "Expiration, right and strike are those of the option symbol",
    threshold: none,
    severity: "fail",
    remedy: "ingest the file again: the columns were written by something else",
  },
  "options.expiration": {
    meaning: "Expirations are trading days on or after the trade date",
    threshold: none,
    severity: "fail",
    remedy: "find where the symbols come from: prints of expired options cannot be",
  },
  "options.strikes": {
    meaning: "Strikes are on the underlying's scale",
    threshold: ({ audit: { strikeRatio } }) => `within a factor of ${strikeRatio} of spot`,
    severity: "fail",
    remedy: "prints of another underlying stand under this root: get the file again",
  },
  "options.right": {
    meaning: "No option prints below what exercise pays, as a call written as a put does",
    threshold: ({ audit: { rightSlack } }) => `$${rightSlack}`,
    severity: "fail",
    remedy: "calls and puts are exchanged: get the file again",
  },
  "options.calls": {
    meaning: "Calls and puts both print",
    threshold: ({ audit: { callShare: [low, high] } }) =>
      `calls ${percent(low)} to ${percent(high)} of prints`,
    severity: "warn",
    remedy: "the file holds one side only: no parity scale and no dealer flow from it",
  },
  "options.zero_dte": {
    meaning: "Options that expire on their day print",
    threshold: ({ audit: { zeroDteShare } }) => `${percent(zeroDteShare)} of prints`,
    severity: "warn",
    remedy: "without them the date has no strikes, walls or fuel",
  },
  "options.multi_leg": {
    meaning: "Single-leg prints remain to sign, to price and to scale by",
    threshold: ({ audit: { multiLegShare } }) => `multi-leg at most ${percent(multiLegShare)} of prints`,
    severity: "warn",
    remedy: "check that condition codes are the feed's own",
  },
  "overlap.minutes": {
    meaning: "Regular minutes that have both ES and option rows",
    threshold: ({ audit: { overlapShare } }) => percent(overlapShare),
    severity: "fail",
    remedy: "check both sources' clocks and the spans they cover",
  },
  "basis.scale": {
    meaning: "SPY per ES by put–call parity, minute by minute",
    threshold: ({ audit: { spyPerEs: [low, high] } }) => `${low} to ${high}`,
    severity: "fail",
    remedy: "futures and options are not of the same market or moment: check contract, scale and clocks",
  },
  "audit.error": {
    meaning: "The audit itself got through the date",
    threshold: none,
    severity: "fail",
    remedy: "this is a fault of ours: please report it with the message",
  },
} as const satisfies Record<string, Declared>;

/** Id of a declared check. */
export type CheckId = keyof typeof DECLARED;

/**
 * The table of checks in the order in which they are shown.
 *
 * @param config Thresholds.
 */
export function auditChecks(config: Config): Check[] {
  return Object.entries(DECLARED).map(([id, { meaning, threshold, severity, remedy }]) => ({
    id,
    meaning,
    threshold: threshold(config),
    severity,
    remedy,
  }));
}

/** What a check found, without what the table says of the check. */
export interface Found {
  /** Trade date concerned, where it is not the findings' own. */
  date?: string;
  /** Table or column concerned. */
  subject?: string;
  /** One sentence with its numbers. */
  message: string;
  /** Rows, minutes or files concerned. */
  count: number;
  /** A few places. */
  examples?: string[];
  /** Severity where it is not the check's own. */
  severity?: Severity;
  /** What to do, where it is not what the check says. */
  remedy?: string;
}

/** Findings of one date, or of the whole lake. */
export class Findings {
  /** What was found so far. */
  readonly list: Finding[] = [];

  /** @param date Trade date they concern, if one. */
  constructor(readonly date?: string) {}

  /** Adds what a check found. */
  add(check: CheckId, { examples = [], ...found }: Found): void {
    const { severity, remedy } = DECLARED[check];
    this.list.push({
      check,
      severity,
      remedy,
      examples,
      ...found,
      ...(this.date ? { date: this.date } : {}),
    });
  }
}
