/**
 * The REST service: pages of prints and of contracts.
 *
 * @module
 */
import { z } from "zod";
import { CONFIG, WireError } from "../../base/mod.ts";
import { shown } from "../shown.ts";
import { quoted, send, textOf } from "./http.ts";
import { parseOccTicker } from "./occ_ticker.ts";
import { type Clock, retried } from "./retry.ts";
import { TokenBucket } from "./token_bucket.ts";

/** A service and what opens it. */
export interface RestSettings {
  /** Address, such as `https://api.massive.com`. */
  endpoint: string;
  /** API key. */
  key: string;
  /** Requests a second; defaults to the config's. */
  requestsPerSecond?: number;
  /** Silence after which a request is broken off, milliseconds; defaults to the config's. */
  idleMs?: number;
}

/** A page of results and the path of the next. */
export interface Page<T> {
  /** Its rows. */
  results: T[];
  /** Path and query of the page after it; undefined on the last. */
  next: string | undefined;
}

/** The service, ready to be asked. */
export interface RestService {
  /**
   * A page.
   *
   * @param path Path and query, from `/v3/` on.
   * @param row Form of its rows.
   */
  page<T>(path: string, row: z.ZodType<T>): Promise<Page<T>>;
}

const CONTRACT = z.object({ ticker: z.string() });
const ROOT_PATH = "/v3/";
/** More pages than any list has. */
export const MOST_PAGES = 1000;
const LONGEST_NEXT = 4096;
const GOOD = ["OK", "DELAYED"] as const;
const REFUSAL = z.object({ error: z.string().optional(), message: z.string().optional() });
/** An answer that is no page although its HTTP status is a success. */
const REFUSED = z.object({
  status: z.string().refine((status) => !(GOOD as readonly string[]).includes(status)),
  error: z.string().optional(),
  message: z.string().optional(),
});

/**
 * Opens the service: every request waits its turn, carries the key in a header and nowhere else, and is sent again
 * after faults that may pass.
 *
 * @param settings See {@linkcode RestSettings}.
 * @param options Told of each wait, and the clock; defaults to the machine's.
 * @returns The service; its methods throw {@linkcode WireError}.
 */
export function openRest(
  settings: RestSettings,
  options: { warn: (line: string) => void; clock?: Clock },
): RestService {
  const { endpoint, key, requestsPerSecond = CONFIG.wire.requestsPerSecond, idleMs } = settings;
  const bucket = new TokenBucket(requestsPerSecond, options.clock), base = endpoint.replace(/\/+$/, "");
  return {
    page: (path, row) =>
      retried(async () => {
        await bucket.take();
        const url = base + path;
        const answer = await send(new Request(url, { headers: { authorization: `Bearer ${key}` } }), {
          describe: refusalOf,
          secrets: [key],
          ...(idleMs !== undefined && { idleMs }),
        });
        return pageOf(await textOf(answer.chunks, CONFIG.wire.maxPageBytes, url), row, { path, url, key });
      }, options),
  };
}

/**
 * Tickers of an underlying's contracts, sorted; adjusted ones, whose root differs, are left out.
 *
 * @param service The service.
 * @param underlying Underlying, such as `SPY`.
 * @param expirations First and last expiration date, both included.
 * @throws {WireError} If they cannot be fetched.
 */
export async function listContracts(
  service: RestService,
  underlying: string,
  expirations: readonly [string, string],
): Promise<string[]> {
  const found = new Set<string>();
  // Contracts that are listed now and those that have expired are two questions to the service.
  for (const expired of ["false", "true"]) {
    const query = new URLSearchParams({
      underlying_ticker: underlying,
      "expiration_date.gte": expirations[0],
      "expiration_date.lte": expirations[1],
      expired,
      limit: String(CONFIG.wire.pageContracts),
      sort: "ticker",
      order: "asc",
    });
    let path: string | undefined = `/v3/reference/options/contracts?${query}`;
    for (let pages = 0; path !== undefined; pages++) {
      if (pages === MOST_PAGES) throw tooManyPages(path);
      const page: Page<{ ticker: string }> = await service.page(path, CONTRACT);
      for (const { ticker } of page.results) {
        if (parseOccTicker(ticker)?.root === underlying) found.add(ticker);
      }
      path = page.next;
    }
  }
  return [...found].sort();
}

/**
 * JSON whose integers beyond what a number holds, such as timestamps in nanoseconds, are bigints, exactly as written.
 *
 * @param text The JSON.
 * @throws {SyntaxError} If it is no JSON.
 */
export function parseExact(text: string): unknown {
  const reviver = (_key: string, value: unknown, context: { source: string }) =>
    typeof value !== "number" || Math.abs(value) <= Number.MAX_SAFE_INTEGER || !/^-?\d+$/.test(context.source)
      ? value
      : BigInt(context.source);
  // The compiler's library does not know the reviver's third argument yet.
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/**
 * The error for a list of pages that does not end.
 *
 * @param path Path of the page that is not asked for any more.
 */
export function tooManyPages(path: string): WireError {
  return new WireError(
    `found ${MOST_PAGES} pages before it, wanted fewer; the service goes in circles`,
    shown(path, 200),
  );
}

function pageOf<T>(
  text: string,
  row: z.ZodType<T>,
  { path, url, key }: { path: string; url: string; key: string },
): Page<T> {
  let json: unknown;
  try {
    json = parseExact(text);
  } catch (cause) {
    const found = text === "" ? "an empty body" : `"${quoted(text.slice(0, LONGEST_NEXT), [key], 60)}"`;
    throw new WireError(`found ${found}, wanted JSON`, url, { retryable: true, cause });
  }
  const refusal = REFUSED.safeParse(json);
  if (refusal.success) {
    const { status, error, message } = refusal.data, said = error ?? message;
    throw new WireError(
      `the service says ${quoted(status, [key], 40)}${said === undefined ? "" : `: ${quoted(said, [key])}`}`,
      url,
    );
  }
  const page = z.object({
    status: z.enum(GOOD),
    results: z.array(row).nullish(),
    next_url: z.string().nullish(),
  }).safeParse(json);
  if (!page.success) {
    const [issue] = page.error.issues;
    const place = issue.path.map((p) => (typeof p === "number" ? `[${p}]` : `.${String(p)}`)).join("").slice(
      1,
    );
    throw new WireError(`found JSON whose ${place || "top"} is not as documented: ${issue.message}`, url);
  }
  const { results, next_url } = page.data;
  const next = next_url ? pathOf(next_url, url, key) : undefined;
  if (next === path) throw new WireError("found a page whose next page is itself", url);
  return { results: results ?? [], next };
}

/** Path and query of a next page: it is asked for where the first was, whatever address it names. */
function pathOf(next: string, url: string, key: string): string {
  const parsed = next.length > LONGEST_NEXT ? null : URL.parse(next, url);
  const at = parsed?.pathname.indexOf(ROOT_PATH) ?? -1;
  if (!parsed || at < 0) {
    const found = quoted(next.slice(0, LONGEST_NEXT), [key], 60);
    throw new WireError(
      `found next_url "${found}", wanted one of up to ${LONGEST_NEXT} characters with ${ROOT_PATH}`,
      url,
    );
  }
  parsed.searchParams.delete("apiKey");
  return parsed.pathname.slice(at) + parsed.search;
}

function refusalOf(body: string): string | undefined {
  try {
    const found = REFUSAL.parse(JSON.parse(body));
    return found.error ?? found.message;
  } catch {
    return undefined;
  }
}
