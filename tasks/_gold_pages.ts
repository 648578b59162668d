/**
 * The pages over Gold: what each is made from.
 *
 * @module
 */
import { type Batch, CONFIG, type Effects, SchemaError, UsageError } from "../lib/base/mod.ts";
import { CONSOLIDATED, GOLD_CHECKS, goldParts, type GoldProfile, validateGold } from "../lib/gold/mod.ts";
import { datesPresent, type Lake, readBatch, readManifests } from "../lib/lake/mod.ts";
import {
  type GoldDay,
  goldPage,
  type GoldPageData,
  goldVerdict,
  validatePage,
  verdictLine,
} from "../lib/report/mod.ts";
import { GOLD_BARS, GOLD_LEVELS, GOLD_SIGNALS, type Verdict, verdictOf } from "../lib/schema/mod.ts";
import { pageHead, writePage } from "./_pages.ts";

/** Dates drawn in full on the Gold page. */
const FULL_DAYS = 6;

/** Validated rows. */
export interface Validated {
  /** The answer. */
  verdict: Verdict;
  /** What was seen; absent when the table is not what features.json declares. */
  profile?: GoldProfile;
  /** The rows; absent with the profile. */
  rows?: Batch;
}

/**
 * Reads and validates the consolidated signals, or the parts of some dates.
 *
 * @param lake The lake.
 * @param dates Trade dates; defaults to the consolidated file.
 * @throws {UsageError} If a date, or any Gold, has not been built.
 */
export async function validateLake(lake: Lake, dates?: readonly string[]): Promise<Validated> {
  const built = await datesPresent(lake, GOLD_SIGNALS);
  const missing = (dates ?? []).filter((date) => !built.includes(date));
  if (built.length === 0 || missing.length > 0) {
    const what = missing.length > 0 ? `no Gold for ${missing.join(", ")}` : "no date has been built";
    throw new UsageError(`Cannot validate "${lake.root}": ${what}; run deno task gold`);
  }
  try {
    const files = dates ? dates.map((date) => goldParts(date).signals) : [CONSOLIDATED];
    const rows = readBatch(lake, GOLD_SIGNALS, files);
    return { ...validateGold(rows, CONFIG), rows };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { verdict: wrongSchema(error) };
  }
}

function wrongSchema(error: SchemaError): Verdict {
  return verdictOf(GOLD_CHECKS.length, [{
    check: "schema.columns",
    severity: "fail",
    message: error.message,
    count: 1,
    examples: [],
    remedy: "the file was written by another version of the contract: rebuild it with deno task gold --force",
  }]);
}

/** Writes `validate.html`. @returns Its path. */
export async function writeValidatePage(lake: Lake, validated: Validated): Promise<string> {
  const { verdict, profile, rows } = validated, dates = profile?.dates ?? [];
  const head = await pageHead(lake, "Validation: Gold against its contract", dates);
  return await writePage(lake, "validate", {
    html: validatePage(head, {
      verdict,
      checks: GOLD_CHECKS,
      ...(profile ? { profile } : {}),
      ...(rows ? { rows } : {}),
    }),
    head,
    verdict: verdictLine(verdict, profile?.rows ?? 0, dates.length),
    more: { verdict },
  });
}

function goldDay(lake: Lake, date: string): GoldDay {
  const parts = goldParts(date);
  return {
    date,
    bars: readBatch(lake, GOLD_BARS, [parts.bars]),
    levels: readBatch(lake, GOLD_LEVELS, [parts.levels]),
    signals: readBatch(lake, GOLD_SIGNALS, [parts.signals]),
  };
}

/**
 * Writes `gold.html` from the profile of all dates.
 *
 * @param lake The lake.
 * @param profile What its Gold is.
 * @param effects For warnings of run manifests that cannot be read, which the page leaves out.
 * @returns Its path.
 */
export async function writeGoldPage(lake: Lake, profile: GoldProfile, effects: Effects): Promise<string> {
  const head = await pageHead(lake, "Gold: touches and outcomes", profile.dates);
  const data: GoldPageData = {
    ...profile,
    labels: CONFIG.labels,
    days: profile.dates.slice(-FULL_DAYS).reverse().map((date) => goldDay(lake, date)),
    manifests: await readManifests(lake, (error) => effects.warn(error.message)),
  };
  return await writePage(lake, "gold", { html: goldPage(head, data), head, verdict: goldVerdict(data) });
}
