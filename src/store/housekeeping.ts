// What the log does by itself while it is open: make its bytes survive a power cut, take up work after a full disk, and
// drop what is too old. None of it holds the process.

export type HousekeepingParts = {
  /** Makes what was committed survive a power cut. */
  readonly sync: () => Promise<void>;
  /** Rises with everything that is written: nothing new, nothing to sync. */
  readonly writes: () => number;
  /** Writes what a full disk kept back, when there is room again. */
  readonly recover: () => void;
  /** Drops some of what is due. Returns true when there is more. */
  readonly dropDue: () => boolean;
  readonly onProblem: (cause: unknown) => void;
};

/** A power cut loses at most this much; a killed process loses nothing. */
const syncEveryMs = 5000;
const dropEveryMs = 60_000;
/** Between two steps of dropping, so that requests get their turn. */
const dropPauseMs = 20;

/** @returns what stops it */
export function startHousekeeping(parts: HousekeepingParts): () => void {
  let synced = parts.writes();
  let dropping: NodeJS.Timeout | undefined;

  function sync(): void {
    parts.recover();
    const writes = parts.writes();
    if (writes === synced) return;
    parts.sync().then(() => {
      synced = writes;
    }, parts.onProblem);
  }

  function drop(): void {
    dropping = parts.dropDue() ? setTimeout(guarded(drop, parts.onProblem), dropPauseMs).unref() : undefined;
  }

  const syncing = setInterval(guarded(sync, parts.onProblem), syncEveryMs).unref();
  const starting = setInterval(() => dropping ?? guarded(drop, parts.onProblem)(), dropEveryMs).unref();
  return () => {
    clearInterval(syncing);
    clearInterval(starting);
    clearTimeout(dropping);
  };
}

function guarded(work: () => void, onProblem: (cause: unknown) => void): () => void {
  return () => {
    try {
      work();
    } catch (cause) {
      onProblem(cause);
    }
  };
}
