// Registries that misbehave around an image that is signed and whole.

import type { HostileRepository, Misbehave } from "../hostile-registry.ts";
import { listReferrers } from "../hostile-registry.ts";
import { indexOf, type MadeImage, types } from "../oci-image.ts";
import { evil, freshImage, type TrustAttack, unsigned } from "./attack.ts";

/** Nothing that is signed is wrong; what the registry does is. */
function misbehaving(
  id: string,
  what: string,
  misbehave: (repository: HostileRepository, own: MadeImage) => Misbehave | undefined,
  says: RegExp,
  direct: TrustAttack["direct"],
): TrustAttack {
  return {
    ...{ id, what, says, direct },
    async prepare(repository, { release }) {
      const own = freshImage(id);
      repository.push(own);
      await repository.sign(release, own.manifest);
      const how = misbehave(repository, own);
      if (how !== undefined) repository.misbehave = how;
      return undefined;
    },
  };
}

const answers =
  (part: string, status: number, headers: Record<string, string> = {}, body: string | Uint8Array = ""): Misbehave =>
  (_request, response, place) => {
    if (!place.includes(part)) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };

export const registries: readonly TrustAttack[] = [
  misbehaving(
    "M1a",
    "bytes of a layer changed",
    ({ store }, { layers: [first] }) => {
      const bytes = Buffer.from(first?.bytes ?? "");
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      store.blobs.set(first?.digest ?? "", bytes);
      return undefined;
    },
    /layer|digest|gzip|checksum|verification/,
    "refuses it",
  ),
  misbehaving(
    "M1b",
    "bytes of the config changed",
    ({ store }, own) => {
      store.blobs.set(own.config.digest, Buffer.alloc(own.config.bytes.length, 32));
      return undefined;
    },
    /./,
    "refuses it",
  ),
  misbehaving(
    "M7",
    "a header that names the signed digest over the bytes of another image",
    (repository, own) => {
      repository.push(evil, "0");
      const length = { "Content-Length": String(evil.manifest.bytes.length) };
      const head = { "Content-Type": types.manifest, "Docker-Content-Digest": own.manifest.digest, ...length };
      return answers("manifests/1", 200, head, evil.manifest.bytes);
    },
    unsigned,
    "takes it",
  ),
  misbehaving(
    "M7b",
    "other bytes under the digest that was signed",
    (repository, own) => {
      repository.push(evil, "0");
      const head = { "Content-Type": types.manifest, "Content-Length": String(evil.manifest.bytes.length) };
      return answers(`manifests/${own.manifest.digest}`, 200, head, evil.manifest.bytes);
    },
    /manifest verification failed|expected sha256:/,
    "takes it",
  ),
  misbehaving(
    "M13a",
    "a redirect to loopback, in the place of a manifest",
    () => answers("manifests/1", 307, { Location: "http://127.0.0.1:9/v2/" }),
    /private address|scheme|redirect|sends us/,
    "refuses it",
  ),
  misbehaving(
    "M13b",
    "a redirect to the cloud's metadata service, in the place of a signature",
    () => answers("manifests/sha256-", 302, { Location: "http://169.254.169.254/latest/meta-data" }),
    /nobody can tell who signed it/,
    "takes it",
  ),
  misbehaving(
    "M21b",
    "a manifest that never comes",
    () => (_request, response, place) => {
      if (place !== "manifests/1") return false;
      response.writeHead(200, { "Content-Type": types.manifest, "Content-Length": "1000" });
      response.write(" ");
      return true;
    },
    /no byte|deadline|idle|time|longer/,
    "waits for ever",
  ),
  misbehaving(
    "M20",
    "the fallback tag is an image, not a list",
    ({ store }, { manifest }) => {
      const { digest, bytes } = manifest;
      store.manifests.set(digest.replace(":", "-"), { digest, mediaType: types.manifest, bytes });
      return undefined;
    },
    /needs a signature by release/,
    "takes it",
  ),
  misbehaving(
    "M21a",
    "a manifest without end",
    () => (request, response, place) => {
      if (place !== "manifests/1") return false;
      response.writeHead(200, { "Content-Type": types.manifest });
      const piece = Buffer.alloc(64 * 1024, 32);
      let sent = 0;
      // Engines keep what comes: after 64 MiB it only drips, or the test's own engine takes all memory there is.
      const next = (): void => void (sent > 2 ** 26 ? setTimeout(more, 500).unref() : setImmediate(more));
      const more = (): void => {
        if (response.destroyed) return;
        sent += piece.length;
        if (response.write(piece)) next();
        else response.once("drain", next);
      };
      if (request.method === "HEAD") response.end();
      else more();
      return true;
    },
    /more than 4194304 bytes/,
    "waits for ever",
  ),
  misbehaving(
    "S28a",
    "signatures that are withheld with an error",
    () => answers("manifests/sha256-", 500),
    /nobody can tell who signed it/,
    "takes it",
  ),
  misbehaving(
    "S28b",
    "signatures that are forbidden to us",
    () => answers("manifests/sha256-", 403),
    /nobody can tell who signed it/,
    "takes it",
  ),
  misbehaving(
    "S28c",
    "signatures that are said not to be there",
    () => answers("manifests/sha256-", 404),
    unsigned,
    "takes it",
  ),
  misbehaving(
    "M19a",
    "100,000 referrers before the signature",
    ({ store }, { manifest }) => {
      const list = store.manifests.get(manifest.digest.replace(":", "-"))?.bytes ?? "{}";
      const known = JSON.parse(Buffer.from(list).toString());
      const digest = `sha256:${"a".repeat(64)}`;
      const entry = {
        mediaType: types.manifest,
        digest,
        size: 2,
        artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      };
      listReferrers(store, manifest.digest, [...Array.from({ length: 100_000 }, () => entry), ...known.manifests]);
      return undefined;
    },
    /nobody can tell|needs a signature by release/,
    "takes it",
  ),
  misbehaving(
    "M19b",
    "pages of referrers without end, and no signature",
    ({ name, store }, { manifest }) => {
      store.manifests.delete(manifest.digest.replace(":", "-"));
      return (_request, response, place) => {
        if (!place.startsWith("referrers/")) return false;
        const path = `/v2/${name.split("/").slice(1).join("/")}/${place.split("?")[0]}`;
        response.writeHead(200, {
          "Content-Type": types.index,
          Link: `<${path}?n=${Math.random()}>; rel="next"`,
          "OCI-Filters-Applied": "",
        });
        response.end(JSON.stringify(indexOf()));
        return true;
      };
    },
    /nobody can tell|needs a signature by release/,
    "takes it",
  ),
];
