/** Writes every page that the lake has data for, and the index of all pages. @module */
import { type Effects, UsageError } from "../lib/base/mod.ts";
import { bronzeDates } from "../lib/bronze/mod.ts";
import { existingLake, settled } from "../lib/lake/mod.ts";
import { auditAndWrite } from "./_audit_pages.ts";
import { type Args, main, type Outcome } from "./_cli.ts";
import { validateLake, writeGoldPage, writeValidatePage } from "./_gold_pages.ts";
import { writeModelPages } from "./_model_pages.ts";
import { pageHead, writeIndex } from "./_pages.ts";

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(args: Args, effects: Effects): Promise<Outcome> {
  const lake = await existingLake(String(args.lake), effects), pages: string[] = [];
  let dates: string[] = [];
  try {
    pages.push(
      ...await settled(lake, async (view) => {
        const validated = await validateLake(view), page = await writeValidatePage(view, validated);
        if (!validated.profile) return [page];
        dates = validated.profile.dates;
        return [page, await writeGoldPage(view, validated.profile, effects)];
      }),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    effects.warn(error.message);
  }
  pages.push(...await settled(lake, (view) => writeModelPages(view, effects)));
  // An audit reads all of Bronze: the page that an earlier one left stays as it is.
  if (!await isThere(`${lake.root}/reports/audit.html`) && (await bronzeDates(lake)).length > 0) {
    pages.push((await auditAndWrite(lake, undefined, effects)).page);
  }
  const index = await writeIndex(lake, await pageHead(lake, "Reports", dates), effects.warn);
  return {
    summary: `report: ${pages.length} pages made; open ${index}`,
    json: { pages, index },
  };
}

await main({
  name: "report",
  summary: "Writes every page that the lake has data for, and an index of all pages, under <lake>/reports.",
  options: {},
  run,
});
