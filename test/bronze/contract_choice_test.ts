import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import {
  chooseContract,
  type ContractCount,
  type ContractRule,
  isRollWeek,
  judgeChoice,
} from "../../lib/bronze/mod.ts";

const ID: Record<string, number> = { ESZ5: 3, ESH6: 2, NQZ5: 1, ES_9: 9, ES_8: 8, ESZ25: 4 };

/** Counts by contract: regular, before the open, the rest of the day, books. */
function counts(of: Record<string, [number, number?, number?, number?]>): ContractCount[] {
  const none = { price: new Float64Array(), at: new Float64Array(), seq: new Float64Array() };
  return Object.entries(of).map(([contract, [regular, beforeOpen = 0, after = 0, books = 0]]) => ({
    contract,
    instrumentId: ID[contract],
    regular,
    beforeOpen,
    whole: regular + beforeOpen + after,
    books,
    minutes: none,
  })).sort((a, b) => a.instrumentId - b.instrumentId);
}

function choose(
  rule: ContractRule,
  today: Parameters<typeof counts>[0],
  prior: Parameters<typeof counts>[0] = {},
  date = "2025-12-10",
) {
  const chosen = chooseContract({ date, symbol: "ES", contracts: counts(today), prior: counts(prior) }, rule);
  return [chosen.contract, chosen.contract_rule];
}

Deno.test("chooseContract() by the calendar changes on the Monday of the expiry week, whatever the volume", () => {
  const today = { ESZ5: [90], ESH6: [10] } as Parameters<typeof counts>[0];
  assert.deepEqual(choose("calendar", today, {}, "2025-12-12"), ["ESZ5", "calendar"]);
  assert.deepEqual(choose("calendar", today, {}, "2025-12-15"), ["ESH6", "calendar"]);
  assert.deepEqual(
    choose("calendar", { ESZ25: [1], NQZ5: [99] }),
    ["ESZ25", "calendar"],
    "a year of two digits",
  );
  assert.deepEqual(
    choose("calendar", { ESH6: [9] }),
    ["ESZ5", "calendar"],
    "wanted even where it is missing",
  );
});

Deno.test("chooseContract() without names goes by the prior session, then 09:30, then the whole date", () => {
  const today = { ES_8: [10, 5, 1], ES_9: [50, 1, 1] } as Parameters<typeof counts>[0];
  assert.deepEqual(choose("calendar", today, { ES_8: [7], ES_9: [6] }), ["ES_8", "prior"]);
  assert.deepEqual(choose("calendar", today), ["ES_8", "premarket"]);
  assert.deepEqual(
    choose("calendar", today, { ESH6: [7] }),
    ["ES_8", "premarket"],
    "the prior contract is gone",
  );
  assert.deepEqual(choose("calendar", { ES_8: [10], ES_9: [50] }), ["ES_9", "whole_date"]);
  assert.deepEqual(
    choose("calendar", { ES_8: [0, 0, 0, 4], ES_9: [0, 0, 0, 3] }),
    ["ES_8", "whole_date"],
    "books only",
  );
});

Deno.test("chooseContract() by prior and by session", () => {
  const today = { ESZ5: [90], ESH6: [10] } as Parameters<typeof counts>[0];
  assert.deepEqual(choose("prior", today, { ESZ5: [1], ESH6: [2] }), ["ESH6", "prior"]);
  assert.deepEqual(choose("session", today, { ESZ5: [1], ESH6: [2] }), ["ESZ5", "session"]);
  assert.deepEqual(choose("session", { ESZ5: [0, 1, 0], ESH6: [0, 0, 2] }), ["ESH6", "whole_date"]);
});

Deno.test("chooseContract() breaks ties by the lower instrument id", () => {
  assert.deepEqual(choose("session", { ESZ5: [5], ESH6: [5] }), ["ESH6", "session"]);
});

Deno.test("isRollWeek() holds from the Monday to the Friday of an expiry week", () => {
  const days = [
    "2025-12-12",
    "2025-12-15",
    "2025-12-19",
    "2025-12-22",
    "2025-03-17",
    "2025-03-21",
    "2025-03-14",
  ];
  assert.deepEqual(days.map((day) => isRollWeek("ES", day)), [false, true, true, false, true, true, false]);
});

Deno.test("judgeChoice() passes, warns and fails by share, and spares the roll week", () => {
  const judge = (share: number, date: string) => {
    const contracts = counts({ ESZ5: [share], ESH6: [share], NQZ5: [100 - share] });
    contracts.find((c) => c.contract === (date < "2025-12-15" ? "ESH6" : "ESZ5"))!.regular = 0;
    return judgeChoice({ date, symbol: "ES", contracts, prior: [] }, "calendar", CONFIG.filter).status;
  };
  assert.deepEqual([90, 89, 50, 49].map((share) => judge(share, "2025-12-10")), [
    "pass",
    "warn",
    "warn",
    "fail",
  ]);
  assert.deepEqual([90, 89, 50, 49].map((share) => judge(share, "2025-12-16")), [
    "pass",
    "warn",
    "warn",
    "warn",
  ]);
});

Deno.test("judgeChoice() fails on a contract that is not there, in roll week too", () => {
  const inputs = { date: "2025-12-16", symbol: "ES", contracts: counts({ ESZ5: [5] }), prior: [] };
  const choice = judgeChoice(inputs, "calendar", CONFIG.filter);
  assert.deepEqual([choice.contract, choice.share, choice.status], ["ESH6", 0, "fail"]);
});

Deno.test("judgeChoice() says what the shares are of", () => {
  const judge = (of: Parameters<typeof counts>[0]) =>
    judgeChoice(
      { date: "2025-12-10", symbol: "ES", contracts: counts(of), prior: [] },
      "calendar",
      CONFIG.filter,
    );
  const regular = judge({ ESZ5: [3, 0, 0], ESH6: [1, 90, 0] });
  assert.deepEqual([regular.counted, regular.share], ["regular_volume", 0.75]);
  assert.deepEqual(Object.entries(regular.shares), [["ESZ5", 0.75], ["ESH6", 0.25]]);
  assert.deepEqual(judge({ ESZ5: [0, 4, 0], ESH6: [0, 0, 1] }).counted, "session_volume");
  assert.deepEqual(judge({ ESZ5: [0, 0, 0, 9], ESH6: [0, 0, 0, 1] }).share, 0.9);
});
