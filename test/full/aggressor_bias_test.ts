import { i8 } from "../../lib/base/mod.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";
import { addSigns, assertFair, type SignBuckets } from "../helpers/sign_buckets.ts";
import { enrichDay } from "../simulate/_day.ts";

/** Date and seed: twenty days of calm and wild markets, on which buyers and sellers are about as many. */
const DAYS = {
  "2025-11-12": 2,
  "2025-11-13": 11,
  "2025-11-14": 12,
  "2025-11-17": 13,
  "2025-11-18": 14,
  "2025-11-19": 15,
  "2025-11-20": 16,
  "2025-11-21": 17,
  "2025-11-24": 18,
  "2025-11-25": 19,
  "2025-11-26": 20,
  "2025-12-01": 21,
  "2025-12-02": 22,
  "2025-12-03": 23,
  "2025-12-04": 24,
  "2025-12-05": 25,
  "2025-12-10": 1,
  "2025-12-12": 3,
  "2025-12-15": 3,
  "2025-12-16": 7,
};

/** What the sign of ΔP − δ·ΔS got right of the same prints. */
const LINEAR = {
  all: 0.8549,
  "0-1 s": 0.9183,
  "1-5 s": 0.9,
  "5-60 s": 0.8712,
  "60-300 s": 0.8139,
  "300 s-": 0.738,
  "in C": 0.8233,
  "in P": 0.8406,
  "at C": 0.8769,
  "at P": 0.8783,
  "out C": 0.8621,
  "out P": 0.8594,
  "far out C": 0.8014,
  "far out P": 0.7986,
};

Deno.test("signs lean to neither side by time since the last print, moneyness and right, and are as good as they were", () => {
  const buckets: SignBuckets = new Map();
  for (const [date, seed] of Object.entries(DAYS)) {
    const day = simulateDay({ date, seed, scale: 1 }), { rows, order } = enrichDay(day);
    const spyRow = day.truth.options.columns.spy_row as Int32Array, sign = i8(day.truth.options, "aggressor");
    const truth = new Int8Array(rows.length);
    spyRow.forEach((row, i) => row >= 0 && (truth[row] = sign[i]!));
    addSigns(buckets, rows, truth.map((_, i) => truth[order[i]!]!), day.session);
  }
  assertFair(buckets, LINEAR);
});
