// Keyless bundles before us and before sigstore-go 1.3 of Debian's sid: the public ones that its package brings, each bent in the
// ways of sigstore's conformance tests, and those of our own loopback services. Both have to say the same of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SerializedBundle } from "@sigstore/bundle";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { verifyKeyless } from "../../src/trust/verify-keyless.ts";
import { newerSuite } from "../support/newer-suite.ts";
import { memoryStore } from "../trust/memory-store.ts";
import { email, issuer, startSigstore } from "../trust/sigstore-services.ts";
import { type Judges, openJudges } from "./programs.ts";
import { newPair, pemOf, signerOf } from "./scene.ts";

/** Whatever it is: it is bent on purpose. */
type Document = ReturnType<typeof JSON.parse>;
type Bend = (bundle: Document, other: Document, root: Document) => void;

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, "base64");
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes.toString("base64");
};
const entryOf = (bundle: Document): Document => bundle.verificationMaterial.tlogEntries[0];

const bends: Readonly<Record<string, Bend>> = {
  "payload altered": ({ dsseEnvelope }) => {
    dsseEnvelope.payload = Buffer.from(`${Buffer.from(dsseEnvelope.payload, "base64")} `).toString("base64");
  },
  "payload of the other": (bundle, other) => {
    bundle.dsseEnvelope.payload = other.dsseEnvelope.payload;
  },
  "envelope of the other": (bundle, other) => {
    bundle.dsseEnvelope = other.dsseEnvelope;
  },
  "another type": ({ dsseEnvelope }) => {
    dsseEnvelope.payloadType = "text/plain";
  },
  "signature altered": ({ dsseEnvelope }) => {
    dsseEnvelope.signatures[0].sig = flipped(dsseEnvelope.signatures[0].sig);
  },
  "signature of the other": (bundle, other) => {
    bundle.dsseEnvelope.signatures = other.dsseEnvelope.signatures;
  },
  "two signatures": ({ dsseEnvelope }) => {
    dsseEnvelope.signatures.push(dsseEnvelope.signatures[0]);
  },
  "no signature": ({ dsseEnvelope }) => {
    dsseEnvelope.signatures = [];
  },
  "certificate of the other": (bundle, other) => {
    bundle.verificationMaterial.x509CertificateChain = other.verificationMaterial.x509CertificateChain;
  },
  "certificate altered": ({ verificationMaterial: { x509CertificateChain: chain } }) => {
    chain.certificates[0].rawBytes = flipped(chain.certificates[0].rawBytes);
  },
  "no certificate": ({ verificationMaterial }) => {
    verificationMaterial.x509CertificateChain.certificates = [];
  },
  "log entry of the other (CVE-2022-36056)": (bundle, other) => {
    bundle.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
  },
  "no log entry": ({ verificationMaterial }) => {
    verificationMaterial.tlogEntries = [];
  },
  "another time in the log": (bundle) => {
    entryOf(bundle).integratedTime = String(Number(entryOf(bundle).integratedTime) + 1);
  },
  "another place in the log": (bundle) => {
    entryOf(bundle).logIndex = String(Number(entryOf(bundle).logIndex) + 1);
  },
  "another log": (bundle) => {
    entryOf(bundle).logId.keyId = Buffer.alloc(32, 7).toString("base64");
  },
  "the log's promise altered": (bundle) => {
    const promise = entryOf(bundle).inclusionPromise;
    promise.signedEntryTimestamp = flipped(promise.signedEntryTimestamp);
  },
  "the log's body altered": (bundle) => {
    entryOf(bundle).canonicalizedBody = flipped(entryOf(bundle).canonicalizedBody);
  },
  "an unknown version": (bundle) => {
    bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=9.9";
  },
  "a root without authorities": (_, __, root) => {
    root.certificateAuthorities = [];
  },
  "a root without logs": (_, __, root) => {
    root.tlogs = [];
  },
  "a root whose log ended before": (_, __, root) => {
    for (const log of root.tlogs) log.publicKey.validFor.end = "2021-02-01T00:00:00Z";
  },
  "a root whose authorities ended before": (_, __, root) => {
    for (const one of root.certificateAuthorities) one.validFor.end = "2021-12-01T00:00:00Z";
  },
};

function ours(bundle: SerializedBundle, root: Document): boolean {
  try {
    verifyKeyless(bundle, [JSON.stringify(root)]);
    return true;
  } catch {
    return false;
  }
}

