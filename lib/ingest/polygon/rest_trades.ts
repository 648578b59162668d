/**
 * Option prints over REST, contract by contract, gathered as a flat file of the same form as the market's.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { CONFIG, type Effects, type Session, UsageError } from "../../base/mod.ts";
import { MOST_PAGES, type Page, type RestService, tooManyPages } from "./rest.ts";
import { parsedNote, type Spool } from "./spool.ts";

/** Which prints are wanted. */
export interface TradesRequest {
  /** The trade date. */
  session: Session;
  /** Finds the tickers of the contracts; asked once, not again after a kill. */
  contracts: () => Promise<string[]>;
}

const WHOLE = z.int().nonnegative(), CODE = WHOLE.max(0x7fff);
/** A print, within what a flat file and its reader hold. */
const TRADE = z.object({
  conditions: z.array(WHOLE).max(100).nullish(),
  correction: CODE.nullish(),
  exchange: CODE,
  price: z.number().nonnegative().refine(
    (price) => !String(price).includes("e"),
    "wanted dollars in plain digits",
  ),
  sip_timestamp: z.bigint().min(10n ** 18n).max(2n ** 63n - 1n),
  size: WHOLE.max(0xffffffff),
  sequence_number: z.union([WHOLE, z.bigint().nonnegative().max(10n ** 18n - 1n)]).nullish(),
});
type Trade = z.infer<typeof TRADE>;

const CURSOR = z.object({
  /** Bytes of the unfinished file that are good. */
  bytes: WHOLE,
  /** Prints in them. */
  rows: WHOLE,
  /** Contracts that are done. */
  done: WHOLE,
  /** Path of the next page of the contract after these; null for its first. */
  next: z.string().nullable(),
});
const CONTRACTS = z.array(z.string());

const HEADER = "ticker,conditions,correction,exchange,price,sip_timestamp,size,sequence_number\n";

/**
 * Fetches a date's prints of some contracts into a spool: a gzip member a page, and after each a note of where it
 * stands, so that a killed run is continued with the page that it was at.
 *
 * @param service The service.
 * @param request See {@linkcode TradesRequest}.
 * @param spool Where they gather.
 * @param effects Where to say what is going on.
 * @throws {WireError} If the service keeps failing or refuses; what has come by then is kept.
 * @throws {UsageError} If there is no contract, or no print of any.
 */
export async function fetchTrades(
  service: RestService,
  request: TradesRequest,
  spool: Spool,
  effects: Effects,
): Promise<void> {
  const { date, startNs, endNs } = request.session;
  let cursor = await parsedNote(spool, "cursor", CURSOR);
  let contracts = await parsedNote(spool, "contracts", CONTRACTS);
  if (!cursor || cursor.bytes > spool.bytes || !contracts || cursor.done > contracts.length) {
    ({ cursor, contracts } = await begin(request, spool));
  }
  await spool.truncate(cursor.bytes);
  const progress = effects.progress(`prints of ${date}`, "contracts", contracts.length);
  progress.add(cursor.done);
  let { rows, done, next } = cursor, pages = 0;
  while (done < contracts.length) {
    const ticker = contracts[done];
    if (pages++ === MOST_PAGES) throw tooManyPages(next ?? ticker);
    const page: Page<Trade> = await service.page(next ?? firstPage(ticker, startNs, endNs), TRADE);
    if (page.results.length > 0) await spool.append(member(linesOf(ticker, page.results)));
    rows += page.results.length;
    next = page.next ?? null;
    if (next === null) {
      done++;
      pages = 0;
      progress.add(1);
    }
    await spool.keep("cursor", JSON.stringify({ bytes: spool.bytes, rows, done, next }));
  }
  progress.done();
  if (rows === 0) {
    await spool.truncate(0);
    throw new UsageError(
      `Cannot find prints of ${date}: none of its ${contracts.length} contracts was traded`,
    );
  }
  await spool.finish();
}

async function begin(
  request: TradesRequest,
  spool: Spool,
): Promise<{ cursor: z.infer<typeof CURSOR>; contracts: string[] }> {
  const contracts = await request.contracts();
  if (contracts.length === 0) {
    throw new UsageError(
      `Cannot find prints of ${request.session.date}: the service lists no contract; give --contracts`,
    );
  }
  await spool.keep("cursor", "null");
  await spool.truncate(0);
  await spool.append(member(HEADER));
  await spool.keep("contracts", JSON.stringify(contracts));
  const cursor = { bytes: spool.bytes, rows: 0, done: 0, next: null };
  await spool.keep("cursor", JSON.stringify(cursor));
  return { cursor, contracts };
}

function firstPage(ticker: string, startNs: bigint, endNs: bigint): string {
  const query = new URLSearchParams({
    "timestamp.gte": String(startNs),
    "timestamp.lte": String(endNs - 1n),
    limit: String(CONFIG.wire.pageRows),
    sort: "timestamp",
    order: "asc",
  });
  return `/v3/trades/${ticker}?${query}`;
}

function linesOf(ticker: string, trades: readonly Trade[]): string {
  const lines = trades.map((t) => {
    const codes = t.conditions?.join(",") ?? "", conditions = codes.includes(",") ? `"${codes}"` : codes;
    const what = `${conditions},${t.correction ?? ""},${t.exchange},${t.price}`;
    return `${ticker},${what},${t.sip_timestamp},${t.size},${t.sequence_number ?? ""}\n`;
  });
  return lines.join("");
}

/** Gzip members one after the other are one gzip file, and a file cut between two of them is whole. */
function member(text: string): Uint8Array {
  return gzipSync(text);
}
