// Signatures that somebody who may sign could be made to make, or that are almost right: said twice, of something else, weakened,
// borrowed, or by almost the right one.

import { createPrivateKey, sign, X509Certificate } from "node:crypto";
import { encode, Tagged } from "cborg";
import { preAuthEncode } from "../../../src/trust/dsse.ts";
import { keyId } from "../../../src/trust/key-id.ts";
import { emptyType, manifestType, pushReferrer, tagOfDigest } from "../../../src/trust/manifest.ts";
import { notation } from "../../../src/trust/signature-formats/notation.ts";
import { newPair, type Pair } from "../../judges/scene.ts";
import type { Authority, LeafOptions } from "../../trust/authority.ts";
import { makeAuthority } from "../../trust/authority.ts";
import type { MemoryStore } from "../../trust/memory-store.ts";
import { email, type SigstoreServices } from "../../trust/sigstore-services.ts";
import type { HostileRepository } from "../hostile-registry.ts";
import { image, type Keys, late, type TrustAttack } from "./attack.ts";

const subject = { digest: image.manifest.digest, mediaType: manifestType, size: image.manifest.bytes.length };
const hex = subject.digest.slice("sha256:".length);
const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const statementType = "application/vnd.in-toto+json";

/** A referrer of the image whose one blob this is. */
const hang = (repository: HostileRepository, blob: Uint8Array, blobType: string, artifactType = blobType) =>
  repository.attach(image.manifest, (store) =>
    pushReferrer(store, {
      ...{ subject: { ...subject, repository: repository.name, tag: "" }, artifactType, configType: emptyType },
      ...{ blobType, blob, annotations: {} },
    }),
  );

type Make = (repository: HostileRepository, keys: Keys) => Promise<unknown>;

function attack(id: string, what: string, says: RegExp, make: Make, signer?: TrustAttack["signer"]): TrustAttack {
  return {
    ...{ id, what, says, direct: "takes it" as const, ...(signer === undefined ? {} : { signer }) },
    async prepare(repository, keys) {
      repository.push(image);
      await make(repository, keys);
      return undefined;
    },
  };
}

/** A payload of the classic format, signed as it is. */
const payload =
  (text: (name: string) => string, bend = (signature: Buffer) => signature): Make =>
  async ({ name, store }, { release }) => {
    const bytes = Buffer.from(text(name));
    await classic(store, bytes, [bend(sign("sha256", bytes, release.privateKey))]);
  };

async function classic(store: MemoryStore, bytes: Uint8Array, signatures: readonly Uint8Array[]): Promise<void> {
  const digest = await store.putBlob(bytes);
  const size = bytes.byteLength;
  const layers = signatures.map((signature) => ({
    ...{ mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", size, digest },
    annotations: { "dev.cosignproject.cosign/signature": Buffer.from(signature).toString("base64") },
  }));
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", size, digest };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
  await store.putManifest(`${tagOfDigest(subject.digest)}.sig`, manifest, manifestType);
}

const identity = (name: string): string => `"identity":{"docker-reference":"${name}"}`;
const digestText = `"image":{"docker-manifest-digest":"${subject.digest}"}`;
const kind = '"type":"cosign container image signature"';
export const goodPayload: Make = payload((name) => `{"critical":{${identity(name)},${digestText},${kind}}}`);

type Bend = {
  readonly statement?: object;
  readonly type?: string;
  readonly material?: object;
  readonly keyid?: string;
};

/** A bundle, signed as it is. */
const bundle =
  ({ statement = {}, type = statementType, material, keyid = "" }: Bend, by?: Pair): Make =>
  async (repository, { release }) => {
    const text = JSON.stringify({
      ...{ _type: "https://in-toto.io/Statement/v1", predicate: {} },
      subject: [{ digest: { sha256: hex }, annotations: { "dev.plimsoll.repository": repository.name } }],
      ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", ...statement },
    });
    const sig = sign("sha256", preAuthEncode(type, Buffer.from(text)), (by ?? release).privateKey).toString("base64");
    const hint = Buffer.from(keyId(release.publicKey), "hex").toString("base64");
    const value = {
      mediaType: bundleType,
      verificationMaterial: material ?? { publicKey: { hint } },
      dsseEnvelope: {
        ...{ payload: Buffer.from(text).toString("base64"), payloadType: type },
        signatures: [{ sig, keyid: keyid === "hint" ? hint : keyid }],
      },
    };
    await hang(repository, Buffer.from(JSON.stringify(value)), bundleType);
  };

type Document = ReturnType<typeof JSON.parse>;

/** Two bundles of each, made at once: the services' clock stands still. */
export async function signKeyless(sigstore: SigstoreServices): Promise<Keys["keyless"]> {
  const statement = (name: string) => ({
    ...{ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: hex } }] },
    ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: { name } },
  });
  const both = (who: string) => Promise.all(["one", "two"].map((name) => sigstore.sign(statement(name), who)));
  return { [email]: await both(email), [late]: await both(late) };
}

