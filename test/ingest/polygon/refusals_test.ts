/**
 * What is said of a server's refusal: its own words, in one line, escaped, cut and without the keys.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { SILENT, WireError } from "../../../lib/base/mod.ts";
import { listFlatFiles, openBucket, openRest } from "../../../lib/ingest/mod.ts";
import { faultServer, type Reply } from "../../helpers/http_fault_server.ts";

const KEY = 'k3y/0123"456789';

/** Message of the error that a service's answer comes to. */
async function messageOf(reply: Reply): Promise<string> {
  const server = faultServer(() => reply);
  const clock = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };
  try {
    const service = openRest({ endpoint: server.endpoint, key: KEY, requestsPerSecond: 1e6, idleMs: 200 }, {
      warn: () => {},
      clock,
    });
    await assert.rejects(service.page("/v3/x", z.object({})), WireError);
    return await service.page("/v3/x", z.object({})).then(() => "", (error) => error.message);
  } finally {
    await server.close();
  }
}

const REFUSALS: Record<string, [Reply, RegExp]> = {
  "in the service's form": [
    { status: 404, body: '{"error":"no such ticker"}' },
    /: HTTP 404 Not Found: no such ticker$/,
  ],
  "in another form of JSON": [
    { status: 400, body: '{"detail":"bad limit"}' },
    /: HTTP 400 Bad Request: {"detail":"bad limit"}$/,
  ],
  "that says nothing": [{ status: 404, body: "{}" }, /: HTTP 404 Not Found$/],
  "in plain text": [{ status: 404, body: "no such\n\tticker\n" }, /: HTTP 404 Not Found: no such ticker$/],
  "as a page": [
    {
      status: 404,
      body: "<html><style>b{}</style><title>Not here</title><body><b>ask</b> again</body></html>",
    },
    /: HTTP 404 Not Found: Not here ask again$/,
  ],
  "that is long": [{ status: 404, body: "x".repeat(300_000) }, /: HTTP 404 Not Found: x{200}…$/],
  "that is cut off": [{ status: 404, body: "no such ticker", cutAfter: 7 }, /: HTTP 404 Not Found: no such$/],
  "that moves the cursor": [
    { status: 404, body: '{"error":"a\\u001b[2J\\u202eb\u0007"}' },
    /: HTTP 404 Not Found: a\\x1b\[2J\\u{202e}b\\x07$|{"error":"a/,
  ],
  "in a success": [
    { body: '{"status":"ERROR","error":"over\\u001b]0;the limit"}' },
    /: the service says ERROR: over\\x1b\]0;the limit$/,
  ],
  "that is no JSON in a success": [{ body: "\x1b[31mgone" }, /: found "\\x1b\[31mgone", wanted JSON$/],
};
for (const [name, [reply, wanted]] of Object.entries(REFUSALS)) {
  Deno.test(`a refusal ${name} is told in one line`, async () => {
    const message = await messageOf(reply);
    assert.match(message, wanted);
    assert.match(message, /^[\x20-\x7e…]+$/);
  });
}

Deno.test("a refusal is told without the key, however the server spells it", async () => {
  for (
    const spelling of [KEY, encodeURIComponent(KEY), JSON.stringify(KEY).slice(1, -1), 'k3y\\/0123\\"456789']
  ) {
    for (const body of [`sent ${spelling}`, `<p>sent ${spelling}</p>`]) {
      for (const status of [404, 200]) {
        const message = await messageOf({ status, body });
        assert.match(message, /sent …/);
        assert(!message.includes("456789"), message);
      }
    }
  }
});

Deno.test("a listing that is none is told escaped, and one that goes in circles ends", async () => {
  const head = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>";
  for (
    const [body, wanted] of [
      ["\x1b[2J<a>", /found "\\x1b\[2J<a>", wanted a listing/],
      [
        `${head}again</NextContinuationToken></ListBucketResult>`,
        /found 100 pages of a listing, wanted fewer/,
      ],
    ] as const
  ) {
    const server = faultServer(() => ({ body }));
    const keys = { region: "r", keyId: "id-0123456789", secret: "secret-0123456789" };
    try {
      const bucket = openBucket({ endpoint: server.endpoint, bucket: "b", ...keys });
      await assert.rejects(listFlatFiles(bucket, ["2025-12-16"], { effects: SILENT }), wanted);
    } finally {
      await server.close();
    }
  }
});
