import assert from "node:assert/strict";
import { dayNumber } from "../../../lib/base/mod.ts";
import { formatOccTicker, parseOccTicker } from "../../../lib/ingest/mod.ts";

Deno.test("parseOccTicker() reads root, expiration, right and strike", () => {
  assert.deepEqual(parseOccTicker("O:SPY251216C00676000"), {
    root: "SPY",
    expDay: dayNumber("2025-12-16"),
    right: "C",
    strike: 676,
  });
  assert.equal(parseOccTicker("O:SPY251216P00676500")?.strike, 676.5);
  assert.equal(parseOccTicker("O:SPY251216P00000001")?.strike, 0.001);
});

Deno.test("parseOccTicker() takes the root exactly", () => {
  assert.equal(parseOccTicker("O:SPYG251216C00106000")?.root, "SPYG");
  assert.equal(parseOccTicker("O:SPY1251216C00676000")?.root, "SPY1");
  assert.equal(parseOccTicker("O:BRK.B251219C00500000")?.root, "BRK.B");
});

Deno.test("parseOccTicker() refuses what is no ticker", () => {
  const wrong = [
    "",
    "SPY251216C00676000",
    "O:SPY251216C0067600",
    "O:SPY251216X00676000",
    "O:SPY251316C00676000",
    "O:SPY250230C00676000",
    "O:251216C00676000",
    "O:spy251216C00676000",
    "O:SPY251216C00676000 ",
  ];
  for (const text of wrong) assert.equal(parseOccTicker(text), undefined, text);
});

Deno.test("formatOccTicker() is the inverse of parseOccTicker()", () => {
  for (const ticker of ["O:SPY251216C00676000", "O:SPY240229P00000500", "O:SPXW251219C12345678"]) {
    assert.equal(formatOccTicker(parseOccTicker(ticker)!), ticker);
  }
  assert.throws(
    () => formatOccTicker({ root: "SPY", expDay: 20000, right: "C", strike: 1.0005 }),
    RangeError,
  );
});
