/**
 * The audit of one trade date: reads what is there once, hour by hour, and reports.
 *
 * @module
 */
import {
  addDays,
  type Config,
  ConflictError,
  formatNs,
  holidays,
  previousTradingDay,
} from "../../base/mod.ts";
import {
  type Lake,
  parquetFiles,
  type Partition,
  quarantinePath,
  Seen,
  type SeenPaths,
} from "../../lake/mod.ts";
import {
  type DayProfile,
  type Finding,
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  type TableSchema,
} from "../../schema/mod.ts";
import { basisOf, carried, judgeOptions, judgeOverlap } from "./alignment.ts";
import { BOOK_AUDIT_COLUMNS, BookChecks } from "./books.ts";
import { judgeBytes } from "./bytes.ts";
import { Findings } from "./checks.ts";
import { countDay, countPrior, judgeContracts, rollProfile } from "./contracts.ts";
import type { Gap } from "./coverage.ts";
import { type Day, dayOf } from "./day.ts";
import { judgeBooks, judgeThin, judgeTrades } from "./futures.ts";
import { judgeCopies, judgeCoverage, TableOrder } from "./integrity.ts";
import { type DayNames, dayNames } from "./names.ts";
import { OPTION_COLUMNS, OptionChecks } from "./options.ts";
import { profileOf } from "./profile.ts";
import { noTableRows, readRows, type TableRows } from "./rows.ts";
import { TRADE_COLUMNS, TradeChecks } from "./trades.ts";

/** A date to audit. */
export interface AuditJob {
  /** Folder of the lake. */
  lake: string;
  /** Trade date. */
  date: string;
  /** Its folders, by table name. */
  partitions: Record<string, Partition[]>;
  /** Latest earlier date with futures, if one. */
  prior?: string;
  /** Leave out the comparison of every byte with what was written. */
  quick?: boolean;
}

/** What the audit of a date came to. */
export interface DateAudit {
  /** Trade date. */
  date: string;
  /** What was found. */
  findings: Finding[];
  /** Rows by table name. */
  rows: Record<string, number>;
  /** What the page shows. */
  profile: DayProfile;
  /** What was seen of the lake. */
  seen: SeenPaths;
}

/** Tables of a date. */
export const AUDITED: readonly TableSchema[] = [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES];

/**
 * Audits a date.
 *
 * @param job The date and its folders.
 * @param config Thresholds.
 */
export async function auditDate(job: AuditJob, config: Config): Promise<DateAudit> {
  const seen = new Seen(job.lake, true), lake = { root: job.lake, seen };
  try {
    const audit = await auditView(lake, job, config);
    return { ...audit, seen: { folders: seen.folders, files: seen.files } };
  } catch (error) {
    const { changed } = seen;
    throw changed === undefined ? error : new ConflictError(lake.root, changed);
  }
}

