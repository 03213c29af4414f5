// Records the README's second picture: a container that may trace tries to read another's memory, in front of a real engine.
// Usage: node scripts/record-scrape.ts   (as root; makes engine, images and gate by itself)

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEngine } from "../test/support/engine.ts";
import { startGate } from "../test/support/gate.ts";
import { makeTesterImage } from "../test/support/testers.ts";
import { drawTerminal, type Step } from "./terminal-picture.ts";

const root = join(import.meta.dirname, "..");
/** A debugger's grant: without it baseline refuses the capability, and there would be nothing to watch. */
const policy = `@id("debuggers-may-trace")
permit (principal, action == Action::"grant", resource == Grant::"container.capabilities");
`;

await using engine = await closing(startEngine());
await makeTesterImage(engine.value.socket);
await using gate = await closing(
  startGate(engine.value, {
    configuration: { watch: { unknown: "off" } },
    files: { "own.cedar": policy },
    policies: ["baseline", "$FOLDER/own.cedar"],
  }),
);
const environment = {
  ...process.env,
  DOCKER_HOST: `unix://${gate.value.socket}`,
  NODE_NO_WARNINGS: "1",
  FORCE_COLOR: "1",
};
const config = ["--config", `${gate.value.folder}/plimsoll.yaml`];

run("docker", "tag", "tester:1", "wallet");
const scrape = [
  "--rm",
  "--pid",
  "container:wallet",
  "--cap-add",
  "SYS_PTRACE",
  "wallet",
  "/testers/tester",
  "act",
  "memory-proc-mem",
];
const steps: Step[] = [
  shown(["docker", "run", "-d", "--name", "wallet", "wallet", "/testers/tester", "victim"], ["--network=none"]),
  shown(["docker", "run", ...scrape], ["--network=none"]),
];
await sleep(2000);
const listed = plimsoll("incident", "list", ...config);
steps.push({ command: "plimsoll incident list", output: listed });
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const [id = ""] = /[0-9A-Z]{26}/.exec(listed.replaceAll(/\u001b\[\d+m/g, "")) ?? [];
steps.push({ command: "plimsoll incident show $ID", output: plimsoll("incident", "show", id, ...config) });
const file = join(root, "docs", "images", "refused-scrape.svg");
writeFileSync(file, drawTerminal("the watch", steps));
process.stdout.write(`${steps.map(({ command, output }) => `$ ${command}\n${output}`).join("\n")}\nwrote ${file}\n`);

/** @param quiet words that the picture leaves out */
function shown(words: readonly string[], quiet: readonly string[]): Step {
  const [program = "", verb = "", ...rest] = words;
  return { command: words.join(" "), output: run(program, verb, ...quiet, ...rest) };
}

function plimsoll(...words: readonly string[]): string {
  return run(process.execPath, join(root, "src/main.ts"), ...words);
}

function run(program: string, ...words: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8", timeout: 60_000, env: environment });
  return `${stdout}${stderr}`.trimEnd();
}

async function closing<T extends { close(): Promise<void> }>(opened: Promise<T>) {
  const value = await opened;
  return { value, [Symbol.asyncDispose]: () => value.close() };
}
