// Listens to what happens in the engine, around the gate or through it, so that names may be remembered. While nobody is
// listening nothing is remembered.

import type { Readable } from "node:stream";
import { limitExceeded } from "../../base/errors.ts";
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
/** Labels of the thing stand in its events. */
const maxEventLength = 4 * 1024 * 1024;

/** @param filters as the engine takes them: what they leave out is not told */
export function listenToEngine(
  client: EngineClient,
  onEvent: (event: EngineEvent) => void,
  onReset: () => void,
  filters: Readonly<Record<string, readonly string[]>> = {},
): EngineEvents {
  const query = Object.keys(filters).length === 0 ? "" : `?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const stopped = new AbortController();
  let isListening = false;
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | undefined;

  const listen = async (): Promise<void> => {
    try {
      const stream = await client.stream(`/events${query}`, stopped.signal);
      onReset();
      isListening = true;
      pauseMs = firstPauseMs;
      await tellLines(stream, (line) => onEvent(readEvent(line)));
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

/**
 * The engine tells of what a call did an instant before it answers the call: whoever waits for the answer is served first.
 * Resolves or rejects when the stream is over, or when a line cannot be taken.
 */
function tellLines(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = "";
  const takeLines = (text: string): void => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxEventLength) throw limitExceeded("engine event", `longer than ${maxEventLength} characters`);
    for (const line of lines) if (line.trim() !== "") take(line);
  };
  return new Promise((resolve, reject) => {
    const giveUp = (cause: unknown): void => {
      reject(cause);
      stream.destroy();
    };
    stream.setEncoding("utf8").on("data", (text: string) => {
      setImmediate(() => {
        try {
          takeLines(text);
        } catch (cause) {
          giveUp(cause);
        }
      });
    });
    stream.on("error", giveUp);
    stream.on("close", () => setImmediate(resolve));
  });
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
