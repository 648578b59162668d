/**
 * Trains heads in workers, over both cores.
 *
 * @module
 */
import { serveJobs } from "../base/mod.ts";
import { type HeadJob, type HeadResult, trainHead } from "./train_head.ts";

serveJobs<HeadJob, HeadResult>((job) => Promise.resolve(trainHead(job)));
