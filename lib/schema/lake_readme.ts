/**
 * The lake's README: every table with its place, columns, units, writer and readers, from the declarations.
 *
 * @module
 */
import { FUTURES_MBP10, FUTURES_ROLLS, FUTURES_TRADES, OPTIONS_TRADES } from "./bronze.ts";
import { GOLD_SIGNALS } from "./features.ts";
import { GOLD_BARS, GOLD_LEVELS } from "./gold.ts";
import { MODEL_PREDICTIONS } from "./models.ts";
import { SILVER_MBP10, SILVER_OPTIONS, SILVER_SCALE, SILVER_TRADES } from "./silver.ts";
import { schemaId, type TableSchema } from "./table.ts";

/** Every table of the lake, in the order the data flows. */
export const TABLES: readonly TableSchema[] = [
  FUTURES_TRADES,
  FUTURES_MBP10,
  OPTIONS_TRADES,
  FUTURES_ROLLS,
  SILVER_TRADES,
  SILVER_MBP10,
  SILVER_OPTIONS,
  SILVER_SCALE,
  GOLD_BARS,
  GOLD_LEVELS,
  GOLD_SIGNALS,
  MODEL_PREDICTIONS,
];

const HEAD = `# The lake

Everything the pipeline reads and writes lies here; all but this page is git-ignored and can be rebuilt from
\`source/\`. This page is generated from \`lib/schema\` (\`deno task readme\`); a test fails when it is stale.

| folder | what lies there |
|---|---|
| \`source/\` | raw downloads and simulated files, as they came |
| \`bronze/\` | every record of the feed, append-only, by UTC date and hour of \`ts_event_ns\` |
| \`silver/\` | the chosen contract, deduplicated and sorted; options enriched |
| \`gold/research/\` | \`date=…/{signals,bars,levels}.parquet\`, a session date each, and \`signals.parquet\`, all of them |
| \`gold/levels/\` | what the live services wrote: \`signals/\`, and \`labels/\` when they are known |
| \`quarantine/\` | rows and files set aside, the same tree, each with its reason |
| \`models/\` | trained models, the retrieval index, their metadata |
| \`reports/\` | HTML pages |
| \`_meta/\` | run manifests (\`runs/\`), content keys (\`keys/\`), chosen contracts (\`contracts/\`), the ledger of ingests (\`ingests/\`), notes of downloads (\`downloads/\`), where the live services stand (\`stream/\`), size and sha256 of what was written (\`sums/\`), the lock of commits (\`commit.lock\`), staging of unfinished runs |

Nulls are nulls; times ending in \`_ns\` are int64 nanoseconds UTC; a session date is a trade date of the exchange.
`;

function place(table: TableSchema): string {
  const { folder, owner, by } = table.location;
  const base = owner ? `${folder}/${owner}` : folder;
  return by === "hour"
    ? `${base}/date=YYYY-MM-DD/hour=HH/`
    : by === "session"
    ? `${base}/date=YYYY-MM-DD/`
    : base;
}

function section(table: TableSchema): string {
  const rows = ladders(Object.entries(table.columns)).map(([name, spec]) =>
    `| \`${name}\` | ${spec.dtype} | ${spec.unit} | ${spec.nullable ? "yes" : ""} | ${
      spec.description.replaceAll("|", "\\|")
    } |`
  );
  return [
    `## ${schemaId(table)}`,
    "",
    `A row is ${table.row}. In \`${place(table)}\`. Written by \`${table.writer}\`, read by ${
      table.readers.map((r) => `\`${r}\``).join(", ")
    }.`,
    "",
    "| column | dtype | unit | null | meaning |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** Ten columns `x_1` … `x_10` as one line. */
function ladders(columns: [string, TableSchema["columns"][string]][]): typeof columns {
  const lines: typeof columns = [];
  for (const [name, spec] of columns) {
    const match = /^((?:bid|ask)_(?:px|sz|ct))_(\d+)$/.exec(name);
    if (!match) lines.push([name, spec]);
    else if (match[2] === "1") {
      lines.push([`${match[1]}_1..10`, {
        ...spec,
        description: spec.description.replace("level 1", "levels 1 to 10"),
      }]);
    }
  }
  return lines;
}

/** The README's text. */
export function lakeReadme(): string {
  return [HEAD, ...TABLES.map(section)].join("\n");
}
