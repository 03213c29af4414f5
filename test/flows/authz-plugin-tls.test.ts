// `dockerd --tlsverify --authorization-plugin`: the engine checks certificates, tells the plugin the common name, and the
// policies judge the caller of that name. The client is the docker CLI, in the engine's own network.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { findDockerCli } from "../support/cli-runner.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { makeImage } from "../support/images.ts";

const cli = await findDockerCli();
const skip = whyNoEngine() ?? ("why" in cli ? cli.why : false);
const plugin = `plimsoll-tls-${process.pid}`;
const specification = `/etc/docker/plugins/${plugin}.spec`;

/** The engine's answers cannot be narrowed and what it makes has no owner, so each name says what it may. */
const names = `
@id("alice-works-on-what-is-there")
permit (principal == User::"certificate:alice", action == Action::"grant", resource == Grant::"owner.unowned");

@id("bob-only-looks")
@reason("bob only looks")
@remedy("ask alice")
forbid (principal == User::"certificate:bob", action in [Action::"change"], resource);
`;

let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  makeAuthority();
  for (const name of ["server", "alice", "bob", "root", "unix:root", "anonymous:", ""]) issue(name);
  await mkdir("/etc/docker/plugins", { recursive: true });
  await writeFile(specification, `unix://${file("authz.sock")}`);
  await engine.kill();
  const tls = [
    "--tlsverify",
    `--tlscacert=${file("ca.pem")}`,
    `--tlscert=${pem("server")}`,
    `--tlskey=${key("server")}`,
  ];
  const args = ["--host=tcp://127.0.0.1:2376", ...tls, `--authorization-plugin=${plugin}`];
  await engine.start({ args, until: "listens" });
  const listener = { name: "plugin", "authz-plugin": file("authz.sock"), mode: "enforce" };
  gate = await startGate(engine, {
    listeners: [{ ...listener, policies: ["baseline", "$FOLDER/names.cedar"] }],
    files: { "names.cedar": names },
  });
});

after(async () => {
  await gate?.close();
  await engine?.close();
  await rm(specification, { force: true });
});

const file = (name: string): string => join(engine.folder, name);
const pem = (name: string): string => file(`name-${name.replace(":", "-")}.pem`);
const key = (name: string): string => file(`name-${name.replace(":", "-")}.key`);
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];

function openssl(...words: readonly string[]): void {
  execFileSync("openssl", ["req", "-x509", ...newKey, ...words], { stdio: "ignore" });
}

function makeAuthority(): void {
  openssl("-subj", "/CN=authority", "-keyout", file("ca.key"), "-out", file("ca.pem"));
}

/** A certificate with this common name, or with none. */
function issue(name: string): void {
  const subject = name === "" ? "/O=nobody" : `/CN=${name}`;
  const usage = name === "server" ? "subjectAltName=IP:127.0.0.1" : "extendedKeyUsage=clientAuth";
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-addext", "basicConstraints=critical,CA:FALSE"];
  openssl("-subj", subject, ...signed, "-addext", usage, "-keyout", key(name), "-out", pem(name));
}

type Told = { readonly code: number; readonly text: string };

async function docker(as: string, ...words: readonly string[]): Promise<Told> {
  assert.ok(!("why" in cli));
  const tls = ["--tlsverify", "--tlscacert", file("ca.pem"), "--tlscert", pem(as), "--tlskey", key(as)];
  const [program = "", ...inside] = engine.inNetwork();
  const command = [...inside, cli.program, "--host", "tcp://127.0.0.1:2376", ...tls, ...words];
  const environment = { PATH: process.env["PATH"] ?? "", HOME: engine.folder, DOCKER_CONFIG: engine.folder };
  return await promisify(execFile)(program, command, { env: environment }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (failed: Error & { readonly code?: number; readonly stdout?: string; readonly stderr?: string }) => ({
      code: Number(failed.code),
      text: `${failed.stdout}${failed.stderr}`,
    }),
  );
}

async function callers(sinceMs: number): Promise<readonly string[]> {
  const records = await gate.recorded(sinceMs);
  return [...new Set(records.map(({ caller, verdict }) => `${caller.id} ${verdict}`))].sort();
}

test("the name in the certificate is the caller on record, and its policies judge", { skip }, async () => {
  const sinceMs = Date.now();
  const ran = await docker("alice", "run", "--network=none", "--name=hers", "bb:1", "echo", "it ran");
  const removed = await docker("alice", "rm", "hers");
  assert.deepEqual(
    { ran: [ran.code, ran.text], removed: removed.code, callers: await callers(sinceMs) },
    { ran: [0, "it ran\n"], removed: 0, callers: ["certificate:alice allow"] },
    removed.text,
  );
});

test("an escape is denied to everybody, with the rule", { skip }, async () => {
  const tried = await docker("alice", "run", "--privileged", "--name=escape", "bb:1", "true");
  const bound = await docker("alice", "run", "--volume=/:/host", "bb:1", "true");
  const left = await docker("alice", "ps", "--all", "--quiet");
  assert.deepEqual(
    { tried: /baseline\/no-privileged/.exec(tried.text)?.[0], bound: /rule ([\w/-]+)/.exec(bound.text)?.[0], left },
    { tried: "baseline/no-privileged", bound: "rule invariant/engine-socket", left: { code: 0, text: "" } },
    tried.text + bound.text,
  );
});

test("another name has other rights on the same engine", { skip }, async () => {
  const sinceMs = Date.now();
  const looked = await docker("bob", "images", "--quiet");
  const changed = await docker("bob", "volume", "create", "his");
  assert.deepEqual(
    { looked: looked.code, changed: changed.code, rule: /names\/bob-only-looks/.exec(changed.text)?.[0] },
    { looked: 0, changed: 1, rule: "names/bob-only-looks" },
    changed.text,
  );
  const seen = await eventually(
    () => callers(sinceMs),
    ({ length }) => length === 2,
  );
  assert.deepEqual(seen, ["certificate:bob allow", "certificate:bob deny"]);
});

test("a certificate that is called root, or like another kind of caller, is neither", { skip }, async () => {
  await docker("alice", "volume", "create", "nobodys");
  const sinceMs = Date.now();
  const named: Record<string, number> = {};
  for (const name of ["root", "unix:root", "anonymous:", ""]) {
    named[name] = (await docker(name, "volume", "rm", "nobodys")).code;
  }
  const seen = (await callers(sinceMs)).filter((caller) => !caller.startsWith("certificate:root "));
  assert.deepEqual(
    {
      named,
      left: (await docker("alice", "volume", "ls", "--quiet")).text,
      isRoot: seen.some((one) => /^unix:|^anonymous: allow/.test(one)),
    },
    { named: { root: 1, "unix:root": 1, "anonymous:": 1, "": 1 }, left: "nobodys\n", isRoot: false },
    seen.join(", "),
  );
});

test("a certificate of another authority never reaches the plugin", { skip }, async () => {
  const sinceMs = Date.now();
  openssl("-subj", "/CN=alice", "-keyout", key("stranger"), "-out", pem("stranger"));
  const refused = await docker("stranger", "ps");
  assert.deepEqual([refused.code, await callers(sinceMs)], [1, []], refused.text);
});
