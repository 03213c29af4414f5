// What `plimsoll watch capture` does.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { type Capture, startCapture } from "../../watch/network/capture.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { endWithReader } from "../lost-reader.ts";
import { readDurationMs } from "../policy/duration.ts";
import { findContainer } from "./find-container.ts";

const largestPacket = 262_144;
const defaultMebibytes = 1024;
const progressMs = 1000;

type Ending = "time" | "interrupted" | "full" | "failed";

export async function runCapture(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stderr } = context;
  const [name = ""] = input.positionals;
  const file = input.text("output");
  if (file === undefined) {
    throw new PlimsollError("USAGE", "where to write the packets is not said", {
      hint: "add -o FILE.pcapng, or -o - for a pipe",
    });
  }
  const snapLength = wholeNumber(input, "snap", largestPacket);
  const maxBytes = wholeNumber(input, "max-size", defaultMebibytes) * 2 ** 20;
  const lastsMs = input.text("for") === undefined ? undefined : readDurationMs(input.text("for") ?? "");
  const container = await findContainer(context, input, name);
  if (file === "-") endWithReader();
  const ended = Promise.withResolvers<Ending>();
  let failure = "";
  const capture = startCapture({
    ...{ pid: container.pid, file, snapLength, maxBytes },
    application: `plimsoll ${context.version}`,
    onEnd(why, error) {
      failure = error === undefined ? "" : errorText(error);
      ended.resolve(why);
    },
  });
  using _progress = showProgress(context, capture);
  const why = await until(ended, lastsMs);
  const { packets, bytes, dropped } = capture.close();
  if (stderr.isTerminal) stderr.write("\r\u001b[K");
  const lost = dropped === 0 ? "none lost" : stderr.style("red", `${dropped} LOST by the kernel`);
  const target = file === "-" ? "standard output" : printable(file, 300);
  stderr.write(
    `${packets} packets of ${printable(container.name, 100)} in ${target} (${size(bytes)}), ${lost}${reasons[why]}\n`,
  );
  if (why !== "failed") return 0;
  throw new PlimsollError("STORE_UNAVAILABLE", `${target}: cannot be written: ${failure}`, {
    hint: "make room; what was written before can be read",
  });
}

const reasons: Readonly<Record<Ending, string>> = {
  time: "",
  interrupted: "",
  full: "; the file is full (--max-size)",
  failed: "",
};

/** Ctrl-C is how most captures end: that is no failure. */
async function until(ended: PromiseWithResolvers<Ending>, lastsMs: number | undefined): Promise<Ending> {
  const interrupt = (): void => ended.resolve("interrupted");
  const timer = lastsMs === undefined ? undefined : setTimeout(() => ended.resolve("time"), lastsMs);
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function showProgress({ stderr }: CommandContext, capture: Capture): Disposable {
  const show = (): void => {
    const { packets, bytes } = capture.counts();
    stderr.write(`\r\u001b[K${packets} packets, ${size(bytes)} (Ctrl-C ends it)`);
  };
  const timer = stderr.isTerminal ? setInterval(show, progressMs) : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function wholeNumber(input: CommandInput, option: string, fallback: number): number {
  const text = input.text(option);
  if (text === undefined) return fallback;
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new PlimsollError("USAGE", `--${option}: expected a whole number above 0, found ${JSON.stringify(text)}`, {
    hint: "run plimsoll watch capture --help",
  });
}

function size(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
