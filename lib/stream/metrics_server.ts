/**
 * `/metrics` and `/healthz` on loopback: read-only, and bounded whatever a client does. A browser's page that was
 * pointed here by its own name is refused, and a client that dawdles is hung up on.
 *
 * @module
 */
import { pause } from "./pause.ts";

/** Connections at once; one more, and the oldest is closed. */
const MAX_CONNECTIONS = 64;

/** How long a connection lives, milliseconds: one request, one answer. */
const CONNECTION_MS = 5000;

/** Most bytes of a request's head. */
const MAX_HEAD = 8192;

/** Names by which a client of this machine may call us; a port may follow. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** A page. */
export interface Page {
  /** Its text. */
  text: string;
  /** HTTP status; defaults to 200. */
  status?: number;
}

/** A server of a few pages. */
export class PageServer {
  /** The port it listens on. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #pages: Readonly<Record<string, () => Page>>;
  readonly #open = new Set<Deno.TcpConn>();
  #closed = false;

  /**
   * Listens on 127.0.0.1.
   *
   * @param port The port; 0 for any that is free.
   * @param pages Pages by path.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  constructor(port: number, pages: Readonly<Record<string, () => Page>>) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    this.#pages = pages;
    void this.#accept();
  }

  /** Ends it, and every connection. */
  close(): void {
    this.#closed = true;
    this.#listener.close();
    for (const conn of this.#open) this.#hangUp(conn);
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch {
        // Closed; or no file is left for another connection, which passes.
        await pause(100);
        continue;
      }
      this.#open.add(conn);
      if (this.#open.size > MAX_CONNECTIONS) {
        for (const oldest of this.#open) {
          this.#hangUp(oldest);
          break;
        }
      }
      void this.#serve(conn);
    }
  }

  #hangUp(conn: Deno.TcpConn): void {
    if (this.#open.delete(conn)) conn.close();
  }

  /** Answers one request. Whatever happens to the connection is the client's affair. */
  async #serve(conn: Deno.TcpConn): Promise<void> {
    const timer = setTimeout(() => this.#hangUp(conn), CONNECTION_MS);
    try {
      const head = await readHead(conn);
      if (head === undefined) return;
      const answer = new TextEncoder().encode(this.#answer(head));
      for (let at = 0; at < answer.length;) at += await conn.write(answer.subarray(at));
      await conn.closeWrite();
      // A body that is left unread would reset the connection before the answer is.
      const rest = new Uint8Array(MAX_HEAD);
      for (let left = MAX_CONNECTIONS * MAX_HEAD; left > 0;) {
        const n = await conn.read(rest);
        if (n === null) break;
        left -= n;
      }
    } catch {
      // Gone, or hung up on.
    } finally {
      clearTimeout(timer);
      this.#hangUp(conn);
    }
  }

  #answer(head: string): string {
    const [line, ...rest] = head.split("\r\n");
    const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(line) ?? [];
    const hosts = rest.filter((header) => /^host:/i.test(header)).map((header) => header.slice(5).trim());
    const refuse = (status: string, text: string, ...headers: string[]) =>
      response(status, text, method === "HEAD", headers);
    if (method === undefined || hosts.length !== 1) return refuse("400 Bad Request", "not an HTTP request\n");
    if (!LOOPBACK.test(hosts[0])) return refuse("403 Forbidden", "ask for 127.0.0.1 or localhost\n");
    if (method !== "GET" && method !== "HEAD") {
      return refuse("405 Method Not Allowed", "read-only\n", "allow: GET, HEAD");
    }
    const path = target.split("?")[0],
      page = Object.hasOwn(this.#pages, path) ? this.#pages[path] : undefined;
    if (!page) return refuse("404 Not Found", "not found\n");
    const { text, status = 200 } = page();
    return response(`${status} ${status === 200 ? "OK" : "Service Unavailable"}`, text, method === "HEAD");
  }
}

/** A request's head; undefined if the client leaves before its end. Longer than allowed, what was read of it. */
async function readHead(conn: Deno.TcpConn): Promise<string | undefined> {
  const bytes = new Uint8Array(MAX_HEAD), decoder = new TextDecoder("latin1");
  for (let length = 0; length < MAX_HEAD;) {
    const n = await conn.read(bytes.subarray(length));
    if (n === null) return undefined;
    length += n;
    const text = decoder.decode(bytes.subarray(0, length)), end = text.indexOf("\r\n\r\n");
    if (end >= 0) return text.slice(0, end);
  }
  return "";
}

function response(status: string, text: string, headOnly: boolean, headers: readonly string[] = []): string {
  const length = new TextEncoder().encode(text).length;
  return [
    `HTTP/1.1 ${status}`,
    "content-type: text/plain; version=0.0.4; charset=utf-8",
    `content-length: ${length}`,
    "cache-control: no-store",
    "x-content-type-options: nosniff",
    "connection: close",
    ...headers,
    "",
    headOnly ? "" : text,
  ].join("\r\n");
}
