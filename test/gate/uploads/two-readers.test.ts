// The gate reads an archive's names as the engine does: where a header can be read in two ways, what the gate judges is what
// the engine unpacks, or nothing is. The attack is on a classic build: a second Dockerfile whose name only the engine sees.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { startGate, type TestGate } from "../../support/gate.ts";
import { type Reply, request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { tar } from "../../support/tar.ts";
import { startTenant, type Tenant } from "../../support/tenants.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let gate: TestGate;
let alice: Tenant;
let bob: Tenant;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  gate = await startGate(engine);
  alice = await startTenant(gate.socket, { uid: 2001 });
  bob = await startTenant(gate.socket, { uid: 2002 });
  await makeImage(alice.socket, { reference: "alices:1", files: [{ name: "secret", data: "ALICES SECRET" }] });
});

after(async () => {
  await alice?.close();
  await bob?.close();
  await gate?.close();
  await engine?.close();
});

/** Writes into the header of the last entry and mends its checksum. */
function withPrefix(archive: Buffer, at: number, magic: string, prefix: string): Buffer {
  const header = archive.subarray(at, at + 512);
  header.write(magic, 257, "latin1");
  header.write(prefix, 345, "latin1");
  header.write("        ", 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return archive;
}

/** `d/Dockerfile`, harmless, and then one that is called so only by its prefix. */
function twoDockerfiles(magic: string): Buffer {
  const files = [
    { name: "d/Dockerfile", data: "FROM bb:1\n" },
    { name: "Dockerfile", data: "FROM alices:1\n" },
  ];
  return withPrefix(tar(files), 1024, magic, "d");
}

const build = (socket: string, tag: string, body: Buffer): Promise<Reply> =>
  request(socket, "POST", `/build?dockerfile=d/Dockerfile&t=${tag}`, {
    body,
    headers: { "Content-Type": "application/x-tar" },
  });

/** What engines take for a prefix: POSIX of any version, and GNU's as Go's own writer once made it. */
const magics = { "a version that POSIX does not have": "ustar\0  ", "a prefix in GNU's format": "ustar  \0" };

for (const [title, magic] of Object.entries(magics)) {
  test(`${title}: the engine builds what the gate would not have seen, so the gate refuses it`, { skip }, async () => {
    const direct = await build(engine.socket, "direct:1", twoDockerfiles(magic));
    const gated = await build(bob.socket, "bobs:1", twoDockerfiles(magic));
    const made = await request(engine.socket, "GET", "/images/bobs:1/json");
    const isRefused = gated.status >= 400;
    assert.deepEqual(
      { isLive: direct.text.includes("FROM alices:1"), isRefused, made: made.status },
      { isLive: true, isRefused: true, made: 404 },
      gated.text,
    );
  });
}

test("an archive with a prefix that all readers see alike is built", { skip }, async () => {
  const files = [{ name: "Dockerfile", data: "FROM bb:1\n" }];
  const reply = await build(bob.socket, "plain:1", withPrefix(tar(files), 0, "ustar\x0000", "d"));
  assert.deepEqual([reply.status, /"error"/.test(reply.text)], [200, false], reply.text);
});
