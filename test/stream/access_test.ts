import assert from "node:assert/strict";
import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";
import { BusError, CONFIG, SILENT } from "../../lib/base/mod.ts";
import { type BusOptions, closeBus, openBus } from "../../lib/stream/mod.ts";
import { startLive } from "../helpers/live_process.ts";
import { type NatsServer, startNats } from "../helpers/nats_server.ts";
import { requires } from "../helpers/requires.ts";
import { emptyLake } from "./_live.ts";

async function lets(server: NatsServer, options: Partial<BusOptions>): Promise<void> {
  await closeBus(await openBus({ url: server.url, name: "test", ...options }, CONFIG.stream, SILENT));
}

/** Whether `live` finds its way in by its environment alone. */
async function liveGetsIn(env: Record<string, string>): Promise<void> {
  const lake = await emptyLake();
  await using live = startLive(["--lake", lake.root], env);
  assert.ok(await live.says(/^live: bronze, signal, gold on /), live.lines.join("\n"));
  live.kill("SIGTERM");
  assert.equal((await live.ended).code, 0, live.lines.join("\n"));
  await Deno.remove(lake.root, { recursive: true });
}

async function refuses(server: NatsServer, options: Partial<BusOptions>, why: RegExp): Promise<void> {
  await assert.rejects(lets(server, options), (error) => {
    assert.ok(error instanceof BusError, String(error));
    assert.match(error.message, why);
    return true;
  });
}

const CREDENTIALS = /refuses the credentials .*set TIDEMARK_NATS_TOKEN/;

const TOKEN = "a token and a user with a password open the server, wrong ones are refused";
Deno.test(TOKEN, async () => {
  if (!requires("nats", TOKEN)) return;
  await using byToken = await startNats("--auth", "s3cret");
  await lets(byToken, { token: "s3cret" });
  await refuses(byToken, { token: "secret" }, CREDENTIALS);
  await refuses(byToken, {}, CREDENTIALS);
  await using byUser = await startNats("--user", "ann", "--pass", "s3cret");
  await lets(byUser, { user: "ann", password: "s3cret" });
  await refuses(byUser, { user: "ann", password: "secret" }, CREDENTIALS);
});

const NONE = "live says that no server answers, and never a password; one without JetStream is told so";
Deno.test(NONE, async () => {
  if (!requires("nats", NONE)) return;
  const server = await startNats();
  await server[Symbol.asyncDispose]();
  const lake = await emptyLake(), url = server.url.replace("//", "//ann:s3cret@");
  await using live = startLive(["--lake", lake.root], { TIDEMARK_NATS_URL: url });
  assert.equal((await live.ended).code, 2, live.lines.join("\n"));
  assert.deepEqual(live.lines, [
    `live: Cannot use NATS at ${server.url}: no server answers (connection refused); start nats-server --jetstream, or name another by --nats`,
  ]);
  await using missing = startLive(["--lake", lake.root], { TIDEMARK_NATS_CREDS: "/no/such.creds" });
  assert.equal((await missing.ended).code, 2);
  assert.deepEqual(missing.lines, [`live: Cannot read "/no/such.creds", named by TIDEMARK_NATS_CREDS`]);
  await using plain = await startNats("-js=false");
  await refuses(plain, {}, /it has no JetStream .*nats-server --jetstream/);
  await Deno.remove(lake.root, { recursive: true });
});

Deno.test("a server that speaks no NATS is told of in lines: nothing of it, and no trace, on standard output", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const said = new TextEncoder().encode('INFO {"server_id":"x","max_payload":1}\r\nGARBAGE \x1b[2J\r\n');
  const serving = (async () => {
    for await (const conn of listener) {
      await conn.write(said);
      await conn.readable.pipeTo(new WritableStream()).catch(() => {});
    }
  })();
  const lake = await emptyLake();
  await using live = startLive(["--lake", lake.root, "--nats", `nats://127.0.0.1:${listener.addr.port}`]);
  const { code, out } = await live.ended;
  assert.deepEqual([code, out], [2, ""], live.lines.join("\n"));
  assert.match(
    live.lines.join("\n"),
    /^warning: NATS client: reader closed .+\nlive: Cannot use NATS at [^\n]+$/,
  );
  listener.close();
  await serving;
  await Deno.remove(lake.root, { recursive: true });
});

/** A server that wants a token, and can come back wanting another. */
async function tokenServer(folder: string, token: string) {
  const conf = `${folder}/nats.conf`;
  const wants = (token: string) => Deno.writeTextFile(conf, `authorization { token: "${token}" }\n`);
  await wants(token);
  const server = await startNats("-c", conf);
  const comesBack = async (token: string) => {
    await wants(token);
    await server.kill();
    await server.start();
  };
  return { server, comesBack };
}

const CHANGED = "a server that comes back with another token ends live, which says why";
Deno.test(CHANGED, async () => {
  if (!requires("nats", CHANGED)) return;
  const lake = await emptyLake(), { server, comesBack } = await tokenServer(lake.root, "first");
  await using _server = server;
  const env = { TIDEMARK_NATS_URL: server.url, TIDEMARK_NATS_TOKEN: "first" };
  await using live = startLive(["--lake", lake.root], env);
  assert.ok(await live.says(/^live: bronze, signal, gold on /), live.lines.join("\n"));
  await comesBack("second");
  assert.equal((await live.ended).code, 2, live.lines.join("\n"));
  assert.match(
    live.lines.at(-1)!,
    /^live: Cannot use NATS at .*: it refuses the credentials .*TIDEMARK_NATS_TOKEN/,
  );
  await Deno.remove(lake.root, { recursive: true });
});

