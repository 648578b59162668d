/**
 * `deno task options --s3` and `--rest` as processes: what they leave in the lake, killed and on bad input.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Random } from "../../lib/base/mod.ts";
import type { S3Settings } from "../../lib/ingest/mod.ts";
import { type Lake, openLake, readManifests } from "../../lib/lake/mod.ts";
import { OPTIONS_TRADES } from "../../lib/schema/mod.ts";
import {
  type CommandResult,
  lakeContent,
  plainColumns,
  readTable,
  withLake,
} from "../helpers/bronze_lake.ts";
import {
  type Asked,
  faultRelay,
  faultServer,
  type Reply,
  type TestServer,
} from "../helpers/http_fault_server.ts";
import { type FeedPrint, flatFileOf, randomPrints, restAnswers } from "../helpers/option_prints.ts";
import { requires, shared } from "../helpers/requires.ts";
import { startS3 } from "../helpers/s3_server.ts";
import { restEnvironment, runOptions, s3Environment, startOptions } from "../helpers/wire_task.ts";

const DATE = "2025-12-16", NEXT = "2025-12-17", KEY = "k3y-0123456789";
const keyOf = (date: string) =>
  `us_options_opra/trades_v1/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.csv.gz`;
const PRINTS = randomPrints(DATE, 4000, "wire");
const FILE = zipped(PRINTS);

/** A flat file's bytes. */
function zipped(prints: readonly FeedPrint[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(flatFileOf(prints)));
}

/** Content of Bronze, of the ledger and of the downloads, by path. */
async function contentOf(lake: Lake): Promise<Record<string, string>> {
  const all = await lakeContent(lake);
  return Object.fromEntries(Object.entries(all).filter(([path]) => !path.startsWith("_meta/downloads/")));
}

/** Prints of a lake without what says where they came from, in an order of their own. */
async function printsOf(lake: Lake): Promise<string[]> {
  const { source: _s, ingest: _i, row: _r, ...columns } = plainColumns(await readTable(lake, OPTIONS_TRADES));
  const names = Object.keys(columns).sort();
  return columns.price.map((_, i) => names.map((name) => String(columns[name][i])).join("|")).sort();
}

async function withS3(
  files: Record<string, Uint8Array<ArrayBuffer>>,
  work: (settings: S3Settings) => Promise<void>,
): Promise<void> {
  const server = await startS3();
  try {
    for (const [key, bytes] of Object.entries(files)) await server.put(key, bytes);
    await work(server.settings);
  } finally {
    await server.close();
  }
}

