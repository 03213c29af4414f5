// PINs and passphrases: typed on the terminal without being shown, or read from a file descriptor that the caller opened.
// Never from arguments or the environment, which other users and children can read.

import { closeSync, openSync, readSync } from "node:fs";
import { ReadStream } from "node:tty";
import { PlimsollError } from "../../base/errors.ts";
import type { AskSecret } from "../../trust/signer.ts";
import type { Terminal } from "../terminal.ts";

const maxSecretBytes = 1024;
const controls = { end: "\r", newline: "\n", interrupt: "\u0003", endOfFile: "\u0004", erase: "\u007f", back: "\b" };

/** @param descriptor of `--pin-fd`; undefined: the terminal @throws PlimsollError USAGE */
export function secretAsker(descriptor: string | undefined, stderr: Terminal): AskSecret {
  if (descriptor === undefined) return (what) => askOnTerminal(what, stderr);
  if (!/^[0-9]{1,4}$/.test(descriptor)) {
    throw new PlimsollError("USAGE", `--pin-fd: expected the number of an open file, found "${descriptor}"`, {
      hint: "open one for it: plimsoll sign ... --pin-fd 3 3<file",
    });
  }
  let isRead = false;
  return async () => {
    if (isRead) throw wrong("another secret is asked for, and there is only the one of --pin-fd");
    isRead = true;
    return readLine(Number(descriptor));
  };
}

/** The first line; what comes behind is not read. */
function readLine(descriptor: number): string {
  const bytes = Buffer.alloc(maxSecretBytes);
  let length = 0;
  try {
    while (length < bytes.length && readSync(descriptor, bytes, length, 1, null) === 1) {
      if (bytes[length] === 0x0a) break;
      length += 1;
    }
    if (length === bytes.length) throw wrong("a secret of more than 1,023 bytes");
    return bytes.toString("utf8", 0, length).replace(/\r$/, "");
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw wrong(`file descriptor ${descriptor} cannot be read`, cause);
  } finally {
    bytes.fill(0);
  }
}

async function askOnTerminal(what: string, stderr: Terminal): Promise<string> {
  const descriptor = openTerminalDevice();
  const input = new ReadStream(descriptor);
  stderr.write(`${what}: `);
  input.setRawMode(true);
  try {
    return await readTyped(input);
  } finally {
    input.setRawMode(false);
    input.destroy();
    stderr.write("\n");
  }
}

function openTerminalDevice(): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync("/dev/tty", "r+");
    return descriptor;
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw wrong("there is no terminal to ask for the secret on", cause);
  }
}

function readTyped(input: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: readonly string[] = [];
    input.setEncoding("utf8");
    input.on("error", reject);
    input.on("data", (chunk: string) => {
      for (const character of chunk) {
        if (character === controls.end || character === controls.newline) return resolve(typed.join(""));
        if (character === controls.interrupt || character === controls.endOfFile) {
          return reject(wrong("given up"));
        }
        const isErase = character === controls.erase || character === controls.back;
        typed = isErase ? typed.slice(0, -1) : [...typed, character];
        if (typed.length >= maxSecretBytes) return reject(wrong("a secret of more than 1,023 characters"));
      }
      return undefined;
    });
  });
}

function wrong(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("USAGE", what, {
    hint: "run it on a terminal, or give the secret by --pin-fd",
    ...(cause === undefined ? {} : { cause }),
  });
}
