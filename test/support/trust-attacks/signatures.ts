// Signatures that are not what they seem, and those that are not there.

import { tagRecordType } from "../../../src/trust/tag-record.ts";
import { newPair } from "../../judges/scene.ts";
import { indexOf, makeBlob, types } from "../oci-image.ts";
import { child, evil, image, type TrustAttack, unsigned } from "./attack.ts";

export const signatures: readonly TrustAttack[] = [
  {
    ...{ id: "S0", what: "an image that nobody signed", says: unsigned, direct: "takes it" },
    prepare: (repository) => void repository.push(image),
  },
  {
    ...{
      id: "S1",
      what: "a signature by somebody else",
      says: /somebody whom the trust file does not name|needs a signature by release/,
      direct: "takes it",
    },
    async prepare(repository) {
      repository.push(image);
      await repository.sign(newPair(), image.manifest);
      return undefined;
    },
  },
  {
    ...{
      id: "M18",
      what: "S2: the signature of another image, listed under this one",
      says: /needs a signature by release/,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image, "0");
      repository.push(evil);
      await repository.sign(release, image.manifest);
      const list = repository.store.manifests.get(image.manifest.digest.replace(":", "-"));
      if (list !== undefined) repository.store.manifests.set(evil.manifest.digest.replace(":", "-"), list);
      return undefined;
    },
  },
  {
    ...{
      id: "M22",
      what: "S3: a signature that was made for another repository, copied with the image",
      says: /is for 127\.0\.0\.1:\d+\/elsewhere, not for/,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image);
      const { digest, bytes } = image.manifest;
      const host = repository.name.split("/", 1)[0];
      const subject = {
        digest,
        mediaType: types.manifest,
        size: bytes.length,
        repository: `${host}/elsewhere`,
        tag: "",
      };
      await repository.sign(release, image.manifest, { subject });
      return `:1@${digest}`;
    },
  },
  {
    ...{
      id: "S5",
      what: "an index that nobody signed, around an image that somebody did",
      says: unsigned,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image, "0");
      await repository.sign(release, image.manifest);
      repository.serve(makeBlob(indexOf(child(image))), types.index);
      return undefined;
    },
  },
  {
    ...{
      id: "S6",
      what: "a signed index, with another image under the digest of its own",
      says: /expected sha256:/,
      direct: "refuses it",
    },
    async prepare(repository, { release }) {
      repository.push(evil, "0");
      const index = makeBlob(indexOf(child(image)));
      repository.serve(index, types.index);
      repository.store.manifests.set(image.manifest.digest, {
        digest: image.manifest.digest,
        mediaType: types.manifest,
        bytes: evil.manifest.bytes,
      });
      await repository.sign(release, index, {}, types.index);
      return undefined;
    },
  },
  {
    ...{
      id: "S9",
      what: "GHSA-w6c6-c85g-mmv6: an attestation in the place of a signature",
      says: /needs a signature by release/,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image);
      await repository.sign(release, image.manifest, {
        predicateType: "https://slsa.dev/provenance/v1",
        predicate: {},
      });
      return undefined;
    },
  },
  {
    ...{
      id: "S22",
      what: "two signatures by one key, where two signers are asked for",
      says: /signed by release, but needs signatures by all of release, second/,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image);
      await repository.sign(release, image.manifest);
      await repository.sign(release, image.manifest);
      return undefined;
    },
  },
  {
    ...{
      id: "S4",
      what: "a record of the tag that has come to its end",
      says: /the record of the tag 1 expired/,
      direct: "takes it",
    },
    async prepare(repository, { release }) {
      repository.push(image);
      await repository.sign(release, image.manifest);
      const predicate = {
        repository: repository.name,
        tag: "1",
        counter: 1,
        issued: "2020-01-01T00:00:00Z",
        expires: "2020-01-02T00:00:00Z",
      };
      await repository.sign(release, image.manifest, { predicateType: tagRecordType, predicate });
      return undefined;
    },
  },
];