/** A keyless signature of the image, bent. */
export const keyless =
  (bend: (own: Document, other: Document) => void = () => undefined, who = email): Make =>
  async (repository, { keyless: signed }) => {
    const [own, other] = (signed[who] ?? []).map((text) => JSON.parse(text));
    bend(own, other);
    await hang(repository, Buffer.from(JSON.stringify(own)), bundleType);
  };

/** By a certificate that the authority issued. */
export const certified =
  (options: LeafOptions = {}): Make =>
  async (repository, { authority }) => {
    const statement = {
      subject: { ...subject, repository: repository.name, tag: "" },
      predicateType: "",
      predicate: null,
    };
    await repository.attach(image.manifest, async (store) =>
      notation.write?.(statement, authority.signer(options), store),
    );
  };

const schemeHeader = "io.cncf.notary.signingScheme";
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const notationType = "application/vnd.cncf.notary.signature";

/** A JWS with a header that weakens it, signed by a good certificate. */
const jws =
  (change: object): Make =>
  async (repository, { authority }) => {
    const leaf = authority.issue();
    const head = base64url({
      ...{ alg: "ES256", cty: "application/vnd.cncf.notary.payload.v1+json", crit: [schemeHeader] },
      ...{ [schemeHeader]: "notary.x509", ...change },
    });
    const body = base64url({ targetArtifact: subject });
    const key = { key: createPrivateKey(leaf.key), dsaEncoding: "ieee-p1363" } as const;
    const signature = sign("sha256", Buffer.from(`${head}.${body}`), key).toString("base64url");
    const text = { payload: body, protected: head, header: { x5c: chainOf(authority, leaf.certificate) }, signature };
    await hang(repository, Buffer.from(JSON.stringify(text)), "application/jose+json", notationType);
  };

const chainOf = ({ root }: Authority, leaf: string): readonly string[] =>
  [leaf, root].map((pem) => new X509Certificate(pem).raw.toString("base64"));

const cose =
  (bytes: Uint8Array): Make =>
  (repository) =>
    hang(repository, bytes, "application/cose", notationType);

/** A leaf in the place of an authority. */
const leafAsAuthority: Make = async (repository, { authority }) => {
  const middle = authority.issue();
  const below = makeAuthority({ after: () => undefined }, "/O=acme/CN=release");
  const certificates = [below.issue().certificate, middle.certificate, authority.root];
  const statement = {
    subject: { ...subject, repository: repository.name, tag: "" },
    predicateType: "",
    predicate: null,
  };
  await repository.attach(image.manifest, async (store) =>
    notation.write?.(statement, { ...below.signer(), certificates }, store),
  );
};

const digest = { sha256: hex };
const twoKinds = { publicKey: { hint: "" }, certificate: { rawBytes: "" } };
const server = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth"];
const issuing = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature,keyCertSign"];
const narrowed = ["keyUsage=critical,digitalSignature", "nameConstraints=critical,permitted;DNS:x.test"];
const twice = encode(
  new Tagged(18, [Buffer.from("a201260126", "hex"), new Map(), new Uint8Array(1), new Uint8Array(64)]),
);
const detached = encode(new Tagged(18, [encode(new Map()), new Map(), null, new Uint8Array(64)]));
const endless = Buffer.concat([Buffer.from("d29f", "hex"), encode(1), Buffer.from("ff", "hex")]);
const padded = (signature: Buffer): Buffer => Buffer.concat([signature, Buffer.from([0])]);
const nought = (): Buffer => Buffer.from("3006020100020100", "hex");

const classicText = (inner: (name: string) => string) => payload((name) => `{"critical":{${inner(name)}}}`);

