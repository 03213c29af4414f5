// Listens to what happens in the engine, around the gate or through it, so that names may be remembered. While nobody is
// listening nothing is remembered.

import { createInterface } from "node:readline";
import { isFields, textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";

export type EngineEvent = {
  /** `container`, `image`, `network`, `volume`... */
  readonly type: string;
  /** `create`, `exec_create: sh -c ...` */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

export type EngineEvents = {
  /** True while every change since the last `onReset` has been told. */
  isListening(): boolean;
  close(): void;
};

const firstPauseMs = 250;
const longestPauseMs = 30_000;

export function listenToEngine(
  client: EngineClient,
  onEvent: (event: EngineEvent) => void,
  onReset: () => void,
): EngineEvents {
  const stopped = new AbortController();
  let isListening = false;
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | undefined;

  const listen = async (): Promise<void> => {
    try {
      const stream = await client.stream("/events", stopped.signal);
      onReset();
      isListening = true;
      pauseMs = firstPauseMs;
      stream.on("error", () => undefined);
      for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
        onEvent(readEvent(line));
      }
    } catch {
      // The engine is away: what follows is the same as when it ends the stream.
    } finally {
      isListening = false;
      onReset();
    }
    if (stopped.signal.aborted) return;
    timer = setTimeout(() => void listen(), pauseMs);
    timer.unref();
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  };
  void listen();
  return {
    isListening: () => isListening,
    close() {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

/** @throws SyntaxError on a line that is no JSON: the stream is then begun anew */
function readEvent(line: string): EngineEvent {
  const value: unknown = JSON.parse(line);
  const attributes = isFields(value) && isFields(value["Actor"]) ? value["Actor"]["Attributes"] : undefined;
  return {
    type: textAt(value, "Type"),
    action: textAt(value, "Action"),
    id: textAt(value, "Actor", "ID"),
    attributes: isFields(attributes) ? attributes : {},
  };
}
