/**
 * Servers of ours on loopback that misbehave as asked: HTTP spoken by hand, and a relay before a real server.
 *
 * @module
 */

/** A request as it came. */
export interface Asked {
  /** Ordinal among the server's requests, from 0. */
  n: number;
  /** Path and query, as sent. */
  target: string;
  /** The same, parsed. */
  url: URL;
  /** Headers. */
  headers: Headers;
}

/** What to answer, and how to fail at it. */
export interface Reply {
  /** Status; defaults to 200. */
  status?: number;
  /** Headers; `content-length` is added unless it is among them or `chunked` or `unsized` is set. */
  headers?: Record<string, string>;
  /** Body; defaults to none. */
  body?: string | Uint8Array;
  /** Bytes of the body after which the connection is closed. */
  cutAfter?: number;
  /** Bytes of the body after which nothing more is sent, and the connection left open. */
  silentAfter?: number;
  /** Whether the length is left out, so that the end of the connection is the end of the body. */
  unsized?: boolean;
  /** Raw bytes to send in place of an HTTP answer. */
  raw?: string;
}

/** A server in the test's own process. */
export interface TestServer {
  /** `http://127.0.0.1:port`. */
  endpoint: string;
  /** Requests so far. */
  asked: Asked[];
  /** Stops it and breaks off what is open. */
  close(): Promise<void>;
}

/**
 * Serves what `answer` says to each request, one request a connection.
 *
 * @param answer What to reply.
 */
export function faultServer(answer: (asked: Asked) => Reply | Promise<Reply>): TestServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const asked: Asked[] = [], open = new Set<Deno.Conn>();
  const serve = async (connection: Deno.Conn) => {
    const head = await readHead(connection);
    if (head === undefined) return connection.close();
    const [line, ...lines] = head.split("\r\n"), target = line.split(" ")[1];
    const headers = new Headers(lines.map((l) => l.split(/:\s*(.*)/s).slice(0, 2) as [string, string]));
    const request = { n: asked.length, target, url: new URL(target, endpoint), headers };
    asked.push(request);
    const reply = await answer(request);
    await send(connection, reply);
    if (reply.silentAfter === undefined) connection.close();
  };
  const loop = accept(listener, open, (connection) => serve(connection));
  return { endpoint, asked, close: () => closeAll(listener, open, loop) };
}

/** How a {@linkcode faultRelay} treats the answers. */
export interface RelayOptions {
  /** Bytes of each connection's answer after which it is cut, connection by connection; uncut beyond the list. */
  cutAfter?: number[];
  /** Most bytes of answers a second; unlimited when absent. */
  bytesPerSecond?: number;
}

/** A relay that counts. */
export interface Relay extends TestServer {
  /** Bytes of answers relayed, heads included. */
  bytes(): number;
  /** Heads of the requests. */
  heads: string[];
}

/**
 * Stands before a real server and cuts or slows its answers.
 *
 * @param target Address of the server.
 * @param options See {@linkcode RelayOptions}; may be changed while it runs.
 */
export function faultRelay(target: string, options: RelayOptions = {}): Relay {
  const { hostname, port } = new URL(target);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const open = new Set<Deno.Conn>(), heads: string[] = [];
  let bytes = 0;
  const serve = async (client: Deno.Conn) => {
    const head = await readHead(client);
    if (head === undefined) return client.close();
    heads.push(head);
    const left = options.cutAfter?.shift() ?? Infinity;
    const server = await Deno.connect({ hostname, port: Number(port) });
    open.add(server);
    const once = head.replace(/\r\nconnection:[^\r]*/i, "") + "\r\nconnection: close\r\n\r\n";
    await writeAll(server, new TextEncoder().encode(once));
    const buffer = new Uint8Array(options.bytesPerSecond ? Math.ceil(options.bytesPerSecond / 50) : 1 << 16);
    let sent = 0;
    for (let n = await server.read(buffer); n !== null && sent < left; n = await server.read(buffer)) {
      const part = buffer.subarray(0, Math.min(n, left - sent));
      await writeAll(client, part);
      sent += part.length;
      bytes += part.length;
      if (options.bytesPerSecond) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const connection of [server, client]) connection.close();
    open.delete(server);
  };
  const loop = accept(listener, open, serve);
  return { endpoint, asked: [], heads, bytes: () => bytes, close: () => closeAll(listener, open, loop) };
}

async function accept(
  listener: Deno.Listener,
  open: Set<Deno.Conn>,
  serve: (connection: Deno.Conn) => Promise<void>,
): Promise<void> {
  const serving = new Set<Promise<void>>();
  try {
    for await (const connection of listener) {
      open.add(connection);
      // Whoever asked may be gone by now, killed on purpose.
      const served: Promise<void> = serve(connection).catch(() => {}).then(() => {
        serving.delete(served);
      });
      serving.add(served);
    }
  } finally {
    await Promise.all(serving);
  }
}

async function closeAll(listener: Deno.Listener, open: Set<Deno.Conn>, loop: Promise<void>): Promise<void> {
  listener.close();
  for (const connection of open) closeQuietly(connection);
  await loop;
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function send(connection: Deno.Conn, reply: Reply): Promise<void> {
  const encoder = new TextEncoder();
  if (reply.raw !== undefined) return await writeAll(connection, encoder.encode(reply.raw));
  const { status = 200, headers = {}, cutAfter, silentAfter, unsized = false } = reply;
  const body = typeof reply.body === "string" ? encoder.encode(reply.body) : reply.body ?? new Uint8Array(0);
  const all: Record<string, string> = { connection: "close", ...headers };
  if (!unsized && all["content-length"] === undefined) all["content-length"] = String(body.length);
  const lines = [
    `HTTP/1.1 ${status} ${status < 300 ? "OK" : "Fault"}`,
    ...Object.entries(all).map((h) => h.join(": ")),
  ];
  await writeAll(connection, encoder.encode(lines.join("\r\n") + "\r\n\r\n"));
  await writeAll(connection, body.subarray(0, cutAfter ?? silentAfter ?? body.length));
}

/** A request's head without the empty line that ends it; undefined if the connection was closed before. */
async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  const decoder = new TextDecoder(), buffer = new Uint8Array(1 << 14);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const n = await connection.read(buffer);
    if (n === null) return undefined;
    head += decoder.decode(buffer.subarray(0, n), { stream: true });
  }
  return head.slice(0, head.indexOf("\r\n\r\n"));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
