/**
 * Options: a whole market's flat file scanned for one root, and a day of prints enriched.
 *
 * Run: `deno bench --allow-read --allow-ffi --allow-sys=cpus,networkInterfaces,hostname --allow-env test/bench/options_bench.ts`
 *
 * @module
 */
import { Random, sessionOf } from "../../lib/base/mod.ts";
import { readFlatFile } from "../../lib/ingest/mod.ts";
import { enrich, newEnricher } from "../../lib/silver/mod.ts";
import { optionMarket } from "../helpers/option_market.ts";

const SESSION = sessionOf("2025-12-16");
const ROWS = 500_000;

/** Rows of a market in which one in eight is of SPY. */
function marketBytes(): Uint8Array {
  const random = new Random(1), lines = ["ticker,conditions,correction,exchange,price,sip_timestamp,size"];
  for (let i = 0; i < ROWS; i++) {
    const root = random.int(8) === 0 ? "SPY" : ["SPXW", "AAPL", "QQQ", "TSLA"][random.int(4)];
    const strike = String((600 + random.int(160)) * 1000).padStart(8, "0");
    const ns = SESSION.openNs + BigInt(i) * 46_000n;
    lines.push(`O:${root}251216C${strike},209,0,312,${random.int(2000) / 100},${ns},${1 + random.int(50)}`);
  }
  return new TextEncoder().encode(lines.join("\n"));
}

const bytes = marketBytes();

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 18) {
    yield await Promise.resolve(bytes.subarray(at, at + (1 << 18)));
  }
}

Deno.bench(`readFlatFile() of ${ROWS} rows, an eighth of them SPY`, async () => {
  let rows = 0;
  for await (const { batch } of readFlatFile(chunks(), { path: "market.csv" }).batches) rows += batch.length;
  if (rows < ROWS / 10) throw new Error(`read ${rows} rows only`);
});

const market = optionMarket(SESSION, { prints: 150_000 });

Deno.bench("enrich() of 150,000 prints", () => {
  enrich(newEnricher(SESSION, "ESZ5", undefined), market.prints, market.tape);
});
