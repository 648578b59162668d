/**
 * What the tests of the REST service share: a service of ours, and what it has.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { type Effects, sessionOf, SILENT } from "../../../lib/base/mod.ts";
import { fetchTrades, openRest, type RestService } from "../../../lib/ingest/mod.ts";
import { type Lake, openDownload } from "../../../lib/lake/mod.ts";
import { fastClock } from "../../helpers/fast_clock.ts";
import { type Asked, faultServer, type Reply, type TestServer } from "../../helpers/http_fault_server.ts";
import { type FeedPrint, randomPrints, restAnswers } from "../../helpers/option_prints.ts";

/** Trade date of the prints, and the key that the service wants. */
export const DATE = "2025-12-16", KEY = "k3y-0123456789";
/** A market's prints. */
export const PRINTS = randomPrints(DATE, 600, "rest");
/** Those that are asked for. */
export const SPY = PRINTS.filter((p) => p.ticker.startsWith("O:SPY2"));
/** Their tickers. */
export const CONTRACTS = [...new Set(SPY.map((p) => p.ticker))];
/** Name of the download. */
export const NAME = "rest/SPY/x.csv.gz";

/** A service of ours and what asks it. */
export interface Setup {
  service: RestService;
  server: TestServer;
  clock: ReturnType<typeof fastClock>;
}

/** Does some work with a service that answers as told. */
export async function withService(
  answer: (asked: Asked) => Reply | Promise<Reply>,
  work: (setup: Setup) => Promise<void>,
  options: { requestsPerSecond?: number; warn?: (line: string) => void } = {},
): Promise<void> {
  const server = faultServer(answer), clock = fastClock();
  const { requestsPerSecond = 1e6, warn = () => {} } = options;
  const service = openRest({ endpoint: server.endpoint, key: KEY, requestsPerSecond, idleMs: 200 }, {
    warn,
    clock,
  });
  try {
    await work({ service, server, clock });
  } finally {
    await server.close();
  }
}

/** Answers of a service that has the prints, seven a page. */
export const pages = (fault?: (asked: Asked) => Reply | undefined, prints = PRINTS) =>
  restAnswers(prints, { key: KEY, pageRows: 7, ...(fault && { fault }) });

/** Fetches the date's prints into a lake; the text of the finished file. */
export async function fetchInto(
  lake: Lake,
  service: RestService,
  contracts = CONTRACTS,
  effects: Effects = SILENT,
): Promise<string> {
  using download = await openDownload(lake, NAME);
  const request = { session: sessionOf(DATE), contracts: () => Promise.resolve(contracts) };
  await fetchTrades(service, request, download, effects);
  return gunzipSync(await Deno.readFile(download.path)).toString();
}

/** What the finished file should hold. */
export function expected(prints: readonly FeedPrint[] = SPY): string {
  const lines = prints.map((p) => {
    const conditions = p.conditions.length > 1 ? `"${p.conditions.join(",")}"` : p.conditions.join(",");
    return `${p.ticker},${conditions},${p.correction},${p.exchange},${p.price},${p.ns},${p.size},\n`;
  });
  return "ticker,conditions,correction,exchange,price,sip_timestamp,size,sequence_number\n" + lines.join("");
}
