/**
 * The audit over whole lakes: a half-day, a real night, and whatever can be wrong with files and columns.
 */
import assert from "node:assert/strict";
import pl, { type DataFrame } from "nodejs-polars";
import { addDays, CONFIG, easternNs, HOUR_NS, SILENT, UsageError } from "../../lib/base/mod.ts";
import { auditChecks, backfill } from "../../lib/bronze/mod.ts";
import { hourFolder, type Lake, openLake, readFrame, writeFrame } from "../../lib/lake/mod.ts";
import {
  type Finding,
  FUTURES_MBP10,
  FUTURES_TRADES,
  OPTIONS_TRADES,
  type TableSchema,
} from "../../lib/schema/mod.ts";
import { simulateDay } from "../../lib/simulate/mod.ts";
import { audit, copyFolder, TABLES, told, writeDay } from "../helpers/audit_lake.ts";
import { memorySource, runTask, withLake } from "../helpers/bronze_lake.ts";
import { requires, shared } from "../helpers/requires.ts";

const DATE = "2025-11-12", SCALE = 0.1;

/** Checks that a test of this file has seen at work. */
const seen = new Set<string>();

const cleanLake = await openLake(await Deno.makeTempDir({ prefix: "tidemark-lake-" }));
await writeDay(cleanLake, simulateDay({ date: DATE, scale: SCALE }));
globalThis.addEventListener("unload", () => Deno.removeSync(cleanLake.root, { recursive: true }));

/** Runs `work` with a copy of the clean lake. */
async function withCopy(work: (lake: Lake) => Promise<void>): Promise<void> {
  await withLake(async (lake) => {
    await copyFolder(`${cleanLake.root}/bronze`, `${lake.root}/bronze`);
    await work(lake);
  });
}

async function findings(lake: Lake, dates?: string[]): Promise<Finding[]> {
  const found = (await audit(lake, dates)).verdict.findings;
  for (const { check } of found) seen.add(check);
  return found;
}

const HOUR = Number(easternNs(DATE, "10:00") / BigInt(HOUR_NS));

/** Relative path of a table's file in the hour from 10:00 Eastern. */
function fileOf(table: TableSchema, hour = HOUR): string {
  return `${hourFolder(table, hour)}/${TABLES.find((t) => t.table === table)!.file}.parquet`;
}

function rewrite(lake: Lake, table: TableSchema, change: (frame: DataFrame) => DataFrame, hour = HOUR): void {
  const path = `${lake.root}/${fileOf(table, hour)}`;
  writeFrame(path, change(readFrame(path)));
}

/** An expression that is `value` in the first rows and the column elsewhere. */
function firstRows(column: string, rows: number, value: number | string | pl.Expr): pl.Expr {
  const given = typeof value === "object" ? value : pl.lit(value);
  return pl.when(pl.intRange(0, pl.len()).lt(pl.lit(rows))).then(given).otherwise(pl.col(column)).cast(
    FUTURE_TYPES[column] ?? pl.String,
  ).alias(column);
}

const FUTURE_TYPES: Record<string, pl.DataType> = {
  price: pl.Float64,
  strike: pl.Float64,
  size: pl.UInt32,
  aggressor: pl.Int8,
};

Deno.test("auditLake() knows a half-day: nothing is missing after its early close", async () => {
  await withLake(async (lake) => {
    await writeDay(lake, simulateDay({ date: "2025-11-28", scale: 0.05 }));
    assert.deepEqual(told(await findings(lake)), ["info session.holiday – 2"]);
  });
});

