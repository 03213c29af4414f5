// `plimsoll trust verifier`: the file that makes containerd ask Plimsoll before it pulls.

import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { controlSocket } from "../control/protocol.ts";

/** Older kernels cut the line there. */
const maxLineLength = 127;

export const trustVerifier: LeafCommand = {
  name: "verifier",
  summary: "write the program that containerd asks before it pulls an image",
  description: [
    "For hosts whose containers are started by containerd, without Docker: Kubernetes nodes, nerdctl. The file belongs into containerd's bin_dir of image verifiers, for root alone to write. It asks the Plimsoll that runs here (plimsoll trust serve, or plimsoll up) and says no when nobody answers.",
    "containerd looks only at what is pulled through its transfer service, and allows everything when the folder is empty: keep it filled.",
  ],
  options: {
    output: {
      kind: "value",
      short: "o",
      value: "FILE",
      summary: "write it there, executable, instead of printing it",
    },
    config: configOption,
  },
  examples: [
    { line: "plimsoll trust verifier -o /opt/containerd/image-verifier/bin/plimsoll", does: "and it is asked" },
  ],
  run(context, input): ExitCode {
    const text = verifierText(configurationOf(context, input).runtimeFolder);
    const output = input.text("output");
    if (output === undefined) context.stdout.write(text);
    else install(output, text);
    return 0;
  },
};

/** Its first line starts Node with the program, its second is read by it. */
function verifierText(runtimeFolder: string): string {
  const program = join(import.meta.dirname, `image-verifier${extname(import.meta.filename)}`);
  const first = `#!${process.execPath} ${program}`;
  if (first.length <= maxLineLength && !/\s/.test(process.execPath + program)) {
    return `${first}\n${JSON.stringify({ socket: controlSocket(runtimeFolder) })}\n`;
  }
  throw new PlimsollError("USAGE", `the line "${first}" starts no program: it is too long, or has spaces`, {
    hint: "install plimsoll and node in folders with shorter names, /usr/lib/plimsoll and /usr/bin",
  });
}

/** containerd runs whatever lies there: never half a file. */
function install(file: string, text: string): void {
  try {
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, text, { mode: 0o700, flag: "wx" });
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, file);
  } catch (cause) {
    throw new PlimsollError("USAGE", `--output: ${file}: ${errorText(cause)}`, {
      hint: "make the folder first, and run the command as root",
      cause,
    });
  }
}