async function theirs(judges: Judges, bundle: unknown, root: Document, who: readonly string[]): Promise<boolean> {
  const rootFile = judges.write("root.json", JSON.stringify(root));
  const file = judges.write("bundle.sigstore.json", JSON.stringify(bundle));
  const { code } = await judges.run(["sigstore-go-verification", "-trustedrootJSONpath", rootFile, ...who, file]);
  return code === 0;
}

const anybody = ["-expectedSANRegex", ".", "-expectedIssuerRegex", "."];

test("of public bundles, as they are and bent in 23 ways, we and sigstore-go say the same", async (t) => {
  const data = await newerSuite("sigstore-data");
  const judges = await openJudges(t, "judges-sid");
  if ("why" in data) return t.skip(data.why);
  if ("why" in judges) return t.skip(judges.why);
  const folder = join(data.root, "usr/share/gocode/src/github.com/sigstore/sigstore-go/pkg/testing/data");
  const read = (name: string): Document => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const names = ["bundles/sigstore.js@2.0.0-provenance.sigstore.json", "bundles/dsse.sigstore.json"] as const;
  const said: Record<string, readonly boolean[]> = {};
  for (const [name, otherName] of [names, names.toReversed()] as const) {
    for (const [bend, change] of [["as it is", () => undefined] as const, ...Object.entries(bends)]) {
      const [bundle, other, root] = [read(name ?? ""), read(otherName ?? ""), read("trusted-roots/public-good.json")];
      change(bundle, other, root);
      said[`${name}: ${bend}`] = [ours(bundle, root), await theirs(judges, bundle, root, anybody)];
    }
  }
  const expected = Object.keys(said).map((name) => [name, name.endsWith("as it is") ? [true, true] : [false, false]]);
  assert.deepEqual(said, Object.fromEntries(expected));
  t.diagnostic(`${expected.length} bundles, ${expected.length} times the same`);
  return undefined;
});

test("a keyless signature of our loopback services holds before sigstore-go, for exactly its signer", async (t) => {
  const judges = await openJudges(t, "judges-sid");
  if ("why" in judges) return t.skip(judges.why);
  const sigstore = await startSigstore(t);
  const bundle: SerializedBundle = JSON.parse(
    await sigstore.sign({
      ...{ _type: "https://in-toto.io/Statement/v1", subject: [{ name: "x", digest: { sha256: "a".repeat(64) } }] },
      ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {} },
    }),
  );
  const root: Document = JSON.parse(sigstore.root);
  const digest = (hex: string): readonly string[] => ["-artifact-digest", hex];
  const asked = (san: string, by: string, hex: string) =>
    theirs(judges, bundle, root, ["-expectedSAN", san, "-expectedIssuer", by, ...digest(hex)]);
  assert.deepEqual(
    [
      ours(bundle, root),
      await asked(email, issuer, "a".repeat(64)),
      await asked(email, issuer, "b".repeat(64)),
      await asked(email.slice(0, -1), issuer, "a".repeat(64)),
      await asked(email, `${issuer}x`, "a".repeat(64)),
    ],
    [true, true, false, false, false],
  );
  return undefined;
});

test("sigstore-go accepts our bundles with a key, once a timestamp is put beside; and none altered, by another key or of another digest", async (t) => {
  const judges = await openJudges(t, "judges-sid");
  if ("why" in judges) return t.skip(judges.why);
  const sigstore = await startSigstore(t);
  const [pair, other] = [newPair(), newPair()];
  const subject = {
    digest: `sha256:${"a".repeat(64)}`,
    mediaType: "",
    size: 1,
    repository: "registry.test/a",
    tag: "",
  };
  const make = async (isAltered: boolean): Promise<unknown> => {
    const store = memoryStore(subject.repository);
    await sigstoreBundle.write?.({ subject, predicateType: "", predicate: null }, signerOf(pair, isAltered), store);
    const { envelopes } = await sigstoreBundle.find(subject, store, 1);
    return JSON.parse(await sigstore.stamp(Buffer.from(envelopes[0]?.payload ?? []).toString()));
  };
  const verdict = (bundle: unknown, key: string, hex: string): Promise<boolean> => {
    const file = judges.write("key.pub", key);
    const words = ["-publicKey", file, "-requireTlog=false", "-requireCTlog=false", "-artifact-digest", hex];
    return theirs(judges, bundle, JSON.parse(sigstore.root), words);
  };
  const good = await make(false);
  assert.deepEqual(
    [
      await verdict(good, pemOf(pair), "a".repeat(64)),
      await verdict(good, pemOf(other), "a".repeat(64)),
      await verdict(good, pemOf(pair), "b".repeat(64)),
      await verdict(await make(true), pemOf(pair), "a".repeat(64)),
    ],
    [true, false, false, false],
  );
  return undefined;
});