Deno.test("auditLake() tells the truth about a real night: thin, crossed before the open, cut off, no options", async () => {
  if (!requires("shared", "a real night")) return;
  await withLake(async (lake) => {
    for (const name of ["esh4-20231225.trades.dbn.zst", "esh4-20231225.mbp-10.dbn.zst"]) {
      const source = await memorySource(name, await Deno.readFile(shared(`real/${name}`)));
      await backfill(lake, [source], {}, SILENT);
    }
    const report = await audit(lake), { verdict } = report;
    for (const { check } of verdict.findings) seen.add(check);
    assert.equal(verdict.status, "fail");
    assert.deepEqual(told(verdict.findings), [
      "fail session.stops_early futures.mbp10 1320",
      "fail session.stops_early futures.trades 1320",
      "fail tables.absent options.trades 1",
      "info books.crossed_preopen futures.mbp10 144",
      "info session.holiday – 1",
      "warn session.thin futures.trades 60",
    ]);
    const crossed = verdict.findings.find(({ check }) => check === "books.crossed_preopen")!;
    assert.match(crossed.examples[0], /^2023-12-25T22:39:55.216798489Z bid 4805, ask 4799.5$/);
    assert.equal(crossed.examples.at(-1), "2023-12-25T23:00:00.000000000Z");
    assert.deepEqual(report.rows, [{
      date: "2023-12-26",
      rows: { "futures.trades": 2973, "futures.mbp10": 40037, "options.trades": 0 },
    }]);
    assert.equal(report.days[0].main, "ESH4");
    assert.ok(Number.isNaN(report.days[0].overlap));
  });
});

interface Case {
  what: string;
  /** Makes the fault. */
  make: (lake: Lake) => void | Promise<void>;
  /** What the audit says, as `severity check table count`. */
  says: string[];
  /** Dates asked for. */
  dates?: string[];
}

