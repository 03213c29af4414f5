// Nobody outside may keep us waiting: every request has a time without a byte, and a time in all.

import type { ClientRequest, IncomingMessage } from "node:http";
import { PlimsollError } from "../base/errors.ts";
import type { SourceSettings } from "./source.ts";

/** Destroys the request, and with it its answer, when a deadline passes or the work is given up. */
export function withDeadlines(request: ClientRequest, settings: SourceSettings): void {
  const { idleTimeoutMs, timeoutMs } = settings.limits;
  let answer: IncomingMessage | undefined;
  const stop = (what: string) => (): void => {
    const error = tooSlow(what);
    answer?.destroy(error); // else its reader learns only that it was cut off
    request.destroy(error);
  };
  const whole = setTimeout(stop(`more than ${timeoutMs} ms in all`), timeoutMs);
  const givenUp = stop("given up");
  if (settings.signal.aborted) givenUp();
  settings.signal.addEventListener("abort", givenUp);
  request.setTimeout(idleTimeoutMs, stop(`no byte for ${idleTimeoutMs} ms`));
  request.on("response", (received) => {
    answer = received;
  });
  request.on("close", () => {
    clearTimeout(whole);
    settings.signal.removeEventListener("abort", givenUp);
  });
}

function tooSlow(what: string): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `reading an image: ${what}`, {
    hint: "try again, or raise the limit in the configuration",
  });
}
