/**
 * The bus: a connection to NATS with JetStream, and publishing over it.
 *
 * @module
 */
import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import {
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  headers as newHeaders,
  type NatsConnection,
} from "@nats-io/transport-node";
import { BusError, type Config, type Effects } from "../base/mod.ts";
import type { Message } from "./payload.ts";
import { pause } from "./pause.ts";

/** Where the server is and how to be let in. */
export interface BusOptions {
  /** `nats://host:port` or `tls://host:port`. */
  url: string;
  /** Name under which the server lists the connection. */
  name: string;
  /** Token, if the server wants one. */
  token?: string | undefined;
  /** User and password, if the server wants them. */
  user?: string | undefined;
  /** Password of `user`. */
  password?: string | undefined;
  /** Text of a credentials file (JWT and seed), if the server wants one. */
  creds?: string | undefined;
  /** Files of a TLS connection: the authority's certificate, our own and its key. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
}

/** `CONFIG.stream` with any numbers. */
export type StreamSettings = {
  [K in keyof Config["stream"]]: Config["stream"][K] extends number ? number : readonly [number, number];
};

/** An open connection. */
export interface Bus {
  /** The connection. */
  connection: NatsConnection;
  /** Publishing and consuming. */
  js: JetStreamClient;
  /** Streams and consumers. */
  manager: JetStreamManager;
  /** Its server, for messages. */
  where: string;
  /** How to try again, how long to keep. */
  config: StreamSettings;
  /** Where to say what happens to the connection. */
  effects: Effects;
  /** Whether the server is there right now. */
  connected(): boolean;
}

/** Milliseconds in which a server must answer. */
const TIMEOUT_MS = 5000;

/**
 * Connects. A connection that breaks later is made again for as long as it takes.
 *
 * @param options Server and credentials.
 * @param config Retries and limits.
 * @param effects Where to say what happens to the connection.
 * @throws {BusError} If no server answers, it refuses the credentials, or it has no JetStream.
 */
export async function openBus(options: BusOptions, config: StreamSettings, effects: Effects): Promise<Bus> {
  const where = `NATS at ${options.url.replace(/\/\/[^@/]*@/, "//")}`;
  let connection: NatsConnection;
  try {
    connection = await connectOnce(connectionOptions(options, config));
  } catch (cause) {
    throw new BusError(connectReason(cause), where, { cause });
  }
  let up = true;
  const onStray = (error: unknown) => effects.warn(`${where}: ${reasonOf(error)}`);
  strays.add(onStray);
  void connection.closed().then(() => strays.delete(onStray));
  void watch(connection, where, effects, (now) => up = now);
  try {
    const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
    return {
      connection,
      js: jetstream(connection, { timeout: TIMEOUT_MS }),
      manager,
      where,
      config,
      effects,
      connected: () => up && !connection.isClosed(),
    };
  } catch (cause) {
    await connection.close();
    throw new BusError(
      `it has no JetStream (${reasonOf(cause)}); start it as nats-server --jetstream`,
      where,
      { cause },
    );
  }
}

/**
 * Connects. A server that refuses our certificate says so after the handshake, when the client has ceased to listen,
 * or just hangs up.
 */
async function connectOnce(options: ConnectionOptions): Promise<NatsConnection> {
  hearStrays(options.tls !== undefined);
  const stray = Promise.withResolvers<never>(), attempt = connect(options);
  const onStray = (error: unknown) => {
    if (options.tls) stray.reject(error);
  };
  strays.add(onStray);
  try {
    return await Promise.race([attempt, stray.promise]);
  } catch (error) {
    attempt.then((late) => late.close(), () => {});
    throw error;
  } finally {
    strays.delete(onStray);
  }
}

/** Who is told of the errors of sockets that the client no longer listens to: connections, and attempts at one. */
const strays = new Set<(error: unknown) => void>();
let hearing = false, hearingTls = false;

/** Hears strays from now on, those of TLS where it is used. */
function hearStrays(tls: boolean): void {
  hearing = true;
  hearingTls ||= tls;
}

/**
 * Hears, for as long as the process lives, the errors of sockets that the client gave up before their last word: it
 * takes its listeners off, and then a reset would end the process instead of leading to the next attempt. When the
 * connection is closed, nobody wants to know. First of all listeners: to others, an error that nobody waits for is
 * the end.
 */
globalThis.addEventListener("error", (event) => {
  if (!hearing || !isReset(event.error) && !(hearingTls && isTls(reasonOf(event.error)))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  for (const tell of strays) tell(event.error);
});

/** Whether the other side hung up on a socket. */
function isReset(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ECONNRESET", "EPIPE"].includes(String(error.code));
}

function isTls(reason: string): boolean {
  return /certificate|tls|ssl|handshake|fatal alert/i.test(reason);
}

function connectionOptions(options: BusOptions, config: StreamSettings): ConnectionOptions {
  const { url, name, token, user, password, creds } = options;
  // Without the option, the client would speak plainly to a server that has no TLS.
  const tls = options.tls ?? (url.startsWith("tls://") ? {} : undefined);
  return {
    servers: url,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: config.retryMs[0],
    ignoreClusterUpdates: true,
    timeout: TIMEOUT_MS,
    ...(token ? { token } : {}),
    ...(user ? { user } : {}),
    ...(password ? { pass: password } : {}),
    ...(creds ? { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) } : {}),
    ...(tls
      ? {
        tls: {
          ...(tls.ca ? { caFile: tls.ca } : {}),
          ...(tls.cert ? { certFile: tls.cert } : {}),
          ...(tls.key ? { keyFile: tls.key } : {}),
        },
      }
      : {}),
  };
}

/** Name of an error's class. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function connectReason(error: unknown): string {
  const text = reasonOf(error);
  if (isTls(text)) {
    return `no TLS connection (${text}); set TIDEMARK_NATS_TLS_CA to its authority's certificate, and TIDEMARK_NATS_TLS_CERT with TIDEMARK_NATS_TLS_KEY if it wants ours`;
  }
  if (nameOf(error) === "AuthorizationError" || /auth/i.test(text)) {
    return `it refuses the credentials (${text}); set TIDEMARK_NATS_TOKEN, TIDEMARK_NATS_USER with TIDEMARK_NATS_PASSWORD, or TIDEMARK_NATS_CREDS`;
  }
  return `no server answers (${text}); start nats-server --jetstream, or name another by --nats`;
}

async function watch(
  connection: NatsConnection,
  where: string,
  effects: Effects,
  set: (up: boolean) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect") {
      set(false);
      effects.warn(`${where}: the connection is lost; trying again`);
    } else if (status.type === "reconnect") {
      set(true);
      effects.log(`${where}: connected again`);
    } else if (status.type === "error") effects.warn(`${where}: ${status.error.message}`);
  }
}

/** What to throw when a connection is closed for good: with why, where the server said so. */
export async function closedFor(bus: Bus, cause?: unknown): Promise<BusError> {
  const why = await bus.connection.closed();
  return why instanceof Error
    ? new BusError(connectReason(why), bus.where, { cause: why })
    : new BusError("the connection is closed", bus.where, { cause });
}

/** Closes a connection once what was sent has left. */
export async function closeBus(bus: Bus): Promise<void> {
  if (bus.connection.isClosed()) return;
  // A server that is gone takes no farewell.
  await Promise.race([bus.connection.drain().catch(() => {}), pause(1000)]);
  await bus.connection.close();
}

/**
 * Publishes a message and waits until the server has stored it; tries again while the server is away.
 *
 * @param bus The connection.
 * @param message The message; its id makes a second try harmless.
 * @param signal Gives up when it fires.
 * @returns The stream's sequence, and whether the server had it already.
 * @throws {BusError} If the message is too big, may not be published, no stream stores it any more, or `signal` fires
 *   first.
 */
export async function publish(
  bus: Bus,
  message: Message,
  signal?: AbortSignal,
): Promise<{ sequence: number; duplicate: boolean }> {
  const limit = bus.connection.info?.max_payload ?? Infinity;
  if (message.payload.length > limit) {
    throw new BusError(
      `a message of ${message.payload.length} bytes is over the server's max_payload ${limit}; lower --rows`,
      message.subject,
    );
  }
  const headers = newHeaders();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, value);
  let homeless = 0;
  for (let wait: number = bus.config.retryMs[0];; wait = Math.min(2 * wait, bus.config.retryMs[1])) {
    try {
      const ack = await bus.js.publish(message.subject, message.payload, { headers, timeout: TIMEOUT_MS });
      return { sequence: ack.seq, duplicate: ack.duplicate };
    } catch (cause) {
      if (bus.connection.isClosed()) throw await closedFor(bus, cause);
      if (signal?.aborted || isFinal(cause)) throw new BusError(reasonOf(cause), message.subject, { cause });
      // One that starts may not know its streams yet.
      homeless = await isHomeless(bus, message.subject) ? homeless + 1 : 0;
      if (homeless >= GONE_TRIES) {
        throw new BusError(
          `${bus.where} has no stream for it: it lost its store, or someone removed the stream; start again, from the first message on`,
          message.subject,
          { cause },
        );
      }
      bus.effects.warn(`${message.subject}: not stored (${reasonOf(cause)}); trying again`);
      await pause(wait, signal);
    }
  }
}

/** Times in a row that a server says that it has no such stream, until it is believed. */
export const GONE_TRIES = 5;

/** Whether the server answers, and says that no stream stores a subject. */
async function isHomeless(bus: Bus, subject: string): Promise<boolean> {
  try {
    return (await bus.manager.streams.names(subject).next()).length === 0;
  } catch {
    // It does not answer, which says nothing.
    return false;
  }
}

function isFinal(error: unknown): boolean {
  return [
    "AuthorizationError",
    "PermissionViolationError",
    "ClosedConnectionError",
    "DrainingConnectionError",
    "InvalidSubjectError",
  ].includes(nameOf(error));
}
