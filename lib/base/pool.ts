/**
 * Work spread over both cores: a few web workers, each taking one job at a time.
 *
 * @module
 */

/** The result of a job: its value, or the error's name and message. */
export type JobResult<R> = { ok: true; value: R } | { ok: false; name: string; message: string };

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
          resolve({ worker, job, result: { ok: false, name: "Error", message: event.message } });
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
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      scope.postMessage({ ok: false, name, message });
    }
  };
}
