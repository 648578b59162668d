import assert from "node:assert/strict";
import { CONFIG, WireError } from "../../../lib/base/mod.ts";
import { type Clock, retried } from "../../../lib/ingest/polygon/retry.ts";
import { TokenBucket } from "../../../lib/ingest/polygon/token_bucket.ts";

const LIMITS = { attempts: 5, backoffMs: 100, maxBackoffMs: 300, maxRetryAfterMs: 5000 };

/** A clock that jumps. */
function jumpingClock(random = 1): Clock & { waits: number[]; pass(ms: number): void } {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => now,
    random: () => random,
    pass: (ms) => void (now += ms),
    sleep: (ms) => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

function fault(afterMs?: number): WireError {
  return new WireError("HTTP 503", "http://x/", { retryable: true, afterMs });
}

/** Fails some times, then gives 7. */
function failing(times: number, error: () => Error = fault): () => Promise<number> {
  let n = 0;
  return () => (n++ < times ? Promise.reject(error()) : Promise.resolve(7));
}

Deno.test("retried() doubles the bound of its waits up to the greatest", async () => {
  const clock = jumpingClock(), lines: string[] = [];
  const result = await retried(failing(4), { warn: (line) => lines.push(line), clock, limits: LIMITS });
  assert.equal(result, 7);
  assert.deepEqual(clock.waits, [100, 200, 300, 300]);
  assert.equal(lines[1], "Cannot fetch http://x/: HTTP 503; trying again in 0.2 s (2 of 4)");
});

Deno.test("retried() draws each wait below its bound", async () => {
  const clock = jumpingClock(0.25);
  await retried(failing(3), { warn: () => {}, clock, limits: LIMITS });
  assert.deepEqual(clock.waits, [25, 50, 75]);
});

Deno.test("retried() gives up with the last fault after the attempts", async () => {
  const clock = jumpingClock();
  await assert.rejects(retried(failing(5), { warn: () => {}, clock, limits: LIMITS }), /HTTP 503/);
  assert.equal(clock.waits.length, 4);
});

Deno.test("retried() counts anew after an attempt that brought something", async () => {
  const clock = jumpingClock();
  let done = 0;
  const work = failing(20, () => {
    done++;
    return fault();
  });
  assert.equal(await retried(work, { warn: () => {}, clock, limits: LIMITS, done: () => done }), 7);
  assert.deepEqual(clock.waits, Array(20).fill(100));
});

Deno.test("retried() waits at least as long as the server asks, and not at all beyond the limit", async () => {
  const clock = jumpingClock(0.5);
  await retried(failing(2, () => fault(2000)), { warn: () => {}, clock, limits: LIMITS });
  assert.deepEqual(clock.waits, [2050, 2100]);
  await assert.rejects(retried(failing(2, () => fault(5001)), { warn: () => {}, clock, limits: LIMITS }), {
    message:
      "Cannot fetch http://x/: the server asks to wait 6 s; run again then, it continues where it stopped",
  });
  assert.equal(clock.waits.length, 2);
});

Deno.test("retried() does not repeat what will not pass", async () => {
  const clock = jumpingClock();
  for (const error of [new WireError("HTTP 404", "http://x/"), new Error("bug")]) {
    await assert.rejects(retried(failing(1, () => error), { warn: () => {}, clock }), error);
  }
  assert.deepEqual(clock.waits, []);
  assert.ok(CONFIG.wire.attempts > 1);
});

Deno.test("TokenBucket lets a second's worth through at once and then keeps the rate", async () => {
  const clock = jumpingClock(), bucket = new TokenBucket(4, clock), at: number[] = [];
  for (let i = 0; i < 10; i++) {
    await bucket.take();
    at.push(clock.now());
  }
  assert.deepEqual(at, [0, 0, 0, 0, 250, 500, 750, 1000, 1250, 1500]);
  clock.pass(600);
  for (let i = 0; i < 4; i++) {
    await bucket.take();
    at.push(clock.now());
  }
  assert.deepEqual(at.slice(10), [2100, 2100, 2250, 2500]);
});

Deno.test("TokenBucket of less than one a second lets one through at a time", async () => {
  const clock = jumpingClock(), bucket = new TokenBucket(0.1, clock);
  clock.pass(1e6);
  await bucket.take();
  await bucket.take();
  await bucket.take();
  assert.deepEqual(clock.waits, [10_000, 10_000]);
});
