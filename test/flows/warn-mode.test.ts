// Warn mode: the call passes, and the docker CLI shows its user in the terminal why policy would refuse it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { findDockerCli } from "../support/cli-runner.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { makeImage } from "../support/images.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const cli = await findDockerCli();
const skip = whyNoEngine() ?? ("why" in cli ? cli.why : false);

const strict = `@id("nothing-new")
@reason("nothing new today")
@remedy("come back tomorrow")
forbid (principal, action in [Action::"container.create", Action::"image.pull", Action::"image.load", Action::"image.build"], resource);
`;

let engine: TestEngine;
let registry: TestRegistry;
let home: string;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ network: true });
  registry = await startRegistry(engine);
  await makeImage(engine.socket, { reference: "web:1" });
  home = await mkdtemp(join(tmpdir(), "plimsoll-warn-"));
  await writeFile(join(home, "config.json"), "{}");
  await writeFile(join(home, "Dockerfile"), "FROM web:1\nLABEL a=b\n");
  if (!("why" in cli) && cli.plugins !== undefined) await symlink(cli.plugins, join(home, "cli-plugins"));
});
after(async () => {
  await registry?.close();
  await engine?.close();
  if (home !== undefined) await rm(home, { recursive: true });
});

type Said = { readonly code: number | null; readonly all: string };

async function docker(socket: string, ...words: readonly string[]): Promise<Said> {
  const program = "why" in cli ? "" : cli.program;
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, DOCKER_CONFIG: home, DOCKER_HOST: `unix://${socket}` };
  const child = spawn(program, words, {
    cwd: home,
    env: { ...env, DOCKER_BUILDKIT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, all: `${stdout}${stderr}` };
}

async function withGate(mode: "warn" | "observe", work: (gate: TestGate) => Promise<void>): Promise<void> {
  const gate = await startGate(engine, {
    mode,
    policies: ["baseline", "$FOLDER/strict.cedar"],
    files: { "strict.cedar": strict },
  });
  try {
    await work(gate);
  } finally {
    await gate.close();
  }
}

test("what warn mode lets pass says in the terminal why policy would refuse it", { skip }, async () => {
  const image = `${registry.host}/team/web:1`;
  await docker(engine.socket, "tag", "web:1", image);
  await docker(engine.socket, "push", image);
  await docker(engine.socket, "save", "-o", join(home, "web.tar"), "web:1");
  await withGate("warn", async (gate) => {
    const said = [
      await docker(gate.socket, "create", "web:1", "true"),
      await docker(gate.socket, "pull", image),
      await docker(gate.socket, "load", "-i", join(home, "web.tar")),
      await docker(gate.socket, "build", "-t", "mine:1", "."),
    ];
    const told = said.map(({ code, all }) => [
      code,
      /WARNING: plimsoll: (\S+ would be denied: [^(]*)/.exec(all)?.[1] ?? all,
    ]);
    assert.deepEqual(told, [
      [0, "container.create would be denied: nothing new today "],
      [0, "image.pull would be denied: the registry 127.0.0.1:5000 is on a private address; nothing new today "],
      [0, "image.load would be denied: nothing new today "],
      [0, "image.build would be denied: nothing new today "],
    ]);
  });
});

test("observe mode tells the record alone", { skip }, async () => {
  await withGate("observe", async (gate) => {
    const said = await docker(gate.socket, "create", "web:1", "true");
    assert.deepEqual([said.code, said.all.includes("plimsoll")], [0, false]);
  });
});