const CASES: Case[] = [
  {
    what: "a Parquet file cut short",
    make: async (lake) => {
      const path = `${lake.root}/${fileOf(FUTURES_MBP10)}`;
      await Deno.truncate(path, Math.floor((await Deno.stat(path)).size * 0.6));
    },
    says: ["fail files.unreadable futures.mbp10 1"],
  },
  {
    what: "a missing column and one too many",
    make: (lake) =>
      rewrite(lake, FUTURES_TRADES, (frame) => frame.drop("size").withColumns(pl.lit(1).alias("extra"))),
    says: ["fail files.schema futures.trades 2"],
  },
  {
    what: "a column of another type",
    make: (lake) =>
      rewrite(lake, OPTIONS_TRADES, (frame) => frame.withColumns(pl.col("strike").cast(pl.Int64))),
    says: ["fail files.schema options.trades 1", "info overlap.minutes options.trades 60"],
  },
  {
    what: "files of no bytes, of other bytes and of another table, and a folder without a date",
    make: async (lake) => {
      const at = (table: TableSchema) =>
        `${lake.root}/${hourFolder(table, HOUR)}/dddddddddddd-1-0000.parquet`;
      await Deno.writeTextFile(at(FUTURES_TRADES), "");
      await Deno.writeTextFile(at(FUTURES_MBP10), "PAR1 and no more");
      writeFrame(at(OPTIONS_TRADES), pl.DataFrame({ a: [1] }));
      await Deno.mkdir(`${lake.root}/bronze/futures/mbp10/symbol=ES/date=nonsense`);
    },
    says: [
      "fail files.partition futures.mbp10 1",
      "fail files.schema options.trades 18",
      "fail files.unreadable futures.mbp10 1",
      "fail files.unreadable futures.trades 1",
    ],
  },
  {
    what: "an empty partition",
    make: (lake) => Deno.remove(`${lake.root}/${fileOf(FUTURES_TRADES)}`),
    says: ["fail files.empty futures.trades 1", "fail hours.missing futures.trades 1"],
  },
  {
    what: "a file without rows",
    make: (lake) => rewrite(lake, FUTURES_MBP10, (frame) => frame.head(0)),
    says: ["fail files.empty futures.mbp10 1", "fail hours.missing futures.mbp10 1"],
  },
  {
    what: "a file in another hour's folder",
    make: (lake) =>
      Deno.copyFile(
        `${lake.root}/${fileOf(OPTIONS_TRADES)}`,
        `${lake.root}/${hourFolder(OPTIONS_TRADES, HOUR + 1)}/dddddddddddd-1-0000.parquet`,
      ),
    says: ["fail files.partition options.trades ROWS"],
  },
  {
    what: "a folder whose name is no hour",
    make: (lake) => Deno.mkdir(`${lake.root}/bronze/futures/trades/symbol=ES/date=${DATE}/hour=25`),
    says: ["fail files.partition futures.trades 1"],
  },
  {
    what: "a second ingest of an hour",
    make: (lake) =>
      rewrite(lake, FUTURES_TRADES, (frame) => {
        const copy = frame.withColumns(pl.lit("dddddddddddd-2").alias("ingest"));
        writeFrame(`${lake.root}/${hourFolder(FUTURES_TRADES, HOUR)}/dddddddddddd-2-0000.parquet`, copy);
        return frame;
      }),
    says: ["fail rows.duplicates futures.trades ROWS"],
  },
  {
    what: "a lake without books",
    make: (lake) => Deno.remove(`${lake.root}/bronze/futures/mbp10`, { recursive: true }),
    says: ["fail tables.absent futures.mbp10 1"],
  },
  {
    what: "a date in the future",
    make: async (lake) => {
      const folder = `${lake.root}/${hourFolder(FUTURES_TRADES, HOUR + 365 * 24)}`;
      await copyFolder(`${lake.root}/${hourFolder(FUTURES_TRADES, HOUR)}`, folder);
    },
    dates: [DATE],
    says: ["fail sessions.future – 1"],
  },
  {
    what: "dates that are asked for and are not there",
    make: () => {},
    dates: [DATE, "2025-11-13", "2026-12-01"],
    says: ["fail sessions.future – 1", "fail sessions.missing – 1"],
  },
  {
    what: "options of another root",
    make: (lake) =>
      rewrite(
        lake,
        OPTIONS_TRADES,
        (frame) =>
          frame.withColumns(firstRows(
            "option_symbol",
            30,
            pl.col("option_symbol").str.replace(new RegExp("O:SPY"), "O:SPYG"),
          )),
      ),
    says: ["fail options.root options.trades 30"],
  },
  {
    what: "columns that are not the option symbol's",
    make: (lake) => rewrite(lake, OPTIONS_TRADES, (f) => f.withColumns(firstRows("strike", 20, 1.5))),
    says: ["fail options.symbol options.trades 20"],
  },
  {
    what: "prints without a price or a size",
    make: (lake) => {
      rewrite(lake, OPTIONS_TRADES, (f) => f.withColumns(firstRows("price", 7, -1)));
      rewrite(lake, FUTURES_TRADES, (f) => f.withColumns(firstRows("size", 9, 0)));
    },
    says: ["fail prices.sign options.trades 7", "warn sizes.zero futures.trades 9"],
  },
  {
    what: "a trade off the price",
    make: (lake) =>
      rewrite(lake, FUTURES_TRADES, (frame) => {
        const front = frame.filter(pl.col("contract").eq(pl.lit("ESZ5")));
        const row = front.getColumn("row").toTypedArray()[5];
        return frame.withColumns(
          pl.when(pl.col("row").eq(pl.lit(String(row)).cast(pl.Int64))).then(
            pl.col("price").mul(pl.lit(1.05)),
          )
            .otherwise(pl.col("price")).alias("price"),
        );
      }),
    says: ["warn prices.outlier futures.trades 1"],
  },
  {
    what: "an hour whose front contract came under a continuous name",
    make: (lake) => {
      const front = pl.col("contract").eq(pl.lit("ESZ5"));
      const name = pl.when(front).then(pl.lit("ES.c.0")).otherwise(pl.col("contract")).alias("contract");
      for (const table of [FUTURES_TRADES, FUTURES_MBP10]) rewrite(lake, table, (f) => f.withColumns(name));
    },
    says: ["warn contracts.names ES.c.0 1"],
  },
  {
    what: "trades of buyers only, all day",
    make: (lake) => {
      for (let hour = HOUR - 16; hour < HOUR + 7; hour++) {
        rewrite(lake, FUTURES_TRADES, (f) => f.withColumns(pl.lit(1).cast(pl.Int8).alias("aggressor")), hour);
      }
    },
    says: ["warn aggressor.balance futures.trades VOLUME"],
  },
  {
    what: "a file of puts that do not expire on the day, all multi-leg",
    make: (lake) => {
      for (let hour = HOUR - 1; hour < HOUR + 7; hour++) {
        rewrite(
          lake,
          OPTIONS_TRADES,
          (frame) =>
            frame.filter(
              pl.col("right").eq(pl.lit("P")).and(
                pl.col("option_symbol").str.contains(`SPY${DATE.slice(2).replaceAll("-", "")}`).not(),
              ),
            ).withColumns(pl.lit("232").alias("conditions")),
          hour,
        );
      }
    },
    says: [
      "fail overlap.minutes options.trades FEW",
      "warn options.calls options.trades 0",
      "warn options.multi_leg options.trades ALL",
      "warn options.zero_dte options.trades 0",
    ],
  },
  {
    what: "far more rows than the neighbours have",
    make: async (lake) => {
      const file = fileOf(FUTURES_TRADES), small = readFrame(`${lake.root}/${file}`).head(10);
      for (const days of [1, 2, 5]) {
        const folder = `${lake.root}/${hourFolder(FUTURES_TRADES, HOUR + 24 * days)}`;
        await Deno.mkdir(folder, { recursive: true });
        writeFrame(`${folder}/eeeeeeeeeeee-1-0000.parquet`, small);
      }
    },
    dates: [DATE],
    says: ["warn rows.count futures.trades DAY"],
  },
];