async function withRest(
  prints: readonly FeedPrint[],
  fault: (asked: Asked) => Reply | undefined,
  work: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = faultServer(restAnswers(prints, { key: KEY, pageRows: 20, fault }));
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** One line of complaint, exit code 2, and no Bronze. */
async function assertRefused(result: CommandResult, message: RegExp, lake: Lake): Promise<void> {
  assert.equal(result.code, 2, result.stderr + result.stdout);
  const last = result.stderr.trimEnd().split("\n").at(-1)!;
  assert.match(last, message);
  assert.ok(!result.stderr.includes("    at "), result.stderr);
  const left = Object.keys(await lakeContent(lake));
  assert.deepEqual(left.filter((path) => /bronze\/|_meta\/ingests|\.csv\.gz$/.test(path)), []);
}

Deno.test("options --s3 leaves the Bronze that --file leaves, and has nothing to do the second time", async () => {
  const other = zipped(randomPrints(NEXT, 500, "next"));
  await withS3({ [keyOf(DATE)]: FILE, [keyOf(NEXT)]: other }, async (settings) => {
    await withLake(async (lake) => {
      const args = ["--s3", "--dates", `${DATE}..${NEXT}`, "--lake", lake.root, "--json"];
      const first = await runOptions(s3Environment(settings), ...args);
      assert.equal(first.code, 0, first.stderr);
      const { sources } = JSON.parse(first.stdout.trimEnd().split("\n").at(-1)!) as {
        sources: { rows: { in: number } }[];
      };
      assert.deepEqual(sources.map((s) => s.rows.in), [4000, 500]);
      const before = await contentOf(lake);
      const again = await runOptions(s3Environment(settings), ...args);
      assert.match(again.stdout, /nothing to do\n.*nothing to do/);
      assert.deepEqual(await contentOf(lake), before);
      await withLake(async (twin) => {
        for (const date of [DATE, NEXT]) {
          const file = `${lake.root}/source/${keyOf(date)}`;
          const { code, stderr } = await runOptions({}, "--file", file, "--date", date, "--lake", twin.root);
          assert.equal(code, 0, stderr);
        }
        const bronze = Object.entries(before).filter(([path]) => path.startsWith("bronze/"));
        assert.ok(bronze.length > 10);
        const own = Object.entries(await contentOf(twin)).filter(([path]) => path.startsWith("bronze/"));
        assert.deepEqual(own, bronze);
      });
      for (const manifest of await readManifests(lake)) {
        const text = JSON.stringify(manifest);
        for (const word of [settings.keyId, settings.endpoint]) assert.ok(!text.includes(word), text);
      }
      const list = await runOptions(s3Environment(settings), "--s3", "--list", "--lake", lake.root);
      assert.match(list.stdout, /2025-12-16 .*\n2025-12-17 .*\noptions: 2 flat files on the server\n/);
    });
  });
});

/** Starts a command and kills it once `progress` has grown by `amount`; whether it was still running. */
async function killAfter(
  progress: () => number,
  amount: number,
  env: Record<string, string>,
  ...args: string[]
): Promise<boolean> {
  const before = progress(), child = startOptions(env, ...args);
  const timer = setInterval(() => {
    if (progress() - before < amount) return;
    clearInterval(timer);
    child.kill("SIGKILL");
  }, 5);
  const { signal } = await child.output();
  clearInterval(timer);
  return signal === "SIGKILL";
}

Deno.test("options --s3 killed at random moments and run again gives the lake of an uninterrupted run", async () => {
  const filler = new Random("filler");
  // Noise between the members makes the download long beside the start of a process.
  const rows = randomPrints(DATE, 60_000, "long").map((p) => ({ ...p, size: 1 + filler.int(4e9) }));
  const file = zipped(rows);
  await withS3({ [keyOf(DATE)]: file }, async (settings) => {
    const relay = faultRelay(settings.endpoint, { bytesPerSecond: file.length });
    const env = s3Environment({ ...settings, endpoint: relay.endpoint });
    try {
      await withLake(async (whole) => {
        assert.equal((await runOptions(env, "--s3", "--date", DATE, "--lake", whole.root)).code, 0);
        const expected = await contentOf(whole);
        await withLake(async (lake) => {
          const before = relay.bytes();
          const random = new Random("kills"), share = file.length / 8;
          for (let i = 0; i < 6; i++) {
            const args = ["--s3", "--date", DATE, "--lake", lake.root];
            assert.ok(await killAfter(relay.bytes, share * (0.2 + random.uniform()), env, ...args));
          }
          const last = await runOptions(env, "--s3", "--date", DATE, "--lake", lake.root);
          assert.equal(last.code, 0, last.stderr);
          assert.deepEqual(await contentOf(await openLake(lake.root)), expected);
          // What was under way when a process died may come twice, not the file.
          assert.ok(
            relay.bytes() - before < 1.5 * file.length,
            `${relay.bytes() - before} for ${file.length}`,
          );
          assert.ok(relay.heads.some((head) => /range: bytes=[1-9]\d*-/i.test(head)));
        });
      });
    } finally {
      await relay.close();
    }
  });
});

Deno.test("options --rest leaves the prints that --file leaves, of the expirations asked for", async () => {
  await withRest(PRINTS, () => undefined, async ({ endpoint }) => {
    await withLake(async (lake) => {
      const env = restEnvironment(endpoint, KEY);
      const args = [
        "--rest",
        "--date",
        DATE,
        "--expirations",
        `${DATE}..${NEXT}`,
        "--rate",
        "1000",
        "--lake",
        lake.root,
      ];
      const { code, stderr } = await runOptions(env, ...args);
      assert.equal(code, 0, stderr);
      await withLake(async (twin) => {
        await Deno.writeFile(`${twin.root}/in.csv.gz`, FILE);
        await runOptions({}, "--file", `${twin.root}/in.csv.gz`, "--lake", twin.root);
        assert.deepEqual(await printsOf(lake), await printsOf(twin));
      });
      const { source } = plainColumns(await readTable(lake, OPTIONS_TRADES));
      assert.deepEqual([...new Set(source)], ["rest"]);
      const before = await contentOf(lake), again = await runOptions(env, ...args);
      assert.match(again.stdout, /nothing to do/);
      assert.deepEqual(await contentOf(lake), before);
      const [manifest] = await readManifests(lake);
      assert.ok(!JSON.stringify(manifest).includes(KEY) && manifest.rows!.in === manifest.rows!.out);
    });
  });
});

Deno.test("options --rest gives the real prints of a day to the last digit", async () => {
  if (!requires("shared", "options --rest on real prints")) return;
  const file = shared("real/spy-options-2025-11-12.csv.gz"), date = "2025-11-12";
  const text = await new Response(
    (await Deno.open(file)).readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  const prints = text.trim().split("\n").slice(1).map((line): FeedPrint => {
    const [, ticker, , quoted, single, correction, exchange, price, ns, size] =
      /^([^,]+),("([^"]*)"|([^,]*)),(\d+),(\d+),([^,]+),(\d+),(\d+)$/.exec(line)!;
    const conditions = (quoted ?? single).split(",").filter((c) => c !== "").map(Number);
    return {
      ticker,
      conditions,
      correction: Number(correction),
      exchange: Number(exchange),
      price,
      ns,
      size: Number(size),
    };
  });
  await withRest(prints, () => undefined, async ({ endpoint }) => {
    await withLake(async (lake) => {
      const contracts = [...new Set(prints.map((p) => p.ticker))].join("\n");
      await Deno.writeTextFile(`${lake.root}/contracts.txt`, contracts);
      const args = ["--rest", "--date", date, "--contracts", `${lake.root}/contracts.txt`, "--rate", "1000"];
      const { code, stderr } = await runOptions(restEnvironment(endpoint, KEY), ...args, "--lake", lake.root);
      assert.equal(code, 0, stderr);
      await withLake(async (twin) => {
        assert.equal((await runOptions({}, "--file", file, "--date", date, "--lake", twin.root)).code, 0);
        assert.deepEqual(await printsOf(lake), await printsOf(twin));
        assert.ok((await printsOf(lake)).length > 1000);
      });
    });
  });
});

Deno.test("options --rest under faults, killed at random moments and run again, gives the lake of a quiet run", async () => {
  const args = (lake: Lake, rate = "12") => ["--rest", "--date", DATE, "--rate", rate, "--lake", lake.root];
  await withLake(async (whole) => {
    await withRest(PRINTS, () => undefined, async ({ endpoint }) => {
      const { code, stderr } = await runOptions(restEnvironment(endpoint, KEY), ...args(whole, "1000"));
      assert.equal(code, 0, stderr);
    });
    const expected = await contentOf(whole);
    const random = new Random("rest kills");
    const faults: Reply[] = [
      { status: 429, headers: { "retry-after": "0" } },
      { status: 500 },
      { body: '{"status":"OK","results":[', cutAfter: 12 },
      { body: "<html>" },
      { raw: "" },
    ];
    const fault = () => (random.uniform() < 0.1 ? faults[random.int(faults.length)] : undefined);
    await withRest(PRINTS, fault, async ({ endpoint, asked }) => {
      await withLake(async (lake) => {
        const env = restEnvironment(endpoint, KEY);
        for (let i = 0; i < 6; i++) {
          const pages = 1 + random.int(10);
          assert.ok(await killAfter(() => asked.length, pages, env, ...args(lake)));
        }
        const last = await runOptions(env, ...args(lake, "1000"));
        assert.equal(last.code, 0, last.stderr);
        assert.deepEqual(await contentOf(await openLake(lake.root)), expected);
        const listed = asked.filter((a) =>
          a.url.pathname.includes("reference") && a.url.searchParams.has("cursor")
        );
        assert.ok(listed.length < asked.length / 4);
      });
    });
  });
});

const S3_INPUTS: Record<string, { env?: Partial<Record<string, string>>; args?: string[]; message: RegExp }> =
  {
    "no key": {
      env: { TIDEMARK_S3_KEY_ID: "" },
      message: /^options: Cannot use --s3: TIDEMARK_S3_KEY_ID is not set; export it/,
    },
    "a wrong secret": {
      env: { TIDEMARK_S3_SECRET: "no" },
      message: /HTTP 403 Forbidden: SignatureDoesNotMatch.*check the keys/,
    },
    "a wrong key": { env: { TIDEMARK_S3_KEY_ID: "no" }, message: /HTTP 403 Forbidden: InvalidAccessKeyId/ },
    "a wrong bucket": { env: { TIDEMARK_S3_BUCKET: "nothing" }, message: /HTTP 404 Not Found: NoSuchBucket/ },
    "no address": {
      env: { TIDEMARK_S3_ENDPOINT: "files" },
      message: /TIDEMARK_S3_ENDPOINT is not an address; wanted one like https/,
    },
    "a key in the address": {
      env: { TIDEMARK_S3_ENDPOINT: "http://me:hush@localhost" },
      message: /is not an address; wanted/,
    },
    "a date without a file": {
      args: ["--dates", `${DATE}..2025-12-18`],
      message:
        /Cannot fetch 2025-12-17, 2025-12-18: the bucket has no flat file of these dates; --s3 --list says/,
    },
    "a holiday": { args: ["--date", "2025-12-25"], message: /2025-12-25/ },
    "no date": { args: [], message: /Cannot choose what to fetch: give --date or --dates/ },
    "two sources": { args: ["--rest", "--date", DATE], message: /give one of --file, --s3 and --rest/ },
    "an option of the other": {
      args: ["--date", DATE, "--contracts", "x"],
      message: /Cannot use --contracts with --s3/,
    },
  };
Deno.test("options --s3 on bad input says so in one line and leaves nothing", async (t) => {
  const whole = (date: string) => zipped(randomPrints(date, 4000, date));
  const short = whole("2025-12-22").slice(0, -100), damaged = whole("2025-12-23");
  damaged[damaged.length >> 1] ^= 0xff;
  const wrong = { "2025-12-22": short, "2025-12-23": damaged, "2025-12-24": FILE };
  const files = Object.fromEntries(Object.entries(wrong).map(([date, bytes]) => [keyOf(date), bytes]));
  await withS3({ [keyOf(DATE)]: FILE, ...files }, async (settings) => {
    const cases = {
      ...S3_INPUTS,
      "a file cut short on the server": {
        args: ["--date", "2025-12-22"],
        message: /Cannot decode ".*2025-12-22.csv.gz" at byte/,
      },
      "a damaged file on the server": {
        args: ["--date", "2025-12-23"],
        message: /Cannot decode ".*gz".*gzip stream, .*; fetch/,
      },
    };
    for (
      const [name, { env = {}, args = ["--date", DATE], message }] of Object.entries<
        typeof S3_INPUTS[string]
      >(cases)
    ) {
      await t.step(name, async () => {
        await withLake(async (lake) => {
          const all = { ...s3Environment(settings), ...env } as Record<string, string>;
          const result = await runOptions(all, "--s3", ...args, "--lake", lake.root);
          await assertRefused(result, message, lake);
          assert.ok(!/S3RVER|hush/.test(result.stderr), result.stderr);
        });
      });
    }
    await t.step("a file of another date", async () => {
      await withLake(async (lake) => {
        const result = await runOptions(
          s3Environment(settings),
          "--s3",
          "--date",
          "2025-12-24",
          "--lake",
          lake.root,
        );
        assert.equal(result.code, 2);
        assert.match(
          result.stderr,
          /2025-12-24.csv.gz" at line \d+: found a print of 2025-12-16.*wanted trade date 2025-12-24/,
        );
        assert.deepEqual(Object.keys(await lakeContent(lake)).filter((p) => p.startsWith("bronze/")), []);
      });
    });
  });
});

Deno.test("options --rest on bad input says so in one line and leaves nothing", async (t) => {
  const cases: Record<string, { env?: Record<string, string>; args?: string[]; message: RegExp }> = {
    "no key": {
      env: { TIDEMARK_REST_KEY: "" },
      message: /TIDEMARK_REST_KEY is not set; export it \(API key\)/,
    },
    "a wrong key": {
      env: { TIDEMARK_REST_KEY: "hush" },
      message: /HTTP 401 Unauthorized: Unknown API Key; check the keys/,
    },
    "a key with a line break": {
      env: { TIDEMARK_REST_KEY: "hush\nhush" },
      message: /TIDEMARK_REST_KEY has a character in it/,
    },
    "a key in the clear": {
      env: { TIDEMARK_REST_ENDPOINT: "http://example.com" },
      message: /would carry the key in the clear/,
    },
    "a session that is not over": {
      args: ["--date", "2030-11-12"],
      message: /Cannot fetch 2030-11-12: its session is not over/,
    },
    "no such contract file": {
      args: ["--date", DATE, "--contracts", "/nowhere"],
      message: /Cannot read --contracts "\/nowhere"/,
    },
    "contracts of another root": {
      args: ["--date", DATE, "--contracts", "O:SPY251216C00676000,O:QQQ251216C00676000"],
      message: /found "O:QQQ251216C00676000", wanted tickers like/,
    },
    "expirations without a contract": {
      args: ["--date", DATE, "--expirations", "2026-01-02"],
      message: /lists no contract/,
    },
    "no rate": { args: ["--date", DATE, "--rate", "0"], message: /Cannot read --rate "0"/ },
  };
  await withRest(PRINTS, () => undefined, async ({ endpoint }) => {
    for (const [name, { env = {}, args = ["--date", DATE], message }] of Object.entries(cases)) {
      await t.step(name, async () => {
        await withLake(async (lake) => {
          const result = await runOptions(
            { ...restEnvironment(endpoint, KEY), ...env },
            "--rest",
            ...args,
            "--lake",
            lake.root,
          );
          await assertRefused(result, message, lake);
          assert.ok(!/hush|k3y/.test(result.stderr), result.stderr);
        });
      });
    }
  });
});
