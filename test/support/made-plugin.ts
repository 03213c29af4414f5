// An engine plugin made on the spot: one that only asks for the host's network, as docker's own clients push it.
// Source: moby/moby, plugin/registry.go (media type of the config), Engine API reference, PluginConfig.

import { gzipSync } from "node:zlib";
import type { HostileRepository } from "./hostile-registry.ts";
import { archive, file, folder } from "./hostile-tar.ts";
import { type Blob, makeBlob } from "./oci-image.ts";

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";

type MadePlugin = { readonly manifest: Blob; readonly blobs: readonly Blob[] };

/** What has to be granted when it is installed. */
export const pluginPrivileges: readonly object[] = [{ Name: "network", Description: "", Value: ["host"] }];

/** @param mark tells one from another */
export function makePlugin(mark = ""): MadePlugin {
  const tar = archive(folder("bin"), file("bin/plugin", mark));
  const layer = makeBlob(gzipSync(tar));
  const config = makeBlob({
    ...{ Description: mark, Documentation: "", Entrypoint: ["/bin/plugin"], Env: null, IpcHost: false, PidHost: false },
    Interface: { Socket: "plugin.sock", Types: ["docker.volumedriver/1.0"] },
    Linux: { AllowAllDevices: false, Capabilities: null, Devices: null },
    ...{ Mounts: null, Network: { Type: "host" }, PropagatedMount: "", User: {}, WorkDir: "" },
    rootfs: { type: "layers", diff_ids: [makeBlob(tar).digest] },
  });
  const describe = (blob: Blob, mediaType: string) => ({ mediaType, size: blob.bytes.length, digest: blob.digest });
  const manifest = makeBlob({
    ...{ schemaVersion: 2, mediaType: manifestType },
    config: describe(config, "application/vnd.docker.plugin.v1+json"),
    layers: [describe(layer, "application/vnd.docker.image.rootfs.diff.tar.gzip")],
  });
  return { manifest, blobs: [config, layer] };
}

export function pushPlugin(repository: HostileRepository, { manifest, blobs }: MadePlugin, tag = "1"): void {
  for (const { digest, bytes } of blobs) repository.store.blobs.set(digest, bytes);
  repository.serve(manifest, manifestType, tag);
}