for (const { what, make, says, dates } of CASES) {
  Deno.test(`auditLake() reports ${what}, and goes on`, async () => {
    await withCopy(async (lake) => {
      await make(lake);
      const found = await findings(lake, dates), words = /^[A-Z]+$/;
      const exact = says.map((line) => line.split(" ")).sort((a, b) => (a[1] < b[1] ? -1 : 1));
      const got = told(found).map((line) => line.split(" ")).sort((a, b) => (a[1] < b[1] ? -1 : 1));
      assert.deepEqual(
        got.map((line, i) => words.test(exact[i]?.[3] ?? "") ? [...line.slice(0, 3), exact[i][3]] : line),
        exact,
      );
      for (const { count, remedy, message } of found) {
        assert.ok(count >= 0 && remedy && message);
      }
    });
  });
}

Deno.test("auditLake() reports sessions missing in between, sizes on another scale, trades while Globex is closed", async () => {
  await withLake(async (lake) => {
    for (const date of ["2025-11-11", "2025-11-13"]) {
      const day = simulateDay({ date, scale: 0.05 });
      const sizes = day.trades.columns.size as Uint32Array;
      if (date === "2025-11-13") {
        for (let i = 0; i < sizes.length; i++) sizes[i] *= 100;
        const ts = day.trades.columns.ts_event_ns as BigInt64Array;
        for (let i = ts.length - 4; i < ts.length; i++) ts[i] = easternNs(date, "17:30") + BigInt(i);
        const prints = day.options.columns.ts_event_ns as BigInt64Array;
        prints.fill(easternNs(date, "09:20"), 0, 3);
      }
      await writeDay(lake, day);
    }
    const lines = told(await findings(lake));
    for (
      const wanted of [
        "warn sessions.missing – 1",
        "warn sizes.level futures.trades 1",
        "warn session.outside futures.trades 4",
        "warn session.outside options.trades 3",
      ]
    ) assert.ok(lines.includes(wanted), `${wanted} in ${lines.join("\n")}`);
  });
});

Deno.test("auditLake() reports futures and options of different markets, a late start and a contract that does not lead", async () => {
  await withLake(async (lake) => {
    const day = simulateDay({ date: DATE, scale: 0.05 });
    const price = day.trades.columns.price as Float64Array;
    for (let i = 0; i < price.length; i++) price[i] = Math.round(price[i] * 4.4) / 4;
    const { codes, values } = day.trades.columns.contract as { codes: Int32Array; values: string[] };
    const [front, next] = [values.indexOf("ESZ5"), values.indexOf("ESH6")];
    const ids = day.trades.columns.instrument_id as Uint32Array, nextId = ids[codes.indexOf(next)];
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] === front && i % 10) [codes[i], ids[i]] = [next, nextId];
    }
    await writeDay(lake, day);
    const start = Number(easternNs(addDays(DATE, -1), "18:00") / BigInt(HOUR_NS));
    for (let hour = start; hour < start + 3; hour++) {
      await Deno.remove(`${lake.root}/${hourFolder(FUTURES_MBP10, hour)}`, { recursive: true });
    }
    const found = await findings(lake);
    for (const [check, severity] of [["basis.scale", "fail"], ["contracts.share", "fail"]]) {
      assert.ok(found.some((f) => f.check === check && f.severity === severity), check);
    }
    const late = found.find((f) => f.check === "session.starts_late")!;
    assert.equal(late.subject, "futures.mbp10");
    assert.match(late.message, /^the first row comes 3\.\d hours after 18:00 Eastern$/);
  });
});

