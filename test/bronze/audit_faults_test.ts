/**
 * Every fault that the simulator plants is found as it was planted: its kind, its rows, its place, and nothing else.
 */
import assert from "node:assert/strict";
import { formatNs, SILENT } from "../../lib/base/mod.ts";
import { backfill } from "../../lib/bronze/mod.ts";
import { openLake } from "../../lib/lake/mod.ts";
import type { Finding, Severity } from "../../lib/schema/mod.ts";
import {
  type FaultName,
  FAULTS,
  type PlantedFault,
  simulateDay,
  type SimulatedDay,
  simulateFiles,
} from "../../lib/simulate/mod.ts";
import { audit, copyWith, told, writeDay } from "../helpers/audit_lake.ts";
import { joinBytes, memorySource, withLake } from "../helpers/bronze_lake.ts";

const DATE = "2025-11-12", SCALE = 0.15;

const BRONZE: Record<string, string> = {
  "trades": "futures.trades",
  "mbp-10": "futures.mbp10",
  "options": "options.trades",
};

interface Expected {
  /** The check that finds it. */
  check: string;
  severity: Severity;
  /** Tables with a finding; defaults to all that were touched. */
  tables?: string[];
  /** What the finding counts, where that is not the rows touched. */
  count?: (planted: PlantedFault) => number;
  /** Rows are gone: the finding's places lie around them, and it counts the minutes in between. */
  around?: boolean;
  /** Activity of the market, where it is not the usual one. */
  scale?: number;
  /** What follows from it, for the day as a whole. */
  also?: string[];
}

const EXPECTED: Record<Exclude<FaultName, "truncated-file" | "corrupt-frame">, Expected> = {
  "duplicates": { check: "rows.repeated", severity: "fail" },
  "out-of-order": { check: "rows.order", severity: "warn" },
  "crossed-books": { check: "books.crossed", severity: "fail" },
  "level-inversion": { check: "books.inverted", severity: "fail" },
  "sequence-decrease": { check: "rows.sequence", severity: "warn" },
  // At the usual scale three minutes without a trade are nothing unusual yet.
  "silence": { check: "session.silence", severity: "fail", around: true, scale: 0.4 },
  "flagged-gap": { check: "rows.flagged", severity: "warn" },
  "second-scale": { check: "prices.scale", severity: "fail" },
  "stale-book": { check: "books.stale", severity: "fail" },
  "bad-price": { check: "prices.sign", severity: "fail" },
  "slow-feed": { check: "delay.receive", severity: "warn" },
  "stray-contract": { check: "contracts.stray", severity: "warn" },
  "missing-hour": {
    check: "hours.missing",
    severity: "fail",
    count: () => 1,
    around: true,
    also: ["info overlap.minutes options.trades 60"],
  },
  "half-day": {
    check: "session.stops_early",
    severity: "fail",
    around: true,
    also: ["info overlap.minutes options.trades 195"],
  },
  "other-root": { check: "options.strikes", severity: "fail" },
  "expired-options": { check: "options.expiration", severity: "fail" },
  "swapped-right": { check: "options.right", severity: "fail" },
  "option-duplicates": { check: "rows.repeated", severity: "fail" },
  "option-gap": {
    check: "session.silence",
    severity: "fail",
    around: true,
    also: ["info overlap.minutes options.trades 60"],
  },
};

/** First and last timestamp of a finding's places. */
function placesOf({ examples }: Finding): [string, string] {
  const times = examples.map((example) => example.slice(0, 30));
  return [times[0], times.at(-1)!];
}

/** Minutes between a finding's places. */
function minutesOf(finding: Finding | undefined): number {
  const [first, last] = finding ? placesOf(finding).map((time) => Date.parse(time)) : [NaN, NaN];
  return Math.round((last - first) / 60_000);
}

