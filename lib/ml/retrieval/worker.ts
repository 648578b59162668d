/**
 * A searching thread.
 *
 * @module
 */
import { serveJobs } from "../../base/mod.ts";
import type { SearchJob } from "./parallel.ts";
import { type Neighbours, searchPrepared } from "./search.ts";

serveJobs<SearchJob, Neighbours>(({ index, queries, options, thread }) =>
  Promise.resolve(searchPrepared(index, queries, options, thread))
);
