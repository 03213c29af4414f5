// One attack on who vouches for an image, and what the attacks are made of.

import type { Pair } from "../../judges/scene.ts";
import type { Authority } from "../../trust/authority.ts";
import { email, issuer } from "../../trust/sigstore-services.ts";
import type { HostileRepository } from "../hostile-registry.ts";
import { archive, file } from "../hostile-tar.ts";
import { describe, type MadeImage, makeOciImage, types } from "../oci-image.ts";

export type TrustAttack = {
  readonly id: string;
  readonly what: string;
  /** Makes the registry's side. @returns the reference behind the repository's name; `:1` when nothing is returned */
  prepare(repository: HostileRepository, keys: Keys): Promise<string | undefined> | string | undefined;
  /** What the refusal has to say. */
  readonly says: RegExp;
  /** What an engine without a gate does with it. */
  readonly direct: "takes it" | "refuses it" | "waits for ever";
  /** Of the trust file: who alone could vouch for the image; `release` when absent. */
  readonly signer?: SignerName;
};

/** `order`, `part`: certificates of almost that subject. `near`, `like`, `ended`: almost that identity, issuer, root. */
type SignerName = "acme" | "order" | "part" | "ci" | "near" | "like" | "ended";

export type Keys = {
  readonly release: Pair;
  readonly second: Pair;
  /** Issues certificates. */
  readonly authority: Authority;
  /** Bundles of the image, by who signed them. */
  readonly keyless: Readonly<Record<string, readonly string[]>>;
};

export const late = "late@acme.test";

/** What a trust file says of them, whose material lies beside it. */
export const otherSigners: Readonly<Record<SignerName, object>> = {
  acme: { x509: { root: "acme.pem", subject: "O=acme, CN=release" } },
  order: { x509: { root: "acme.pem", subject: "CN=release, O=acme" } },
  part: { x509: { root: "acme.pem", subject: "O=acme" } },
  ci: { keyless: { issuer, subject: email, trustedRoot: "root.json" } },
  near: { keyless: { issuer, subject: "me@acme", trustedRoot: "root.json" } },
  like: { keyless: { issuer: `${issuer}/`, subject: email, trustedRoot: "root.json" } },
  ended: { keyless: { issuer, subject: late, trustedRoot: "ended.json" } },
};

/** Two images that differ in who says that he made them. */
export const image: MadeImage = makeOciImage({ config: { author: "good" } });
export const evil: MadeImage = makeOciImage({ config: { author: "evil" } });

export const platform = { platform: { os: "linux", architecture: "amd64" } };

/** As an index lists it. */
export const child = (made: MadeImage, more: object = platform): object =>
  describe(made.manifest, types.manifest, more);

/** An engine that has seen a document or a layer before does not ask for it again. */
export function freshImage(mark: string): MadeImage {
  return makeOciImage({ tars: [archive(file("mark", mark))], config: { author: mark } });
}

export const unsigned: RegExp = /nobody signed it; needs a signature by release/;
