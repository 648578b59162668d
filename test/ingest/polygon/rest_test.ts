/**
 * Option prints over REST: a service of ours that pages, throttles, breaks off and returns garbage.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { sessionOf, WireError } from "../../../lib/base/mod.ts";
import { listContracts, openRest } from "../../../lib/ingest/mod.ts";
import { parseExact } from "../../../lib/ingest/polygon/rest.ts";
import { withLake } from "../../helpers/bronze_lake.ts";
import { type Asked, faultServer, type Reply } from "../../helpers/http_fault_server.ts";
import { CONTRACTS, DATE, expected, fetchInto, KEY, pages, PRINTS, SPY, withService } from "./_rest.ts";

Deno.test("fetchTrades() gathers every page of every contract, with timestamps to the nanosecond", async () => {
  await withService(pages(), async ({ service, server }) => {
    await withLake(async (lake) => assert.equal(await fetchInto(lake, service), expected()));
    const [first] = server.asked, { startNs, endNs } = sessionOf(DATE);
    assert.equal(
      first.target,
      `/v3/trades/${CONTRACTS[0]}?timestamp.gte=${startNs}&timestamp.lte=${
        endNs - 1n
      }&limit=50000&sort=timestamp&order=asc`,
    );
    assert.ok(server.asked.length > CONTRACTS.length);
    assert.ok(
      server.asked.every((a) =>
        a.headers.get("authorization") === `Bearer ${KEY}` && !a.target.includes(KEY)
      ),
    );
    assert.ok(
      SPY.some((p) => BigInt(Number(p.ns)).toString() !== p.ns),
      "a timestamp that a double cannot hold",
    );
  });
});

Deno.test("parseExact() keeps integers beyond doubles to the last digit", () => {
  const text =
    '{"a":1517562000015577089,"b":[-9007199254740993,2.5,9007199254740991],"c":1e300,"d":"5","e":null}';
  assert.deepEqual(parseExact(text), {
    a: 1517562000015577089n,
    b: [-9007199254740993n, 2.5, 9007199254740991],
    c: 1e300,
    d: "5",
    e: null,
  });
});

Deno.test("fetchTrades() keeps sequence numbers, and leaves empty what a print does not have", async () => {
  const print = (more: string) =>
    `{"exchange":300,"price":0.05,"sip_timestamp":1765895400000000001,"size":2${more}}`;
  const rows = [
    print(""),
    print(',"sequence_number":9007199254740993,"conditions":[],"correction":null'),
    print(',"price":1e-3'),
  ];
  await withService(
    () => ({ body: `{"status":"DELAYED","results":[${rows.join(",")}]}` }),
    async ({ service }) => {
      await withLake(async (lake) => {
        const [, ...lines] = (await fetchInto(lake, service, ["O:SPY251216C00676000"])).trimEnd().split("\n");
        assert.deepEqual(lines, [
          "O:SPY251216C00676000,,,300,0.05,1765895400000000001,2,",
          "O:SPY251216C00676000,,,300,0.05,1765895400000000001,2,9007199254740993",
          "O:SPY251216C00676000,,,300,0.001,1765895400000000001,2,",
        ]);
      });
    },
  );
});

Deno.test("listContracts() finds those listed and those expired, of the root and the dates, over all pages", async () => {
  const adjusted = { ...PRINTS[0], ticker: "O:SPY1251216C00676000" };
  const found = pages(undefined, [adjusted, ...PRINTS]);
  const answer = (asked: Asked) => {
    if (asked.url.searchParams.get("expired") === "true") return found(asked);
    return {
      body:
        '{"status":"OK","results":[{"ticker":"O:SPY251216C00900000"},{"ticker":"O:SPY1251216C00900000"}]}',
    };
  };
  await withService(answer, async ({ service, server }) => {
    const today = CONTRACTS.filter((t) => t.startsWith("O:SPY251216"));
    assert.deepEqual(
      await listContracts(service, "SPY", [DATE, DATE]),
      [...today, "O:SPY251216C00900000"].sort(),
    );
    assert.ok(server.asked.length > 3 && today.length > 7);
  });
});

Deno.test("openRest() keeps its rate, and waits as long as a throttling service asks", async () => {
  let refused = 0;
  const fault = (asked: Asked): Reply | undefined => {
    if (asked.n % 5 !== 0 || refused > 4) return undefined;
    refused++;
    return { status: 429, headers: { "retry-after": "3" }, body: '{"status":"ERROR","error":"too fast"}' };
  };
  const lines: string[] = [];
  await withService(pages(fault), async ({ service, clock, server }) => {
    await withLake(async (lake) => assert.equal(await fetchInto(lake, service), expected()));
    const asked = clock.waits.filter((ms) => ms >= 3000);
    assert.equal(asked.length, refused);
    assert.match(lines[0], /HTTP 429 Too Many Requests: too fast; trying again in 3\.\d s/);
    const paced = clock.waits.filter((ms) => ms < 3000);
    assert.ok(paced.length >= server.asked.length - 51);
    assert.ok(!lines.join().includes(KEY));
  }, { requestsPerSecond: 50, warn: (line) => lines.push(line) });
});

Deno.test("openRest() keeps to the rate by the clock", async () => {
  const server = faultServer(() => ({ body: '{"status":"OK"}' })), start = performance.now();
  try {
    const settings = { endpoint: server.endpoint, key: KEY, requestsPerSecond: 20 };
    const service = openRest(settings, { warn: () => {} });
    for (let i = 0; i < 30; i++) await service.page("/v3/x", z.object({}));
    assert.ok(performance.now() - start >= 490);
  } finally {
    await server.close();
  }
});

const PASSING: Record<string, Reply> = {
  "HTTP 500": { status: 500, body: "<html>oops</html>" },
  "HTTP 502 without a body": { status: 502 },
  "a body cut short": { body: '{"status":"OK","results":[]}', cutAfter: 10 },
  "a body of unknown length cut short": { body: '{"status":"OK","resul', unsized: true },
  "a web page": { body: "<html>try later</html>" },
  "an empty body": {},
  "no answer": { raw: "" },
  "an answer that is no HTTP": { raw: "SSH-2.0-OpenSSH\r\n\r\n" },
  "silence": { body: "{}", silentAfter: 1 },
};
for (const [name, reply] of Object.entries(PASSING)) {
  Deno.test(`openRest() asks again after ${name}, and gives up when it goes on`, async () => {
    await withService(pages((asked) => (asked.n % 3 === 1 ? reply : undefined)), async ({ service }) => {
      await withLake(async (lake) => {
        const contracts = CONTRACTS.slice(0, 3), of = SPY.filter((p) => contracts.includes(p.ticker));
        assert.equal(await fetchInto(lake, service, contracts), expected(of));
      });
    });
    await withService(() => reply, async ({ service, server }) => {
      await assert.rejects(service.page("/v3/x?y=1", z.object({})), (error: WireError) => {
        assert.match(error.message, new RegExp(`^Cannot fetch ${server.endpoint}/v3/x\\?y=1: [^\\n]+$`));
        return true;
      });
      assert.equal(server.asked.length, 8);
    });
  });
}

const PRINT = '"exchange":300,"price":0.05,"sip_timestamp":1765895400000000001,"size":2';
const FINAL: Record<string, [Reply, RegExp]> = {
  "a wrong key": [
    { status: 401, body: '{"status":"ERROR","error":"Unknown API Key"}' },
    /HTTP 401 Unauthorized: Unknown API Key; check/,
  ],
  "a plan that does not hold it": [
    { status: 403, body: `{"message":"not for ${KEY}"}` },
    /HTTP 403 Forbidden: not for …; check/,
  ],
  "a contract that is not known": [{ status: 404, body: "{}" }, /HTTP 404 Not Found$/],
  "a redirect": [{ status: 302, headers: { location: "https://other.example/" } }, /HTTP 302 Found$/],
  "an error in a success": [
    { body: '{"status":"ERROR","error":"x"}' },
    /: the service says ERROR: x$/,
  ],
  "JSON of another kind": [{ body: "[1,2]" }, /JSON whose top is not as documented: .*expected object/],
  "a print without a price": [
    { body: `{"status":"OK","results":[{${PRINT}},{"exchange":300,"sip_timestamp":1,"size":2}]}` },
    /JSON whose results\[1\]\.price is not as documented: .*expected number/,
  ],
  "a timestamp as text": [
    { body: `{"status":"OK","results":[{${PRINT.replace("1765895400000000001", '"2025-12-16"')}}]}` },
    /results\[0\]\.sip_timestamp .*expected bigint, received string/,
  ],
  "a timestamp that is no integer": [
    {
      body: `{"status":"OK","results":[{${
        PRINT.replace("1765895400000000001", "1.765895400000000001e18")
      }}]}`,
    },
    /results\[0\]\.sip_timestamp .*expected bigint/,
  ],
  "a negative size": [
    { body: `{"status":"OK","results":[{${PRINT.replace('"size":2', '"size":-2')}}]}` },
    /results\[0\]\.size/,
  ],
  "a price that no float holds": [
    { body: `{"status":"OK","results":[{${PRINT.replace("0.05", "1e999")}}]}` },
    /results\[0\]\.price/,
  ],
  "a price whose digits a flat file does not have": [
    { body: `{"status":"OK","results":[{${PRINT.replace("0.05", "1e-9")}}]}` },
    /results\[0\]\.price is not as documented: wanted dollars in plain digits/,
  ],
  "a size beyond 32 bits": [
    { body: `{"status":"OK","results":[{${PRINT.replace('"size":2', '"size":4294967296')}}]}` },
    /results\[0\]\.size/,
  ],
  "a timestamp beyond int64": [
    { body: `{"status":"OK","results":[{${PRINT.replace("1765895400000000001", "9223372036854775808")}}]}` },
    /results\[0\]\.sip_timestamp/,
  ],
  "a next page of endless length": [
    { body: `{"status":"OK","next_url":"https://x.example/v3/${"a".repeat(5000)}"}` },
    /found next_url "https:\/\/x\.example\/v3\/a+…", wanted one of up to 4096 characters/,
  ],
  "a next page elsewhere": [
    { body: '{"status":"OK","next_url":"https://evil.example/steal"}' },
    /found next_url "https:\/\/evil/,
  ],
};
for (const [name, [reply, message]] of Object.entries(FINAL)) {
  Deno.test(`fetchTrades() ends at once, with what it found, at ${name}`, async () => {
    await withService(() => reply, async ({ service, server }) => {
      await withLake(async (lake) => {
        await assert.rejects(fetchInto(lake, service), (error: WireError) => {
          assert.match(error.message, message);
          assert.ok(
            error instanceof WireError && !error.message.includes(KEY) && !error.message.includes("\n"),
          );
          return true;
        });
        assert.equal(server.asked.length, 1);
      });
    });
  });
}

Deno.test("fetchTrades() notices a page whose next page is itself", async () => {
  const answer = ({ target }: Asked) => ({
    body: `{"status":"OK","next_url":"https://api.example.com${target}"}`,
  });
  await withService(answer, async ({ service }) => {
    await withLake((lake) => assert.rejects(fetchInto(lake, service), /next page is itself/));
  });
});

Deno.test("fetchTrades() and listContracts() end with a service that goes in circles", async () => {
  const answer = ({ url, n }: Asked) => ({
    body: `{"status":"OK","results":[],"next_url":"https://x.example${url.pathname}?cursor=${n % 2}"}`,
  });
  await withService(answer, async ({ service, server }) => {
    await withLake((lake) =>
      assert.rejects(fetchInto(lake, service), /found 1000 pages before it.*in circles/)
    );
    assert.equal(server.asked.length, 1000);
    await assert.rejects(listContracts(service, "SPY", [DATE, DATE]), /found 1000 pages before it/);
  });
});

Deno.test("openRest() sends the key of a next page to no other host, nor in the address", async () => {
  const answer = ({ n }: Asked) => ({
    body: n === 0
      ? `{"status":"OK","next_url":"http://10.0.0.1/proxy/v3/x?cursor=a%2Bb&apiKey=${KEY}"}`
      : '{"status":"OK"}',
  });
  await withService(answer, async ({ service, server }) => {
    const { next } = await service.page("/v3/x", z.object({}));
    await service.page(next!, z.object({}));
    assert.equal(server.asked[1].target, "/v3/x?cursor=a%2Bb");
  });
});

Deno.test("fetchTrades() says so when there is no contract, or no print, and leaves nothing", async () => {
  await withService(() => ({ body: '{"status":"OK","results":[]}' }), async ({ service }) => {
    await withLake(async (lake) => {
      await assert.rejects(fetchInto(lake, service, []), {
        name: "UsageError",
        message: /lists no contract/,
      });
      await assert.rejects(fetchInto(lake, service), {
        name: "UsageError",
        message: `Cannot find prints of ${DATE}: none of its ${CONTRACTS.length} contracts was traded`,
      });
      assert.deepEqual([...Deno.readDirSync(`${lake.root}/source/rest/SPY`)], []);
    });
  });
});
