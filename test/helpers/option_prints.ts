/**
 * Random option prints of a date: as a flat file of the whole market, and as a REST service pages them.
 *
 * @module
 */
import { addDays, Random, sessionOf } from "../../lib/base/mod.ts";
import { formatOccTicker } from "../../lib/ingest/mod.ts";
import { dayNumber } from "../../lib/base/mod.ts";
import type { Asked, Reply } from "./http_fault_server.ts";

/** A print as the feed has it; numbers as they are written. */
export interface FeedPrint {
  /** OCC ticker. */
  ticker: string;
  /** Condition codes. */
  conditions: number[];
  /** Correction code. */
  correction: number;
  /** Exchange code. */
  exchange: number;
  /** Dollars, in decimal. */
  price: string;
  /** ns since 1970, in decimal. */
  ns: string;
  /** Contracts. */
  size: number;
}

/**
 * Prints of the regular session, sorted by ticker and time; most of SPY expiring on the date or the next day, the
 * rest of other roots.
 */
export function randomPrints(date: string, rows: number, seed: string): FeedPrint[] {
  const random = new Random(seed), { openNs, closeNs } = sessionOf(date), span = Number(closeNs - openNs);
  const prints = Array.from({ length: rows }, (): FeedPrint => {
    const root = random.uniform() < 0.7 ? "SPY" : ["SPYG", "QQQ", "AAPL"][random.int(3)];
    const ticker = formatOccTicker({
      root,
      expDay: dayNumber(addDays(date, random.int(2))),
      right: random.int(2) === 0 ? "C" : "P",
      strike: 670 + random.int(8),
    });
    return {
      ticker,
      conditions: random.int(4) === 0 ? [232, 209] : [209],
      correction: 0,
      exchange: 300 + random.int(16),
      price: ((1 + random.int(900)) / 100).toString(),
      ns: (openNs + BigInt(Math.floor(random.uniform() * span))).toString(),
      size: 1 + random.int(40),
    };
  });
  return prints.sort((
    a,
    b,
  ) => (a.ticker === b.ticker ? (a.ns < b.ns ? -1 : 1) : a.ticker < b.ticker ? -1 : 1));
}

/** The flat file's text. */
export function flatFileOf(prints: readonly FeedPrint[]): string {
  const lines = prints.map((p) => {
    const conditions = p.conditions.length > 1 ? `"${p.conditions.join(",")}"` : p.conditions.join(",");
    return `${p.ticker},${conditions},${p.correction},${p.exchange},${p.price},${p.ns},${p.size}\n`;
  });
  return "ticker,conditions,correction,exchange,price,sip_timestamp,size\n" + lines.join("");
}

/** How a {@linkcode restAnswers} service behaves. */
export interface RestBehaviour {
  /** The key it wants. */
  key: string;
  /** Rows a page, whatever limit is asked for. */
  pageRows: number;
  /** A reply in place of the right one, or nothing. */
  fault?: (asked: Asked) => Reply | undefined;
}

/**
 * The pages of a service that has some prints; contracts expired long ago, so that only `expired=true` lists them.
 *
 * @param prints Sorted by ticker and time.
 * @param behaviour See {@linkcode RestBehaviour}.
 */
export function restAnswers(prints: readonly FeedPrint[], behaviour: RestBehaviour): (asked: Asked) => Reply {
  const { key, pageRows } = behaviour;
  return (asked) => {
    const fault = behaviour.fault?.(asked);
    if (fault) return fault;
    if (asked.headers.get("authorization") !== `Bearer ${key}`) {
      return { status: 401, body: JSON.stringify({ status: "ERROR", error: "Unknown API Key" }) };
    }
    const { pathname, searchParams: query } = asked.url;
    const rows = pathname === "/v3/reference/options/contracts"
      ? contracts(prints, query)
      : trades(prints, asked.url);
    const from = Number(query.get("cursor") ?? 0), results = rows.slice(from, from + pageRows);
    const more = from + pageRows < rows.length;
    query.set("cursor", String(from + pageRows));
    // The address of another host, as after a service's change of name.
    const next = more ? `,"next_url":"https://api.example.com${pathname}?${query}"` : "";
    return {
      headers: { "content-type": "application/json" },
      body: `{"status":"OK","request_id":"0123","results":[${results.join(",")}]${next}}`,
    };
  };
}

function contracts(prints: readonly FeedPrint[], query: URLSearchParams): string[] {
  if (query.get("expired") !== "true") return [];
  const first = query.get("expiration_date.gte")!, last = query.get("expiration_date.lte")!;
  const root = query.get("underlying_ticker")!;
  const tickers = new Set(prints.map((p) => p.ticker).filter((t) => t.startsWith(`O:${root}2`)));
  return [...tickers].filter((ticker) => {
    const day = `20${ticker.slice(-15, -13)}-${ticker.slice(-13, -11)}-${ticker.slice(-11, -9)}`;
    return first <= day && day <= last;
  }).map((ticker) => JSON.stringify({ ticker, underlying_ticker: root, shares_per_contract: 100 }));
}

function trades(prints: readonly FeedPrint[], url: URL): string[] {
  const ticker = url.pathname.slice("/v3/trades/".length);
  const first = url.searchParams.get("timestamp.gte")!, last = url.searchParams.get("timestamp.lte")!;
  return prints.filter((p) => p.ticker === ticker && first <= p.ns && p.ns <= last).map((p) =>
    `{"conditions":[${p.conditions}],"correction":${p.correction},"exchange":${p.exchange},` +
    `"participant_timestamp":${p.ns},"price":${p.price},"sip_timestamp":${p.ns},"size":${p.size}}`
  );
}
