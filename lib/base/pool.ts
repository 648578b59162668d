/**
 * Work spread over both cores: a few web workers, each taking one job at a time.
 *
 * @module
 */

import { FaultError, notedTrace, noteTrace, TidemarkError, traceOf } from "./errors.ts";

/** A job that failed. */
export interface JobFailure {
  /** It failed. */
  ok: false;
  /** Name of the error. */
  name: string;
  /** Its message. */
  message: string;
  /** Where it was thrown, of an error without a type: a fault of ours. */
  trace?: string;
  /** The file in which that was kept. */
  kept?: string | undefined;
}

/** The result of a job: its value, or its error. */
export type JobResult<R> = { ok: true; value: R } | JobFailure;

/**
 * The error of a failed job, to be thrown: a fault stays a fault.
 *
 * @param failure The failed job.
 * @param typed The error for a person to act on, from the message.
 */
export function jobError(
  { message, trace, kept }: JobFailure,
  typed: (message: string) => TidemarkError,
): TidemarkError | FaultError {
  if (trace === undefined) return typed(message);
  const fault = new FaultError(message, trace);
  if (kept) noteTrace(fault, kept);
  return fault;
}

/**
 * Runs jobs in workers and yields results as they finish, in any order. A failing job fails alone.
 *
 * @param module URL of the worker's module; it calls {@linkcode serveJobs}.
 * @param jobs Structured-cloneable jobs.
 * @param size Number of workers; defaults to the machine's cores.
 */
export async function* runJobs<J, R>(
  module: URL,
  jobs: readonly J[],
  size: number = navigator.hardwareConcurrency,
): AsyncGenerator<{ job: J; result: JobResult<R> }> {
  const waiting = [...jobs];
  const workers = Array.from(
    { length: Math.min(size, jobs.length) },
    () => new Worker(module, { type: "module" }),
  );
  const running = new Map<Worker, Promise<{ worker: Worker; job: J; result: JobResult<R> }>>();
  const start = (worker: Worker) => {
    const job = waiting.shift();
    if (job === undefined) {
      running.delete(worker);
      return;
    }
    running.set(
      worker,
      new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve({ worker, job, result: data as JobResult<R> });
        worker.onerror = (event) => {
          event.preventDefault();
          const { message, filename, lineno, colno } = event,
            trace = `${message}\n    at ${filename}:${lineno}:${colno}`;
          resolve({ worker, job, result: { ok: false, name: "Error", message, trace } });
        };
        worker.postMessage(job);
      }),
    );
  };
  try {
    workers.forEach(start);
    while (running.size > 0) {
      const { worker, job, result } = await Promise.race(running.values());
      start(worker);
      yield { job, result };
    }
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/**
 * The worker's side of {@linkcode runJobs}: answers each job with what `work` returns or throws.
 *
 * @param work Does one job.
 */
export function serveJobs<J, R>(work: (job: J) => Promise<R>): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent<J>) => void;
    postMessage(message: JobResult<R>): void;
  };
  scope.onmessage = async ({ data }) => {
    try {
      scope.postMessage({ ok: true, value: await work(data) });
    } catch (error) {
      scope.postMessage(failureOf(error));
    }
  };
  answerUncaught((failure) => scope.postMessage(failure));
}

/** A failed job of what it threw. */
export function failureOf(error: unknown): JobFailure {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const fault = error instanceof TidemarkError ? {} : { trace: traceOf(error), kept: notedTrace(error) };
  return { ok: false, name, message, ...fault };
}

/**
 * The worker's answer to an error that nothing in it waits for, which would end it with a trace on the terminal.
 *
 * @param answer Told of it.
 */
export function answerUncaught(answer: (failure: JobFailure) => void): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    answer(failureOf(event.error ?? event.message));
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    answer(failureOf(event.reason));
  });
}