Deno.test("audit: verdict, page, manifest and exit code; a lake without Bronze is bad input", async () => {
  await withCopy(async (lake) => {
    const good = await runTask("audit", "--lake", lake.root, "--json");
    assert.equal(good.code, 0, good.stderr);
    const lines = good.stdout.trim().split("\n"), json = JSON.parse(lines.at(-1)!);
    assert.match(lines.at(-2)!, /^audit: PASS: 1 of 1 dates can be used as they are\.$/);
    assert.deepEqual([json.status, json.dates], ["pass", [DATE]]);
    const page = await Deno.readTextFile(`${lake.root}/reports/audit.html`);
    for (const { id } of auditChecks(CONFIG)) assert.ok(page.includes(id), id);
    assert.match(await Deno.readTextFile(`${lake.root}/reports/index.html`), /href="audit.html"/);
    const runs = await Array.fromAsync(Deno.readDir(`${lake.root}/_meta/runs`));
    const manifest = JSON.parse(await Deno.readTextFile(`${lake.root}/_meta/runs/${runs[0].name}`));
    assert.deepEqual([manifest.stage, manifest.status, manifest.facts.status], [
      "audit",
      "completed",
      "pass",
    ]);
    assert.ok(manifest.inputs.length > 40);
    // `report` leaves a page that is there, and makes one that is not.
    const report = async () =>
      JSON.parse((await runTask("report", "--lake", lake.root, "--json")).stdout.split("\n").at(-2)!);
    assert.deepEqual((await report()).pages, []);
    await Deno.remove(`${lake.root}/reports/audit.html`);
    assert.deepEqual((await report()).pages, [`${lake.root}/reports/audit.html`]);
    await Deno.truncate(`${lake.root}/${fileOf(FUTURES_TRADES)}`, 100);
    const bad = await runTask("audit", "--lake", lake.root, "--dates", `${DATE}..2025-11-13`);
    assert.equal(bad.code, 1, bad.stderr);
    assert.match(bad.stdout, /^FAIL files.unreadable \(2025-11-12 futures.trades\): Cannot read/m);
    assert.match(bad.stdout, /^FAIL sessions.missing: 1 trading day has no rows: 2025-11-13$/m);
    assert.match(bad.stdout, /audit: FAIL: 0 of 1 dates can be used as they are; do not use 2025-11-12/);
  });
  await withLake(async (lake) => {
    await assert.rejects(() => audit(lake), UsageError);
    const { code, stderr } = await runTask("audit", "--lake", lake.root);
    assert.deepEqual([code, stderr.includes("nothing in Bronze; run backfill first")], [2, true]);
    const list = await runTask("audit", "--list");
    assert.equal(list.code, 0);
    for (const { id } of auditChecks(CONFIG)) assert.ok(list.stdout.includes(` ${id}\n`), id);
  });
});

Deno.test("every check of the table was seen at work here or by a planted fault", () => {
  const planted = [
    "rows.repeated",
    "rows.order",
    "rows.sequence",
    "rows.flagged",
    "session.silence",
    "prices.scale",
    "contracts.stray",
    "delay.receive",
    "books.crossed",
    "books.inverted",
    "books.stale",
    "options.expiration",
    "options.strikes",
    "options.right",
    "overlap.minutes",
    // In audit_bytes_test.ts.
    "files.lost",
    "files.changed",
    "files.unknown",
    "stages.changed",
    // In provenance_test.ts.
    "source.condition",
    "source.notice",
    // In known_then_test.ts.
    "session.halt",
    "sessions.fragment",
    "sessions.calendar",
  ];
  const real = requires("shared", "checks of a real night") ? [] : ["session.thin", "books.crossed_preopen"];
  const missing = auditChecks(CONFIG).map(({ id }) => id)
    .filter((id) => !seen.has(id) && ![...planted, ...real, "audit.error"].includes(id));
  assert.deepEqual(missing, []);
});