function assertPlace(finding: Finding, planted: PlantedFault, around: boolean): void {
  const [first, last] = placesOf(finding);
  const wanted = [planted.first_ts_ns, planted.last_ts_ns].map((ns) => formatNs(BigInt(ns)));
  if (!around) return assert.deepEqual([first, last], wanted, finding.check);
  // From the last row before it to the first after it, or to where the session or the hour ends.
  assert.ok(first <= wanted[0] && Date.parse(wanted[0]) - Date.parse(first) < 120_000, `${first} ${wanted}`);
  assert.ok(last >= wanted[1] || last.endsWith("00:00.000000000Z"), `${last} ${wanted}`);
}

const clean = simulateDay({ date: DATE, scale: SCALE });
const cleanLake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" }));
await writeDay(cleanLake, clean);
globalThis.addEventListener("unload", () => Deno.removeSync(cleanLake.root, { recursive: true }));

async function auditOf(day: SimulatedDay, work: (findings: Finding[]) => void): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "tidemark-lake-" });
  try {
    work((await audit(await copyWith(cleanLake, clean, day, root))).verdict.findings);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("auditLake() finds nothing on a clean day", async () => {
  assert.deepEqual(told((await audit(cleanLake)).verdict.findings), []);
});

for (const [name, expected] of Object.entries(EXPECTED) as [keyof typeof EXPECTED, Expected][]) {
  Deno.test(`auditLake() finds ${name} as it was planted, and nothing else`, async () => {
    const { check, severity, around = false, also = [], scale = SCALE } = expected;
    const day = simulateDay({ date: DATE, scale, faults: [name] });
    assert.ok(day.truth.faults.length > 0);
    await auditOf(day, (findings) => {
      const of = ({ table }: PlantedFault) =>
        findings.find((f) => f.check === check && f.subject === BRONZE[table]);
      const count = expected.count ??
        ((planted: PlantedFault) => around ? minutesOf(of(planted)) : planted.count);
      const wanted = day.truth.faults.map((planted) =>
        `${severity} ${check} ${BRONZE[planted.table]} ${count(planted)}`
      );
      assert.deepEqual(told(findings), [...wanted, ...also].sort());
      for (const planted of day.truth.faults) {
        const finding = of(planted)!;
        assertPlace(finding, planted, around);
        assert.equal(finding.date, DATE);
        assert.ok(finding.remedy.length > 10);
      }
    });
  });
}

Deno.test("auditLake() finds several faults of one day side by side", async () => {
  const names: FaultName[] = ["duplicates", "out-of-order", "crossed-books", "bad-price", "swapped-right"];
  await auditOf(simulateDay({ date: DATE, scale: SCALE, faults: names }), (findings) => {
    // No run wrote this lake.
    const checks = [...new Set(findings.map(({ check }) => check))].filter((id) => id !== "files.unknown")
      .sort();
    assert.deepEqual(checks, names.map((name) => EXPECTED[name as keyof typeof EXPECTED].check).sort());
  });
});

for (const name of ["truncated-file", "corrupt-frame"] as const) {
  Deno.test(`${name}: backfill refuses the file by name, and the audit misses its table`, async () => {
    const files: { name: string; bytes: Uint8Array }[] = [];
    for await (const file of simulateFiles({ dates: [DATE], scale: 0.02, faults: [name] })) {
      const bytes = joinBytes(await Array.fromAsync(file.bytes));
      if (file.name.includes(".dbn")) files.push({ name: file.name, bytes });
    }
    const damaged = name === "truncated-file" ? "trades" : "mbp-10";
    await withLake(async (lake) => {
      for (const { name: file, bytes } of files) {
        const bad = file.includes(damaged) && file.includes("20251112");
        const work = async () => {
          await backfill(lake, [await memorySource(file, bytes)], {}, SILENT);
        };
        if (!bad) await work().catch(() => {});
        else await assert.rejects(work, (error: Error) => error.message.includes(file));
      }
      const { findings } = (await audit(lake)).verdict;
      assert.ok(told(findings).some((line) => line.includes(BRONZE[damaged])), told(findings).join("\n"));
    });
  });
}

Deno.test("every fault of the simulator has its check", () => {
  const file = ["truncated-file", "corrupt-frame"];
  assert.deepEqual([...Object.keys(EXPECTED), ...file].sort(), Object.keys(FAULTS).sort());
  assert.ok(Object.keys(EXPECTED).length >= 15);
});
