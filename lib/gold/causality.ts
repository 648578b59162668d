/**
 * The causality audit: nothing reads the future, shown by cutting the input and comparing bit by bit.
 *
 * A session is built whole and again from events before each cut. Every feature of every row available by the cut,
 * every level offered to the bar that is open at the cut, and every label whose window ended before it must be
 * identical.
 *
 * @module
 */
import { type Batch, type Column, i64, isStrings, MINUTE_NS } from "../base/mod.ts";
import { type Level, LEVEL_KINDS } from "../levels/mod.ts";
import { FEATURES } from "../schema/mod.ts";

/** A session built from events before a cut. */
export interface CutBuild {
  /** Feature columns of the rows, in row order. */
  features: Batch;
  /** Label columns of the same rows. */
  labels: Batch;
  /** Levels offered to each regular minute, by minute start in ns since session start. */
  levels: Map<number, Level[]>;
}

/**
 * Builds the session from events before a moment.
 *
 * @param cut ns since session start; Infinity for the whole session.
 */
export type BuildUntil = (cut: number) => Promise<CutBuild>;

/** What the audit saw of one column. */
export interface ColumnAudit {
  /** Column of features.json, or `levels offered`. */
  column: string;
  /** When features.json says it is known; `touch_open` for levels. */
  available: string;
  /** Cells compared. */
  compared: number;
  /** Cells that differ, or whose row is missing or new. */
  changed: number;
  /** The first few differences. */
  examples: string[];
}

/** Levels are audited beside the columns under this name. */
export const LEVELS_OFFERED = "levels offered";

/** Collects comparisons by column. */
export class CausalityAudit {
  readonly #columns = new Map<string, ColumnAudit>();
  /** Cuts compared. */
  cuts = 0;

  constructor() {
    for (const { name, available } of FEATURES) this.#columns.set(name, blank(name, available));
    this.#columns.set(LEVELS_OFFERED, blank(LEVELS_OFFERED, "touch_open"));
  }

  /** Per column, in file order, levels last. */
  get columns(): ColumnAudit[] {
    return [...this.#columns.values()];
  }

  /** Cells compared in all. */
  get compared(): number {
    return this.columns.reduce((sum, c) => sum + c.compared, 0);
  }

  /** Cells changed in all. */
  get changed(): number {
    return this.columns.reduce((sum, c) => sum + c.changed, 0);
  }

  /** Adds what another audit saw. */
  merge(other: { columns: ColumnAudit[]; cuts: number }): void {
    this.cuts += other.cuts;
    for (const seen of other.columns) {
      const mine = this.#columns.get(seen.column)!;
      mine.compared += seen.compared;
      mine.changed += seen.changed;
      mine.examples.push(...seen.examples.slice(0, EXAMPLES - mine.examples.length));
    }
  }

  /**
   * Compares a cut build with the whole one.
   *
   * @param whole The session built from everything.
   * @param part The session built from events before the cut.
   * @param cut ns since session start.
   * @param startNs Session start, ns UTC.
   */
  compare(whole: CutBuild, part: CutBuild, cut: number, startNs: bigint): void {
    this.cuts++;
    const at = startNs + BigInt(Math.floor(cut)), where = `cut ${at}`;
    const rows = availableRows(whole.features, "available_ts_ns", at);
    this.#count(rows, availableRows(part.features, "available_ts_ns", at), where);
    for (const [name, column] of Object.entries(whole.features.columns)) {
      this.#cells(name, column, part.features.columns[name], rows, where);
    }
    // A label whose window ends at the cut is not known yet: a trade at its very end could still come.
    const labelled = availableRows(whole.labels, "label_end_ts_ns", at - 1n);
    for (const [name, column] of Object.entries(whole.labels.columns)) {
      this.#cells(name, column, part.labels.columns[name], labelled, where);
    }
    const minute = Math.floor(cut / MINUTE_NS) * MINUTE_NS;
    this.#offered(whole.levels.get(minute) ?? [], part.levels.get(minute) ?? [], where);
  }

  #count(whole: number, part: number, where: string): void {
    const missing = Math.abs(whole - part);
    if (missing > 0) {
      this.#differ("event_id", missing, `${where}: ${part} rows, the whole build has ${whole}`);
    }
  }

  #cells(name: string, whole: Column, part: Column, rows: number, where: string): void {
    this.#columns.get(name)!.compared += rows;
    const a = cellsOf(whole), b = cellsOf(part);
    for (let row = 0; row < rows; row++) {
      if (!Object.is(a(row), b(row))) {
        this.#differ(name, 1, `${where}, row ${row}: ${b(row)}, whole ${a(row)}`);
      }
    }
  }

  #offered(whole: Level[], part: Level[], where: string): void {
    this.#columns.get(LEVELS_OFFERED)!.compared += whole.length;
    for (let i = 0; i < Math.max(whole.length, part.length); i++) {
      const a = whole[i], b = part[i];
      const same = a && b && a.kind === b.kind && Object.is(a.level, b.level) &&
        Object.is(a.levelEs, b.levelEs);
      if (!same) this.#differ(LEVELS_OFFERED, 1, `${where}: ${describe(b)}, whole ${describe(a)}`);
    }
  }

  #differ(column: string, count: number, example: string): void {
    const seen = this.#columns.get(column)!;
    seen.changed += count;
    if (seen.examples.length < EXAMPLES) seen.examples.push(example);
  }
}

const EXAMPLES = 3;

function blank(column: string, available: string): ColumnAudit {
  return { column, available, compared: 0, changed: 0, examples: [] };
}

function describe(level: Level | undefined): string {
  return level ? `${LEVEL_KINDS[level.kind]} ${level.levelEs}` : "none";
}

/** Rows whose time column is at or before a moment; rows are in time order. */
function availableRows(batch: Batch, column: string, at: bigint): number {
  const ts = i64(batch, column);
  let rows = 0;
  while (rows < ts.length && ts[rows] <= at) rows++;
  return rows;
}

function cellsOf(column: Column): (row: number) => unknown {
  return isStrings(column) ? (row) => column.values[column.codes[row]] : (row) => column[row];
}

/**
 * Audits one session at some cuts.
 *
 * @param build Builds the session until a cut.
 * @param cuts ns since session start.
 * @param startNs Session start, ns UTC.
 * @param onCut Called after each cut, for progress.
 */
export async function auditCausality(
  build: BuildUntil,
  cuts: readonly number[],
  startNs: bigint,
  onCut: () => void = () => {},
): Promise<CausalityAudit> {
  const audit = new CausalityAudit(), whole = await build(Infinity);
  for (const cut of cuts) {
    audit.compare(whole, await build(cut), cut, startNs);
    onCut();
  }
  return audit;
}
