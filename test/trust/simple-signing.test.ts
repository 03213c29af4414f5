// GPG simple signing: messages that gpg made, in a folder as podman and skopeo keep them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withLookaside } from "../../src/admission/trust/lookaside.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import type { TrustSubject, VerifiedStatement } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { judgeTrust } from "../../src/trust/judge.ts";
import { simpleSigning } from "../../src/trust/signature-formats/simple-signing.ts";
import { settingsFor } from "../support/oci-image.ts";
import { memoryStore } from "./memory-store.ts";

const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};

type Person = {
  readonly publicKey: string;
  readonly fingerprint: string;
  gpg(words: readonly string[], input?: string): Buffer;
};

/** @param clock words that tell gpg another time than now */
function newPerson(t: TestContext, expire = "0", clock: readonly string[] = []): Person {
  const home = mkdtempSync(join(tmpdir(), "plimsoll-gpg-"));
  const env = { ...process.env, GNUPGHOME: home };
  const gpg = (words: readonly string[], input = ""): Buffer =>
    execFileSync("gpg", ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...clock, ...words], {
      env,
      input,
      stdio: ["pipe", "pipe", "pipe"],
    });
  t.after(() => {
    execFileSync("gpgconf", ["--kill", "all"], { env });
    rmSync(home, { recursive: true, force: true });
  });
  gpg(["--quick-generate-key", "release <release@acme.test>", "rsa2048", "sign", expire]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg(["--with-colons", "--list-keys"]).toString())?.[1] ?? "";
  return { gpg, fingerprint, publicKey: gpg(["--armor", "--export"]).toString() };
}

function payloadOf(more: object = {}, digest = subject.digest, reference = "registry.test/team/app:1"): string {
  const identity = { "docker-reference": reference };
  const critical = {
    identity,
    image: { "docker-manifest-digest": digest },
    type: "atomic container signature",
    ...more,
  };
  return JSON.stringify({ critical, optional: { creator: "atomic 2.0.0", timestamp: 1 } });
}

function verify(payload: Uint8Array, ...people: readonly Person[]): Promise<VerifiedStatement> {
  const envelope = { format: "simple-signing", artifact: "", payload, parts: {} };
  const material = { keys: [], roots: [], timestampRoots: [], sigstoreRoots: [] };
  const openPgpKeys = people.map(({ publicKey }) => publicKey);
  return simpleSigning.verify(envelope, subject, { ...material, openPgpKeys }, 0);
}

const isInvalid = (thrown: unknown): boolean => {
  assert.ok(thrown instanceof PlimsollError, String(thrown));
  assert.equal(thrown.code, "SIGNATURE_INVALID", thrown.message);
  return true;
};

