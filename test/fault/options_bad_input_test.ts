/**
 * What `options` says to bad input at the shell: one line that names the file and the row, exit code 2, nothing
 * half written; and how it picks files of a folder by date.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { runTask } from "../helpers/bronze_lake.ts";

const HEADER = "ticker,conditions,correction,exchange,price,sip_timestamp,size";
/** 2025-12-16 10:00 Eastern. */
const AT = 1765897200000000000n;

function row(change: Partial<Record<"ticker" | "price" | "ts" | "size", string>> = {}): string {
  const { ticker = "O:SPY251216C00676000", price = "3.2", ts = String(AT), size = "5" } = change;
  return `${ticker},209,0,312,${price},${ts},${size}`;
}

const encode = (lines: string[]) => new TextEncoder().encode(lines.join("\n"));
const good = [HEADER, row(), row({ ts: String(AT + 1n) })];

const CASES: { what: string; bytes: Uint8Array; says: RegExp }[] = [
  {
    what: "a missing column",
    bytes: encode([HEADER.replace(",size", ""), row().replace(/,5$/, "")]),
    says: /at line 1: .*size/,
  },
  {
    what: "a malformed ticker",
    bytes: encode([...good, row({ ticker: "O:SPY251316C00676000" })]),
    says: /at line 4: .*O:SPY251316C00676000/,
  },
  { what: "a negative size", bytes: encode([...good, row({ size: "-3" })]), says: /at line 4: .*-3/ },
  {
    what: "a price that is none",
    bytes: encode([...good, row({ price: "dear" })]),
    says: /at line 4: .*dear/,
  },
  {
    what: "a print of another date",
    bytes: encode([...good, row({ ts: String(AT - 48n * 3_600_000_000_000n) })]),
    says: /at line 4: .*2025-12-1/,
  },
  {
    what: "a last line cut inside a ticker",
    bytes: encode([...good, "O:SP"]),
    says: /at line 4: found 1 field, wanted 7; is the file cut short\?/,
  },
  {
    what: "a price of 400 digits",
    bytes: encode([...good, row({ price: "9".repeat(400) })]),
    says: /at line 4: found price "9+…"/,
  },
  {
    what: "a terminal's control sequences",
    bytes: encode([...good, row({ ticker: "O:SPY\x1b]0;x\x07" })]),
    says: /at line 4: found ticker "O:SPY\\x1b\]0;x\\x07"/,
  },
  {
    what: "a gzip stream cut short",
    bytes: new Uint8Array(gzipSync(encode([HEADER, ...Array(5000).fill(row())]))).slice(0, -20),
    says: /at byte \d+: unexpected end of file in the gzip stream/,
  },
  { what: "an empty file", bytes: new Uint8Array(), says: /at (line|byte) \d+: .*empty|is empty/ },
  {
    what: "no print of SPY",
    bytes: encode([HEADER, row({ ticker: "O:SPYG251216C00676000" })]),
    says: /none of its 1 rows is a SPY option/,
  },
];

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tidemark-bad-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) found.push(...await filesBelow(`${folder}/${entry.name}`));
    else found.push(`${folder}/${entry.name}`);
  }
  return found;
}

for (const { what, bytes, says } of CASES) {
  Deno.test(`options refuses ${what} in one line with the file and the place, and writes nothing`, async () => {
    await inFolder(async (folder) => {
      const file = `${folder}/2025-12-16.csv.gz`, lake = `${folder}/lake`;
      await Deno.writeFile(file, bytes);
      const { code, stdout, stderr } = await runTask(
        "options",
        ...["--lake", lake, "--file", file, "--date", "2025-12-16"],
      );
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.ok(stderr.includes(file), stderr);
      assert.match(stderr, says);
      const left = (await filesBelow(lake)).filter((path) => !path.includes("/_meta/runs/"));
      assert.deepEqual(left.filter((path) => /parquet|staging/.test(path)), []);
    });
  });
}

Deno.test("options picks the files of a folder by date, and names the date it has none of", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/in/2025/12`, { recursive: true });
    const day = (add: bigint) => encode([HEADER, row({ ts: String(AT + add) })]);
    await Deno.writeFile(`${folder}/in/2025/12/2025-12-16.csv.gz`, new Uint8Array(gzipSync(day(0n))));
    await Deno.writeFile(`${folder}/in/2025/12/2025-12-15.csv`, day(-86_400_000_000_000n));
    const run = (...args: string[]) =>
      runTask("options", "--lake", `${folder}/lake`, "--file", `${folder}/in`, ...args);
    const missing = await run("--dates", "2025-12-15..2025-12-17");
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /Cannot find options of 2025-12-17 in ".*in": wanted 2025-12-17\.csv\.gz/);
    assert.match((await run()).stderr, /Cannot choose from ".*in": give --date or --dates/);
    const { code, stdout, stderr } = await run("--dates", "2025-12-15..2025-12-16", "--json");
    assert.equal(code, 0, stderr);
    const { sources } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assert.deepEqual(sources.map((s: { rows: { out: number } }) => s.rows.out), [1, 1]);
  });
});

Deno.test("options takes a plain file whose last line has no line break, and warns that it may be cut", async () => {
  await inFolder(async (folder) => {
    const plain = encode(good), file = `${folder}/2025-12-16.csv`;
    const run = async (bytes: Uint8Array, name: string) => {
      await Deno.writeFile(file, bytes);
      const { code, stderr } = await runTask("options", "--lake", `${folder}/${name}`, "--file", file);
      assert.equal(code, 0, stderr);
      return stderr;
    };
    assert.match(await run(plain, "open"), /^warning: .*2025-12-16\.csv: its last line has no line break/);
    assert.equal(await run(encode([...good, ""]), "closed"), "");
    assert.equal(await run(new Uint8Array(gzipSync(plain)), "packed"), "");
  });
});
