// Networks and volumes.
// Source: moby/moby, daemon/server/router/{network,volume}/*_routes.go.

import type { Meaning } from "../meaning.ts";
import { json } from "../meaning.ts";

const network = { resource: "Network", param: "id" } as const;
const volume = { resource: "Volume", param: "name" } as const;

export const networkMeanings: Readonly<Record<string, Meaning>> = {
  NetworkList: { resource: "Network", action: "network.list" },
  NetworkInspect: { ...network, action: "network.inspect" },
  NetworkDelete: { ...network, action: "network.remove", response: "empty" },
  NetworkCreate: { resource: "Network", action: "network.create", body: json("NetworkCreate") },
  NetworkConnect: { ...network, action: "network.connect", body: json("NetworkConnect"), response: "empty" },
  NetworkDisconnect: { ...network, action: "network.disconnect", body: json("NetworkDisconnect"), response: "empty" },
  NetworkPrune: { resource: "Network", action: "network.prune" },
};

export const volumeMeanings: Readonly<Record<string, Meaning>> = {
  VolumeList: { resource: "Volume", action: "volume.list" },
  VolumeCreate: { resource: "Volume", action: "volume.create", body: json("VolumeCreate") },
  VolumeInspect: { ...volume, action: "volume.inspect" },
  VolumeUpdate: { ...volume, action: "volume.update", body: json("VolumeUpdate"), response: "empty" },
  VolumeDelete: { ...volume, action: "volume.remove", response: "empty" },
  VolumePrune: { resource: "Volume", action: "volume.prune" },
};
