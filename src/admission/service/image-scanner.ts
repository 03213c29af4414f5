// The scanning process as the gate sees it: started when there is something to scan, and again when it has died.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { FromScanner, ScannedImage, ScannerSettings, ToScanner } from "./messages.ts";

export interface ImageScanner {
  /**
   * The same image is scanned once for all who ask.
   * @param hasWaiter somebody wants to run it: it goes before everything that waits
   * @throws PlimsollError when the image cannot be read
   */
  scan(imageId: string, hasWaiter: boolean): Promise<ScannedImage>;
  close(): void;
}

type Scan = { readonly promise: Promise<ScannedImage>; readonly settle: (message: FromScanner) => void };

const maxHeapMegabytes = 1024;
const longestScanMs = 35 * 60_000;

/** Beside built JavaScript lies JavaScript. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./scan-process.ts" : "./scan-process.js", import.meta.url),
);

export function openImageScanner(settings: ScannerSettings): ImageScanner {
  const scans = new Map<string, Scan>();
  let child: ChildProcess | undefined;
  let isClosed = false;
  // An image that keeps it busy for ever must not keep all others waiting.
  const watchdog = setInterval(() => child?.kill("SIGKILL"), longestScanMs).unref();
  const start = (): ChildProcess => {
    const started = fork(program, [], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: environment(settings),
      execArgv: [`--max-old-space-size=${maxHeapMegabytes}`],
    });
    started.on("message", (message: FromScanner) => {
      watchdog.refresh();
      scans.get(message.imageId)?.settle(message);
    });
    const lost = (what: string): void => {
      if (child === started) child = undefined;
      const gone: FromScanner = { kind: "failed", imageId: "", code: "", what };
      for (const scan of [...scans.values()]) scan.settle(gone);
    };
    started.on("error", (error) => lost(errorText(error)));
    started.on("exit", (status, signal) => lost(`the process that scans has ended (${signal ?? status})`));
    started.unref();
    started.channel?.unref();
    started.send({ kind: "settings", settings } satisfies ToScanner);
    return started;
  };
  const send = (message: ToScanner): void => {
    child ??= start();
    child.send(message, (error) => {
      if (error !== null) child?.kill();
    });
  };
  return {
    scan(imageId, hasWaiter) {
      const known = scans.get(imageId);
      if (known !== undefined && hasWaiter) send({ kind: "hurry", imageId });
      if (known !== undefined) return known.promise;
      if (isClosed) return Promise.reject(new Error("nothing is scanned any more"));
      const scan = newScan(() => scans.delete(imageId));
      if (scans.size === 0) watchdog.refresh();
      scans.set(imageId, scan);
      send({ kind: hasWaiter ? "hurry" : "scan", imageId });
      return scan.promise;
    },
    close() {
      isClosed = true;
      clearInterval(watchdog);
      child?.kill("SIGKILL");
    },
  };
}

function newScan(forget: () => void): Scan {
  const { promise, resolve, reject } = Promise.withResolvers<ScannedImage>();
  // Nobody may be waiting for it.
  promise.catch(() => undefined);
  return {
    promise,
    settle(message) {
      forget();
      if (message.kind === "scanned") resolve(message.image);
      else reject(failure(message));
    },
  };
}

function failure({ code, what }: Extract<FromScanner, { kind: "failed" }>): Error {
  const hint = "run plimsoll scan IMAGE to see why";
  return code === "" ? new Error(what) : new PlimsollError(code, what, { hint });
}

/** Neither sockets nor secrets of the gate's environment are the scanner's business. */
function environment({ cacheFolder }: ScannerSettings): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  // Compiled code beside what was learnt, in a folder that only we write: the process starts in a third of the time.
  const NODE_COMPILE_CACHE = join(cacheFolder, "code");
  const wanted = { PATH, HOME, TMPDIR, LANG, NODE_COMPILE_CACHE };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
