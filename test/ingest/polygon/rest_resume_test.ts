/**
 * Option prints over REST, ended and gone on with: from the page it was at, or anew where that is not known.
 */
import assert from "node:assert/strict";
import { withLake } from "../../helpers/bronze_lake.ts";
import type { Asked, Reply } from "../../helpers/http_fault_server.ts";
import { CONTRACTS, expected, fetchInto, NAME, pages, SPY, withService } from "./_rest.ts";

Deno.test("fetchTrades() ended after any page goes on to the same bytes, asking for no page twice", async () => {
  const contracts = CONTRACTS.slice(0, 6), of = SPY.filter((p) => contracts.includes(p.ticker));
  await withLake(async (lake) => {
    const targets: string[] = [];
    let runs = 0;
    for (let text: string | undefined; text === undefined; runs++) {
      const upTo = 3 * (runs + 1);
      const stopped = (): Reply | undefined => (targets.length >= upTo ? { status: 404 } : undefined);
      const answer = pages(stopped);
      const counting = (asked: Asked) => {
        const reply = answer(asked);
        if (reply.status === undefined) targets.push(asked.target);
        return reply;
      };
      await withService(counting, async ({ service }) => {
        text = await fetchInto(lake, service, runs === 0 ? contracts : []).catch((error) => {
          assert.match(error.message, /HTTP 404/);
          return undefined;
        });
      });
      if (text !== undefined) assert.equal(text, expected(of));
      assert.ok(runs < 50);
    }
    assert.ok(runs > 3, `${runs} runs`);
    assert.equal(new Set(targets).size, targets.length);
  });
});

Deno.test("fetchTrades() cuts off what was written after the last note", async () => {
  await withLake(async (lake) => {
    const stop = (asked: Asked): Reply | undefined => (asked.n === 9 ? { status: 404 } : undefined);
    await withService(pages(stop), ({ service }) => assert.rejects(fetchInto(lake, service), /404/));
    const part = `${lake.root}/source/${NAME}.part`;
    await Deno.writeFile(part, new Uint8Array(77), { append: true });
    await withService(pages(), async ({ service, server }) => {
      assert.equal(await fetchInto(lake, service), expected());
      assert.ok(server.asked[0].url.pathname !== `/v3/trades/${CONTRACTS[0]}`);
    });
  });
});

Deno.test("fetchTrades() begins anew where the file is shorter than the last note says", async () => {
  await withLake(async (lake) => {
    const stop = (asked: Asked): Reply | undefined => (asked.n === 9 ? { status: 404 } : undefined);
    await withService(pages(stop), ({ service }) => assert.rejects(fetchInto(lake, service), /404/));
    await Deno.truncate(`${lake.root}/source/${NAME}.part`, 100);
    await withService(
      pages(),
      async ({ service }) => assert.equal(await fetchInto(lake, service), expected()),
    );
  });
});

Deno.test("fetchTrades() begins anew where a note is cut or gone, whatever was there", async () => {
  for (const note of ["cursor", "contracts"]) {
    for (const text of ["", '{"bytes":1', "[]", "{}", undefined]) {
      await withLake(async (lake) => {
        const stop = (asked: Asked): Reply | undefined => (asked.n === 9 ? { status: 404 } : undefined);
        await withService(pages(stop), ({ service }) => assert.rejects(fetchInto(lake, service), /404/));
        const path = `${lake.root}/_meta/downloads/${NAME}/${note}.json`;
        if (text === undefined) await Deno.remove(path);
        else await Deno.writeTextFile(path, text);
        await withService(
          pages(),
          async ({ service }) => assert.equal(await fetchInto(lake, service), expected()),
        );
      });
    }
  }
});