export const envelopes: readonly TrustAttack[] = [
  attack(
    "S7a",
    "a payload of another type",
    /type: expected/,
    classicText((name) => `${identity(name)},${digestText},"type":"atomic container signature"`),
  ),
  attack(
    "S7b",
    "a critical key that nobody knows",
    /no such key/,
    classicText((name) => `${identity(name)},${digestText},${kind},"x":1`),
  ),
  attack(
    "S7c",
    "a key twice",
    /twice|duplicate|same/,
    classicText((name) => `${identity(name)},${digestText},${digestText},${kind}`),
  ),
  attack("S8", "an envelope around something else than a statement", /payloadType/, bundle({ type: "text/plain" })),
  attack(
    "S10a",
    "a statement about two things",
    /about one thing, found 2/,
    bundle({ statement: { subject: [{ digest }, { digest }] } }),
  ),
  attack(
    "S10b",
    "a statement that only names the image",
    /by sha256/,
    bundle({ statement: { subject: [{ name: "app", digest: {} }] } }),
  ),
  attack(
    "S10c",
    "a statement by sha512 alone",
    /by sha256/,
    bundle({ statement: { subject: [{ digest: { sha512: "a".repeat(128) } }] } }),
  ),
  attack(
    "S11",
    "a stranger's signature that says it is by the right key",
    /no key of the trust file made this signature/,
    bundle({ keyid: "hint" }, newPair()),
  ),
  attack("S12", "a bundle with a key and a certificate", /both or none/, bundle({ material: twoKinds })),
  attack(
    "S13",
    "a certificate that has ended, and nothing that says when it was used",
    /needs a signature by ci/,
    keyless(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = [];
      delete verificationMaterial.timestampVerificationData;
    }),
    "ci",
  ),
  attack(
    "S14",
    "a signature at a time when its log and its timestamps did not count any more",
    /needs a signature by ended/,
    keyless(() => undefined, late),
    "ended",
  ),
  attack(
    "S15a",
    "the log entry of another signature",
    /needs a signature by ci/,
    keyless(({ verificationMaterial }, other) => {
      verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
    }),
    "ci",
  ),
  attack(
    "S15b",
    "the timestamp of another signature",
    /needs a signature by ci/,
    keyless(({ verificationMaterial }, other) => {
      verificationMaterial.timestampVerificationData = other.verificationMaterial.timestampVerificationData;
    }),
    "ci",
  ),
  attack("S16", "me@acme.test, where me@acme may sign", /ci may not sign for/, keyless(), "near"),
  attack("S17", "an issuer that is almost the right one", /ci may not sign for/, keyless(), "like"),
  attack("S18a", "a JWS without an algorithm", /algorithm none/, jws({ alg: "none" }), "acme"),
  attack("S18b", "a JWS whose secret would be the public key", /algorithm HS256/, jws({ alg: "HS256" }), "acme"),
  attack("S18c", "a JWS in which nothing is critical", /not marked critical/, jws({ crit: [] }), "acme"),
  attack("S18d", "a JWS whose payload is not encoded", /no such key/, jws({ b64: false }), "acme"),
  attack("S19a", "COSE with a label twice", /needs a signature by acme/, cose(twice), "acme"),
  attack("S19b", "COSE without a length", /needs a signature by acme/, cose(endless), "acme"),
  attack("S19c", "COSE whose payload is elsewhere", /needs a signature by acme/, cose(detached), "acme"),
  attack(
    "S20a",
    "a signature with a byte behind its end",
    /no key of the trust file/,
    payload((name) => `{"critical":{${identity(name)},${digestText},${kind}}}`, padded),
  ),
  attack(
    "S20b",
    "a signature of noughts",
    /no key of the trust file/,
    payload((name) => `{"critical":{${identity(name)},${digestText},${kind}}}`, nought),
  ),
  attack("S21a", "a certificate for servers", /not for signing code/, certified({ extensions: server }), "acme"),
  attack(
    "S21b",
    "an authority that signs images itself",
    /is an authority/,
    certified({ extensions: issuing }),
    "acme",
  ),
  attack("S21c", "a leaf that issues another", /is no authority/, leafAsAuthority, "acme"),
  attack(
    "S21d",
    "a certificate with constraints that nobody reads",
    /critical extension/,
    certified({ extensions: narrowed }),
    "acme",
  ),
  attack("S23a", "a subject in another order", /needs a signature by order/, certified(), "order"),
  attack("S23b", "a subject that only begins so", /needs a signature by part/, certified(), "part"),
  attack(
    "S23c",
    "a subject that says one thing in another's name",
    /needs a signature by acme/,
    certified({ subject: "/O=acme, CN=release" }),
    "acme",
  ),
  attack(
    "S24",
    "more signatures that nobody made than anybody looks at",
    /66 signatures, of which 64 at most/,
    async ({ store }) => {
      const signatures = Array.from({ length: 66 }, (_, at) => Buffer.from(`signature ${at}`));
      await classic(store, Buffer.from("{}"), signatures);
    },
  ),
];
