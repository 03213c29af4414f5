// Everything that is asked for in one turn of the event loop is written in one transaction: at concurrency 1 nobody waits,
// at concurrency 32 a commit is shared.

export interface Group<Job> {
  /** Resolves when the job's transaction is committed, rejects when it was taken back. */
  add(job: Job): Promise<void>;
  /** Writes what waits, now. */
  flush(): void;
}

type Waiting<Job> = { readonly job: Job; readonly resolve: () => void; readonly reject: (cause: unknown) => void };

/** @param commit writes all jobs; what it returns failed on its own, what it throws fails everybody */
export function groupCommit<Job>(commit: (jobs: readonly Job[]) => ReadonlyMap<Job, unknown>): Group<Job> {
  let waiting: Waiting<Job>[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const failed = commit(batch.map((one) => one.job));
      for (const one of batch) failed.has(one.job) ? one.reject(failed.get(one.job)) : one.resolve();
    } catch (cause) {
      for (const one of batch) one.reject(cause);
    }
  }

  return {
    add(job) {
      if (waiting.length === 0) setImmediate(flush);
      return new Promise<void>((resolve, reject) => waiting.push({ job, resolve, reject }));
    },
    flush,
  };
}
