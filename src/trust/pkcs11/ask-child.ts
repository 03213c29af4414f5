// Talks to the process that holds a token's library (child.ts). A library that hangs or crashes ends in an error, not with us.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { PlimsollError } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";

/** Long enough for a finger on a token. */
const answerTimeoutMs = 60_000;
/** What vendors' libraries look their settings up in; nothing else of ours reaches them. */
const kept = ["SOFTHSM2_CONF", "PCSCLITE_CSOCK_NAME", "OPENSC_CONF", "YKCS11_DBG", "HOME", "PATH"];

export interface TokenProcess {
  /** @throws PlimsollError KEY_UNAVAILABLE, SECRET_WRONG */
  ask(question: object): Promise<unknown>;
  close(): Promise<void>;
}

export function startTokenProcess(): TokenProcess {
  const program = join(import.meta.dirname, `child${extname(import.meta.filename)}`);
  const env = Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const child = spawn(process.execPath, [program], { env, stdio: "pipe" });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => undefined);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(question) {
      const answered = last.then(() => askOne(child, lines, question));
      last = answered.catch(() => undefined);
      return answered;
    },
    async close() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.stdin.end();
      const slow = setTimeout(() => child.kill("SIGKILL"), 2000);
      await ended;
      clearTimeout(slow);
    },
  };
}

async function askOne(
  child: ChildProcessWithoutNullStreams,
  lines: AsyncIterator<string>,
  question: object,
): Promise<unknown> {
  child.stdin.write(`${JSON.stringify(question)}\n`);
  const slow = setTimeout(() => child.kill("SIGKILL"), answerTimeoutMs);
  const line = await lines.next().finally(() => clearTimeout(slow));
  if (line.done === true) {
    throw new PlimsollError(
      "KEY_UNAVAILABLE",
      `the token's library ended without an answer (${child.signalCode ?? child.exitCode})`,
      {
        hint: "look at the token with its own tool, pkcs11-tool --list-slots for example",
      },
    );
  }
  const answer: unknown = JSON.parse(line.value);
  const code = textAt(answer, "code");
  if (code === "KEY_UNAVAILABLE" || code === "SECRET_WRONG") {
    throw new PlimsollError(code, textAt(answer, "message"), { hint: textAt(answer, "hint") });
  }
  return answer;
}
