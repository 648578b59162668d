/**
 * Plays simulated dates in a worker.
 *
 * @module
 */
import { serveJobs } from "../../lib/base/mod.ts";
import { type OracleDate, oracleDate, type OracleJob } from "./oracle_market.ts";

serveJobs<OracleJob, OracleDate>(oracleDate);
