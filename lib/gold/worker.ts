/**
 * Builds dates in workers, over both cores.
 *
 * @module
 */
import { CONFIG, serveJobs } from "../base/mod.ts";
import { BRONZE_TIER } from "./bronze_tier.ts";
import type { GoldJob } from "./jobs.ts";
import { SILVER_TIER } from "./silver_tier.ts";
import { buildGold, type GoldResult } from "./stage.ts";

serveJobs<GoldJob, GoldResult>((job) =>
  buildGold({ root: job.lake }, job.date, {
    tier: job.tier === "bronze" ? BRONZE_TIER : SILVER_TIER,
    config: CONFIG,
    force: job.force,
    explainOnly: job.explain,
  })
);
