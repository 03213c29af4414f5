// The program with an engine of its own, as `npm start` runs it on a machine without one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { enterOwnEtc, enterOwnNetwork } from "../support/own-network.ts";
import { defaultText, install } from "./installation.ts";

const skip = whyNoEngine() ?? false;
let etc: string;

before(() => {
  if (skip !== false) return;
  enterOwnNetwork();
  etc = mkdtempSync(join(tmpdir(), "plimsoll-etc-"));
  enterOwnEtc(etc);
});
after(() => {
  if (etc === undefined) return;
  execFileSync("umount", ["--lazy", "/etc"]);
  execFileSync("umount", ["--lazy", etc]);
  rmSync(etc, { recursive: true });
});

const managedText = (more: string): string => defaultText("").replace(/^engine: .*$/m, `engine: managed\n${more}`);

/** Runs a command in a container through the gate, and waits for its end. @returns the host's number of its user */
async function userOf(socket: string): Promise<string> {
  await makeImage(socket);
  const body = { Image: "bb:1", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" }, StopSignal: "SIGKILL" };
  const id = textAt((await request(socket, "POST", "/containers/create", { body })).json, "Id");
  const started = await request(socket, "POST", `/containers/${id}/start`);
  assert.equal(started.status, 204, started.text);
  const pid = /"Pid":(\d+)/.exec((await request(socket, "GET", `/containers/${id}/json`)).text)?.[1];
  const uids = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  await request(socket, "DELETE", `/containers/${id}?force=1`);
  return uids;
}

test("with userNamespaces root in a container is nobody on the host", { skip }, async (t) => {
  const here = install(t, "");
  chmodSync(here.folder, 0o755);
  here.configure(managedText("userNamespaces: true"));
  const up = await here.plimsoll("up", "--detach");
  assert.equal(up.code, 0, up.stderr);
  const uid = await userOf(here.socket);
  const mode = statSync(join(here.folder, "state")).mode & 0o777;
  const down = await here.plimsoll("down");
  assert.deepEqual(
    { isNobody: Number(uid) >= 100_000, mode, down: down.code, left: readdirSync(join(here.folder, "run")) },
    { isNobody: true, mode: 0o711, down: 0, left: [] },
  );
});

test("without it root is root, and what is not open to pass through is said with it", { skip }, async (t) => {
  const here = install(t, "");
  here.configure(managedText(""));
  assert.equal((await here.plimsoll("up", "--detach")).code, 0);
  const uid = await userOf(here.socket);
  assert.equal((await here.plimsoll("down")).code, 0);
  chmodSync(here.folder, 0o700);
  here.configure(managedText("userNamespaces: true"));
  const up = await here.plimsoll("up", "--detach");
  assert.deepEqual(
    { uid, code: up.code, isTold: /\[NEED_MISSING\] \S+: containers in user namespaces cannot pass/.test(up.stderr) },
    { uid: "0", code: 3, isTold: true },
    up.stderr,
  );
});

test("down leaves an empty runtime folder after kill -9, but not what somebody else put there", { skip }, async (t) => {
  const here = install(t, "");
  here.configure(managedText(""));
  assert.equal((await here.plimsoll("up", "--detach")).code, 0);
  const run = join(here.folder, "run");
  process.kill(Number(readFileSync(join(run, "plimsoll.pid"), "utf8")), "SIGKILL");
  mkdirSync(join(run, "engine", "somebodys"));
  const first = await here.plimsoll("down");
  const kept = existsSync(join(run, "engine/somebodys"));
  rmSync(join(run, "engine"), { recursive: true });
  assert.deepEqual([first.code, kept, readdirSync(run)], [0, true, []], first.stderr);
});
