// What the watch tells through its socket: one question, then lines of JSON as long as somebody reads.

import { connect } from "node:net";
import { join } from "node:path";
import { errorText, limitExceeded, PlimsollError } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";

export type WatchTopic = "alerts" | "events" | "activity" | "tiers" | "process";

/** An event with its arguments and ancestors is a few kilobytes; a line of numbers of 4096 containers a megabyte. */
const maxLineBytes = 8 << 20;

export function watchSocket(runtimeFolder: string): string {
  return join(runtimeFolder, "watch.sock");
}

/** @param stop ends it without an error @throws PlimsollError WATCH_UNAVAILABLE, PERMISSION_NEEDED */
export async function* readWatch(
  runtimeFolder: string,
  topic: WatchTopic,
  stop?: AbortSignal,
): AsyncGenerator<unknown> {
  const path = watchSocket(runtimeFolder);
  const socket = connect(path);
  stop?.addEventListener("abort", () => socket.destroy());
  let rest = "";
  try {
    socket.write(`${JSON.stringify({ ask: topic })}\n`);
    for await (const chunk of socket) {
      rest += Buffer.from(chunk).toString("utf8");
      if (rest.length > maxLineBytes) throw limitExceeded(path, `a line of more than ${maxLineBytes} bytes`);
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield parse(line, path);
    }
  } catch (cause) {
    if (stop?.aborted === true) return;
    throw cause instanceof PlimsollError ? cause : notReached(path, cause);
  } finally {
    socket.destroy();
  }
}

function parse(line: string, path: string): unknown {
  const value: unknown = JSON.parse(line);
  if (textAt(value, "kind") !== "error") return value;
  throw new PlimsollError("WATCH_UNAVAILABLE", `${path}: ${textAt(value, "what")}`, {
    hint: "use the plimsoll of the same version as the one that runs",
  });
}

function notReached(path: string, cause: unknown): PlimsollError {
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  if (code === "EACCES") {
    return new PlimsollError("PERMISSION_NEEDED", `${path}: belongs to another user`, {
      hint: "run the command as root",
      cause,
    });
  }
  return new PlimsollError("WATCH_UNAVAILABLE", `no watch answers on ${path} (${errorText(cause)})`, {
    hint: "start it with plimsoll up as root; plimsoll status says why it does not run",
    cause,
  });
}