async function auditView(
  lake: Lake,
  job: AuditJob,
  config: Config,
): Promise<Omit<DateAudit, "seen">> {
  const day = dayOf(job.date, config), findings = new Findings(job.date);
  if (!job.quick) await judgeBytes(lake, day, findings);
  const reader = new DateReader(lake, day, job, findings);
  await reader.emptyFolders();
  const { names, named } = await dayNames(lake, day, findings);
  const trades = new TradeChecks(day), books = new BookChecks(day);
  const tradeRows = await reader.read(FUTURES_TRADES, TRADE_COLUMNS, trades, named);
  trades.finish();
  const bookRows = await reader.read(FUTURES_MBP10, BOOK_AUDIT_COLUMNS, books, named);
  books.finish();
  const contracts = { trades: [...trades.contracts.values()], books: [...books.contracts.values()] };
  const counts = await countDay(lake, day, contracts, names, findings);
  const prior = job.prior ? await countPrior(lake, dayOf(job.prior, config)) : [];
  const rules = judgeContracts(day, counts, prior, contracts, findings);
  const mainTrades = trades.contracts.get(rules.main), mainBooks = books.contracts.get(rules.main);
  const prices = mainTrades?.seconds ?? new Float64Array(day.minutes * 60).fill(NaN);
  const es = carried(prices, config.audit.silenceSeconds);
  const options = new OptionChecks(day, es);
  const optionRows = await reader.read(OPTIONS_TRADES, OPTION_COLUMNS, options);

  judgeTrades(day, trades, mainTrades, findings);
  judgeBooks(day, books, findings);
  judgeThin(day, mainTrades, mainBooks, findings);
  judgeOptions(day, options, findings);
  judgeHoliday(day, findings);
  const [regular] = day.parts.filter(({ name }) => name === "regular");
  const gaps: { table: string; gaps: Gap[] }[] = [];
  const cover = (rows: TableRows, coverage = trades.coverage, parts = day.parts) => {
    if (rows.rows === 0) return;
    gaps.push({ table: rows.table.name, gaps: judgeCoverage(day, rows, coverage, parts, findings) });
  };
  cover(tradeRows, mainTrades?.coverage);
  cover(bookRows, mainBooks?.coverage ?? books.coverage);
  cover(optionRows, options.coverage, [regular]);
  for (const { table, rows } of [tradeRows, bookRows, optionRows]) {
    if (rows === 0) {
      findings.add("tables.absent", {
        subject: table.name,
        message: `no ${table.name} on the date`,
        count: 1,
      });
    }
  }
  const hasBoth = optionRows.rows > 0 && tradeRows.rows + bookRows.rows > 0;
  const silent = gaps.flatMap((entry) => entry.gaps);
  const overlap = hasBoth
    ? judgeOverlap(day, [trades.coverage, books.coverage], options.coverage, silent, findings)
    : NaN;
  const tables = [tradeRows, bookRows, optionRows], basis = basisOf(es, options.ratio);
  const roll = await rollProfile(lake, day, rules.main, contracts.trades);
  return {
    date: job.date,
    findings: findings.list,
    rows: Object.fromEntries(tables.map(({ table, rows }) => [table.name, rows])),
    profile: profileOf({ day, tables, gaps, trades, books, options, basis, es, overlap, rules, roll }),
  };
}

/** Takes batches of one table. */
interface Taker {
  add(batch: Parameters<TradeChecks["add"]>[0]): Float64Array;
}

class DateReader {
  readonly #lake: Lake;
  readonly #day: Day;
  readonly #job: AuditJob;
  readonly #findings: Findings;

  constructor(lake: Lake, day: Day, job: AuditJob, findings: Findings) {
    this.#lake = lake;
    this.#day = day;
    this.#job = job;
    this.#findings = findings;
  }

  /** Reports folders without a file, unless their rows were set aside. */
  async emptyFolders(): Promise<void> {
    for (const table of AUDITED) {
      for (const { folder, files } of this.#job.partitions[table.name] ?? []) {
        if (files.length > 0) continue;
        if ((await parquetFiles(this.#lake, quarantinePath(folder))).length > 0) continue;
        this.#findings.add("files.empty", {
          subject: table.name,
          message: `${folder} holds no file`,
          count: 1,
          examples: [folder],
        });
      }
    }
  }

  /** Reads a table through its checks, its order and its copies; of futures, whose rows come by time, `named`. */
  async read(
    table: TableSchema,
    columns: readonly string[],
    into: Taker,
    named?: DayNames["named"],
  ): Promise<TableRows> {
    const seen = noTableRows(table), order = new TableOrder(this.#day, table, named !== undefined);
    const partitions = this.#job.partitions[table.name] ?? [];
    for await (const rows of readRows(this.#lake, partitions, columns, seen, this.#findings)) {
      order.add(rows, into.add(named ? named(rows.batch) : rows.batch));
    }
    order.finish(this.#findings);
    await judgeCopies(this.#lake, this.#day, seen, partitions, this.#findings);
    return seen;
  }
}

/** Says that closed days lie before the date. */
function judgeHoliday({ date, session }: Day, findings: Findings): void {
  const found: string[] = [];
  for (let day = addDays(previousTradingDay(date), 1); day < date; day = addDays(day, 1)) {
    const name = holidays(Number(day.slice(0, 4))).get(day);
    if (name) found.push(`${name} (${day})`);
  }
  if (session.earlyClose) found.push("the exchange closes at 13:00");
  if (found.length === 0) return;
  findings.add("session.holiday", {
    message: `next to the session: ${found.join(", ")}`,
    count: found.length,
    examples: [formatNs(session.overnightNs)],
  });
}
