// Documents that readers understand in more than one way, or in none. The right key signed each: only how it is read keeps it out.

import { type Blob, describe, indexOf, makeBlob, types } from "../oci-image.ts";
import { child, evil, image, platform, type TrustAttack } from "./attack.ts";

const text = image.manifest.bytes.toString();
const config = describe(image.config, types.config);
const layers = image.layers.map((layer) => describe(layer, layer.mediaType));
const document = (changes: object): Blob => makeBlob({ ...JSON.parse(text), ...changes });
const inner = makeBlob(indexOf(child(image)));
const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;

/** A document that the release key signed, over an image that is all there. */
function signedDocument(
  id: string,
  what: string,
  blob: Blob,
  says: RegExp,
  direct: TrustAttack["direct"],
  type: string = types.manifest,
): TrustAttack {
  return {
    ...{ id, what, says, direct },
    async prepare(repository, { release }) {
      for (const made of [image, evil]) repository.push(made, made === image ? "0" : "00");
      repository.serve(inner, types.index, "inner");
      repository.serve(blob, type);
      await repository.sign(release, blob, {}, type);
      return undefined;
    },
  };
}

const sized = (by: number): Blob =>
  document({
    layers: layers.map((layer, at) => (at > 0 ? layer : { ...layer, size: (image.layers[0]?.bytes.length ?? 0) + by })),
  });
const childSize = (by: number): object => child(image, { ...platform, size: image.manifest.bytes.length + by });
const longer = /expected the \d+ bytes of its descriptor, found \d+/;

export const documents: readonly TrustAttack[] = [
  signedDocument("M2a", "a layer that is longer than its size", sized(-1), longer, "takes it"),
  signedDocument("M2b", "a layer that is shorter than its size", sized(100_000), longer, "takes it"),
  signedDocument("M2c", "a config of another size", document({ config: { ...config, size: 7 } }), longer, "takes it"),
  signedDocument(
    "M2d",
    "an image that is longer than its index says",
    makeBlob(indexOf(childSize(-1))),
    longer,
    "takes it",
    types.index,
  ),
  signedDocument(
    "M2e",
    "an image that is shorter than its index says",
    makeBlob(indexOf(childSize(9))),
    longer,
    "takes it",
    types.index,
  ),
  signedDocument("M3a", "a negative size", document({ config: { ...config, size: -1 } }), /size/, "takes it"),
  signedDocument(
    "M3b",
    "a size of 2^63",
    makeBlob(text.replace(/"size":\d+/, '"size":9223372036854775808')),
    /./,
    "refuses it",
  ),
  signedDocument(
    "M3c",
    "a size that is no whole number",
    document({ config: { ...config, size: 1.5 } }),
    /size/,
    "refuses it",
  ),
  signedDocument(
    "M4",
    "CVE-2021-41190: layers and manifests in one document",
    document({ manifests: [child(evil)] }),
    /layers and manifests/,
    "refuses it",
  ),
  signedDocument(
    "M5",
    "a body of another type than its header",
    image.manifest,
    /it says it is/,
    "refuses it",
    types.index,
  ),
  signedDocument(
    "M6a",
    "a key twice",
    makeBlob(text.replace('"layers":[', '"layers":[],"layers":[')),
    /twice|duplicate|layers/,
    "takes it",
  ),
  signedDocument(
    "M6b",
    "a key twice, in another case",
    makeBlob(text.replace('"layers":[', '"Layers":[],"layers":[')),
    /the key .{1,2}layers.{1,2} twice/,
    "takes it",
  ),
  signedDocument(
    "M6d",
    "__proto__",
    makeBlob(`${text.slice(0, -1)},"__proto__":{"layers":[]}}`),
    /__proto__/,
    "takes it",
  ),
  signedDocument("M6f", "more behind the document", makeBlob(`${text}{}`), /./, "refuses it"),
  signedDocument("M6g", "NaN", makeBlob(text.replace('"schemaVersion":2', '"schemaVersion":NaN')), /./, "refuses it"),
  signedDocument(
    "M6h",
    "bytes that are not UTF-8",
    makeBlob(
      Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ),
    /UTF-8/,
    "takes it",
  ),
  signedDocument(
    "M6i",
    "10,000 levels",
    makeBlob(`${text.slice(0, -1)},"x":${deep}}`),
    /deeper than 32 levels/,
    "refuses it",
  ),
  signedDocument("M6j", "5 MiB", makeBlob(text + " ".repeat(5 * 1024 * 1024)), /more than 4194304 bytes/, "takes it"),
  signedDocument(
    "M9",
    "two images for one platform",
    makeBlob(indexOf(child(image), child(evil))),
    /2 images for linux\/amd64/,
    "takes it",
    types.index,
  ),
  signedDocument(
    "M9b",
    "one platform under two spellings",
    makeBlob(indexOf(child(image), child(evil, { platform: { os: "linux", architecture: "amd64", variant: "v1" } }))),
    /images for linux\/amd64/,
    "takes it",
    types.index,
  ),
  signedDocument(
    "M10",
    "an index within an index",
    makeBlob(indexOf(describe(inner, types.index, { platform: { os: "linux", architecture: "amd64" } }))),
    /an index within an index|no image|registry has no/,
    "refuses it",
    types.index,
  ),
  signedDocument(
    "M11a",
    "a digest by sha512",
    document({ config: { ...config, digest: `sha512:${"a".repeat(128)}` } }),
    /sha256/,
    "refuses it",
  ),
  signedDocument(
    "M11c",
    "a digest in upper case",
    document({ config: { ...config, digest: image.config.digest.toUpperCase() } }),
    /sha256/,
    "refuses it",
  ),
  signedDocument(
    "M11d",
    "a path as a digest",
    document({ config: { ...config, digest: "sha256:../../../etc/passwd" } }),
    /sha256/,
    "refuses it",
  ),
  signedDocument(
    "M12",
    "a layer at another address: the cloud's metadata service",
    document({
      layers: [...layers.slice(0, 1).map((one) => ({ ...one, urls: ["http://169.254.169.254/"] })), ...layers.slice(1)],
    }),
    /another address/,
    "takes it",
  ),
  signedDocument(
    "M16",
    "embedded data that is not what the digest says",
    document({ config: { ...config, data: "e30=" } }),
    /data/,
    "takes it",
  ),
  signedDocument(
    "M17a",
    "a Helm chart under an image's tag",
    document({ config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" } }),
    /helm/,
    "refuses it",
  ),
  signedDocument(
    "M24",
    "CVE-2014-8178, CVE-2014-8179: a manifest of schema 1, whose layers go by names of their own",
    makeBlob({
      schemaVersion: 1,
      name: "app",
      tag: "1",
      fsLayers: [{ blobSum: image.layers[0]?.digest }],
      history: [{ v1Compatibility: "{}" }],
    }),
    /./,
    "refuses it",
    "application/vnd.docker.distribution.manifest.v1+json",
  ),
];
