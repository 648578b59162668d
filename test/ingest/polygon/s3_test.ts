/**
 * Flat files over S3: against a real server, the same behind a relay that breaks connections, and one that lies.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Random, SILENT, WireError } from "../../../lib/base/mod.ts";
import {
  type Clock,
  fetchFlatFile,
  listFlatFiles,
  openBucket,
  type S3Object,
  type S3Settings,
} from "../../../lib/ingest/mod.ts";
import { type Lake, openDownload } from "../../../lib/lake/mod.ts";
import { withLake } from "../../helpers/bronze_lake.ts";
import { fastClock } from "../../helpers/fast_clock.ts";
import {
  type Asked,
  faultRelay,
  faultServer,
  type Reply,
  type TestServer,
} from "../../helpers/http_fault_server.ts";
import { type S3Server, startS3 } from "../../helpers/s3_server.ts";

const FOLDER = "us_options_opra/trades_v1";
const KEY = `${FOLDER}/2025/12/2025-12-16.csv.gz`;
const BYTES = randomBytes(300_000, "file");
const SECRETS = { keyId: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG" };

function randomBytes(n: number, seed: string): Uint8Array<ArrayBuffer> {
  const random = new Random(seed);
  return Uint8Array.from({ length: n }, () => random.int(256));
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

async function withS3(work: (server: S3Server) => Promise<void>): Promise<void> {
  const server = await startS3();
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** A server of ours that has one file, under faults. */
async function withServer(
  answer: (asked: Asked) => Reply,
  work: (settings: S3Settings, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = faultServer(answer);
  try {
    await work({ endpoint: server.endpoint, bucket: "b", region: "us-east-1", ...SECRETS }, server);
  } finally {
    await server.close();
  }
}

const FILE: S3Object = { key: KEY, bytes: BYTES.length, etag: `"${md5(BYTES)}"` };

/** The right answer to a read of the file. */
function fileFrom(asked: Asked): Reply {
  const from = Number(/^bytes=(\d+)-$/.exec(asked.headers.get("range") ?? "")?.[1] ?? 0);
  const range = { "content-range": `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` };
  return { status: from > 0 ? 206 : 200, headers: from > 0 ? range : {}, body: BYTES.subarray(from) };
}

function listing(entries: string, more = ""): Reply {
  const truncated = more === ""
    ? "false"
    : `true</IsTruncated><NextContinuationToken>${more}</NextContinuationToken>`;
  return {
    body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${truncated}${
      more === "" ? "</IsTruncated>" : ""
    }${entries}</ListBucketResult>`,
  };
}

function entry(key: string, etag = "&quot;e&quot;", size = "5"): string {
  return `<Contents><Key>${key}</Key><ETag>${etag}</ETag><Size>${size}</Size></Contents>`;
}

/** Fetches the file into a lake; what the finished file then holds. */
async function fetchInto(
  lake: Lake,
  settings: S3Settings,
  object: S3Object = FILE,
  clock: Clock = fastClock(),
): Promise<{ fetched: boolean; bytes: Uint8Array }> {
  using download = await openDownload(lake, object.key);
  const fetched = await fetchFlatFile(openBucket(settings), object, download, { effects: SILENT, clock });
  return { fetched, bytes: await Deno.readFile(download.path) };
}

async function partSize(lake: Lake): Promise<number | undefined> {
  return await Deno.stat(`${lake.root}/source/${KEY}.part`).then((s) => s.size, () => undefined);
}

Deno.test("listFlatFiles() names each day's file of a real server with size and entity tag", async () => {
  await withS3(async ({ settings, put }) => {
    const days = ["2025-11-28", "2025-12-15", "2025-12-16", "2026-01-02"];
    for (const day of days) {
      await put(
        `${FOLDER}/${day.slice(0, 4)}/${day.slice(5, 7)}/${day}.csv.gz`,
        new Uint8Array(gzipSync(day)),
      );
    }
    await put(`${FOLDER}/2025/12/notes.txt`, BYTES);
    await put(`us_options_opra/quotes_v1/2025/12/2025-12-16.csv.gz`, BYTES);
    const bucket = openBucket(settings), options = { effects: SILENT };
    const all = await listFlatFiles(bucket, undefined, options);
    assert.deepEqual(all.map((o) => o.date), days);
    const some = await listFlatFiles(bucket, ["2026-01-02", "2025-12-16", "2025-12-17"], options);
    assert.deepEqual(some.map((o) => o.date), ["2025-12-16", "2026-01-02"]);
    const bytes = gzipSync("2025-12-16");
    assert.deepEqual(some[0], { key: KEY, date: "2025-12-16", bytes: bytes.length, etag: `"${md5(bytes)}"` });
  });
});

Deno.test("a real server refuses other keys, and the message names neither", async () => {
  await withS3(async ({ settings }) => {
    for (
      const [keys, code] of [[{ secret: "wrong-secret" }, "SignatureDoesNotMatch"], [
        SECRETS,
        "InvalidAccessKeyId",
      ]]
    ) {
      const bucket = openBucket({ ...settings, ...keys as Partial<S3Settings> });
      await assert.rejects(listFlatFiles(bucket, undefined, { effects: SILENT }), (error: WireError) => {
        assert.match(error.message, new RegExp(`HTTP 403 .*${code}.*check the keys`));
        assert.ok(!/wrong-secret|AKIA|wJalr|\n/.test(error.message), error.message);
        return true;
      });
    }
  });
});

Deno.test("openBucket() keeps the keys out of messages when a server sends them back", async () => {
  const echo = (asked: Asked) => ({
    status: 403,
    body: `<Error><Code>Denied</Code><Message>${
      asked.headers.get("authorization")
    } ${SECRETS.secret}</Message></Error>`,
  });
  await withServer(echo, async (settings) => {
    await assert.rejects(openBucket(settings).list("p"), (error: WireError) => {
      assert.match(error.message, /HTTP 403 Forbidden: Denied, AWS4-HMAC-SHA256 Credential=…/);
      assert.ok(!error.message.includes(SECRETS.keyId) && !error.message.includes(SECRETS.secret));
      return true;
    });
  });
});

Deno.test("listFlatFiles() follows a listing over its pages", async () => {
  const answer = ({ n, url }: Asked) => {
    assert.equal(url.searchParams.get("prefix"), `${FOLDER}/2025/12/`);
    assert.equal(url.searchParams.get("continuation-token"), n === 0 ? null : "a b+c/=");
    return n === 0
      ? listing(entry(`${FOLDER}/2025/12/2025-12-16.csv.gz`), "a b+c/=")
      : listing(entry(`${FOLDER}/2025/12/2025-12-15.csv.gz`, "&quot;x&amp;y-3&quot;", "123456789012"));
  };
  await withServer(answer, async (settings) => {
    const found = await listFlatFiles(openBucket(settings), ["2025-12-15", "2025-12-16"], {
      effects: SILENT,
    });
    assert.deepEqual(found.map(({ date, bytes, etag }) => [date, bytes, etag]), [
      ["2025-12-15", 123456789012, '"x&y-3"'],
      ["2025-12-16", 5, '"e"'],
    ]);
  });
});

const NO_LISTINGS: Record<string, string> = {
  "a web page": "<html><body>login</body></html>",
  "no XML": "hello",
  "an empty body": "",
  "another document": "<ListAllMyBucketsResult/>",
  "a size that is none": `<ListBucketResult><IsTruncated>false</IsTruncated>${
    entry("k", "e", "-1")
  }</ListBucketResult>`,
  "a page without a way on": "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
};
for (const [name, body] of Object.entries(NO_LISTINGS)) {
  Deno.test(`openBucket() says what it found when a listing is ${name}`, async () => {
    await withServer(() => ({ body }), async (settings) => {
      await assert.rejects(openBucket(settings).list("p"), (error: WireError) => {
        assert.match(
          error.message,
          /^Cannot fetch http:\/\/127.0.0.1:\d+\/b\?list-type=2&prefix=p: found .*listing/,
        );
        return !error.retryable;
      });
    });
  });
}

Deno.test("fetchFlatFile() fetches a file of a real server once, and again when it changed", async () => {
  await withS3(async ({ settings, put }) =>
    await withLake(async (lake) => {
      await put(KEY, BYTES, { "content-encoding": "gzip", "content-type": "text/csv" });
      const bucket = openBucket(settings);
      const [first] = await listFlatFiles(bucket, undefined, { effects: SILENT });
      assert.deepEqual(await fetchInto(lake, settings, first), { fetched: true, bytes: BYTES });
      assert.equal((await fetchInto(lake, settings, first)).fetched, false);
      const other = randomBytes(BYTES.length, "other");
      await put(KEY, other);
      const [second] = await listFlatFiles(bucket, undefined, { effects: SILENT });
      assert.deepEqual(await fetchInto(lake, settings, second), { fetched: true, bytes: other });
      assert.equal(await partSize(lake), undefined);
    })
  );
});

Deno.test("fetchFlatFile() goes on where each broken connection stopped", async () => {
  await withS3(async ({ settings, put }) =>
    await withLake(async (lake) => {
      await put(KEY, BYTES);
      // The head alone, nothing at all, and parts of the body.
      const relay = faultRelay(settings.endpoint, { cutAfter: [50, 0, 100_000, 1, 60_000, 70_000] });
      try {
        const clock = fastClock();
        const { bytes } = await fetchInto(lake, { ...settings, endpoint: relay.endpoint }, FILE, clock);
        assert.deepEqual(bytes, BYTES);
        assert.equal(clock.waits.length, 6);
        const ranges = relay.heads.map((head) => Number(/range: bytes=(\d+)-/i.exec(head)?.[1] ?? 0));
        assert.ok(ranges.every((from, i) => i === 0 || from >= ranges[i - 1]), String(ranges));
        assert.ok(ranges[6] > 200_000, String(ranges));
        assert.ok(relay.bytes() < BYTES.length + 7 * 1000, `${relay.bytes()} bytes for ${BYTES.length}`);
      } finally {
        await relay.close();
      }
    })
  );
});

Deno.test("fetchFlatFile() in another process goes on with what an earlier one left", async () => {
  const cut = (asked: Asked): Reply => ({ ...fileFrom(asked), cutAfter: 1000 * (1 + asked.n % 2) });
  await withLake(async (lake) => {
    const limited: Clock = { ...fastClock(), sleep: () => Promise.reject(new Error("killed")) };
    await withServer(cut, async (settings) => {
      for (let i = 0; i < 8; i++) await assert.rejects(fetchInto(lake, settings, FILE, limited), /killed/);
      assert.equal(await partSize(lake), 12_000);
    });
    await withServer(fileFrom, async (settings, server) => {
      assert.deepEqual((await fetchInto(lake, settings)).bytes, BYTES);
      assert.deepEqual(server.asked.map((a) => a.headers.get("range")), ["bytes=12000-"]);
      assert.equal(server.asked[0].headers.get("if-match"), FILE.etag);
    });
  });
});

/** Leaves the first bytes of the file as an earlier process would. */
async function leavePart(lake: Lake, bytes: Uint8Array, object = FILE): Promise<void> {
  using download = await openDownload(lake, KEY);
  await download.keep("fetching", JSON.stringify({ etag: object.etag, bytes: object.bytes }));
  await download.append(bytes);
}

Deno.test("fetchFlatFile() starts anew when what was left is of another version, too long, or not known", async () => {
  const older = { ...FILE, etag: '"older"' };
  const lefts: [Uint8Array, S3Object][] = [[BYTES.subarray(0, 9), older], [
    randomBytes(400_000, "long"),
    FILE,
  ]];
  for (const [bytes, object] of lefts) {
    await withLake(async (lake) => {
      await leavePart(lake, bytes, object);
      await withServer(fileFrom, async (settings, server) => {
        assert.deepEqual((await fetchInto(lake, settings)).bytes, BYTES);
        assert.deepEqual(server.asked.map((a) => a.headers.get("range")), [null]);
      });
    });
  }
});

Deno.test("fetchFlatFile() takes a whole file from a server that knows no ranges", async () => {
  await withLake(async (lake) => {
    await leavePart(lake, BYTES.subarray(0, 5000));
    await withServer(() => ({ body: BYTES }), async (settings, server) => {
      assert.deepEqual((await fetchInto(lake, settings)).bytes, BYTES);
      assert.equal(server.asked[0].headers.get("range"), "bytes=5000-");
    });
  });
});

Deno.test("fetchFlatFile() drops bytes that are not those of the entity tag, and fetches them anew next time", async () => {
  const wrong = BYTES.slice();
  wrong[7] ^= 1;
  await withLake(async (lake) => {
    await withServer(() => ({ body: wrong }), async (settings) => {
      await assert.rejects(fetchInto(lake, settings), {
        name: "TidemarkError",
        message: new RegExp(
          `^Cannot use "${KEY}": found 300000 bytes with MD5 ${md5(wrong)}, wanted 300000 with ${md5(BYTES)}`,
        ),
      });
    });
    assert.equal(await partSize(lake), undefined);
    await withServer(
      fileFrom,
      async (settings) => assert.deepEqual((await fetchInto(lake, settings)).bytes, BYTES),
    );
  });
});

Deno.test("fetchFlatFile() does not take a tag of parts, or of a file encrypted with a named key, for an MD5", async () => {
  await withLake(async (lake) => {
    await withServer(fileFrom, async (settings) => {
      const parts = { ...FILE, etag: `"${"0".repeat(32)}-2"` };
      assert.deepEqual((await fetchInto(lake, settings, parts)).bytes, BYTES);
    });
  });
  const encrypted = (asked: Asked) => ({
    ...fileFrom(asked),
    headers: { "x-amz-server-side-encryption": "aws:kms" },
  });
  await withLake(async (lake) => {
    await withServer(encrypted, async (settings) => {
      const tagged = { ...FILE, etag: `"${"0".repeat(32)}"` };
      assert.deepEqual((await fetchInto(lake, settings, tagged)).bytes, BYTES);
    });
  });
});

const FINAL: Record<string, [Reply, RegExp]> = {
  "the file is another by now": [
    { status: 412, body: "<Error><Code>PreconditionFailed</Code></Error>" },
    /412.*Precondition/,
  ],
  "it is gone": [
    { status: 404, body: "<Error><Code>NoSuchKey</Code><Message>x</Message></Error>" },
    /404 Not Found: NoSuchKey, x$/,
  ],
  "it may not be read": [{ status: 403, body: "no XML" }, /HTTP 403 Forbidden: no XML; check the keys/],
  "it is elsewhere": [
    { status: 307, headers: { location: "http://127.0.0.1:9/" } },
    /HTTP 307 Temporary Redirect$/,
  ],
  "the part is of another length": [
    { status: 206, headers: { "content-range": "bytes 5000-5009/5010" }, body: "0123456789" },
    /content-range "bytes 5000-5009\/5010", wanted a part of 300000 bytes/,
  ],
  "the part begins too late": [
    { status: 206, headers: { "content-range": "bytes 6000-299999/300000" }, body: BYTES.subarray(6000) },
    /found bytes from 6000 on, wanted 5000/,
  ],
};
for (const [name, [reply, message]] of Object.entries(FINAL)) {
  Deno.test(`fetchFlatFile() ends at once and keeps what it has when ${name}`, async () => {
    await withLake(async (lake) => {
      await leavePart(lake, BYTES.subarray(0, 5000));
      await withServer(() => reply, async (settings, server) => {
        await assert.rejects(fetchInto(lake, settings), { name: "WireError", message });
        assert.equal(server.asked.length, 1);
      });
      assert.equal(await partSize(lake), 5000);
    });
  });
}

const PASSING: Record<string, Reply> = {
  "HTTP 503": { status: 503, body: "<Error><Code>SlowDown</Code><Message>m</Message></Error>" },
  "HTTP 500": { status: 500, body: "oops" },
  "an answer that is no HTTP": { raw: "hello\r\n\r\n" },
  "a connection closed before the answer": { raw: "" },
  "a body cut short": { body: BYTES, cutAfter: 0 },
  "a body of unknown length cut short": { body: BYTES.subarray(0, 0), unsized: true },
  "silence": { body: BYTES, silentAfter: 0 },
};
for (const [name, reply] of Object.entries(PASSING)) {
  Deno.test(`fetchFlatFile() asks again after ${name}, and gives up when it goes on`, async () => {
    await withLake(async (lake) => {
      const sometimes = (asked: Asked) => (asked.n < 2 ? reply : fileFrom(asked));
      await withServer(sometimes, async (settings) => {
        assert.deepEqual((await fetchInto(lake, { ...settings, idleMs: 200 })).bytes, BYTES);
      });
    });
    await withLake(async (lake) => {
      await withServer(() => reply, async (settings, server) => {
        await assert.rejects(fetchInto(lake, { ...settings, idleMs: 50 }), WireError);
        assert.equal(server.asked.length, 8);
      });
    });
  });
}

Deno.test("openDownload() lets one process at a file", async () => {
  await withLake(async (lake) => {
    const first = await openDownload(lake, KEY);
    await assert.rejects(openDownload(lake, KEY), { name: "LakeError", message: /another run is at it/ });
    first.close();
    (await openDownload(lake, KEY)).close();
    assert.equal(await partSize(lake), undefined);
  });
});
