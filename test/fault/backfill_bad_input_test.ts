/**
 * What the command says to bad input: one line that names the file and the byte, exit code 2, nothing half written.
 */
import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { encodeMetadata, makeMetadata, SCHEMA_CODES } from "../../lib/ingest/mod.ts";
import { joinBytes, runTask } from "../helpers/bronze_lake.ts";
import { dbnBytes, randomBooks, randomTrades, writeDbn } from "../helpers/dbn_files.ts";
import { requires, shared } from "../helpers/requires.ts";

const TRADES = joinBytes(dbnBytes("trades", randomTrades({ rows: 400 })));
const HEAD = encodeMetadata(makeMetadata({ schema: SCHEMA_CODES.trades })).length;
/** Where the records begin: the default file maps one symbol. */
const RECORDS = TRADES.length - 400 * 48;

function changed(offset: number, ...bytes: number[]): Uint8Array {
  const copy = TRADES.slice();
  copy.set(bytes, offset);
  return copy;
}

/** Every Parquet file below a folder. */
async function parquetBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) found.push(...await parquetBelow(`${folder}/${entry.name}`));
    else if (entry.name.endsWith(".parquet")) found.push(entry.name);
  }
  return found;
}

interface Case {
  what: string;
  file: string;
  bytes: Uint8Array | (() => Promise<Uint8Array>);
  /** What the line says beside the file's name. */
  says: RegExp;
}

async function zstdBooks(): Promise<Uint8Array> {
  const path = await Deno.makeTempFile({ suffix: ".zst" });
  await writeDbn(path, "mbp-10", randomBooks({ rows: 3000 }));
  const bytes = await Deno.readFile(path);
  await Deno.remove(path);
  return bytes;
}

const CASES: Case[] = [
  {
    what: "a truncated file",
    file: "a.trades.dbn",
    bytes: TRADES.subarray(0, RECORDS + 100 * 48 + 20),
    says: new RegExp(`at byte ${RECORDS + 100 * 48}: .*truncated`),
  },
  {
    what: "bad magic",
    file: "a.trades.dbn",
    bytes: changed(0, 0x50, 0x4b, 3),
    says: /at byte 0: .*not a DBN file/,
  },
  {
    what: "version 4",
    file: "a.trades.dbn",
    bytes: changed(3, 4),
    says: /at byte 3: DBN version 4, wanted 1, 2 or 3/,
  },
  {
    what: "a record of length 0",
    file: "a.trades.dbn",
    bytes: changed(RECORDS + 7 * 48, 0),
    says: new RegExp(`at byte ${RECORDS + 7 * 48}: a record of length 0`),
  },
  {
    what: "a record past the end",
    file: "a.trades.dbn",
    bytes: changed(RECORDS + 399 * 48, 255, 0x17),
    says: new RegExp(`at byte ${RECORDS + 399 * 48}: .*1020 bytes, of which it has 48`),
  },
  {
    what: "metadata longer than the file",
    file: "a.trades.dbn",
    bytes: TRADES.subarray(0, HEAD - 4),
    says: /at byte \d+: the metadata needs \d+ bytes, the file has \d+; it is truncated/,
  },
  {
    what: "a metadata length that cannot be",
    file: "a.trades.dbn",
    bytes: changed(4, 0xff, 0xff, 0xff, 0x7f),
    says: /at byte 4: metadata of 2147483647 bytes/,
  },
  {
    what: "an empty file",
    file: "a.trades.dbn",
    bytes: new Uint8Array(),
    says: /at byte 0: the file is empty/,
  },
  {
    what: "a corrupt zstd frame",
    file: "a.mbp-10.dbn.zst",
    bytes: async () => {
      const bytes = await zstdBooks();
      bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 64);
      return bytes;
    },
    says: /at byte \d+: .*(zstd|corrupt|damaged|compressed)/i,
  },
  {
    what: "a zstd file cut short",
    file: "a.mbp-10.dbn.zst",
    bytes: async () => (await zstdBooks()).slice(0, -2000),
    says: /at byte \d+: .*(truncated|cut short|ends)/,
  },
  {
    what: "another schema",
    file: "a.mbo.dbn",
    bytes: encodeMetadata(makeMetadata({ schema: SCHEMA_CODES.mbo })),
    says: /at byte 24: its schema is mbo, wanted trades or mbp-10/,
  },
  {
    what: "two files joined",
    file: "a.trades.dbn",
    bytes: joinBytes([TRADES, TRADES]),
    says: new RegExp(`at byte ${TRADES.length}: a DBN file begins here, several files were joined`),
  },
  {
    what: "a few kilobytes that unfold to metadata without end",
    file: "a.trades.dbn.zst",
    bytes: () => {
      const bytes = new Uint8Array(2 ** 26);
      bytes.set(encodeMetadata(makeMetadata({ schema: SCHEMA_CODES.trades })));
      new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true);
      return Promise.resolve(zstdCompressSync(bytes));
    },
    says: /at byte 0: \d+ compressed bytes of metadata unfold to more than \d+/,
  },
  {
    what: "a record of another size than its type has",
    file: "a.trades.dbn",
    bytes: changed(RECORDS + 48, 13),
    says: new RegExp(`at byte ${RECORDS + 48}: a trades record of 52 bytes, wanted 48`),
  },
];

