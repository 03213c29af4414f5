// Records the README's terminal picture: runs the commands for real through the gate that DOCKER_HOST names, and draws them.
// Usage: DOCKER_HOST=unix:///run/plimsoll/docker.sock node scripts/record.ts   (needs an image called busybox)

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawTerminal, type Step } from "./terminal-picture.ts";

const commands: readonly (readonly string[])[] = [
  ["docker", "run", "--rm", "busybox", "echo", "hello from a container"],
  ["docker", "run", "--rm", "--privileged", "busybox", "sh"],
  ["docker", "run", "--rm", "-v", "/:/host", "busybox", "cat", "/host/etc/shadow"],
  ["docker", "run", "--rm", "--pid", "host", "busybox", "ps"],
];

const steps: Step[] = commands.map(([program = "", ...words]) => {
  const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8", timeout: 60_000 });
  const output = `${stdout}${stderr}`.replace(/\n*Run 'docker run --help' for more information\n?/, "\n");
  return { command: [program, ...words].join(" "), output: coloured(output.trimEnd()) };
});
steps.unshift({ command: `export DOCKER_HOST=${process.env["DOCKER_HOST"] ?? ""}`, output: "" });

const file = join(import.meta.dirname, "..", "docs", "images", "denied-escape.svg");
writeFileSync(file, drawTerminal("docker, through Plimsoll", steps));
process.stdout.write(`wrote ${file}\n`);

/** The answer to "why not" is what a reader looks for: the verdict and its rule stand out. */
function coloured(text: string): string {
  const paint = (code: number, words: string): string => `\u001b[${code}m${words}\u001b[0m`;
  return text
    .replace(/\bdenied\b/, (word) => paint(31, word))
    .replace(/\brule [\w/-]+/, (words) => paint(33, words))
    .replace(
      /\. (?:Remove|Use)\b.*$/s,
      (remedy) => `. ${remedy.slice(2).replaceAll(/\S+/g, (word) => paint(32, word))}`,
    );
}