const RESET = "connections that are refused in mid-retry, with much unsent, are closed and end nothing else";
Deno.test(RESET, async () => {
  if (!requires("nats", RESET)) return;
  const folder = await Deno.makeTempDir(), { server, comesBack } = await tokenServer(folder, "first");
  await using _server = server;
  const open = () => openBus({ url: server.url, name: "test", token: "first" }, CONFIG.stream, SILENT);
  // As a command does, which ends at an error that nobody waits for.
  const heard: unknown[] = [], listener = (event: ErrorEvent) => void heard.push(event.error);
  addEventListener("error", listener);
  const buses = await Promise.all(Array.from({ length: 12 }, open));
  for (const { connection } of buses) for (let i = 0; i < 20; i++) connection.subscribe(`subject.${i}`);
  await comesBack("second");
  const whys = await Promise.all(buses.map(({ connection }) => connection.closed()));
  assert.deepEqual([...new Set(whys.map((why) => (why as Error).name))], ["AuthorizationError"]);
  // Uncaught errors of their sockets, which come afterwards, would fail the test.
  await new Promise((resolve) => setTimeout(resolve, 300));
  removeEventListener("error", listener);
  assert.deepEqual(heard, []);
  await Deno.remove(folder, { recursive: true });
});

async function openssl(folder: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** An authority, and certificates of a server and of a client that it signed. */
async function certificates(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-tls-" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    folder,
    ..."req -x509 -days 2 -subj /CN=authority -out ca.pem -keyout ca.key".split(" "),
    ...key,
  );
  await Deno.writeTextFile(`${folder}/names`, "subjectAltName=IP:127.0.0.1,DNS:localhost");
  for (const name of ["server", "client"]) {
    await openssl(
      folder,
      ...`req -subj /CN=${name} -out ${name}.csr -keyout ${name}.key`.split(" "),
      ...key,
    );
    const sign =
      `x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -in ${name}.csr -out ${name}.pem`;
    await openssl(folder, ...sign.split(" "));
  }
  return folder;
}

const TLS = "TLS wants the authority's certificate, and the server may want ours";
Deno.test(TLS, async () => {
  if (!requires("nats", TLS) || !requires("openssl", TLS)) return;
  const folder = await certificates(), file = (name: string) => `${folder}/${name}`;
  const server = ["--tls", `--tlscert=${file("server.pem")}`, `--tlskey=${file("server.key")}`];
  const ours = { ca: file("ca.pem"), cert: file("client.pem"), key: file("client.key") };
  const NO_TLS = /no TLS connection .*TIDEMARK_NATS_TLS_CA/;
  {
    await using tls = await startNats(...server);
    const url = tls.url.replace("nats:", "tls:");
    await lets(tls, { url, tls: { ca: file("ca.pem") } });
    await liveGetsIn({ TIDEMARK_NATS_URL: url, TIDEMARK_NATS_TLS_CA: file("ca.pem") });
    await refuses(tls, { url }, NO_TLS);
    await using mutual = await startNats(...server, "--tlsverify", `--tlscacert=${file("ca.pem")}`);
    await lets(mutual, { tls: ours });
    await refuses(mutual, { tls: { ca: file("ca.pem") } }, /no TLS connection|no server answers/);
    await using plain = await startNats();
    await refuses(plain, { url: plain.url.replace("nats:", "tls:"), token: "s3cret" }, NO_TLS);
  }
  await Deno.remove(folder, { recursive: true });
});

/** A JWT as NATS signs them. */
function signed(by: KeyPair, subject: KeyPair, name: string, nats: Record<string, unknown>): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const claims = {
    jti: name,
    iat: Math.floor(Date.now() / 1000),
    iss: by.getPublicKey(),
    name,
    sub: subject.getPublicKey(),
    nats: { version: 2, ...nats },
  };
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part(claims)}`;
  const signature = btoa(String.fromCharCode(...by.sign(new TextEncoder().encode(text))));
  return `${text}.${signature.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

const CREDS = "a credentials file opens a server that knows its account";
Deno.test(CREDS, async () => {
  if (!requires("nats", CREDS)) return;
  const folder = await Deno.makeTempDir({ prefix: "tidemark-creds-" });
  const operator = createOperator(), account = createAccount(), system = createAccount();
  const all = {
    subs: -1,
    data: -1,
    payload: -1,
    imports: -1,
    exports: -1,
    conn: -1,
    leaf: -1,
    wildcards: true,
  };
  const jetstream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const trusted = (of: KeyPair, name: string, limits: Record<string, unknown>) =>
    signed(operator, of, name, { type: "account", limits });
  await Deno.writeTextFile(
    `${folder}/operator.conf`,
    `operator: ${signed(operator, operator, "operator", { type: "operator" })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${account.getPublicKey()}: ${trusted(account, "market", { ...all, ...jetstream })}
  ${system.getPublicKey()}: ${trusted(system, "system", all)}
}
`,
  );
  const credsOf = (by: KeyPair) => {
    const user = createUser(),
      jwt = signed(by, user, "ann", { type: "user", subs: -1, data: -1, payload: -1 });
    const line = (name: string, text: string) =>
      `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
    return line("NATS USER JWT", jwt) + line("USER NKEY SEED", new TextDecoder().decode(user.getSeed()));
  };
  await using server = await startNats("-c", `${folder}/operator.conf`);
  await lets(server, { creds: credsOf(account) });
  await Deno.writeTextFile(`${folder}/ann.creds`, credsOf(account));
  await liveGetsIn({ TIDEMARK_NATS_URL: server.url, TIDEMARK_NATS_CREDS: `${folder}/ann.creds` });
  await refuses(server, { creds: credsOf(createAccount()) }, CREDENTIALS);
  await refuses(server, { creds: "not a credentials file" }, /credentials/);
  await Deno.remove(folder, { recursive: true });
});
