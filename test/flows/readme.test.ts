// Every command block of the README, as its reader runs it: on a fresh machine, from the clone, in two terminals. Blocks that
// cannot be run here say so in the README itself, with the reason.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import { enterOwnMachine } from "../support/own-machine.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const skip = whyNoEngine() ?? false;

type Block = { readonly text: string; readonly whyNot: string };

function commandBlocks(): readonly Block[] {
  const blocks = readme.matchAll(/(?:<!-- not run by the tests: ([^>]+) -->\n)?```sh\n(.*?)\n```/gs);
  return [...blocks].map(([, whyNot = "", text = ""]) => ({ text, whyNot }));
}

const blocks = commandBlocks();
const [start, connect, work, ...others] = blocks.filter(({ whyNot }) => whyNot === "").map(({ text }) => text);

type Terminal = { readonly child: ChildProcess; readonly shown: () => string };

function type(text: string, environment: Readonly<Record<string, string>> = {}): Terminal {
  const child = spawn("sh", ["-c", text], {
    cwd: root,
    detached: true,
    env: { PATH: process.env["PATH"], HOME: "/run", NO_COLOR: "1", NODE_NO_WARNINGS: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let shown = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (bytes: Buffer) => {
      shown += bytes.toString();
    });
  }
  return { child, shown: () => shown };
}

let first: Terminal | undefined;

before(() => {
  if (skip === false) enterOwnMachine();
});
after(async () => {
  if (first?.child.exitCode === null && first.child.signalCode === null) {
    signal(first.child, "SIGINT");
    await once(first.child, "close");
  }
});

/** As Ctrl-C does it: to the shell, npm and the program. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, name);
}

async function until(terminal: Terminal, words: RegExp): Promise<void> {
  const end = Date.now() + 90_000;
  while (!words.test(terminal.shown())) {
    if (terminal.child.exitCode !== null || Date.now() > end)
      throw new Error(`it did not say ${words}:\n${terminal.shown()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("every command block of the README is known here, or says why it is not run", () => {
  const marked = blocks.filter(({ whyNot }) => whyNot !== "");
  assert.deepEqual(
    {
      run: [start, connect, work?.split("\n").length, others.length],
      marked: marked.map(({ text }) => text.split(/ {2,}/)[0]),
    },
    {
      run: ["npm start", "export DOCKER_HOST=unix:///run/plimsoll/docker.sock", 2, 0],
      marked: ["npm start", "docker pull busybox"],
    },
  );
  assert.equal(blocks.length, [...readme.matchAll(/^```sh$/gm)].length);
});

test("a newcomer who types what the README says gets to a denied escape, with the words that it shows", {
  skip,
  timeout: 300_000,
}, async () => {
  first = type(start ?? "");
  await until(first, /^ *export DOCKER_HOST=\S+$/m);
  const line = /^ *(export DOCKER_HOST=\S+)$/m.exec(first.shown())?.[1];
  await makeBusybox();
  const second = type(`${connect}\n${work}`);
  await once(second.child, "close");
  const message = readme.split("The last one is denied:")[1]?.split("```")[1] ?? "";
  const flat = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
  await until(first, /DENY/);
  signal(first.child, "SIGINT");
  await once(first.child, "close");
  const left = type("ls /run/plimsoll; pgrep --full /run/plimsoll/[e]ngine || true");
  await once(left.child, "close");
  assert.deepEqual(
    {
      line,
      saysHello: second.shown().startsWith("hello\n"),
      isDenied: flat(second.shown()).includes(flat(message)),
      seen: /container\.create .*DENY +baseline\/no-privileged/.test(first.shown()),
      left: left.shown(),
    },
    { line: connect, saysHello: true, isDenied: true, seen: true, left: "" },
    `${first.shown()}\n${second.shown()}`,
  );
});

/** In place of the pull. */
async function makeBusybox(): Promise<void> {
  const maker = `import { makeImage } from ${JSON.stringify(join(root, "test/support/images.ts"))};
await makeImage("/run/plimsoll/docker.sock", { reference: "busybox:latest" });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", maker], { stdio: "inherit" });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
}
