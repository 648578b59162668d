/**
 * Headless Chromium over its DevTools protocol: one tab, what it asked the network for and what it complained of.
 *
 * @module
 */

import { until } from "./until.ts";

/** What a page did while it was open. */
export interface Visit {
  /** Messages on the console and exceptions. */
  complaints: string[];
  /** Addresses it asked for, the page itself and `data:` apart. */
  requests: string[];
  /** Its title. */
  title: string;
  /** Width of its content, CSS px: more than the window's means that it scrolls sideways. */
  width: number;
}

type Message = {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: unknown;
};

/** A browser with one tab. */
export class Browser {
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #heard: (message: Message) => void = () => {};
  #id = 0;

  /** Use {@linkcode openBrowser}. */
  constructor(process: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data) as Message;
      if (message.id === undefined) this.#heard(message);
      else this.#waiting.get(message.id)?.(message);
    };
  }

  /** Calls a method of the protocol. */
  async call<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    const id = ++this.#id;
    const { error, result } = await new Promise<Message>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    this.#waiting.delete(id);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as T;
  }

  /** Sets the size of the window, CSS px, and the reader's colour scheme. */
  async setWindow(width: number, height: number, scheme: "light" | "dark" = "light"): Promise<void> {
    await this.call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 640,
    });
    await this.call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Opens a page and waits until it has loaded. */
  async visit(url: string): Promise<Visit> {
    const visit: Visit = { complaints: [], requests: [], title: "", width: 0 };
    const loaded = new Promise<void>((resolve) => {
      this.#heard = ({ method, params = {} }) => {
        if (method === "Page.loadEventFired") resolve();
        if (
          method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled" ||
          method === "Log.entryAdded"
        ) {
          visit.complaints.push(JSON.stringify(params));
        }
        if (method !== "Network.requestWillBeSent") return;
        const asked = (params.request as { url: string }).url;
        if (asked !== url && !asked.startsWith("data:")) visit.requests.push(asked);
      };
    });
    await this.call("Page.navigate", { url });
    await loaded;
    visit.title = await this.evaluate<string>("document.title");
    visit.width = await this.evaluate<number>("document.documentElement.scrollWidth");
    return visit;
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.call<{ result: { value: T } }>("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    return result.value;
  }

  /** Ends the program and removes its profile. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.call("Browser.close");
    await closed;
    await this.#process.status;
    await Deno.remove(this.#profile, { recursive: true });
  }
}

/** Starts Chromium; `await using` stops it. */
export async function openBrowser(): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "tidemark-browser-" });
  const process = new Deno.Command("chromium", {
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const port = await portOf(profile);
  const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json() as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(pages.find((page) => page.type === "page")!.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const browser = new Browser(process, profile, socket);
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await browser.call(`${domain}.enable`);
  return browser;
}

/** The port that the program has written into its profile. */
async function portOf(profile: string): Promise<string> {
  let text = "";
  await until("chromium answers", async () => {
    text = await Deno.readTextFile(`${profile}/DevToolsActivePort`).catch(() => "");
    return text.includes("\n");
  });
  return text.split("\n")[0];
}
