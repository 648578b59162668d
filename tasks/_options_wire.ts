/**
 * Option prints over the network as files of the lake, which are then read like any flat file.
 *
 * @module
 */
import { CONFIG, DecodeError, type Effects, parseDates, sessionOf, UsageError } from "../lib/base/mod.ts";
import { ingestOptions, type OptionsReport } from "../lib/bronze/mod.ts";
import {
  fetchFlatFile,
  fetchTrades,
  type FlatFileObject,
  listContracts,
  listFlatFiles,
  openBucket,
  openRest,
  parseOccTicker,
} from "../lib/ingest/mod.ts";
import { type Download, hashJson, type Lake, openDownload } from "../lib/lake/mod.ts";
import { fileAt } from "./_sources.ts";
import { restSettings, s3Settings } from "./_wire.ts";

/** What to do beside fetching. */
export interface WireOptions {
  /** Ingest again what is in the lake; over REST also fetch again. */
  force: boolean;
}

/**
 * Says which flat files the S3 server has.
 *
 * @param dates Trade dates; all when absent.
 */
export async function listS3(
  dates: readonly string[] | undefined,
  effects: Effects,
): Promise<FlatFileObject[]> {
  return await listFlatFiles(openBucket(s3Settings()), dates, { effects });
}

/**
 * Fetches the flat files of some dates from the S3 server, each into Bronze before the next.
 *
 * @throws {UsageError} If the server has no file for one of the dates; nothing is fetched then.
 */
export async function ingestS3(
  lake: Lake,
  dates: readonly string[],
  options: WireOptions,
  effects: Effects,
): Promise<OptionsReport[]> {
  const bucket = openBucket(s3Settings());
  const objects = await listFlatFiles(bucket, dates, { effects });
  const missing = dates.filter((date) => !objects.some((o) => o.date === date));
  if (missing.length > 0) {
    throw new UsageError(
      `Cannot fetch ${missing.join(", ")}: the bucket has no flat file of ${
        missing.length > 1 ? "these dates" : "this date"
      }; --s3 --list says what it has`,
    );
  }
  const reports: OptionsReport[] = [];
  for (const object of objects) {
    using download = await openDownload(lake, object.key);
    const fetched = await fetchFlatFile(bucket, object, download, { effects });
    if (!fetched) effects.log(`${object.key}: fetched before`);
    reports.push(await ingest(lake, download, object.date, { ...options, kind: "flatfile" }, effects));
  }
  return reports;
}

/** Which contracts to ask the REST service for. */
export interface ContractChoice {
  /** `--contracts`: a file with a ticker a line, or tickers with commas between. */
  contracts: string | undefined;
  /** `--expirations`: dates of expiry; the trade date itself when absent. */
  expirations: string | undefined;
  /** Requests a second. */
  rate: number;
}

/**
 * Fetches the prints of some dates from the REST service, each date into Bronze before the next.
 *
 * @throws {UsageError} If a date's session is not over, or a ticker is not one of the underlying.
 */
export async function ingestRest(
  lake: Lake,
  dates: readonly string[],
  choice: ContractChoice,
  options: WireOptions,
  effects: Effects,
): Promise<OptionsReport[]> {
  const service = openRest(restSettings(choice.rate), { warn: effects.warn });
  const root = CONFIG.market.underlying;
  const given = choice.contracts === undefined ? undefined : await tickersFrom(choice.contracts, root);
  const reports: OptionsReport[] = [];
  for (const date of dates) {
    const session = sessionOf(date);
    if (BigInt(Date.now()) * 1_000_000n < session.endNs) {
      throw new UsageError(`Cannot fetch ${date}: its session is not over; run this when it is`);
    }
    const expirations = expirationsFrom(choice.expirations ?? date);
    const hash = hashJson(given ?? expirations).slice(0, 8);
    using download = await openDownload(lake, `rest/${root}/${date}-${hash}.csv.gz`);
    if (download.finished === undefined || download.bytes > 0 || options.force) {
      const contracts = async () => given ?? await listContracts(service, root, expirations);
      await fetchTrades(service, { session, contracts }, download, effects);
    } else effects.log(`prints of ${date}: fetched before; --force fetches them again`);
    reports.push(await ingest(lake, download, date, { ...options, kind: "rest" }, effects));
  }
  return reports;
}

async function ingest(
  lake: Lake,
  download: Download,
  date: string,
  options: WireOptions & { kind: "flatfile" | "rest" },
  effects: Effects,
): Promise<OptionsReport> {
  const source = await fileAt(download.path);
  try {
    return await ingestOptions(lake, source, { ...options, session: sessionOf(date) }, effects);
  } catch (error) {
    // A damaged gzip stream is of no use to anyone: the next run is to fetch it again.
    if (error instanceof DecodeError) await download.remove();
    throw error;
  }
}

function expirationsFrom(text: string): [string, string] {
  const dates = parseDates(text, "--expirations");
  return [dates[0], dates[dates.length - 1]];
}

async function tickersFrom(text: string, root: string): Promise<string[]> {
  const isList = text.startsWith("O:");
  const content = isList ? text : await Deno.readTextFile(text).catch(() => {
    throw new UsageError(
      `Cannot read --contracts "${text}": no such file, and no tickers like O:SPY251216C00676000`,
    );
  });
  const tickers = content.split(/[\s,]+/).filter((t) => t !== "");
  const wrong = tickers.find((ticker) => parseOccTicker(ticker)?.root !== root);
  if (wrong !== undefined || tickers.length === 0) {
    throw new UsageError(
      `Cannot use --contracts "${text.slice(0, 60)}": found "${
        wrong ?? ""
      }", wanted tickers like O:${root}251216C00676000`,
    );
  }
  return [...new Set(tickers)].sort();
}
