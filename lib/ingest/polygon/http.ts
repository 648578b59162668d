/**
 * One HTTP request: its answer in chunks, or a {@linkcode WireError} that says whether asking again may help.
 *
 * @module
 */
import { CONFIG, WireError } from "../../base/mod.ts";
import { shown } from "../shown.ts";

/** An answer whose status is a success. */
export interface Answer {
  /** Status, 200–299. */
  status: number;
  /** Headers. */
  headers: Headers;
  /** The body; to be read to its end. */
  chunks: AsyncGenerator<Uint8Array>;
}

/** What {@linkcode send} is told beside the request. */
export interface SendOptions {
  /** What a server's refusal says, of its body; undefined where it is not of the service's form. */
  describe: (body: string) => string | undefined;
  /** Texts that must not appear in a message. */
  secrets: readonly string[];
  /** Silence after which the request is broken off, milliseconds; defaults to the config's. */
  idleMs?: number;
}

const PASSING = [408, 425, 429, 500, 502, 503, 504];
const LONGEST_REFUSAL = 1 << 16;
/** Of a refusal in no known form, such as a proxy's page, this much is looked at. */
const LONGEST_PAGE = 4096;
const LONGEST_REASON = 200;

/**
 * Sends a request. Redirects are not followed: keys go to the address that was configured and nowhere else.
 *
 * @param request The request, signed.
 * @param options See {@linkcode SendOptions}.
 * @throws {WireError} If the server cannot be reached, falls silent, breaks off, or answers with another status than
 *   2xx; retryable unless it is a redirect or a refusal. The body's faults are thrown while it is read.
 */
export async function send(request: Request, options: SendOptions): Promise<Answer> {
  const { idleMs = CONFIG.wire.idleMs, secrets } = options;
  const abort = new AbortController(), url = request.url;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const guarded = async <T>(wait: Promise<T>): Promise<T> => {
    timer = setTimeout(
      () => abort.abort(new DOMException(`silent for ${idleMs / 1000} s`, "TimeoutError")),
      idleMs,
    );
    try {
      return await wait;
    } catch (cause) {
      // Anything but these two is not the network's doing: a permission that lacks, a fault of ours.
      if (!(cause instanceof TypeError) && !(cause instanceof DOMException)) throw cause;
      throw new WireError(faultOf(cause), url, { retryable: true, cause });
    } finally {
      clearTimeout(timer);
    }
  };
  const response = await guarded(fetch(request, { signal: abort.signal, redirect: "manual" }));
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await guarded(reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  if (response.ok) return { status: response.status, headers: response.headers, chunks: chunks() };
  const body = await beginningOf(chunks(), LONGEST_REFUSAL);
  const said = quoted(options.describe(body) ?? textOfPage(body), secrets);
  const { status } = response, passing = PASSING.includes(status);
  const name = `HTTP ${status} ${quoted(response.statusText, secrets)}`.trim();
  const hint = status === 401 || status === 403 ? "; check the keys and what they give access to" : "";
  throw new WireError(`${name}${said && `: ${said}`}${hint}`, url, {
    retryable: passing,
    afterMs: passing ? retryAfterMs(response.headers.get("retry-after")) : undefined,
  });
}

/**
 * A body as text.
 *
 * @param chunks The body.
 * @param limit Most bytes it may have.
 * @param url Where it came from, for the message.
 * @throws {WireError} If it is longer, or cannot be read to its end.
 */
export async function textOf(chunks: AsyncIterable<Uint8Array>, limit: number, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "", bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) throw new WireError(`found more than ${limit} bytes, wanted a page`, url);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * What a server said, as it may stand in a message: one line without the secrets in it, escaped and cut.
 *
 * @param text What it said.
 * @param secrets Texts that must not appear, as they are or as an address or JSON spells them.
 * @param most Characters kept; defaults to 200.
 */
export function quoted(text: string, secrets: readonly string[], most = LONGEST_REASON): string {
  const spellings = secrets.filter((secret) => secret !== "").flatMap((secret) => {
    const json = JSON.stringify(secret).slice(1, -1);
    return [secret, encodeURIComponent(secret), json, json.replaceAll("/", "\\/")];
  });
  const hidden = spellings.reduce((t, spelling) => t.replaceAll(spelling, "…"), text);
  return shown(hidden.replace(/\s+/g, " ").trim(), most);
}

/** The beginning of a body, as far as it can be read. */
async function beginningOf(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "", bytes = 0;
  try {
    for await (const chunk of chunks) {
      text += decoder.decode(chunk.subarray(0, limit - bytes), { stream: true });
      bytes += chunk.length;
      if (bytes >= limit) break;
    }
  } catch (error) {
    // What has come of a refusal says more than that it was cut off.
    if (!(error instanceof WireError)) throw error;
  }
  return text;
}

/** The words of a page: tags, styles and scripts are left out; none of JSON that is empty. */
function textOfPage(body: string): string {
  const page = body.slice(0, LONGEST_PAGE);
  if (/^[\s{}[\]]*$/.test(page)) return "";
  return /^\s*</.test(page) ? page.replace(/<(style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ") : page;
}

/** The short reason inside what fetch() threw. */
function faultOf(error: Error): string {
  const message = error.cause instanceof Error ? error.cause.message : error.message;
  return /client error \(\w+\): (.*)$/.exec(message)?.[1] ?? message;
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
