// Client certificates made on the spot with openssl, over real TLS: who they name, and which name nobody.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { PlimsollError } from "../../src/base/errors.ts";
import { identify, identitySettings } from "../../src/identity/identify.ts";
import { engineReport } from "../../src/identity/providers/engine-report.ts";
import { mtls } from "../../src/identity/providers/mtls.ts";
import type { Principal } from "../../src/model/principal.ts";

const state = { folder: "" };

before(() => {
  state.folder = mkdtempSync(join(tmpdir(), "plimsoll-mtls-"));
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    .with("-subj", "/CN=test authority", "-keyout", file("ca.key"), "-out", file("ca.pem"))
    .run();
  issue("server", "/CN=localhost", "subjectAltName=DNS:localhost");
});
after(() => rmSync(state.folder, { recursive: true }));

function file(name: string): string {
  return join(state.folder, name);
}

function openssl(...words: readonly string[]) {
  return {
    with: (...more: readonly string[]) => openssl(...words, ...more),
    run: () => execFileSync("openssl", words, { stdio: ["ignore", "pipe", "ignore"] }),
  };
}

/** @param extension a line of openssl's x509v3_config(5) @returns the certificate, DER */
function issue(name: string, subject: string, extension: string = "basicConstraints=CA:FALSE"): Uint8Array {
  writeFileSync(file("extension"), `${extension}\n`);
  openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-multivalue-rdn")
    .with("-subj", subject, "-keyout", file(`${name}.key`), "-out", file(`${name}.csr`))
    .run();
  openssl("x509", "-req", "-in", file(`${name}.csr`), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-days", "1")
    .with("-CAcreateserial", "-extfile", file("extension"), "-out", file(`${name}.pem`))
    .run();
  return new X509Certificate(readFileSync(file(`${name}.pem`))).raw;
}

function nameOf(certificate: Uint8Array | undefined, pins: readonly string[] = []): Principal | string {
  const peer = { transport: "tls" as const, remoteAddress: "127.0.0.1", ...(certificate && { certificate }) };
  try {
    return identify(peer, [mtls], identitySettings({ pins }));
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "NOT_AUTHENTICATED") return thrown.message;
    throw thrown;
  }
}

function idOf(certificate: Uint8Array): string {
  const named = nameOf(certificate);
  return typeof named === "string" ? named : named.id;
}

test("over real TLS the URI of a client certificate is the caller, its units are groups", async (t) => {
  issue("alice", "/O=Example/OU=web/OU=build/CN=Alice", "subjectAltName=URI:spiffe://example.org/alice,email:a@b.test");
  const options = { cert: readFileSync(file("server.pem")), key: readFileSync(file("server.key")) };
  const authority = { ca: readFileSync(file("ca.pem")), minVersion: "TLSv1.3" as const };
  const server = createServer({ ...options, ...authority, requestCert: true, rejectUnauthorized: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const accepted: Promise<TLSSocket[]> = once(server, "secureConnection") as Promise<TLSSocket[]>;
  const client = { cert: readFileSync(file("alice.pem")), key: readFileSync(file("alice.key")) };
  const peer = connect({ port, host: "127.0.0.1", servername: "localhost", ...authority, ...client });
  const [socket] = await accepted;
  const named = nameOf(socket?.getPeerX509Certificate()?.raw);
  peer.destroy();
  const key = new X509Certificate(client.cert).publicKey.export({ type: "spki", format: "der" });
  assert.deepEqual(named, {
    id: "certificate:spiffe://example.org/alice",
    kind: "certificate",
    name: "spiffe://example.org/alice",
    groups: ["certificate:build", "certificate:web"],
    owner: "certificate:spiffe://example.org/alice",
    provider: "mtls",
    keyFingerprint: createHash("sha256").update(key).digest("hex"),
  });
});

test("without a URI the common name is the caller", () => {
  assert.equal(idOf(issue("bob", "/CN=bob", "subjectAltName=DNS:bob.test")), "certificate:bob");
  assert.equal(idOf(issue("umlaut", "/CN=Jürgen Groß")), "certificate:Jürgen Groß");
});

test("a name that could be read in two ways is no name", () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ["several URIs", "/CN=x", "subjectAltName=URI:spiffe://a/b,URI:spiffe://a/c"],
    ["a URI with a wildcard", "/CN=x", "subjectAltName=URI:spiffe://a/*"],
    ["a URI without a scheme", "/CN=x", "subjectAltName=URI:alice"],
    ["a common name with a wildcard", "/CN=*.example.org"],
    ["a common name that looks like a URI", "/CN=spiffe:\\/\\/example.org\\/alice"],
    ["several common names", "/CN=alice/CN=root"],
    ["no name at all", "/O=Example"],
    ["a common name that ends with a space", "/CN=alice "],
    ["a common name with a right-to-left mark", "/CN=alice\u202e"],
    ["a common name with a zero-width space", "/CN=ali\u200bce"],
    ["a common name with a line break", "/CN=alice\nOU=root"],
    ["letters that only look composed", "/CN=Ju\u0308rgen"],
    ["a unit with a wildcard", "/OU=*/CN=alice"],
  ];
  for (const [what, subject, extension] of cases)
    assert.match(idOf(issue("case", subject, extension)), /^client certificate: expected/, what);
});

test("a URI cannot smuggle a second one in by quotes and commas", () => {
  const config = 'subjectAltName=@names\n[names]\nURI.1=spiffe://a/b\\, URI:spiffe://root\nDNS.1=x", URI:spiffe://root';
  assert.match(idOf(issue("smuggler", "/CN=x", config)), /^client certificate: expected/);
});

test("with pins only their keys are known", () => {
  const certificate = issue("carol", "/CN=carol");
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  const pin = createHash("sha256").update(key).digest("hex");
  const named = nameOf(certificate, ["0".repeat(64), pin]);
  assert.equal(typeof named === "object" && named.id, "certificate:carol");
  assert.match(String(nameOf(certificate, ["0".repeat(64)])), /not among the pinned ones/);
});

test("without a certificate, or with one that cannot be read, nobody is named", () => {
  assert.match(String(nameOf(undefined)), /no identity provider knows it/);
  assert.match(String(nameOf(new Uint8Array([0x30, 0x03, 1, 2, 3]))), /cannot be read/);
});

test("the engine's own report names a certificate's common name, or nobody", () => {
  const ask = (user: string, method: string) => {
    try {
      return identify({ transport: "authz-plugin", user, method }, [engineReport], identitySettings()).id;
    } catch {
      return "refused";
    }
  };
  assert.deepEqual(
    [ask("alice", "TLS"), ask("", ""), ask("root", ""), ask("", "TLS"), ask("spiffe://x", "TLS"), ask("a*", "TLS")],
    ["certificate:alice", "anonymous:", "refused", "refused", "refused", "refused"],
  );
});