test("a message that gpg signed holds for its key, and is found in the folder where skopeo puts it", async (t) => {
  const [person, other] = [newPerson(t), newPerson(t)];
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-lookaside-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const place = join(folder, `team/app@sha256=${"a".repeat(64)}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "signature-1"), person.gpg(["--sign"], payloadOf()));
  const store = withLookaside(memoryStore(subject.repository), folder, settingsFor(""));
  const {
    envelopes: [envelope, ...more],
  } = await simpleSigning.find(subject, store, 10);
  const held = await verify(envelope?.payload ?? new Uint8Array(), other, person);
  assert.deepEqual(
    [more.length, held.signer, held.repository, held.tag],
    [0, { kind: "gpg", fingerprint: person.fingerprint }, subject.repository, "1"],
  );
  const signers = { release: { gpg: { fingerprint: person.fingerprint, key: person.publicKey } } };
  const text = JSON.stringify({
    version: "1",
    signers,
    lookaside: folder,
    rules: [{ scope: subject.repository, require: { anyOf: ["release"] } }],
  });
  const file = readTrustFile({ name: "test", text, readFile: (name) => readFileSync(name, "utf8") });
  const asked = { isLocal: false, rejected: [], unreachable: "", highestCounter: 0, nowMs: 0 };
  assert.equal(judgeTrust({ file, subject, statements: [held], ...asked }).state, "trusted");
});

test("by another key, altered, over another digest, of another type, unsigned, twice or encrypted: refused", async (t) => {
  const [person, other] = [newPerson(t), newPerson(t)];
  const signed = person.gpg(["--sign", "--compress-algo", "none"], payloadOf());
  const altered = Buffer.from(signed);
  const at = altered.indexOf("team/app");
  altered.write("team/apq", at);
  const cases: Readonly<Record<string, readonly [Uint8Array, ...Person[]]>> = {
    "another key": [signed, other],
    "no key": [signed],
    altered: [altered, person],
    "another digest": [person.gpg(["--sign"], payloadOf({}, `sha256:${"b".repeat(64)}`)), person],
    "another type": [person.gpg(["--sign"], payloadOf({ type: "cosign container image signature" })), person],
    "an unknown critical key": [person.gpg(["--sign"], payloadOf({ more: 1 })), person],
    unsigned: [person.gpg(["--store"], payloadOf()), person],
    "two messages": [Buffer.concat([signed, signed]), person],
    "a good one behind an unsigned one": [Buffer.concat([person.gpg(["--store"], payloadOf()), signed]), person],
    "two signatures, one by a stranger": [Buffer.concat([other.gpg(["--sign"], payloadOf()), signed]), person],
    "in the clear": [person.gpg(["--clear-sign"], payloadOf()), person],
    nothing: [new Uint8Array(), person],
  };
  assert.ok(at > 0);
  for (const [name, [payload, ...people]] of Object.entries(cases))
    await assert.rejects(verify(payload, ...people), isInvalid, name);
});

test("a key that has ended vouches for nothing", async (t) => {
  const person = newPerson(t, "seconds=3600", ["--faked-system-time", "20200101T000000"]);
  const signed = person.gpg(["--sign"], payloadOf());
  await assert.rejects(verify(signed, person), isInvalid);
});

test("signatures are found on a server; one that hides, sends elsewhere, never ends or has no TLS is an error, not an unsigned image", async (t) => {
  const person = newPerson(t);
  const message = person.gpg(["--sign"], payloadOf());
  const signature = `/sigs/team/app@sha256=${"a".repeat(64)}/signature-1`;
  const answers: Readonly<Record<string, RequestListener>> = {
    good: ({ url }, response) => (url === signature ? response.end(message) : response.writeHead(404).end()),
    none: (_, response) => response.writeHead(404).end(),
    hiding: (_, response) => response.writeHead(403).end(),
    elsewhere: (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    large: (_, response) => response.end(Buffer.alloc(65 * 1024)),
  };
  const found: Record<string, number | string> = {};
  for (const [name, answer] of Object.entries(answers)) {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const address = server.address();
    const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const look = (insecureRegistries: readonly string[]): Promise<number | string> => {
      const settings = settingsFor("", { insecureRegistries });
      const store = withLookaside(memoryStore(subject.repository), `http://${host}/sigs`, settings);
      return simpleSigning.find(subject, store, 10).then(
        ({ envelopes }) => envelopes.length,
        (thrown: unknown) => (thrown instanceof PlimsollError ? thrown.code : String(thrown)),
      );
    };
    found[name] = await look([host]);
    if (name === "good") found["without TLS, unlisted"] = await look([]);
  }
  assert.deepEqual(found, {
    ...{ good: 1, "without TLS, unlisted": "REGISTRY_REFUSED", none: 0, hiding: "REGISTRY_REFUSED" },
    ...{ elsewhere: "REGISTRY_REFUSED", large: "LIMIT_EXCEEDED" },
  });
});

test("a lookaside is an absolute folder or a plain address, and nothing else", () => {
  const read = (lookaside: string) =>
    readTrustFile({ name: "test", text: JSON.stringify({ version: "1", lookaside }), readFile: (name) => name })
      .lookaside;
  assert.deepEqual(
    [read("/var/lib/sigstore"), read("https://sigs.test/a/"), read("http://sigs.test")],
    ["/var/lib/sigstore", "https://sigs.test/a", "http://sigs.test"],
  );
  for (const odd of [
    "sigs",
    "../sigs",
    "file:///sigs",
    "ftp://sigs.test",
    "https://me:pw@sigs.test",
    "https://sigs.test/?a=1",
  ]) {
    assert.throws(() => read(odd), /lookaside: expected/);
  }
});
