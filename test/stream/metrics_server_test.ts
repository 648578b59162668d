import assert from "node:assert/strict";
import { Metrics, PageServer, prometheusText } from "../../lib/stream/mod.ts";
import { until } from "../helpers/until.ts";

/** A server with numbers and a page that is not well. */
function pages(): PageServer & Disposable {
  const metrics = [new Metrics("bronze")];
  const server = new PageServer(0, {
    "/metrics": () => ({ text: prometheusText(metrics) }),
    "/healthz": () => ({ text: "bronze: ü\n", status: 503 }),
  });
  return Object.assign(server, { [Symbol.dispose]: () => server.close() });
}

const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });

/** What comes until the other side ends, and whether it reset the connection. */
async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of conn.readable) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** What is answered to a request, byte by byte. */
async function asked(port: number, request: string): Promise<string> {
  const conn = await connect(port);
  await conn.write(new TextEncoder().encode(request));
  return await readAll(conn);
}

const HOST = "host: 127.0.0.1:9100\r\n";

Deno.test("pages are read by GET and HEAD alone, by their names alone, and close the connection", async () => {
  using server = pages();
  const first = async (request: string) => (await asked(server.port, request)).split("\r\n")[0];
  const answer = await asked(server.port, `GET /metrics?x=1 HTTP/1.1\r\n${HOST}\r\n`);
  const [head, body] = answer.split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/);
  assert.match(head, /\r\nconnection: close/);
  assert.equal(/content-length: (\d+)/.exec(head)![1], String(body.length));
  assert.match(body, /^tidemark_rows_total\{service="bronze"\} 0$/m);
  assert.equal(await asked(server.port, `HEAD /metrics HTTP/1.1\r\n${HOST}\r\n`), `${head}\r\n\r\n`);
  const ill = await asked(server.port, `GET /healthz HTTP/1.0\r\n${HOST}\r\n`);
  assert.match(
    ill,
    /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*content-length: 11\r\n[^]*\r\n\r\nbronze: ü\n$/,
  );
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"]) {
    const refused = await asked(
      server.port,
      `${method} /metrics HTTP/1.1\r\n${HOST}content-length: 5\r\n\r\nhello`,
    );
    assert.match(refused, /^HTTP\/1\.1 405 [^]*\r\nallow: GET, HEAD\r\n/, method);
  }
  for (const path of ["/", "/metrics/", "/../metrics", "/constructor", "/__proto__", "http://127.0.0.1/x"]) {
    assert.match(await first(`GET ${path} HTTP/1.1\r\n${HOST}\r\n`), / 404 /, path);
  }
  for (
    const bad of ["", `GET /metrics\r\n${HOST}`, `GET  /metrics HTTP/1.1\r\n${HOST}`, "\x00\x01\x02\r\n"]
  ) {
    assert.match(await first(`${bad}\r\n\r\n`), / 400 /, bad);
  }
});

Deno.test("what is wrong is told in a line, without what would steer a terminal, until it no longer is", () => {
  const metrics = new Metrics("gold");
  metrics.trouble("delivery", "stream\x1b[2J A:\nno\x9b answer");
  metrics.trouble("lake", "full");
  assert.deepEqual(metrics.troubles, ["stream [2J A: no  answer", "full"]);
  metrics.trouble("delivery", undefined);
  metrics.set("missing_messages", 12);
  assert.deepEqual(metrics.troubles, ["full"]);
  assert.match(metrics.status(1, metrics.snapshot(), 0), /^gold: .*, 12 missing in the stream, .* pending$/);
});

Deno.test("a Host that is not this machine is refused: a page elsewhere cannot read through a browser", async () => {
  using server = pages();
  const status = async (host: string) =>
    Number((await asked(server.port, `GET /metrics HTTP/1.1\r\n${host}\r\n`)).split(" ")[1]);
  const good = ["localhost", "LOCALHOST:9100", "127.0.0.1", "[::1]:9100", " localhost "];
  for (const host of good) assert.equal(await status(`Host: ${host}\r\n`), 200, host);
  const foreign = ["evil.example", "evil.example:9100", "localhost.evil.example", "127.0.0.1.evil.example"];
  for (const host of [...foreign, "localhost@evil.example", "[::1].evil.example", "0.0.0.0", ""]) {
    assert.equal(await status(`Host: ${host}\r\n`), 403, host);
  }
  // Which of two would be meant?
  assert.equal(await status("Host: localhost\r\nHost: evil.example\r\n"), 400);
  assert.equal(await status("Accept: */*\r\n"), 400);
});

Deno.test("a thousand idle connections keep nobody out, and are closed", async () => {
  using server = pages();
  const idle: Deno.Conn[] = [];
  for (let i = 0; i < 1000; i++) idle.push(await connect(server.port));
  const closed = idle.map((conn) => readAll(conn).catch(() => ""));
  const answer = await asked(server.port, `GET /metrics HTTP/1.1\r\n${HOST}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(new Set(await Promise.all(closed)), new Set([""]));
});

Deno.test("headers that trickle and heads without end are cut off, while others are answered", async () => {
  using server = pages();
  const slow = await connect(server.port), start = performance.now();
  let cut = false;
  const over = readAll(slow).catch(() => "").finally(() => cut = true);
  await slow.write(new TextEncoder().encode("GET /metrics HTTP/1.1\r\n"));
  await until("the slow one is cut off", async () => {
    await slow.write(new TextEncoder().encode("x: y\r\n")).catch(() => {});
    assert.match(await asked(server.port, `GET /metrics HTTP/1.1\r\n${HOST}\r\n`), /^HTTP\/1\.1 200/);
    return cut;
  }, 20);
  assert.equal(await over, "");
  assert.ok(performance.now() - start > 1000, "a client may take a moment");
  const long = await asked(server.port, `GET /metrics HTTP/1.1\r\n${HOST}x: ${"y".repeat(9000)}`);
  assert.match(long, /^HTTP\/1\.1 400 /);
});

Deno.test("a client that never reads, and one that never ends its body, are hung up on", async () => {
  using server = pages();
  const deaf = await connect(server.port), endless = await connect(server.port);
  await deaf.write(new TextEncoder().encode(`GET /metrics HTTP/1.1\r\n${HOST}\r\n`.repeat(100)));
  await endless.write(new TextEncoder().encode(`POST /metrics HTTP/1.1\r\n${HOST}\r\n`));
  const page = new Uint8Array(65_536);
  await assert.rejects(async () => {
    for (;;) await endless.write(page);
  });
  await until("the deaf one is hung up on", async () => {
    return await deaf.write(page).then(() => false, () => true);
  }, 20);
  deaf.close();
  endless.close();
});

Deno.test("close() ends every connection and frees the port", async () => {
  const server = pages(), conn = await connect(server.port), over = readAll(conn).catch(() => "");
  await asked(server.port, `GET /metrics HTTP/1.1\r\n${HOST}\r\n`);
  server.close();
  assert.equal(await over, "");
  new PageServer(server.port, {}).close();
});
