// When to stop: the first signal asks, a second one does not wait any longer.

export type StopReason = "SIGINT" | "SIGTERM" | "command";

export interface StopRequest {
  /** Resolves once somebody asked. */
  readonly asked: Promise<StopReason>;
  readonly isAsked: () => boolean;
  ask(reason: StopReason): void;
  /** Signals are the system's again. */
  close(): void;
}

/** @param onSecond runs when somebody insists: the process should end at once */
export function awaitStop(onSecond: () => void): StopRequest {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  let isAsked = false;
  const ask = (reason: StopReason): void => {
    if (isAsked && reason !== "command") onSecond();
    isAsked = true;
    resolve(reason);
  };
  process.on("SIGINT", ask);
  process.on("SIGTERM", ask);
  return {
    asked: promise,
    isAsked: () => isAsked,
    ask,
    close() {
      process.off("SIGINT", ask);
      process.off("SIGTERM", ask);
    },
  };
}