/** Runs the backfill on a file of its own folder and checks that it refuses as it should. */
async function refuses(file: string, bytes: Uint8Array, says: RegExp): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-bad-" });
  try {
    const path = `${folder}/${file}`;
    await Deno.writeFile(path, bytes);
    const { code, stdout, stderr } = await runTask("backfill", "--lake", `${folder}/lake`, "--dbn", path);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    assert.ok(stderr.includes(path), stderr);
    assert.match(stderr, says);
    const lake = await Deno.stat(`${folder}/lake`).catch(() => undefined);
    if (lake) {
      assert.deepEqual(await parquetBelow(`${folder}/lake`), []);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(`${folder}/lake/_meta/staging`)), []);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { what, file, bytes, says } of CASES) {
  Deno.test(`backfill refuses ${what} in one line with the byte, and writes nothing`, async () => {
    await refuses(file, typeof bytes === "function" ? await bytes() : bytes, says);
  });
}

Deno.test("backfill refuses the real fragment and the real .dbz, and says what they are", async () => {
  if (!requires("shared", "the fragment and the .dbz")) return;
  const read = (name: string) => Deno.readFile(shared(`dbn/${name}`));
  await refuses("x.dbn.zst", await read("multi-frame.definition.v1.dbn.frag.zst"), /at byte 0: .*fragment/);
  await refuses("x.dbn", await read("test_data.trades.dbz"), /at byte 0: .*legacy DBZ/);
});

