// Images, builds and registries.
// Source for parameters beyond the description: moby/moby, daemon/server/router/{image,build,distribution}/*_routes.go.

import type { Meaning } from "../meaning.ts";
import { optionalJson } from "../meaning.ts";

const one = { resource: "Image", param: "name" } as const;
const all = { resource: "Image" } as const;

export const imageMeanings: Readonly<Record<string, Meaning>> = {
  ImageList: { ...all, action: "image.list", query: { filter: "string" } },
  ImageBuild: {
    ...all,
    action: "image.build",
    body: { kind: "tar", content: "context" },
    response: "stream",
    query: {
      t: "list",
      extrahosts: "list",
      securityopt: "list",
      buildargs: "json",
      labels: "json",
      cachefrom: "json",
      ulimits: "json",
      outputs: "json",
      pull: "boolean",
      isolation: "string",
      cgroupparent: "string",
      cpusetmems: "string",
      session: "string",
      buildid: "string",
      version: "string",
    },
  },
  BuildPrune: { ...all, action: "image.build.prune" },
  ImageCreate: {
    ...all,
    action: "image.pull",
    response: "stream",
    query: { changes: "list" },
  },
  ImageInspect: { ...one, action: "image.inspect", query: { platform: "json" } },
  ImageAttestations: { ...one, action: "image.inspect" },
  ImageHistory: { ...one, action: "image.history", query: { platform: "json" } },
  ImagePush: {
    ...one,
    action: "image.push",
    body: optionalJson("ImagePush"),
    response: "stream",
    query: { platform: "json" },
  },
  ImageTag: { ...one, action: "image.tag", response: "empty" },
  ImageDelete: { ...one, action: "image.remove" },
  ImageSearch: { ...all, action: "image.search" },
  ImagePrune: { ...all, action: "image.prune" },
  ImageGet: { ...one, action: "image.save", response: "bytes" },
  ImageGetAll: { ...all, action: "image.save", response: "bytes" },
  ImageLoad: { ...all, action: "image.load", body: { kind: "tar", content: "image" }, response: "stream" },
  DistributionInspect: { ...one, action: "image.distribution" },
};
