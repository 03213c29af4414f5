// What a command does when nobody reads its output to the end: `plimsoll doctor | head -1`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { accepts, request } from "../support/http.ts";
import { install, program } from "./installation.ts";

const skip = whyNoEngine() ?? false;
const state: { engine?: TestEngine } = {};

before(async () => {
  if (!skip) state.engine = await startEngine();
});
after(() => state.engine?.close());

type Ended = { readonly code: number | null; readonly signal: string | null; readonly complaint: string };

/** Closes the reading end before the program has written anything. */
async function unread(words: readonly string[], folder: string): Promise<Ended> {
  const environment = { ...process.env, NODE_NO_WARNINGS: "1", NO_COLOR: "1", STATE_DIRECTORY: folder };
  const child = spawn(process.execPath, [program, ...words], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code, signal] = await once(child, "close");
  return { code, signal, complaint: /EPIPE|\n {4}at .*/.exec(stderr)?.[0] ?? "" };
}

test("no command crashes when its reader has enough", { skip }, async (t) => {
  const here = install(t, state.engine?.socket ?? "");
  assert.equal((await here.plimsoll("up", "--detach")).code, 0);
  for (let count = 0; count < 50; count += 1) await request(here.socket, "GET", "/_ping");
  const config = ["--config", here.configuration];
  const commands: readonly (readonly string[])[] = [
    ["help"],
    ["version"],
    ["man"],
    ["completion", "bash"],
    ["status", ...config],
    ["policy", "show", "baseline"],
    ["policy", "check", "baseline"],
    ["policy", "test", "baseline"],
    ["policy", "replay", "--candidate", "restricted", ...config],
    ["log", "show", ...config],
    ["log", "tail", ...config],
    ["log", "export", ...config],
    ["log", "verify", ...config],
    ["doctor", ...config],
  ];
  const ends: Record<string, Ended> = {};
  for (const words of commands) ends[words.slice(0, 2).join(" ")] = await unread(words, here.folder);
  const crashed = Object.entries(ends).filter(([, { code, signal, complaint }]) => {
    return code === null || code > 3 || signal !== null || complaint !== "";
  });
  assert.deepEqual(crashed, []);
});

test("a gate whose output nobody reads any more goes on serving", { skip }, async (t) => {
  const here = install(t, state.engine?.socket ?? "");
  const up = here.start("up");
  await up.says("Decisions as they happen");
  up.child.stdout?.destroy();
  up.child.stderr?.destroy();
  const statuses = new Set<number>();
  for (let count = 0; count < 20; count += 1) {
    statuses.add((await request(here.socket, "GET", "/v1.41/containers/json")).status);
  }
  const isServing = await accepts(here.socket);
  up.child.kill("SIGTERM");
  const [code] = await once(up.child, "exit");
  assert.deepEqual({ statuses: [...statuses], isServing, code }, { statuses: [200], isServing: true, code: 0 });
});

test("output that cannot be written is a failure", async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [program, "help"], { stdio: ["ignore", full, "ignore"] });
  closeSync(full);
  assert.deepEqual((await once(child, "close"))[0], 3);
});