/** Runs the backfill on a folder with one good file. */
async function onFolder(
  work: (folder: string, run: (...args: string[]) => ReturnType<typeof runTask>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-bad-" });
  try {
    await Deno.mkdir(`${folder}/in`);
    await Deno.writeFile(`${folder}/in/glbx-mdp3-20251216.trades.dbn`, TRADES);
    await work(
      folder,
      (...args) => runTask("backfill", "--lake", `${folder}/lake`, "--dbn", `${folder}/in`, ...args),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("backfill refuses a date without data, a closed date and a lake that cannot be written", async () => {
  await onFolder(async (folder, run) => {
    const tries: [string[], RegExp][] = [
      [
        ["--date", "2025-12-11"],
        /Cannot find data for 2025-12-11 in ".*": none of its 1 files is of 2025-12-10, 2025-12-11/,
      ],
      [["--date", "2025-12-25"], /2025-12-25.*exchange is closed/],
      [["--date", "2025-13-01"], /Cannot read --date "2025-13-01"/],
      [[], /give --date, --dates or --all/],
      [["--all", "--date", "2025-12-16"], /Cannot use --all with --date/],
      [["--all", "--start-ns", "soon"], /Cannot read --start-ns "soon"/],
      [["--all", "--shout"], /--shout/],
    ];
    for (const [args, says] of tries) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    }
    await assert.rejects(Deno.stat(`${folder}/lake`), "nothing was written");
    await Deno.writeTextFile(`${folder}/lake`, "a file where the lake should be");
    const { code, stderr } = await run("--all");
    assert.equal(code, 2);
    assert.match(stderr, /Cannot write the lake ".*lake": .*; choose another --lake/);
  });
});

Deno.test("backfill names a symbology.json that cannot be read", async () => {
  await onFolder(async (folder, run) => {
    await Deno.writeTextFile(`${folder}/in/symbology.json`, '{"result": {"ESZ5": [{"d0": "soon"}]}}');
    const { code, stderr } = await run("--all");
    assert.equal(code, 2);
    assert.match(stderr, /symbology\.json" at result\.ESZ5\.0\.d0/);
    await Deno.truncate(`${folder}/in/symbology.json`, 2 ** 28 + 1);
    assert.match(
      (await run("--all")).stderr,
      /symbology\.json": found 268435457 bytes, wanted at most 268435456/,
    );
    await Deno.remove(`${folder}/in/symbology.json`);
    await Deno.mkdir(`${folder}/in/symbology.json`);
    const folderInstead = await run("--all");
    assert.equal(folderInstead.code, 2, folderInstead.stderr);
    assert.match(folderInstead.stderr, /^backfill: Cannot read ".*symbology\.json": .*; mend the file\n$/);
  });
});

Deno.test("backfill of a folder picks by date, leaves other schemas out with a word, and says it is done", async () => {
  await onFolder(async (folder, run) => {
    const mbo = encodeMetadata(makeMetadata({ schema: SCHEMA_CODES.mbo }));
    await Deno.writeFile(`${folder}/in/glbx-mdp3-20251216.mbo.dbn`, mbo);
    const span = {
      startNs: BigInt(Date.UTC(2025, 0, 2)) * 1_000_000n,
      endNs: BigInt(Date.UTC(2025, 0, 3)) * 1_000_000n,
    };
    const other = encodeMetadata(makeMetadata({ schema: SCHEMA_CODES.trades, ...span }));
    await Deno.writeFile(`${folder}/in/named-20251216.trades.dbn`, other);
    const { code, stdout, stderr } = await run("--date", "2025-12-16", "--json");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: .*mbo\.dbn: left out, its schema is mbo/);
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0], /1 of 1 files ingested; 400 rows of futures\.trades/);
    const { sources } = JSON.parse(lines.at(-1)!);
    assert.deepEqual(sources[0].rows, { in: 400, out: 400, filtered: 0, quarantined: 0, duplicates: 0 });
    const again = await run("--date", "2025-12-16");
    assert.deepEqual([again.code, /already ingested, nothing to do/.test(again.stdout)], [0, true]);
    const force = await run("--date", "2025-12-16", "--force");
    assert.match(force.stdout, /1 of 1 files ingested/);
    const dedup = await runTask("dedup", "--lake", `${folder}/lake`, "--date", "2025-12-16");
    assert.match(dedup.stdout, /dedup: 400 duplicates on 1 date/);
  });
});

Deno.test("filter and dedup end with 1 where the check fails and with 2 where there is nothing to read", async () => {
  await onFolder(async (folder, run) => {
    const missing = await runTask("filter", "--lake", `${folder}/lake`, "--date", "2025-12-16");
    assert.deepEqual([missing.code, /run backfill first/.test(missing.stderr)], [2, true]);
    await run("--all");
    // In the week of the roll the calendar wants ESH6, and the file holds ESZ5.
    const failing = await runTask("filter", "--lake", `${folder}/lake`, "--date", "2025-12-16", "--json");
    assert.equal(failing.code, 1, failing.stderr);
    assert.match(failing.stderr, /the calendar wants ESH6, Bronze holds ESZ5; nothing moved/);
    assert.equal(JSON.parse(failing.stdout.trimEnd().split("\n").at(-1)!).dates[0].choice.status, "fail");
    const session = await runTask("filter", "--lake", `${folder}/lake`, "--rule", "session");
    assert.deepEqual([session.code, /ESZ5 \(session\), 100\.0 %; pass/.test(session.stdout)], [0, true]);
    const empty = await runTask("filter", "--lake", `${folder}/lake`, "--date", "2025-12-11");
    assert.deepEqual([empty.code, /no ES rows in Bronze/.test(empty.stderr)], [2, true]);
    const rule = await runTask("filter", "--lake", `${folder}/lake`, "--rule", "loud");
    assert.deepEqual([rule.code, /wanted calendar, prior, session/.test(rule.stderr)], [2, true]);
  });
});
